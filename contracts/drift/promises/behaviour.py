"""The behaviour of two packs: leaf by leaf, by a table of what each place means to clients."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple, TypeAlias

from contracts.drift.promises.values import told
from specs.pointers import Json, join

Grade: TypeAlias = str
_B, _M, _C = "breaking", "maybe", "compatible"
_Judge: TypeAlias = Callable[[Json, Json], Grade]


class Turn(NamedTuple):
    """A change of behaviour; `old` and `new` are what the two packs say at `pointer`."""

    kind: str
    grade: Grade
    pointer: str
    old: Json
    new: Json
    words: str


def _less(old: Json, new: Json) -> Grade:
    """A number that clients can rely on."""
    return _C if isinstance(old, int | float) and isinstance(new, int | float) and new > old else _B


def _said(old: Json, new: Json) -> Grade:
    """A text with blanks is said to people; anything else is read by programs."""
    return _C if all(isinstance(each, str) and " " in each for each in (old, new)) else _M


def _stricter(old: Json, new: Json) -> Grade:
    """How much is asked of the header Content-Type."""
    order = ("any", "optional", "required")
    return _C if order.index(new) < order.index(old) else _B


class _Row(NamedTuple):
    """What it means when a leaf below this place is gone, is new, or is another."""

    place: str
    kind: str
    gone: Grade
    new: Grade
    other: Grade | _Judge


# The first row whose pattern a pointer begins with counts; a list of texts has a leaf for each of them.
_ROWS = tuple(
    _Row(*row)
    for row in (
        (r"/title$|/prompts|/options|/lenient|/media/failing_hosts", "shape-changed", _C, _C, _C),
        (r"/hosts", "endpoint-changed", _B, _C, _B),
        (r"/authentication", "shape-changed", _M, _M, _M),
        (r"/content_type", "format-changed", _B, _B, _stricter),
        (r"/lifecycle/words", "status-added", _B, _B, _B),
        (r"/lifecycle", "limit-changed", _C, _C, _C),
        (r"/times", "format-changed", _B, _B, _B),
        (r"/task_id", "format-changed", _M, _M, _M),
        (r"/result/expires_seconds", "limit-changed", _B, _B, _less),
        (r"/result/expires_from|/result/expired", "limit-changed", _M, _M, _M),
        (r"/result", "shape-changed", _C, _C, _C),
        (r"/callbacks/enabled", "endpoint-changed", _B, _C, lambda old, _: _B if old else _C),
        (r"/callbacks/on", "endpoint-changed", _B, _C, _B),
        (r"/callbacks/(attempts|timeout_seconds)", "limit-changed", _B, _C, _less),
        (r"/callbacks/(url|signature)", "format-changed", _B, _C, _B),
        (r"/callbacks", "shape-changed", _M, _C, _M),
        (r"/answers/[^/]+/status|/operations/[^/]+/refusals/[^/]+/status", "status-added", _B, _B, _B),
        (r"/refusals/[^/]+/status", "status-added", _B, _C, _B),
        (r"/refusals/[^/]+/headers|/answers/[^/]+/headers", "shape-changed", _M, _C, _M),
        (r"/refusals|/answers|/failures|/operations/[^/]+/refusals", "shape-changed", _M, _C, _said),
        (r"/operations/[^/]+/(ratio|frames)", "shape-changed", _C, _C, _C),
        (r"", "shape-changed", _M, _M, _M),
    )
)


def behaviour(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Turn]:
    """Every leaf that is gone, new or another."""
    had, has = dict(_leaves(old, "")), dict(_leaves(new, ""))
    for pointer in dict.fromkeys([*had, *has]):
        if pointer in had and pointer in has and had[pointer] == has[pointer]:
            continue
        row = next(each for each in _ROWS if re.match(each.place, pointer))
        one, other = had.get(pointer), has.get(pointer)
        if pointer not in has:
            yield Turn(row.kind, row.gone, pointer, one, None, f"{told(one)} is gone")
        elif pointer not in had:
            yield Turn(row.kind, row.new, pointer, None, other, f"{told(other)} is new")
        else:
            grade = row.other if isinstance(row.other, str) else row.other(one, other)
            yield Turn(row.kind, grade, pointer, one, other, f"it was {told(one)} and is {told(other)}")


def _leaves(value: Json, at: str) -> Iterator[tuple[str, Json]]:
    if isinstance(value, Mapping) and value:
        for name, each in value.items():
            yield from _leaves(each, at + join([name]))
    elif isinstance(value, list) and value and all(isinstance(each, str) for each in value):
        yield from ((at + join([each]), each) for each in value)
    else:
        yield at, value
