"""The file of `--load`: a snapshot to start from, with errors that name the file and the place in it."""

from __future__ import annotations

from pathlib import Path

import orjson

from mockserver.snapshot_reading import Snapshot, SnapshotError, read_snapshot

_WAY_OUT = "name a file that GET /__understudy/snapshot has answered"


class SnapshotFileError(ValueError):
    """A file that is no snapshot that can be used."""


def load_snapshot(file: Path) -> Snapshot:
    """The snapshot in the file; SnapshotFileError says what is wrong, where, and the way out."""
    try:
        document = orjson.loads(file.read_bytes())
    except OSError as problem:
        message = f"{file}: can't be read: {problem.strerror or problem}; {_WAY_OUT}"
        raise SnapshotFileError(message) from None
    except orjson.JSONDecodeError as problem:
        message = f"{file}: this is not JSON: {problem}; {_WAY_OUT}"
        raise SnapshotFileError(message) from None
    try:
        return read_snapshot(document)
    except SnapshotError as problem:
        message = f"{file}: {problem}"
        raise SnapshotFileError(message) from None
