"""Cases: requests on the boundary of each constraint of a pack, and just outside of it."""

from contracts.cases.book import accepted_cases, make_cases
from contracts.cases.case import Case, CaseBook
from contracts.cases.writing import PROMPT_MARK

__all__ = ["PROMPT_MARK", "Case", "CaseBook", "accepted_cases", "make_cases"]
