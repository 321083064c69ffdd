"""The table of rule kinds: what an `x-rules` entry may name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from specs.rules.images import Image
from specs.rules.presence import ExactlyOneNonzero, NotBlank
from specs.rules.rule import Rule
from specs.rules.totals import EachAtMost, SumEquals
from specs.rules.uniqueness import UniqueInAccount

_ALL: tuple[type[Rule], ...] = (NotBlank, ExactlyOneNonzero, SumEquals, EachAtMost, Image, UniqueInAccount)

KINDS: Mapping[str, type[Rule]] = MappingProxyType({rule.kind: rule for rule in _ALL})
