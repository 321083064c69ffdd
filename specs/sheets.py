"""A YAML file with the line of everything in it: what lint reads, so that it can say where."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from specs.documents import read_yaml
from specs.pointers import Json, join


@dataclass(frozen=True, slots=True)
class Scalar:
    """A plain scalar: text without quotes, whose type a YAML reader guesses; `kind` is what ours has guessed."""

    pointer: str
    line: int
    text: str
    is_key: bool
    kind: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """One file: its value as JSON, the line of every pointer, and its plain scalars."""

    file: Path
    value: Json
    lines: Mapping[str, int]
    scalars: tuple[Scalar, ...]

    def line(self, pointer: str) -> int:
        """Where the pointer, or the nearest thing around it, stands; 0 when nothing of it is in the file."""
        while pointer and pointer not in self.lines:
            pointer = pointer[: pointer.rfind("/")]
        return self.lines.get(pointer, 0)


def read_sheet(file: Path) -> Sheet:
    """The file; PackError when it can't be read."""
    value = read_yaml(file)
    return Sheet(file, value, *_places(file.read_text(encoding="utf-8")))


# Who lints while writing changes one file of the three.
@lru_cache(maxsize=8)
def _places(text: str) -> tuple[Mapping[str, int], tuple[Scalar, ...]]:
    """The line of every pointer, and the plain scalars."""
    # Imported here for start-up: only lint needs to know where things stand.
    from ruamel.yaml import YAML

    root = YAML(typ="safe", pure=True).compose(text)
    marks = list(_marks(root, "")) if root is not None else []
    lines: dict[str, int] = {}
    scalars: dict[tuple[int, bool, str], Scalar] = {}
    for pointer, node, key in marks:
        mark = (key or node).start_mark
        lines.setdefault(pointer, mark.line + 1)
        for each, is_key in ((key, True), (node, False)):
            # What an alias repeats is said once.
            if each is not None and _is_plain(each):
                at = each.start_mark
                scalar = Scalar(pointer, at.line + 1, each.value, is_key, each.tag.rpartition(":")[2])
                scalars.setdefault((at.index, is_key, each.value), scalar)
    return MappingProxyType(lines), tuple(scalars.values())


def _is_plain(node: Any) -> bool:
    return isinstance(node.value, str) and node.style in (None, "")


def _marks(node: Any, pointer: str, key: Any = None) -> Iterator[tuple[str, Any, Any]]:
    """Every node with its pointer, and the key node before it."""
    yield pointer, node, key
    if isinstance(node.value, str):
        return
    for index, each in enumerate(node.value):
        if isinstance(each, tuple):
            yield from _marks(each[1], pointer + join([each[0].value]), each[0])
        else:
            yield from _marks(each, f"{pointer}/{index}")
