"""One side of a comparison: an OpenAPI document or a pack, read, with references that can be followed.

Nothing is unfolded beforehand: large documents refer to themselves in circles.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import unquote

import orjson

import specs
from contracts.drift.promises.forms import misshapen
from specs.documents import read_yaml
from specs.errors import PackError
from specs.pointers import Json, resolve

# References that lead to references.
_CHAIN_MAX = 60
_VERSION = re.compile(r"3\.\d+(\.\d+)?(-\S+)?")
_ABSENT = object()
_EMPTY: Mapping[str, Any] = MappingProxyType({})


class Document:
    """One document with all that it refers to; `behaviour` is a pack's, None for a document alone."""

    def __init__(self, name: str, openapi: Mapping[str, Any], behaviour: Mapping[str, Any] | None, file: Path) -> None:
        self.name = name
        self.openapi = openapi
        self.behaviour = behaviour
        self.is_3_0 = str(openapi.get("openapi", "")).startswith("3.0")
        # Which file each value came from is known by the value itself: all are kept as long as this is.
        self._files: dict[Path, Json] = {file: openapi}
        self._homes: dict[int, Path] = {}
        self._settle(openapi, file)

    def _settle(self, value: Json, file: Path) -> None:
        """Remembers for every reference in it where it stands."""
        waiting = [value]
        while waiting:
            each = waiting.pop()
            if isinstance(each, Mapping):
                if "$ref" in each:
                    self._homes[id(each)] = file
                waiting.extend(each.values())
            elif isinstance(each, list):
                waiting.extend(each)

    def follow(self, value: Json) -> Json:
        """What stands for a reference (and nothing that is written beside it); other values as they are."""
        for _ in range(_CHAIN_MAX):
            if not isinstance(value, Mapping) or not isinstance(value.get("$ref"), str):
                return value
            value = self._target(value["$ref"], self._homes[id(value)])
        return _EMPTY

    def entry(self, value: Json) -> Mapping[str, Any]:
        """The same, of something that has to be an object."""
        found = self.follow(value)
        return found if isinstance(found, Mapping) else _EMPTY

    def _target(self, reference: str, home: Path) -> Json:
        place, _, pointer = reference.partition("#")
        file = home if not place else (home.parent / unquote(place)).resolve()
        problem = f"$ref {reference!r} leads nowhere"
        if re.match(r"[a-z][a-z0-9+.-]+:", place, re.IGNORECASE):
            way_out = "Only references to files are followed: bundle the document first"
            raise PackError(home, "", f"$ref {reference!r} leads elsewhere", way_out)
        if file not in self._files:
            self._files[file] = _read(file)
            self._settle(self._files[file], file)
        found = resolve(self._files[file], unquote(pointer), _ABSENT)
        if found is _ABSENT:
            raise PackError(home, "", problem, "Mend it, or add what it should lead to")
        return found


def read_document(text: str) -> Document:
    """A vendor's name, a pack's folder, or a file with an OpenAPI document; PackError says why it is none."""
    path = Path(text).expanduser()
    if text in specs.names() or path.is_dir():
        folder = specs.load(text).folder
        openapi, behaviour = (read_yaml(folder / name) for name in ("openapi.yaml", "behaviour.yaml"))
        return Document(text, openapi, behaviour, (folder / "openapi.yaml").resolve())
    if not path.is_file():
        names = ", ".join(specs.names())
        raise PackError(text, "", "is neither a vendor, nor a folder, nor a file", f"Vendors: {names}")
    value = _read(path)
    if not isinstance(value, Mapping) or not _VERSION.fullmatch(str(value.get("openapi", ""))):
        raise PackError(path, "", "is no OpenAPI 3 document", "It begins with `openapi: 3.1.0` and has `paths`")
    return Document(text, value, None, path.resolve())


def _read(path: Path) -> Json:
    # Documents of megabytes are JSON, and read so a thousand times faster.
    try:
        value = orjson.loads(path.read_bytes())
    except orjson.JSONDecodeError:
        value = read_yaml(path)
    except OSError as problem:
        raise PackError(path, "", f"can't be read ({problem.strerror})", "Is that the right path?") from None
    for at, wanted in misshapen(value):
        raise PackError(path, at, f"is no {wanted}", f"OpenAPI has an {wanted} there")
    return value
