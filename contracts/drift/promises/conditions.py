"""Conditions and choices in two schemas of the same data: which of them came, went, or are another version.

A condition is not followed into its effects elsewhere: where one of its two forms surely lets less through, that is
told, else that they can't be compared.
"""

from __future__ import annotations

from collections.abc import Callable

from contracts.drift.promises.schemas import Schema
from contracts.drift.promises.scope import Changes, Scope
from contracts.drift.promises.values import told
from specs.pointers import Json

CHOICES = ("anyOf", "oneOf")
# So many of two entries' members are the same, when they are two versions of one.
_ALIKE_MIN = 0.5


def conditions(scope: Scope, old: Schema, new: Schema) -> Changes:
    """`not`, `if`, `contains` and the like."""
    for keyword in ("propertyNames", "contains", "contentSchema"):
        yield from scope.summed(keyword, old.get(keyword), new.get(keyword))
    yield from scope.summed("not", old.get("not"), new.get("not"), flipped=True)
    yield from _when(scope, old, new)


def _when(scope: Scope, old: Schema, new: Schema) -> Changes:
    had, has = old.get("if"), new.get("if")
    if had is None or has is None:
        yield from scope.came_or_went("a condition", had, has)
        return
    if not scope.is_same(had, has):
        yield scope.change("condition-changed", had, has, "when a condition holds is said otherwise")
    for keyword in ("then", "else"):
        yield from scope.came_or_went(f"`{keyword}` of a condition", old.get(keyword), new.get(keyword))


def choices(scope: Scope, old: Schema, new: Schema) -> Changes:
    """What `anyOf` and `oneOf` offer, and which laws of `allOf` hold besides."""
    for keyword in CHOICES:
        if (keyword in old) != (keyword in new):
            name, words = ("condition-new", "new") if keyword in new else ("condition-gone", "gone")
            yield scope.change(name, old.get(keyword), new.get(keyword), f"{keyword} is {words}")
        else:
            yield from _entries(scope, keyword, "choice", old, new)
    yield from _entries(scope, "allOf", "law", old, new)
    yield from _rules(scope, old.get("x-rules", []), new.get("x-rules", []))


def _entries(scope: Scope, keyword: str, name: str, old: Schema, new: Schema) -> Changes:
    gone, came = _unmatched(scope.is_same, old.get(keyword, []), new.get(keyword, []))
    for had, has in _versions(scope, gone, came):
        yield from scope.below(had, has, scope.pointer)
    for each in gone:
        yield scope.change(f"{name}-gone", each, None, f"an entry of {keyword} is gone: {told(each)}")
    for each in came:
        yield scope.change(f"{name}-new", None, each, f"an entry of {keyword} is new: {told(each)}")


def _unmatched(
    is_same: Callable[[Json, Json], bool], old: list[Json], new: list[Json]
) -> tuple[list[Json], list[Json]]:
    """The entries that have no equal on the other side."""
    gone, came = [], list(new)
    for each in old:
        equal = next((index for index, other in enumerate(came) if is_same(each, other)), None)
        if equal is None:
            gone.append(each)
        else:
            del came[equal]
    return gone, came


def _versions(scope: Scope, gone: list[Json], came: list[Json]) -> list[tuple[Json, Json]]:
    """Those that are two versions of one entry, the surest first; they are taken out of the lists."""

    def are_alone(_had: Json, _has: Json) -> bool:
        return len(gone) == len(came) == 1

    def have_one_condition(had: Json, has: Json) -> bool:
        one, other = scope.old.form(had).get("if"), scope.new.form(has).get("if")
        return one is not None and other is not None and scope.is_same(one, other)

    def are_alike(had: Json, has: Json) -> bool:
        return _likeness(scope.old.form(had), scope.new.form(has)) >= _ALIKE_MIN

    found = []
    for tell in (_are_of_one_name, have_one_condition, are_alike, are_alone):
        for had in list(gone):
            at = next((index for index, has in enumerate(came) if tell(had, has)), None)
            if at is not None:
                found.append((had, came.pop(at)))
                gone[:] = [each for each in gone if each is not had]
    return found


def _are_of_one_name(had: Json, has: Json) -> bool:
    one, other = _name(had), _name(has)
    return one is not None and one == other


def _name(entry: Json) -> Json:
    if not isinstance(entry, dict):
        return None
    reference = entry.get("$ref")
    return reference.rpartition("/")[2] if isinstance(reference, str) else entry.get("title")


def _likeness(old: Schema, new: Schema) -> float:
    if old.get("type") != new.get("type"):
        return 0
    had, has = (set(each.get("properties", ())) for each in (old, new))
    # Of two texts or numbers in a choice, one is the other's version.
    return len(had & has) / len(had | has) if had | has else float("type" in old)


def _rules(scope: Scope, old: list[Json], new: list[Json]) -> Changes:
    """A pack's rules across members: known by their kind and by what they are about."""
    gone, came = _unmatched(lambda one, other: one == other, old, new)
    for had in list(gone):
        has = next((each for each in came if _about(each) == _about(had)), None)
        if has is not None:
            gone.remove(had)
            came.remove(has)
            yield scope.change("condition-changed", had, has, f"the rule {_about(had)[0]} is another: {told(has)}")
    for each in gone:
        yield scope.change("law-gone", each, None, f"the rule {_about(each)[0]} is gone: {told(each)}")
    for each in came:
        yield scope.change("law-new", None, each, f"the rule {_about(each)[0]} is new: {told(each)}")


def _about(rule: Json) -> tuple[Json, Json]:
    return rule.get("kind"), rule.get("pointer", rule.get("items"))
