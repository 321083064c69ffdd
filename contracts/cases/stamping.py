"""Values that an account may use once: each case that is sent has its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from contracts.cases.case import Case
from contracts.cases.writing import fresh_text
from specs.pack import Operation, Pack
from specs.pointers import Json, finder, replaced, resolve
from specs.rules.uniqueness import UniqueInAccount

_FRESH_MIN = 8


class Stamp:
    """Gives each case its own value where an account may use a value once."""

    def __init__(self, pack: Pack, run: str) -> None:
        self._pack = pack
        self._run = run
        self._number = 0

    def all(self, cases: list[Case]) -> Iterator[Case]:
        """The cases, stamped in their order."""
        return map(self.one, cases)

    def one(self, case: Case) -> Case:
        """The case with values that no case before it has."""
        if not isinstance(case.body, Mapping):
            return case
        body = self._fresh(self._pack.operations[case.operation], case)
        before = tuple(self._as_in(body, each) for each in case.before)
        return replace(case, body=body, before=before) if body is not case.body else case

    def _fresh(self, operation: Operation, case: Case) -> Json:
        self._number += 1
        body = case.body
        for pattern in self._once_only(operation):
            for at, value in finder(pattern)(body):
                # What is broken on purpose, and what is too short to be told apart, stays.
                is_subject = (
                    case.expects == "refused"
                    and not (case.repeat or case.before)
                    and f":{pattern}:" in (case.constraint or "")
                )
                if isinstance(value, str) and len(value) >= _FRESH_MIN and not is_subject:
                    body = replaced(body, at, fresh_text(self._run, self._number, len(value)))
        return body

    def _as_in(self, body: Json, case: Case) -> Case:
        """The case before it with the same fresh values."""
        for pattern in self._once_only(self._pack.operations[case.operation]):
            for at, value in finder(pattern)(case.body):
                case = replace(case, body=replaced(case.body, at, resolve(body, at, value)))
        return case

    def _once_only(self, operation: Operation) -> list[str]:
        external = self._pack.behaviour.external_id
        rules = operation.body.rules if operation.body is not None else ()
        found = [law.pointer for rule in rules for law in rule.rule.laws() if law.keyword == UniqueInAccount.kind]
        return list(dict.fromkeys([*([external] if external else []), *found]))
