"""Which store a `--store` value names."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from mockserver.clock import Clock
from mockserver.store.memory import MemoryStore
from mockserver.store.protocol import Bounds, Store, UnusableStoreError

_STORES = (
    "stores are memory (one process), sqlite:PATH (a file, which processes share) and redis://HOST:PORT or "
    "valkey://HOST:PORT (a server, which machines share)"
)
_SERVERS = ("redis", "rediss", "valkey", "valkeys")


def open_store(
    text: str, clock: Clock, bounds: Bounds | None = None, say: Callable[[str], None] | None = None
) -> Store:
    """The store, or UnusableStoreError: why not, and the way out. `say` hears what is forgotten.

    A clock that runs has begun just now.
    """
    kind, _, rest = text.partition(":")
    if text == "memory":
        return MemoryStore(clock, bounds, say)
    if kind == "sqlite":
        return _open_file(rest, clock, bounds, say)
    if kind.lower() in _SERVERS and rest.startswith("//"):
        return _open_server(text, clock, bounds, say)
    # Only the kind is repeated: the rest of such an address may hold a password.
    message = f"{kind!r} is no store; {_STORES}"
    raise UnusableStoreError(message)


def _open_file(name: str, clock: Clock, bounds: Bounds | None, say: Callable[[str], None] | None) -> Store:
    if name in ("", ":memory:"):
        message = f"'sqlite:{name}' names no file; {_STORES}"
        raise UnusableStoreError(message)
    # Imported here for start-up: most fakes remember in memory.
    from mockserver.store.sqlite import SqliteStore

    return SqliteStore(Path(name).expanduser().absolute(), clock, bounds, say)


def _open_server(address: str, clock: Clock, bounds: Bounds | None, say: Callable[[str], None] | None) -> Store:
    try:
        # Imported here for start-up, and since it comes with an extra of its own.
        from mockserver.store.redis_store import RedisStore
    except ModuleNotFoundError as problem:
        if problem.name != "redis":
            raise
        message = (
            f"a store at {address.partition(':')[0]}:// needs the package redis, which is not installed; "
            "`pip install understudy[redis]` brings it"
        )
        raise UnusableStoreError(message) from None
    return RedisStore(address, clock, bounds, say)
