"""One schema in one form, however it was written: references followed, 3.0 as 3.1, `allOf` merged, words left out.

Two schemas that let the same through mostly look the same afterwards. What can't be merged without saying something
else stays in `allOf`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from contracts.drift.promises.documents import Document
from specs.pointers import Json

Schema = Mapping[str, Any]

EVERYTHING: Schema = MappingProxyType({})
NOTHING: Schema = MappingProxyType({"not": {}})
# Said to people, or to tools about names: nothing is let through or refused by it.
_WORDS = frozenset(
    {
        *("title", "description", "summary", "example", "examples", "externalDocs", "xml", "$comment", "$schema"),
        *("$id", "$anchor", "$dynamicAnchor", "$vocabulary", "$defs", "definitions"),
    }
)
_KEPT_EXTENSIONS = frozenset({"x-rules", "x-tolerated", "x-lenient", "x-idle"})
# What says nothing when it has this value.
_IDLE: Mapping[str, Json] = MappingProxyType(
    {
        **dict.fromkeys(("minLength", "minItems", "minProperties"), 0),
        **dict.fromkeys(("uniqueItems", "readOnly", "writeOnly", "deprecated"), False),
        **dict.fromkeys(("additionalProperties", "unevaluatedProperties", "items", "unevaluatedItems"), True),
    }
)
# Keywords of which two together are one: the tighter, both, what is in both.
_LARGER = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties", "minContains")
_SMALLER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties", "maxContains")
# What `allOf` can't be merged across: these look at the members beside them.
_SIDEWAYS = ("additionalProperties", "unevaluatedProperties", "unevaluatedItems", "patternProperties", "prefixItems")
_DEPTH_MAX = 40


class Schemas:
    """The schemas of one document, each in its one form; the same schema is the same object each time."""

    def __init__(self, document: Document) -> None:
        self._document = document
        # Each with what it was made of, which therefore keeps its identity.
        self._known: dict[int, tuple[Json, Schema]] = {}

    def form(self, value: Json, depth: int = 0) -> Schema:
        """The one form of a schema as it is written."""
        known = self._known.get(id(value))
        if known is None:
            # Whoever asks for it while it is made has gone in a circle, which adds nothing.
            self._known[id(value)] = (value, EVERYTHING)
            known = self._known[id(value)] = (value, self._made(value, depth))
        return known[1]

    def _made(self, value: Json, depth: int) -> Schema:
        if value is False:
            return NOTHING
        if not isinstance(value, Mapping) or depth > _DEPTH_MAX:
            return EVERYTHING
        if "$ref" in value:
            return self._referred(value, depth)
        own = {
            name: each
            for name, each in value.items()
            if name not in _WORDS and (not name.startswith("x-") or name in _KEPT_EXTENSIONS)
        }
        _modernise(own)
        own = {name: each for name, each in own.items() if not _says_nothing(name, each)}
        parts = own.pop("allOf", [])
        made = self._choices(_typed(own), depth)
        for part in parts if isinstance(parts, list) else []:
            made = _both(made, self.form(part, depth + 1))
        return made

    def _referred(self, value: Schema, depth: int) -> Schema:
        target = self.form(self._document.follow(value), depth + 1)
        beside = {name: each for name, each in value.items() if name != "$ref"}
        # In 3.0 whatever stands beside a reference is ignored.
        return target if self._document.is_3_0 or not beside else _both(self._made(beside, depth + 1), target)

    def _choices(self, own: dict[str, Any], depth: int) -> Schema:
        """With `anyOf` and `oneOf` of one, or of one and null, written without them."""
        for name in ("anyOf", "oneOf"):
            branches = own.get(name)
            if not isinstance(branches, list):
                continue
            real = [each for each in branches if self.form(each, depth + 1) != {"type": ["null"]}]
            if len(real) == 1:
                del own[name]
                one = self.form(real[0], depth + 1)
                return _both(own, _or_null(one) if len(branches) > 1 else one)
        return own


def _modernise(own: dict[str, Any]) -> None:
    """3.0's own words in those of JSON Schema; documents of 3.1 have them too, by habit."""
    for limit, exclusive in (("maximum", "exclusiveMaximum"), ("minimum", "exclusiveMinimum")):
        if isinstance(own.get(exclusive), bool) and own.pop(exclusive) and limit in own:
            own[exclusive] = own.pop(limit)
    if own.pop("nullable", False) is True and "type" in own:
        own.update(_or_null(_typed(own)))


def _typed(own: dict[str, Any]) -> dict[str, Any]:
    """`type` always a sorted list; whole numbers without a fraction."""
    kinds = own.get("type")
    if kinds is not None:
        own = {**own, "type": sorted({kinds} if isinstance(kinds, str) else set(kinds))}
    return own


def _or_null(schema: Schema) -> dict[str, Any]:
    wider = dict(schema)
    if "type" in wider:
        wider["type"] = sorted({*wider["type"], "null"})
    if "enum" in wider and None not in wider["enum"]:
        wider["enum"] = [*wider["enum"], None]
    return wider


def _says_nothing(name: str, value: Json) -> bool:
    if name in _IDLE:
        return value == {} or (value == _IDLE[name] and type(value) is type(_IDLE[name]))
    return name in ("required", "allOf", "properties", "dependentRequired", "dependentSchemas") and not value


def _both(one: Schema, other: Schema) -> Schema:
    """The schema of what both let through."""
    if not one or not other:
        return one or other
    if any(name in each for each in (one, other) for name in _SIDEWAYS):
        return {**one, "allOf": [*one.get("allOf", ()), other]}
    made, rest = dict(one), {}
    for name, value in other.items():
        if name not in made:
            made[name] = value
        elif made[name] != value:
            joined = _joined(name, made[name], value)
            if joined is None:
                rest[name] = value
            else:
                made[name] = joined
    return {**made, "allOf": [*made.get("allOf", ()), rest]} if rest else made


def _joined(name: str, one: Json, other: Json) -> Json:
    """One value for what two say together; None when there is none."""
    if name == "properties":
        return _members(one, other)
    if name in ("required", "allOf", "x-rules"):
        return [*one, *(each for each in other if each not in one)]
    if name in _LARGER + _SMALLER and not isinstance(one, bool) and not isinstance(other, bool):
        return max(one, other) if name in _LARGER else min(one, other)
    if name == "type":
        return _common_types(one, other)
    if name == "enum":
        return [each for each in one if each in other]
    return None


def _members(one: Mapping[str, Json], other: Mapping[str, Json]) -> dict[str, Json]:
    both = {name: {"allOf": [one[name], each]} if name in one else each for name, each in other.items()}
    return {**one, **both}


def _common_types(one: Iterable[str], other: Iterable[str]) -> list[str] | None:
    def covered(kind: str, by: Iterable[str]) -> bool:
        return kind in by or (kind == "integer" and "number" in by)

    one, other = set(one), set(other)
    common = {kind for kind in one if covered(kind, other)} | {kind for kind in other if covered(kind, one)}
    return sorted(common) or None
