"""Lint of what sources.yaml says about live checks: operations and constraints exist, cheap jobs are valid."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from specs.constraint import Constraint
from specs.lint_schemas import Found
from specs.pack import Operation
from specs.pointers import Json, join

_SUBMIT = "submit"


def judge_live(value: Mapping[str, Json], operations: Mapping[str, Operation], found: Iterable[Constraint]) -> Found:
    """Breaches that are constraints, of operations that submit; jobs that keep the contract; sources that exist."""
    said = value.get("live", {})
    known = {(each.operation, f"{each.place} {each.keyword}") for each in found}
    for number, entry in enumerate(said.get("refused_before_billing", ())):
        pointer = f"/live/refused_before_billing/{number}"
        yield from _operation(entry["operation"], operations, pointer)
        yield from _trust(entry, value, pointer)
        for index, breach in enumerate(entry["breaches"]):
            if (entry["operation"], breach) not in known:
                problem = f"{entry['operation']} has no constraint {breach!r}"
                yield (
                    "source",
                    f"{pointer}/breaches/{index}",
                    problem,
                    "Write a pointer and a keyword: /prompt required",
                )
    for name, entry in said.get("cheapest", {}).items():
        pointer = f"/live/cheapest{join([name])}"
        yield from _operation(name, operations, pointer)
        yield from _job(name, operations.get(name), entry["body"], pointer)


def _operation(name: str, operations: Mapping[str, Operation], pointer: str) -> Found:
    operation = operations.get(name)
    if operation is None or operation.role != _SUBMIT:
        submits = ", ".join(each.id for each in operations.values() if each.role == _SUBMIT)
        yield "source", pointer, f"{name} is no operation that submits", f"Those are {submits}"


def _trust(entry: Mapping[str, Json], value: Mapping[str, Json], pointer: str) -> Found:
    """Money hangs on it: somebody must have said so, or decided it."""
    document, decision = entry.get("document"), entry.get("decision")
    if entry.get("standing") == "family":
        yield "standing", f"{pointer}/standing", "stands on family alone, and money hangs on it", "Find who says so"
    if document is not None and document not in value["documents"]:
        yield "source", f"{pointer}/document", f"there is no document {document!r}", "Add it under documents"
    if decision is not None and decision not in value["decisions"]:
        yield "decision", f"{pointer}/decision", f"there is no decision {decision!r}", "Add it under decisions"
    if document is None and decision is None:
        yield "source", pointer, "nobody is named who says so", "Name a document or a decision"


def _job(name: str, operation: Operation | None, body: Json, pointer: str) -> Found:
    if operation is None or operation.body is None:
        return
    judged, broken = operation.body.judge(body)
    if broken or judged is not body:
        why = broken[0].message if broken else "a form in it is merely tolerated"
        yield "example", f"{pointer}/body", f"the cheapest job of {name} breaks the contract: {why}", "Mend the body"
