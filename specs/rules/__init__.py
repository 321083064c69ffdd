"""The laws that JSON Schema can't say: one kind of rule each, with three faces (check, satisfy, break)."""

from specs.rules.kinds import KINDS
from specs.rules.rule import Facts, Law, NoFacts, Rule

__all__ = ["KINDS", "Facts", "Law", "NoFacts", "Rule"]
