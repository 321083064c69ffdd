"""The judge: pure rules over recorded exchanges, whoever recorded them and whatever with."""

from contracts.judge.judging import Judgement, judge
from contracts.judge.promise import Promise
from contracts.judge.ruling import Rule
from contracts.judge.table import RULES
from contracts.judge.verdicts import constraint_rows

__all__ = ["RULES", "Judgement", "Promise", "Rule", "constraint_rows", "judge"]
