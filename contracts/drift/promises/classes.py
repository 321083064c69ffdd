"""Every kind of change as one table: what it is called in reports, and how grave it is in each direction.

What clients send may be narrowed only at their cost; what they get may be widened only at their cost. The grades are
oasdiff's levels where it has one (1.29; where a later version has raised what was harmless, the raised one), else ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple, TypeAlias

from specs.pointers import Json

Grade: TypeAlias = Literal["breaking", "maybe", "compatible"]
Direction: TypeAlias = Literal["request", "response"]
# From the gravest on.
GRADES: tuple[Grade, ...] = ("breaking", "maybe", "compatible")
_B, _M, _C = GRADES


class Class(NamedTuple):
    """One kind of change: the kind of finding, and its grade in what clients send and in what they get."""

    kind: str
    request: Grade
    response: Grade
    words: str


CLASSES: Mapping[str, Class] = MappingProxyType(
    {
        # operations
        "operation-gone": Class("endpoint-changed", _B, _B, "an operation is gone"),
        "operation-retired": Class(
            "endpoint-changed", _C, _C, "an operation is gone that was deprecated, its day come"
        ),
        "operation-moved": Class("endpoint-changed", _B, _B, "an operation has another path or method"),
        "operation-new": Class("endpoint-changed", _C, _C, "an operation is new"),
        "operation-renamed": Class("endpoint-changed", _C, _C, "an operation has another operationId"),
        "deprecated": Class(
            "shape-changed", _C, _C, "an operation, a parameter or a member is deprecated now, or no more"
        ),
        "server-gone": Class("endpoint-changed", _M, _M, "an address of the service is gone"),
        "server-new": Class("endpoint-changed", _C, _C, "an address of the service is new"),
        "callback-gone": Class("endpoint-changed", _B, _B, "a callback or webhook is gone"),
        "callback-new": Class("endpoint-changed", _C, _C, "a callback or webhook is new"),
        # who may call
        "access-gone": Class("shape-changed", _B, _B, "a way to authenticate is not enough any more"),
        "access-new": Class("shape-changed", _C, _C, "another way to authenticate, or none, is enough"),
        "access-details": Class("shape-changed", _C, _C, "an address, a scope's words or a token's form are others"),
        # parameters and bodies
        "parameter-gone": Class("parameter-removed", _M, _M, "a parameter of path, query or header is gone"),
        "parameter-new": Class("parameter-added", _C, _C, "a parameter is new and may be left out"),
        "parameter-new-required": Class("parameter-added", _B, _C, "a parameter is new and has to be there"),
        "parameter-written-otherwise": Class("format-changed", _B, _B, "style, explode or content of a parameter"),
        "body-gone": Class("parameter-removed", _B, _B, "there is no body any more"),
        "body-new": Class("parameter-added", _C, _C, "there is a body now, which may be left out"),
        "body-new-required": Class("parameter-added", _B, _C, "there is a body now, which has to be there"),
        "media-gone": Class("format-changed", _B, _B, "a media type is gone"),
        "media-new": Class("format-changed", _C, _C, "a media type is new"),
        # answers
        "success-gone": Class("shape-changed", _B, _B, "a status of success is gone"),
        "refusal-gone": Class("shape-changed", _C, _C, "another status is gone"),
        "status-new": Class("status-added", _C, _C, "a status is new"),
        "header-gone": Class("field-removed", _M, _M, "a header is gone that need not have been there"),
        "header-gone-required": Class("field-removed", _B, _B, "a header is gone that was always there"),
        "header-new": Class("field-added", _C, _C, "a header is new"),
        "links": Class("shape-changed", _C, _C, "the links of an answer are others"),
        # members
        "member-gone": Class("", _M, _M, "a member is gone that need not have been there"),
        "member-gone-required": Class("", _M, _B, "a member is gone that had to be there"),
        "member-new": Class("", _C, _C, "a member is new and need not be there"),
        "member-new-required": Class("", _B, _C, "a member is new and has to be there"),
        "required": Class("required-changed", _B, _C, "it has to be there now"),
        "optional": Class("required-changed", _C, _B, "it need not be there any more"),
        "closed": Class("shape-changed", _B, _C, "members that are not listed are refused, or held to more"),
        "opened": Class("shape-changed", _C, _M, "members that are not listed are let through"),
        "read-write": Class("shape-changed", _C, _M, "who writes a member: `readOnly`, `writeOnly`"),
        # values
        "type-narrowed": Class("type-changed", _B, _C, "fewer types"),
        "type-widened": Class("type-changed", _C, _B, "more types"),
        "type-changed": Class("type-changed", _B, _B, "other types"),
        "value-gone": Class("enum-changed", _B, _C, "a value of a list is gone"),
        "value-new": Class("enum-changed", _C, _M, "a value of a list is new"),
        "value-list-new": Class("enum-changed", _B, _C, "only listed values, where any was allowed"),
        "value-list-gone": Class("enum-changed", _C, _M, "any value, where only listed ones were allowed"),
        "constant-gone": Class("enum-changed", _C, _B, "any value, where it was always the same"),
        "constant-changed": Class("enum-changed", _B, _B, "always the same value, but another one"),
        "default-of-member": Class("default-changed", _C, _C, "the default of a member of a body"),
        "default-of-parameter": Class("default-changed", _B, _C, "the default of a parameter"),
        # limits
        "limit-new": Class("limit-changed", _M, _C, "a limit where there was none"),
        "limit-gone": Class("limit-changed", _C, _B, "no limit any more"),
        "limit-tighter": Class("limit-changed", _B, _C, "a limit lets less through"),
        "limit-wider": Class("limit-changed", _C, _B, "a limit lets more through"),
        "limit-changed": Class("limit-changed", _B, _B, "`multipleOf` lets others through"),
        "unique-new": Class("limit-changed", _B, _C, "items have to differ now"),
        "pattern-new": Class("format-changed", _B, _C, "a pattern where there was none"),
        "pattern-gone": Class("format-changed", _C, _B, "no pattern any more"),
        "pattern-changed": Class("format-changed", _M, _M, "another pattern"),
        "format-new": Class("format-changed", _B, _C, "a format where there was none, or a narrower one"),
        "format-gone": Class("format-changed", _C, _B, "no format any more, or a wider one"),
        "format-changed": Class("format-changed", _B, _B, "another format, encoding or media type of a text"),
        # shapes
        "condition-new": Class(
            "shape-changed", _B, _C, "a condition (`if`, `not`, `contains`, `dependent…` and the like)"
        ),
        "condition-gone": Class("shape-changed", _C, _B, "a condition is gone"),
        "condition-changed": Class("shape-changed", _M, _M, "a condition whose two forms can't be compared"),
        "law-new": Class("shape-changed", _B, _C, "an entry of `allOf`, or a rule of `x-rules`, is new"),
        "law-gone": Class("shape-changed", _M, _B, "an entry of `allOf`, or a rule of `x-rules`, is gone"),
        "choice-gone": Class("shape-changed", _B, _C, "`anyOf` or `oneOf` offers less"),
        "choice-new": Class("shape-changed", _C, _B, "`anyOf` or `oneOf` offers more"),
        "place-new": Class("shape-changed", _C, _B, "`prefixItems` says more"),
        "place-gone": Class("shape-changed", _B, _C, "`prefixItems` says less"),
        "discriminator": Class("shape-changed", _C, _C, "the discriminator is another"),
        "tolerance": Class("shape-changed", _M, _M, "forms that a pack says are taken as well"),
        "keyword": Class("shape-changed", _M, _M, "any other keyword"),
    }
)


class Change(NamedTuple):
    """One change; `old` and `new` are what the two sides say at `pointer`."""

    name: str
    direction: Direction
    pointer: str
    old: Json
    new: Json
    words: str
    harmless: bool = False
    """It is about a member that nobody sends in this direction."""

    @property
    def grade(self) -> Grade:
        """How grave it is for clients."""
        found = CLASSES[self.name]
        if self.harmless:
            return "compatible"
        return found.request if self.direction == "request" else found.response

    @property
    def kind(self) -> str:
        """The kind of finding."""
        kind = CLASSES[self.name].kind
        if kind:
            return kind
        what = "parameter" if self.direction == "request" else "field"
        return f"{what}-{'removed' if 'gone' in self.name else 'added'}"

    @property
    def sense(self) -> int:
        """1 where it lets less through than before, -1 where it lets more through, 0 where neither is sure."""
        found = CLASSES[self.name]
        return (GRADES.index(found.response) > GRADES.index(found.request)) - (
            GRADES.index(found.response) < GRADES.index(found.request)
        )
