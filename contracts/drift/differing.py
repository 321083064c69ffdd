"""What differs between two readings of a page, without what only follows from another difference."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from contracts.drift.readers.facts import PRESENT, Facts, lacking
from specs.pointers import Json

# What is compared in a way of its own.
_APART = frozenset({PRESENT, "endpoint", "host"})
# Facts that are made of names of members and of their values.
_NAMING = frozenset({"required_when", "at_least_one", "exclusive"})
_JOINING = frozenset({"", "and", "or"})
_LISTS = ("array", "object")


class Difference(NamedTuple):
    """Members that have gone and come, and subjects with the names of their facts that say something else."""

    gone: tuple[str, ...]
    come: tuple[str, ...]
    changed: tuple[tuple[str, str], ...]


def difference(had: Facts, now: Facts) -> Difference:
    """Of a member that has gone or come, what is inside of it is not told, nor of an object that became a list."""
    retyped = [subject for subject in had.by_subject if _is_retyped(had, now, subject)]
    gone = [each for each in _gone(had, now) if not _is_inside(each, retyped)]
    come = [each for each in _gone(now, had) if not _is_inside(each, retyped)]
    changed = [
        (subject, name)
        for subject, name in dict.fromkeys([*had.pairs(), *now.pairs()])
        if name not in _APART
        and _differ(had.values(subject, name), now.values(subject, name))
        and not _is_inside(subject, [*retyped, *gone, *come])
        and subject not in (*gone, *come)
    ]
    renamed = _words([*gone, *_dropped(had, now)]), _words([*come, *_dropped(now, had)])
    kept = [each for each in changed if not _is_renaming(each[1], had.values(*each), now.values(*each), renamed)]
    return Difference(tuple(gone), tuple(come), tuple(kept))


def _gone(before: Facts, after: Facts) -> list[str]:
    lost = [
        subject
        for subject in before.by_subject
        if before.values(subject, PRESENT) and not after.values(subject, PRESENT)
    ]
    return [subject for subject in lost if not _is_inside(subject, lost)]


def _is_inside(subject: str, others: Sequence[str]) -> bool:
    return any(subject.startswith(other + "/") for other in others)


def _differ(one: list[Json], other: list[Json]) -> bool:
    return bool(lacking(one, other) or lacking(other, one))


def _is_retyped(had: Facts, now: Facts, subject: str) -> bool:
    """Whether what can have members, as an object or in a list, is the other one now."""
    before, after = (_container(facts.values(subject, "type")) for facts in (had, now))
    return before is not None and after is not None and before != after


def _container(types: list[Json]) -> str | None:
    names = [name for each in types for name in each]
    return next((each for each in _LISTS if any(name.startswith(each) for name in names)), None)


def _dropped(before: Facts, after: Facts) -> Iterator[str]:
    """Values that a list of choices does not have any more."""
    for subject, names in before.by_subject.items():
        had, has = (
            {str(value) for values in each for value in values}
            for each in (names.get("enum", []), after.values(subject, "enum"))
        )
        yield from had - has if has else ()


def _words(texts: Sequence[str]) -> frozenset[str]:
    """The last name of a pointer, or a value."""
    return frozenset(text.rpartition("/")[2] for text in texts)


def _is_renaming(name: str, had: list[Json], has: list[Json], renamed: tuple[frozenset[str], frozenset[str]]) -> bool:
    """Whether a fact only names what it named by its new name."""
    if name not in _NAMING or not had or not has:
        return False
    before, after = _named(had), _named(has)
    return (
        before != after and before - after <= renamed[0] and after - before <= renamed[1] and len(before) == len(after)
    )


def _named(values: list[Json]) -> frozenset[str]:
    """All names and values that a condition is made of."""
    words = (word for each in values for text in each for word in text.replace(".", " ").split(" "))
    return frozenset(words) - _JOINING
