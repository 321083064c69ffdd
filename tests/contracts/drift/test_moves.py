"""Which endpoint of a page became which."""

from __future__ import annotations

import pytest

from contracts.drift.moves import Move, moves

SUBMIT, LOOK = "POST /v1/films", "GET /v1/films/{id}"


@pytest.mark.parametrize(
    ("shown", "called", "wanted"),
    [
        ([SUBMIT, LOOK], ["POST /v1/films", "GET /v1/films/abc"], []),
        ([], ["POST /v1/films", "GET /v1/films/abc"], []),
        (["POST /v2/films", LOOK], [], [Move(SUBMIT, "POST /v2/films")]),
        (["PUT /v1/films", LOOK], ["POST /v1/films"], [Move(SUBMIT, "PUT /v1/films")]),
        ([SUBMIT, LOOK], ["POST /v2/films"], [Move(SUBMIT, "POST /v2/films")]),
        ([SUBMIT], [], [Move(LOOK, None)]),
        ([SUBMIT], ["GET /v1/films/abc"], []),
        ([SUBMIT, LOOK, "DELETE /v1/films/{id}"], [], [Move(None, "DELETE /v1/films/{id}")]),
        (
            ["POST /v2/films", "GET /v2/films/{id}"],
            [],
            [Move(SUBMIT, "POST /v2/films"), Move(LOOK, "GET /v2/films/{id}")],
        ),
        ([SUBMIT, LOOK], [" /v1/films"], []),
    ],
)
def test_an_endpoint_moves_to_the_likest(shown: list[str], called: list[str], wanted: list[Move]) -> None:
    """An id in an example stands for the parameter; what is still called has not gone; the new has no origin."""
    assert list(moves([SUBMIT, LOOK], shown, called)) == wanted
