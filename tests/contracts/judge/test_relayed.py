"""Calls behind a gateway that only relay a caller's mistake: known by the moment, and by what they say."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from contracts.exchange import Exchange, Purpose
from contracts.judge import Promise
from contracts.judge.relayed import is_relayed
from contracts.judge.sandwich import Side
from properties.promised import pack

Json = Any
TEXT = "/vendors/klingai/v1/kling-v3/text-to-video/generation"
PROMISE = Promise(pack("mulerouter"))
HALF = "At dawn\ud83c"


def submit(number: int, expects: Any, status: int, prompt: Json, *seconds: float) -> Exchange:
    """A request for a job, that was sent to see this, from then to then."""
    return Exchange(
        number=number,
        operation="createTextToVideo",
        method="POST",
        base="http://x",
        path=TEXT,
        request_body=json.dumps({"prompt": prompt}).encode(),
        sent_seconds=seconds[0],
        answered_seconds=seconds[-1],
        status=status,
        purpose=None if expects is None else Purpose(expects=expects, words="a case"),
    )


CALL = submit(9, None, 400, "At dawn", 2.0)
REFUSED = submit(1, "refused", 400, "At dawn", 1.9, 2.1)
ORDINARY = submit(2, "accepted", 200, "At dawn", 7.0, 7.1)
LOOK = replace(REFUSED, operation="getTextToVideo", method="GET", request_body=b"", status=404)
LOOK_BEHIND = replace(LOOK, number=9, sent_seconds=2.0, purpose=None)


@pytest.mark.parametrize(
    ("asked", "call", "is_so"),
    [
        ([REFUSED], CALL, True),
        ([REFUSED, ORDINARY], CALL, True),
        ([submit(1, "refused", 400, ["no text"], 1.9, 2.1)], submit(9, None, 400, 7, 2.0), True),
        ([submit(1, "either", 200, HALF, 0.5, 0.6), ORDINARY], submit(9, None, 400, HALF, 2.0), True),
        ([submit(1, "either", 200, "At dawn", 1.9, 2.1)], CALL, True),
        ([], CALL, False),
        ([REFUSED], submit(9, None, 400, "", 2.0), False),
        ([REFUSED], replace(CALL, request_body=b'{"prompt": "At da'), True),
        ([LOOK], replace(CALL, request_body=b'{"prompt": "At da'), False),
        ([submit(1, "either", 200, "At dawn", 0.5, 0.6)], replace(CALL, request_body=b"{"), False),
        ([LOOK], LOOK_BEHIND, True),
        ([LOOK], CALL, False),
        ([REFUSED], LOOK_BEHIND, False),
        ([submit(1, "refused", 400, "At dawn", 0.5, 0.6)], CALL, False),
        ([submit(1, "refused", 400, "At noon", 1.9, 2.1)], CALL, False),
        ([submit(1, "refused", 200, "At dawn", 1.9, 2.1)], CALL, False),
        ([submit(1, "refused", 429, "At dawn", 1.9, 2.1)], CALL, False),
        ([submit(1, "refused", 503, "At dawn", 1.9, 2.1)], CALL, False),
        ([submit(1, "accepted", 400, "At dawn", 1.9, 2.1)], CALL, False),
        ([submit(1, None, 400, "At dawn", 1.9, 2.1)], CALL, False),
        ([submit(1, "either", 200, "At dawn", 0.5, 0.6), ORDINARY], CALL, False),
    ],
)
def test_what_is_only_relayed(asked: list[Exchange], call: Exchange, *, is_so: bool) -> None:
    """What was rightly refused at that moment and says the same; or what only an odd request says."""
    assert is_relayed(call, Side(PROMISE, asked), Side(PROMISE, [call])) is is_so
