"""Which store a `--store` value names."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from mockserver.clock import Clock
from mockserver.store.memory import MemoryStore
from mockserver.store.protocol import Bounds, Store, UnusableStoreError

_STORES = "stores are memory (one process) and sqlite:PATH (a file, which processes share)"
_SERVERS = ("redis", "rediss", "valkey", "valkeys")


def open_store(
    text: str, clock: Clock, bounds: Bounds | None = None, say: Callable[[str], None] | None = None
) -> Store:
    """The store, or UnusableStoreError: why not, and the way out. `say` hears what is forgotten."""
    kind, _, rest = text.partition(":")
    if text == "memory":
        return MemoryStore(clock, bounds, say)
    if kind == "sqlite":
        return _open_file(rest, clock, bounds, say)
    # Only the kind is repeated: the rest of such an address may hold a password.
    absent = "is not in this version" if kind in _SERVERS else "is no store"
    message = f"{kind!r} {absent}; {_STORES}"
    raise UnusableStoreError(message)


def _open_file(name: str, clock: Clock, bounds: Bounds | None, say: Callable[[str], None] | None) -> Store:
    if name in ("", ":memory:"):
        message = f"'sqlite:{name}' names no file; {_STORES}"
        raise UnusableStoreError(message)
    # Imported here for start-up: most fakes remember in memory.
    from mockserver.store.sqlite import SqliteStore

    return SqliteStore(Path(name).expanduser().absolute(), clock, bounds, say)
