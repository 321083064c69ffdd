"""The laws that JSON Schema can't say: one table of rule kinds, and the reader of `x-rules`."""

from collections.abc import Mapping
from types import MappingProxyType

from specs.rules.images import Image
from specs.rules.presence import ExactlyOneNonzero, NotBlank
from specs.rules.rule import Facts, Law, NoFacts, Rule
from specs.rules.totals import EachAtMost, SumEquals
from specs.rules.uniqueness import UniqueInAccount

KINDS: Mapping[str, type[Rule]] = MappingProxyType(
    {rule.kind: rule for rule in (NotBlank, ExactlyOneNonzero, SumEquals, EachAtMost, Image, UniqueInAccount)}
)

__all__ = ["KINDS", "Facts", "Law", "NoFacts", "Rule"]
