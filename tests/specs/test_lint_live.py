"""`understudy lint` and what a live check may do: whatever money hangs on has to be there, and be said by somebody."""

from __future__ import annotations

import pytest

from broken_packs import SOURCES, Workshop

LIVE = """
live:
  refused_before_billing:
    - {operation: createVideo, breaches: [/prompt required], standing: documented, document: page}
  cheapest:
    createVideo: {body: {prompt: A lake}, cost: 3, unit: seconds}
"""
BROKEN = {
    "operation": ("operation: createVideo", "operation: getVideo", "getVideo is no operation that submits"),
    "breach": ("/prompt required", "/promt required", "createVideo has no constraint '/promt required'"),
    "nobody": (", document: page", "", "nobody is named who says so"),
    "document": ("document: page", "document: leaf", "there is no document 'leaf'"),
    "decision": ("document: page", "decision: none", "there is no decision 'none'"),
    "family": ("standing: documented", "standing: family", "stands on family alone, and money hangs on it"),
    "job": ("prompt: A lake", "prompt: 5", "the cheapest job of createVideo breaks the contract"),
}


def test_sound_facts_are_no_flaw(pack: Workshop) -> None:
    """A pack may say what is free, or not."""
    pack.add(SOURCES, LIVE)

    assert pack.found() == []


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_broken_is_named(name: str, pack: Workshop) -> None:
    """An operation, a breach, a source or a job that is not what it has to be."""
    old, new, words = BROKEN[name]
    pack.add(SOURCES, LIVE.replace(old, new, 1))

    assert any(words in told for _, file, told in pack.found() if file == SOURCES)
