"""Members of objects and items of arrays, in two schemas of the same data."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import zip_longest

from contracts.drift.promises.schemas import EVERYTHING, Schema
from contracts.drift.promises.scope import Changes, Scope
from contracts.drift.promises.values import told
from specs.pointers import Json, join


def members(scope: Scope, old: Schema, new: Schema) -> Changes:
    """Members that came, went, have to be there, need not, or are others; what becomes of those not listed."""
    had, has = old.get("properties", {}), new.get("properties", {})
    was, must = set(old.get("required", ())), set(new.get("required", ()))
    for name in dict.fromkeys([*had, *has, *sorted(was | must)]):
        found = _member(scope, name, had, has, (name in was, name in must))
        idle = _is_idle(scope, had.get(name), has.get(name))
        yield from (each._replace(harmless=True) for each in found) if idle else found
    yield from scope.openness("additionalProperties", old, new)
    yield from scope.openness("unevaluatedProperties", old, new)


def _member(
    scope: Scope, name: str, had: Mapping[str, Json], has: Mapping[str, Json], required: tuple[bool, bool]
) -> Changes:
    was, must = required
    at = join([name])
    if name in had and name not in has:
        kind = _kind(scope.old.form(had[name]))
        yield scope.change("member-gone-required" if was else "member-gone", kind, None, f"{name} is gone", at=at)
    elif name in has and name not in had:
        kind = _kind(scope.new.form(has[name]))
        words = f"{name} is new{', and has to be there' if must else ''}"
        yield scope.change("member-new-required" if must else "member-new", None, kind, words, at=at)
    else:
        if was != must:
            words = "it has to be there now" if must else "it need not be there any more"
            yield scope.change("required" if must else "optional", was, must, words, at=at)
        if name in had:
            yield from scope.below(had[name], has[name], scope.pointer + at)


def _kind(schema: Schema) -> Json:
    """What stands for a member as a whole: its type, or that it is there."""
    kinds = schema.get("type")
    return True if kinds is None else kinds[0] if len(kinds) == 1 else kinds


def _is_idle(scope: Scope, had: Json, has: Json) -> bool:
    """Whether nobody sends the member in this direction, neither before nor now."""
    mark = "readOnly" if scope.direction == "request" else "writeOnly"
    sides = ((scope.old, had), (scope.new, has))
    marks = [bool(schemas.form(each).get(mark)) for schemas, each in sides if each is not None]
    return bool(marks) and all(marks)


def members_by_pattern(scope: Scope, old: Schema, new: Schema) -> Changes:
    """Schemas for members whose names match, or that hold when another member is there."""
    for keyword in ("patternProperties", "dependentSchemas"):
        had, has = old.get(keyword, {}), new.get(keyword, {})
        for name in dict.fromkeys([*had, *has]):
            at = f"/{{{name}}}" if keyword == "patternProperties" else ""
            yield from scope.came_or_went(f"{keyword} {name}", had.get(name), has.get(name), at=at)
    had, has = old.get("dependentRequired", {}), new.get("dependentRequired", {})
    for name in dict.fromkeys([*had, *has]):
        yield from _dependent(scope, name, set(had.get(name, ())), set(has.get(name, ())))


def _dependent(scope: Scope, name: str, had: set[str], has: set[str]) -> Changes:
    if had != has:
        what = "condition-new" if had < has else "condition-gone" if has < had else "condition-changed"
        words = f"with {name} there had to be {told(sorted(had))}, and now {told(sorted(has))}"
        yield scope.change(what, sorted(had), sorted(has), words, at=join([name]))


def items(scope: Scope, old: Schema, new: Schema) -> Changes:
    """What every item is, and what stands at one place."""
    if "items" in old or "items" in new:
        yield from scope.below(old.get("items", EVERYTHING), new.get("items", EVERYTHING), scope.pointer + "/*")
    pairs = zip_longest(old.get("prefixItems", ()), new.get("prefixItems", ()))
    for number, (had, has) in enumerate(pairs):
        if had is None or has is None:
            name, words = ("place-new", "said") if had is None else ("place-gone", "not said any more")
            yield scope.change(name, had, has, f"what stands there is {words}", at=f"/{number}")
        else:
            yield from scope.below(had, has, f"{scope.pointer}/{number}")
    yield from scope.openness("unevaluatedItems", old, new)
