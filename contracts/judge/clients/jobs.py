"""The rule about the job itself: what arrives at the vendor is what the client was asked for."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from contracts.judge.clients.record import ClientRecord, Heard
from contracts.judge.clients.ruling import KEPT, ClientCheck, Steps, misstep
from contracts.judge.clients.sameness import Comparison

_DIFFERENCES_MAX = 3


def check_as_asked(record: ClientRecord) -> Steps:
    """Each submit carries the job, by its operation, member for member."""
    job = record.job
    if job is None:
        return
    compare = Comparison(record.promise, record.promise.pack.operations[job.operation])
    for each in record.submits:
        if each.operation is not None and each.operation.id != job.operation:
            message = f"the job is one for {job.operation} and was submitted by {each.operation.id}"
            yield misstep(each, message, kind="operation")
        elif each.expected.verdict == "refused":
            # It breaks the contract: that is told by another rule, and what was asked for did not.
            continue
        else:
            yield from _compared(record, each, compare)


def _compared(record: ClientRecord, each: Heard, compare: Comparison) -> Steps:
    assert record.job is not None  # noqa: S101 - asked before
    found = compare.differences(record.job.body, record.body(each))
    for one in found[:_DIFFERENCES_MAX]:
        yield misstep(each, one.message, pointer=one.pointer, kind=one.kind)
    if not found:
        yield KEPT


CHECKS: Mapping[str, ClientCheck] = MappingProxyType({"job.as-asked": check_as_asked})
