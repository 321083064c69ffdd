"""The files of a pack as plain values: YAML 1.2 in, references resolved, kept compiled in the user's cache.

Reading YAML costs a thousand times what reading the same as JSON costs, so each pack is read once and kept under a name
made of its content: a changed file is another name, nothing goes stale.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Protocol

import orjson

from specs.errors import PackError
from specs.pointers import Json, join, merged, resolve

FILES = ("openapi.yaml", "behaviour.yaml")
SOURCES = "sources.yaml"
PAGES = "pages.yaml"
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")

# Part of the cache's names: raise it when what is kept changes its shape.
_CACHE_FORMAT = 4
# Files in it, each of some ten kilobytes; the packs that ship take two each.
_KEPT_MAX = 100
_UNFINISHED = ".part"
# References that lead to references; and levels of a document, before and after those are resolved.
_DEPTH_MAX = 60
_NESTING_MAX = 100


def read_yaml(path: Path, *, text_names: bool = False) -> Json:
    """The value in a YAML 1.2 file; PackError names line and column of what can't be read.

    With `text_names` a bare name that is no text (`0123:`) is an error; else it becomes one (`202:` in responses).
    """
    # Imported here for start-up: with a warm cache no YAML is read at all.
    from specs.yaml_text import YamlTextError, read_text

    try:
        return read_text(path.read_text(encoding="utf-8"), _NESTING_MAX, text_names=text_names)
    except YamlTextError as problem:
        raise PackError(path, problem.place, problem.problem, problem.way_out) from None
    except (OSError, UnicodeDecodeError) as problem:
        reason = (problem.strerror or problem) if isinstance(problem, OSError) else "it is not UTF-8"
        raise PackError(
            path,
            "",
            f"can't be read ({reason})",
            "A pack is a folder with openapi.yaml, behaviour.yaml and sources.yaml",
        ) from None


def cache_folder() -> Path:
    """Where compiled packs are kept; RuntimeError where nobody has a home."""
    return _own_folder("XDG_CACHE_HOME", ".cache")


def state_folder() -> Path:
    """Where is kept what must outlive the cache; RuntimeError where nobody has a home."""
    return _own_folder("XDG_STATE_HOME", ".local/state")


def _own_folder(variable: str, below_home: str) -> Path:
    named = os.environ.get(variable) or os.environ.get("LOCALAPPDATA")
    # The variables' specification: what is not absolute counts as nothing, or each folder would get one of its own.
    home = Path(named) if named and Path(named).is_absolute() else Path.home() / below_home
    return home / "understudy"


def _kept(name: str) -> Json | None:
    try:
        file = cache_folder() / name
        value = orjson.loads(file.read_bytes())
    except (OSError, RuntimeError, orjson.JSONDecodeError):
        return None
    # What is in use stays. A cache that can't be written is read all the same.
    with suppress(OSError):
        os.utime(file)
    return value


def _keep(name: str, value: Json) -> None:
    # A cache that can't be written is a slow start, not an error.
    try:
        content = orjson.dumps(value)
        folder = cache_folder()
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder, suffix=_UNFINISHED, delete=False) as file:
            file.write(content)
        Path(file.name).replace(folder / name)
        _prune(folder)
    except (OSError, RuntimeError, TypeError):
        return


def _prune(folder: Path) -> None:
    """Removes what was used longest ago, once there is more than enough: texts that nobody serves any more."""
    ours = [entry for entry in os.scandir(folder) if entry.name.endswith((".json", _UNFINISHED))]
    ours.sort(key=lambda entry: entry.stat().st_mtime_ns, reverse=True)
    for entry in ours[_KEPT_MAX:]:
        Path(entry.path).unlink(missing_ok=True)


class _References:
    """Puts what each `$ref` of one document refers to in its place."""

    def __init__(self, document: Json, file: Path) -> None:
        self._document = document
        self._file = file

    def resolved(self, value: Json, at: str, depth: int) -> Json:
        """The value without references; `at` is where it stands, `depth` how many references deep it was found."""
        if depth > _DEPTH_MAX:
            raise PackError(self._file, at, "refers to itself", "Write the schema without recursion")
        if at.count("/") > _NESTING_MAX:
            problem = f"is nested more than {_NESTING_MAX} deep, its references resolved"
            raise PackError(self._file, "", problem, "Write it flatter")
        if isinstance(value, list):
            return [self.resolved(item, f"{at}/{index}", depth) for index, item in enumerate(value)]
        if not isinstance(value, Mapping):
            return value
        reference = value.get("$ref")
        if isinstance(reference, str):
            return self._referred(value, reference, at, depth)
        return {name: self.resolved(member, at + join([str(name)]), depth) for name, member in value.items()}

    def _referred(self, value: Mapping[str, Json], reference: str, at: str, depth: int) -> Json:
        target = resolve(self._document, reference.removeprefix("#")) if reference.startswith("#/") else None
        if target is None:
            way_out = "References point inside the document: #/components/…"
            raise PackError(self._file, at, f"$ref {reference!r} leads nowhere", way_out)
        beside = {name: member for name, member in value.items() if name != "$ref"}
        found = self.resolved(target, at, depth + 1)
        return {**found, **self.resolved(beside, at, depth)} if beside else found


class Overlaying(Protocol):
    """Something that changes a pack before anything else is done with it."""

    @property
    def file(self) -> str:
        """Where it was read."""
        ...

    @property
    def content(self) -> bytes:
        """What it says: the same bytes, the same changes."""
        ...

    def lay(self, name: str, pack: Mapping[str, Json]) -> tuple[Mapping[str, Json], list[str]]:
        """`{"openapi", "behaviour"}` changed, and what found nothing to change."""
        ...


def _merges(behaviour: Mapping[str, Json], switches: Mapping[str, bool], *, lenient: bool) -> list[Mapping[str, Json]]:
    options = behaviour.get("options", {})
    merges = [option["merge"] for name, option in options.items() if switches.get(name, option["enabled"])]
    if lenient and "lenient" in behaviour:
        merges.append(behaviour["lenient"]["merge"])
    return merges


def _checked(folder: Path, openapi: Json, behaviour: Json) -> None:
    """Shapes on which all that follows relies."""
    # Imported here for start-up: a pack in the cache has been checked.
    import jsonschema_rs

    schema = orjson.loads((Path(__file__).parent / "behaviour.schema.json").read_bytes())
    for error in jsonschema_rs.Draft202012Validator(schema).iter_errors(behaviour):
        raise PackError(
            folder / FILES[1],
            join(error.instance_path),
            error.message.replace('"', "'"),
            "specs/README.md lists the members",
        )
    if not isinstance(openapi, Mapping) or not isinstance(openapi.get("paths"), Mapping):
        raise PackError(folder / FILES[0], "/paths", "there are no paths", "An OpenAPI 3.1 document is needed")


def _read(folder: Path, switches: Mapping[str, bool], overlay: Overlaying | None, *, lenient: bool) -> Json:
    openapi, behaviour = (read_yaml(folder / name) for name in FILES)
    _checked(folder, openapi, behaviour)
    idle: list[str] = []
    if overlay is not None:
        laid, idle = overlay.lay(folder.name, {"openapi": openapi, "behaviour": behaviour})
        openapi, behaviour = laid["openapi"], laid["behaviour"]
        _checked(folder, openapi, behaviour)
    for merge in _merges(behaviour, switches, lenient=lenient):
        openapi = merged(openapi, merge.get("openapi", {}))
        behaviour = merged(behaviour, merge.get("behaviour", {}))
    _checked(folder, openapi, behaviour)
    return {
        "openapi": _References(openapi, folder / FILES[0]).resolved(openapi, "", 0),
        "behaviour": behaviour,
        "idle": idle,
    }


def read_documents(
    folder: Path, switches: Mapping[str, bool], overlay: Overlaying | None = None, *, lenient: bool
) -> Json:
    """`{"openapi", "behaviour", "idle"}` of a pack: overlay, options and leniency merged in, references resolved."""
    digest = hashlib.sha256(orjson.dumps([_CACHE_FORMAT, dict(switches), lenient]))
    digest.update(overlay.content if overlay is not None else b"")
    for name in FILES:
        path = folder / name
        if not path.is_file():
            raise PackError(
                folder,
                "",
                f"has no {name}",
                "A pack is a folder with openapi.yaml, behaviour.yaml and sources.yaml",
            )
        digest.update(path.read_bytes() + b"\0")
    name = f"{folder.name}-{digest.hexdigest()[:32]}.json"
    kept = _kept(name)
    if kept is not None:
        return kept
    documents = _read(folder, switches, overlay, lenient=lenient)
    _keep(name, documents)
    return documents
