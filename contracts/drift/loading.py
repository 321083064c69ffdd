"""An OpenAPI document or a pack, read for a comparison: references resolved, words for people left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import specs
from specs.documents import read_yaml
from specs.errors import PackError
from specs.pointers import Json, resolve

# Said to people, without effect.
_WORDS = frozenset(
    {"description", "summary", "title", "example", "examples", "externalDocs", "tags", "$comment", "x-source"}
)
# Under these names stand members, whatever they are called.
_NAMES = frozenset({"properties", "patternProperties", "$defs", "schemas", "paths", "responses", "headers", "content"})
_DEPTH_MAX = 60


@dataclass(frozen=True, slots=True)
class Promised:
    """One side of a comparison; `behaviour` is a pack's, None for a document alone."""

    name: str
    openapi: Mapping[str, Any]
    behaviour: Mapping[str, Any] | None


def read_promised(text: str) -> Promised:
    """A vendor's name, a pack's folder, or a file with an OpenAPI document; PackError says why it is none."""
    path = Path(text).expanduser()
    if text in specs.names() or path.is_dir():
        pack = specs.load(text)
        return Promised(text, _plain(pack.openapi, pack.openapi), read_yaml(pack.folder / "behaviour.yaml"))
    if not path.is_file():
        raise PackError(
            text, "", "is neither a vendor, nor a folder, nor a file", f"Vendors: {', '.join(specs.names())}"
        )
    document = read_yaml(path)
    if not isinstance(document, dict) or "openapi" not in document or not isinstance(document.get("paths", {}), dict):
        raise PackError(path, "", "is no OpenAPI 3 document", "It begins with `openapi: 3.1.0` and has `paths`")
    return Promised(text, _plain(document, document), None)


def _plain(value: Json, root: Json, depth: int = 0, *, names: bool = False) -> Any:
    """The value with what its references lead to in their place, and without words; deep recursion is cut."""
    if depth > _DEPTH_MAX:
        return {}
    if isinstance(value, Mapping):
        if isinstance(value.get("$ref"), str):
            target = resolve(root, value["$ref"].removeprefix("#"))
            beside = {name: each for name, each in value.items() if name != "$ref"}
            return _plain({**(target if isinstance(target, Mapping) else {}), **beside}, root, depth + 1)
        return {
            name: _plain(each, root, depth + 1, names=name in _NAMES and not names)
            for name, each in value.items()
            if names or name not in _WORDS
        }
    if isinstance(value, list):
        return [_plain(each, root, depth + 1) for each in value]
    return value
