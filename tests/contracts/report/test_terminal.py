"""The terminal gets what matters, within its width, in colours only where it has them, and is never steered."""

import io
import os
import pty
import re
from dataclasses import replace

import pytest

from contracts.finding import Verdict
from contracts.report import print_verdict
from contracts.report.screen import screen
from contracts.report.terminal import FINDINGS_MAX, PLACES_MAX
from verdict_samples import BROKEN, CONSTRAINTS, FINDINGS, KEPT, SAMPLES, row


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """It is."""
        return True


def printed(verdict: Verdict, columns: int = 80, *, full: bool = False) -> str:
    """What a pipe gets."""
    stream = io.StringIO()
    print_verdict(verdict, stream, environment={"COLUMNS": str(columns)}, full=full)
    return stream.getvalue()


def long_one() -> Verdict:
    """A verdict with more rows than anybody reads."""
    rows = [replace(row(f"/member_{number}", "type", "string", "ok", "ok"), id=f"c{number}") for number in range(60)]
    silent = [replace(each, id=f"u{each.id}", rejects="untested", note="nothing breaks it alone") for each in rows[:9]]
    return replace(BROKEN, constraints=(*rows, *CONSTRAINTS[2:3], *silent))


@pytest.mark.parametrize("columns", [40, 60, 80, 120])
@pytest.mark.parametrize("verdict", SAMPLES.values(), ids=list(SAMPLES))
def test_no_line_is_wider_than_the_terminal(verdict: Verdict, columns: int) -> None:
    """But for lines to be copied, and for words that name a finding."""
    wide = [line for line in printed(verdict, columns).splitlines() if len(line) > columns]

    assert [line for line in wide if "curl -i" not in line and not re.match(r"\d+\. (error|warning) ", line)] == []


def test_a_long_table_shows_what_tells_something() -> None:
    """What fails is there, what is fine is counted, what is untested has its reason."""
    text = printed(long_one())

    assert "  ok        FAILS     /prompt maxLength 2500\n  ok on both sides: 60\n" in text
    assert "  untested on a side or both: 9\n" in text
    assert "/member_59" not in text
    assert text.count("nothing breaks it alone") == 1
    assert f"and {9 - PLACES_MAX} more\n" in text


def test_nobody_there_is_a_reason_and_no_table() -> None:
    """All would be untested in it; who asks for all of it gets it."""
    nobody = replace(KEPT, exchanges=(), aborted="http://127.0.0.1:9 can't be reached: Connection refused")

    lines = [line for line in printed(nobody).splitlines() if line]

    assert len(lines) == 5
    assert lines[:1] == printed(KEPT).splitlines()[:1]
    assert lines[-2:] == [f"the run ended early: {nobody.aborted}", "UNFINISHED: nothing found"]
    assert len(printed(nobody, full=True).splitlines()) > len(printed(KEPT).splitlines())
    assert len(printed(replace(KEPT, exchanges=())).splitlines()) == len(printed(KEPT).splitlines())


def test_a_long_table_is_shown_in_full_when_asked_for() -> None:
    """Every row."""
    text = printed(long_one(), full=True)

    assert text.count("/member_") == 60 + 9 + PLACES_MAX


def test_a_flood_of_findings_is_cut() -> None:
    """The files tell all of them."""
    text = printed(replace(BROKEN, findings=FINDINGS * 10))

    assert text.count("\n   source  ") == 3 * FINDINGS_MAX // 4 + 1
    assert f"and {40 - FINDINGS_MAX} more findings: --json, --junit and --html tell all\n" in text


def test_it_ends_with_the_verdict() -> None:
    """The last line is the one that people look for."""
    assert printed(BROKEN).splitlines()[-1] == "BROKEN: 3 errors and 1 warning"
    assert printed(KEPT).splitlines()[-1] == "KEPT: nothing found"
    assert printed(replace(KEPT, constraints=(), laws=())).splitlines()[-1] == "NOTHING JUDGED: nothing found"
    assert printed(replace(KEPT, aborted="the service is gone")).splitlines()[-2:] == [
        "the run ended early: the service is gone",
        "UNFINISHED: nothing found",
    ]


@pytest.mark.parametrize(
    ("stream", "environment", "colour"),
    [
        (Terminal(), {}, True),
        (Terminal(), {"NO_COLOR": ""}, True),
        (Terminal(), {"NO_COLOR": "1"}, False),
        (Terminal(), {"TERM": "dumb"}, False),
        (io.StringIO(), {}, False),
        (io.StringIO(), {"FORCE_COLOR": "1"}, True),
        (io.StringIO(), {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
    ],
)
def test_colours_are_for_terminals_that_want_them(
    stream: io.StringIO,
    environment: dict[str, str],
    colour: bool,  # noqa: FBT001 - a column of the table
) -> None:
    """As https://no-color.org has it."""
    print_verdict(BROKEN, stream, environment=environment)

    assert screen(stream, environment).colour is colour
    assert ("\x1b[" in stream.getvalue()) is colour


def test_colours_change_nothing_else() -> None:
    """Without the codes, it is the text of a pipe."""
    stream = Terminal()
    print_verdict(BROKEN, stream, environment={"COLUMNS": "80"})

    assert re.sub(r"\x1b\[[0-9;]*m", "", stream.getvalue()) == printed(BROKEN)


def test_width_is_asked_of_the_stream_itself() -> None:
    """Not of another one, when the output is redirected."""
    _, end = pty.openpty()
    with os.fdopen(end, "w") as stream:
        os.system(f"stty cols 67 < {os.ttyname(end)}")  # noqa: S605 - a terminal of our own
        assert screen(stream, {}).columns == 67
    assert screen(stream, {}).columns == 100


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "utf-8"])
def test_any_encoding_will_do(encoding: str) -> None:
    """What a terminal can't show is a question mark."""
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding)

    print_verdict(BROKEN, stream, environment={})
    stream.flush()

    assert b"BROKEN" in raw.getvalue()
    assert ("猫" in raw.getvalue().decode(encoding)) is (encoding == "utf-8")


def test_a_service_can_not_give_orders_at_github() -> None:
    """Its runner obeys what it finds in a log, but not between these marks."""
    stream = io.StringIO()
    print_verdict(BROKEN, stream, environment={"GITHUB_ACTIONS": "true", "COLUMNS": "80"})

    first, *lines, last = stream.getvalue().splitlines()

    assert first == f"::stop-commands::{last.strip(':')}"
    assert re.fullmatch("::[0-9a-f]{32}::", last)
    assert lines == printed(BROKEN).splitlines()


def test_a_service_can_not_steer_the_terminal() -> None:
    """Escape codes and turning marks in an answer are spelt out."""
    evil = "\x1b]0;owned\x07\x1b[2J\r\u202egnol\x9b31m"
    exchanges = tuple(replace(each, body=evil.encode(), trouble=evil) for each in BROKEN.exchanges)
    findings = tuple(replace(each, message=evil, source=evil) for each in FINDINGS)

    text = printed(replace(BROKEN, title=evil, findings=findings, exchanges=exchanges))

    assert all(line.isprintable() for line in text.split("\n"))
    assert "\\x1b]0;owned\\x07\\x1b[2J" in text
