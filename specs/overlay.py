"""An OpenAPI Overlay 1.0 laid over a pack: which places each action means, and what becomes of them.

A pack is one document here, `$.openapi` and `$.behaviour`, with its references as they are written. A target that
leads through a reference is followed, and then that one place is changed, not everything that refers to the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from jsonpath import CompoundJSONPath, JSONPath

from specs.errors import PackError
from specs.pointers import Json, resolve

Place: TypeAlias = tuple[str | int, ...]

# The two halves of a pack.
HALVES = ("openapi", "behaviour")
# References that lead to references.
_DEPTH_MAX = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One change: what `target` selects is taken away, or gets `update`."""

    at: str
    """Pointer of the action in its file."""
    target: str
    path: JSONPath | CompoundJSONPath
    update: Json
    remove: bool


@dataclass(frozen=True, slots=True)
class Overlay:
    """An overlay file; `extends` is what it says it is for, or None."""

    file: str
    content: bytes
    extends: str | None
    actions: tuple[Action, ...]

    def lay(self, name: str, pack: Mapping[str, Json]) -> tuple[Mapping[str, Json], list[str]]:
        """The pack with everything changed in order, and the actions that found nothing to change.

        `pack` is `{"openapi", "behaviour"}` and stays as it is. Targets begin with `$.openapi` and `$.behaviour`, or
        with the vendor's name before them.
        """
        idle = []
        for action in self.actions:
            places = _places(action, name, pack)
            if not places:
                idle.append(f"{action.at}: {action.target}")
            for place in places:
                pack = _opened(action, pack, place)
            for place in places:
                pack = _acted(self, action, pack, place)
        return pack, idle


# Where


def _places(action: Action, name: str, pack: Mapping[str, Json]) -> list[Place]:
    """Everything that the target selects, the last and innermost first; as it is written, else behind references."""
    for seen in (pack, _unfolded(pack, pack["openapi"])):
        for root, above in ((seen, 0), ({name: seen}, 1)):
            found = {match.parts[above:] for match in action.path.finditer(root) if len(match.parts) >= above}
            if found:
                return sorted(found, key=_rank, reverse=True)
    return []


def _rank(place: Place) -> list[tuple[int, str]]:
    # Items of one array by their number; names never stand beside numbers.
    return [(token, "") if isinstance(token, int) else (0, token) for token in place]


def _unfolded(value: Json, openapi: Json, depth: int = 0) -> Json:
    """The value with all its references followed, for looking at only; recursion is cut."""
    if isinstance(value, list):
        return [_unfolded(each, openapi, depth) for each in value]
    if not isinstance(value, Mapping):
        return value
    if "$ref" in value:
        return _unfolded(_followed(value, openapi), openapi, depth + 1) if depth < _DEPTH_MAX else {}
    return {name: _unfolded(each, openapi, depth) for name, each in value.items()}


def _followed(value: Json, openapi: Json) -> Json:
    """What stands for the reference, with what is written beside it."""
    for _ in range(_DEPTH_MAX):
        if not isinstance(value, Mapping) or not isinstance(value.get("$ref"), str):
            break
        target = resolve(openapi, value["$ref"].removeprefix("#"))
        beside = {name: each for name, each in value.items() if name != "$ref"}
        value = {**(target if isinstance(target, Mapping) else {}), **beside}
    return value


def _opened(action: Action, pack: Mapping[str, Json], place: Place) -> Json:
    """A copy in which no reference stands on the way to the place, nor at it, unless it is to get another one."""
    refers = isinstance(action.update, Mapping) and "$ref" in action.update

    def opened(value: Json, rest: Place) -> Json:
        if rest:
            value = _followed(value, pack["openapi"])
            return _with(value, rest[0], opened(value[rest[0]], rest[1:]))
        return value if refers else _followed(value, pack["openapi"])

    return opened(pack, place)


def _with(holder: Json, token: str | int, value: Json) -> Json:
    copy: Json = list(holder) if isinstance(holder, list) else dict(holder)
    copy[token] = value
    return copy


# What


def _acted(overlay: Overlay, action: Action, pack: Mapping[str, Json], place: Place) -> Mapping[str, Json]:
    """A copy with one place changed."""
    if action.remove and len(place) <= 1:
        raise PackError(
            overlay.file, action.at, f"{action.target} would take away half of the pack or all", "Aim further below"
        )
    changed: Mapping[str, Json] = _changed(overlay, action, pack, place)
    for name in changed:
        if name not in HALVES:
            raise PackError(overlay.file, action.at, f"a pack has no {name!r}", "Aim at $.openapi or $.behaviour")
    return changed


def _changed(overlay: Overlay, action: Action, value: Json, rest: Place) -> Json:
    if not rest:
        return _updated(overlay, action, value)
    token = rest[0]
    if action.remove and len(rest) == 1:
        return _without(value, token)
    return _with(value, token, _changed(overlay, action, value[token], rest[1:]))


def _without(holder: Json, token: str | int) -> Json:
    if isinstance(holder, list):
        return [each for index, each in enumerate(holder) if index != token]
    return {name: each for name, each in holder.items() if name != token}


def _updated(overlay: Overlay, action: Action, value: Json) -> Json:
    update = action.update
    if isinstance(value, list):
        return [*value, update]
    if isinstance(value, Mapping) and not isinstance(update, Mapping):
        problem = f"{action.target} is an object, and what it gets is none"
        raise PackError(overlay.file, f"{action.at}/update", problem, "Write the members that change")
    if not isinstance(value, Mapping) and isinstance(update, Mapping | list):
        problem = f"{action.target} is a plain value, and what it gets is none"
        raise PackError(
            overlay.file, f"{action.at}/update", problem, "Aim at the object around it, and write the member there"
        )
    return _merged(value, update)


def _merged(value: Json, update: Json) -> Json:
    """Objects member by member, arrays one behind the other, anything else in place of what was there."""
    if isinstance(value, Mapping) and isinstance(update, Mapping):
        both = {name: _merged(value[name], each) if name in value else each for name, each in update.items()}
        return {**value, **both}
    if isinstance(value, list) and isinstance(update, list):
        return [*value, *update]
    return update
