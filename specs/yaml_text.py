"""A text in YAML 1.2 as plain values: whatever is odd about it is one error that knows the line.

What the library underneath lets through as Python's own errors (the 30th of February, `!!int x`, ten thousand
brackets) is refused like broken syntax.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.constructor import ConstructorError, SafeConstructor
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode

from specs.pointers import Json

_TAGS = "tag:yaml.org,2002:"
_NAMES = frozenset({_TAGS + "str", _TAGS + "merge"})


class YamlTextError(Exception):
    """A text that can't be read; `place` is its line and column, or empty."""

    def __init__(self, problem: str, place: str = "", way_out: str = "") -> None:
        super().__init__(problem)
        self.place = place
        self.problem = problem
        self.way_out = way_out


class _NameError(ConstructorError):
    """A bare name that is a number, a date or the like."""


class _Constructor(SafeConstructor):
    """Makes values; one that can't be made has a place."""

    def construct_non_recursive_object(self, node: Any, tag: str | None = None) -> Any:
        """The value of one node."""
        try:
            return super().construct_non_recursive_object(node, tag)
        except (ValueError, KeyError, TypeError) as problem:
            message = f"{node.value!r} can't be read ({problem})"
            raise ConstructorError(None, None, message, node.start_mark) from None


class _TextNames(_Constructor):
    """The same, where every name has to be a text as it stands."""

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:  # noqa: FBT001, FBT002 - the library's own way
        """The value of one mapping."""
        if isinstance(node, MappingNode):
            for key, _ in node.value:
                if key.tag not in _NAMES:
                    raise _NameError(None, None, str(key.value), key.start_mark)
        return super().construct_mapping(node, deep)


def read_text(text: str, nesting_max: int, *, text_names: bool = False) -> Json:
    """The value as JSON has it: names are texts (`202:` too), and so are dates; YamlTextError says what hinders.

    `nesting_max` levels are few for Python's own stack. With `text_names` a bare name that is no text is an error: who
    writes `0123:` means those four characters, and would get three others.
    """
    try:
        return _plain(_loaded(text, text_names=text_names), nesting_max)
    except _NameError as found:
        message, way_out = f"the name {found.problem or 'of a member'} is not a text", "Put it in quotes"
        raise YamlTextError(message, _place(found), way_out) from None
    except YAMLError as problem:
        message = f"is not YAML ({getattr(problem, 'problem', None) or problem})"
        raise YamlTextError(message, _place(problem)) from None
    except RecursionError:
        message = f"is nested more than {nesting_max} deep, or holds itself"
        raise YamlTextError(message, way_out="Write it flatter") from None


# Lint looks at the same few texts several times over, and reading one takes a tenth of a second.
@lru_cache(maxsize=8)
def _loaded(text: str, *, text_names: bool) -> Any:
    """The values as the library makes them; nobody is given these, only what `_plain` makes of them anew."""
    reader = YAML(typ="safe", pure=True)
    reader.Constructor = _TextNames if text_names else _Constructor
    return reader.load(text)


def _place(problem: YAMLError) -> str:
    mark = getattr(problem, "problem_mark", None)
    return f"line {mark.line + 1}, column {mark.column + 1}" if mark else ""


def _plain(value: Json, room: int) -> Json:
    if isinstance(value, Mapping):
        inside = _less(room)
        return {name if isinstance(name, str) else str(name): _plain(each, inside) for name, each in value.items()}
    if isinstance(value, list):
        inside = _less(room)
        return [_plain(each, inside) for each in value]
    return value.isoformat() if isinstance(value, date) else value


def _less(room: int) -> int:
    if room == 0:
        raise RecursionError
    return room - 1
