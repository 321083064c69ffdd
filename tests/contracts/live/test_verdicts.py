"""Who is to blame: what we decided is the fake's fault, what was never so is the documents', the rest is news."""

from __future__ import annotations

from contracts.drift.drift import Drift
from contracts.judge import Promise
from contracts.live.verdicts import DOCUMENTS_WRONG, FAKE_WRONG, VENDOR_CHANGED, verdict
from properties.promised import pack

PROMISE = Promise(pack("uniall"))


def drift(pointer: str) -> Drift:
    """A limit of the submit that is another."""
    return Drift(
        kind="limit-changed",
        operation="createVideo",
        pointer=pointer,
        documented=20,
        encoded=15,
        message="20 was taken",
    )


def test_what_the_page_says_and_was_so_has_changed() -> None:
    """No memory, or one run that did not find it: the vendor has changed."""
    documented = drift("/duration")
    assert verdict(documented, PROMISE, []) == VENDOR_CHANGED
    assert verdict(documented, PROMISE, [frozenset({documented.fingerprint}), frozenset()]) == VENDOR_CHANGED


def test_what_was_never_so_is_wrong_in_the_documents() -> None:
    """Found by every run there ever was."""
    documented = drift("/duration")
    assert verdict(documented, PROMISE, [frozenset({documented.fingerprint})] * 2) == DOCUMENTS_WRONG


def test_what_we_decided_is_ours_to_mend() -> None:
    """No page says it."""
    decided = next(
        each for each in PROMISE.constraints.values() if PROMISE.words.standing(each) == "decided" and each.pointer
    )
    found = Drift(
        kind="limit-changed",
        operation=decided.operation,
        pointer="",
        documented=1,
        encoded=2,
        message="",
        constraints=(decided.id,),
    )
    assert verdict(found, PROMISE, []) == FAKE_WRONG
