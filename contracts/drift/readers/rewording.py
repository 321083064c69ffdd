"""Whether a fact that was not found again may only be told in other words: all that it is made of is still there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from types import MappingProxyType

from specs.pointers import Json

_MEGA = 1_000_000


def _number(value: Json) -> list[set[str]]:
    return [{str(value)}]


def _values(value: Json) -> list[set[str]]:
    return [{str(each).lower()} for each in value]


def _parts(value: Json) -> list[set[str]]:
    """The words of conditions and of names that lead to a member; the first of a condition only joins."""
    return [
        {part.lower()} for each in value for part in str(each).replace(".", " ").split() if part not in ("and", "or")
    ]


def _bytes(value: Json) -> list[set[str]]:
    return [{f"{value / _MEGA:g}", f"{value / 1_048_576:g}", f"{value / 1_000:g}"}]


def _formats(value: Json) -> list[set[str]]:
    return [{each, "jpeg"} if each == "jpg" else {each} for each in value]


def _ratio(value: Json) -> list[set[str]]:
    return [{f"{max(value):g}"}]


# Of each set one word has to be there.
_MADE_OF: Mapping[str, Callable[[Json], list[set[str]]]] = MappingProxyType(
    dict.fromkeys(
        ("minLength", "maxLength", "minimum", "maximum", "minItems", "maxItems", "image_side", "image_side_max"),
        _number,
    )
    | {"enum": _values, "required_when": _parts, "at_least_one": _parts, "exclusive": _parts}
    | {"image_bytes": _bytes, "image_formats": _formats, "image_ratio": _ratio}
    | {
        "sum": lambda _: [{"sum", "add", "together", "summed"}],
        "at_most_total": lambda _: [{"total"}, {"exceed", "longer", "greater", "beyond", "within"}],
        "prefix": lambda _: [{"prefix", "prefixes"}],
    }
)


def may_be_reworded(subject: str, name: str, value: Json, words: AbstractSet[str]) -> bool:
    """Whether `words`, which no reader understood, hold all that the fact is made of, but for its own member."""
    made_of = _MADE_OF.get(name)
    if made_of is None:
        return False
    own = subject.rpartition("/")[2]
    return all(options & words for options in made_of(value) if own not in options)
