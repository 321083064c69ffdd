"""Verifying from Python: a pack and a service in, a verdict out; in this thread, or in an event loop that is there."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypedDict, Unpack

import specs
from contracts.drivers.settings import Settings, bad_key_of
from contracts.drivers.target import ASGIApp, read_target
from contracts.drivers.verifying import Progress, Verification
from contracts.finding import Verdict
from specs.pack import Pack

_NOT_SETTINGS = frozenset({"base_path", "progress"})


class Options(TypedDict, total=False):
    """What may be chosen beside the key; everything has the default of `understudy verify gateway`."""

    bad_key: str | None
    """A key that must be refused."""
    other_key: str | None
    """A second account; without one, what accounts see of each other is untested."""
    headers: Sequence[tuple[str, str]]
    """Sent with every request."""
    seed: int
    rate: float | None
    """Requests a second at most."""
    poll_interval: float
    """Seconds between polls of a task that takes its time."""
    deadline: float
    """Seconds in which a task must end."""
    max_examples: int
    """Drawn requests for each operation, beyond those of the catalogue."""
    only: Sequence[str]
    skip: Sequence[str]
    """Rules, subjects of rules, keywords or ids of constraints."""
    base_path: str
    """Put before every documented path."""
    progress: Progress | None


def verify(pack: Pack | str | Path, target: str | ASGIApp, *, key: str, **options: Unpack[Options]) -> Verdict:
    """Judges the service at a URL, or an ASGI application in this process, against a pack (or a vendor, or a folder).

    It sends a thousand requests or so, many of them submissions: `understudy verify gateway --dry-run` tells how many.
    UsageError or SpecError for what can't be meant; a service that can't be reached is a verdict with `aborted`.
    """
    verification, progress = _prepared(pack, target, key, options)
    return verification.run_here(progress)


async def verify_async(
    pack: Pack | str | Path, target: str | ASGIApp, *, key: str, **options: Unpack[Options]
) -> Verdict:
    """The same as `verify`, where an event loop is running."""
    verification, progress = _prepared(pack, target, key, options)
    return await verification.run(progress)


def _prepared(
    pack: Pack | str | Path, target: str | ASGIApp, key: str, options: Options
) -> tuple[Verification, Progress | None]:
    loaded = pack if isinstance(pack, Pack) else specs.load(pack)
    where = read_target(target, options.get("base_path", ""))
    return Verification(loaded, where, _settings(key, options)), options.get("progress")


def _settings(key: str, options: Options) -> Settings:
    """The options, with every default filled in."""
    chosen: dict[str, Any] = {name: value for name, value in options.items() if name not in _NOT_SETTINGS}
    chosen |= {name: tuple(chosen[name]) for name in ("headers", "only", "skip") if name in chosen}
    chosen["bad_key"] = options.get("bad_key") or bad_key_of(options.get("seed", 0))
    return Settings(key=key, **chosen)
