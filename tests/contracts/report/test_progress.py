"""A bar where somebody looks, four lines in a log, nothing for those who want quiet."""

import io
import re

import pytest

from contracts.report import Progress


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """It is."""
        return True


def run(progress: Progress, total: int = 40) -> None:
    """A run with a word in the middle."""
    progress.start(total)
    for step in range(total):
        if step == total // 2:
            progress.say("half\x1b[2J way")
        progress.advance()
    progress.end()


def screen_of(text: str) -> list[str]:
    """What a terminal shows in the end: a line that is cleared is gone."""
    return [line.rpartition("\r\x1b[K")[2] for line in text.split("\n")]


def test_a_log_gets_a_line_at_each_quarter() -> None:
    """And what is said in between."""
    stream = io.StringIO()

    run(Progress(stream))

    assert stream.getvalue().splitlines() == [
        "25 % (10 of 40)",
        "50 % (20 of 40)",
        "half\\x1b[2J way",
        "75 % (30 of 40)",
        "100 % (40 of 40)",
    ]


def test_a_terminal_gets_a_bar() -> None:
    """Redrawn in its place, gone in the end; what is said stays above it."""
    stream = Terminal()

    run(Progress(stream))

    assert "[############------------]  50 % 20/40" in stream.getvalue()
    assert screen_of(stream.getvalue()) == ["half\\x1b[2J way", ""]


def test_quiet_is_quiet() -> None:
    """On a terminal too."""
    for stream in (io.StringIO(), Terminal()):
        run(Progress(stream, quiet=True))
        assert stream.getvalue() == ""


def test_the_total_may_grow() -> None:
    """More to do is found on the way; what is done stays done, nothing goes beyond the end."""
    stream = Terminal()
    progress = Progress(stream)

    progress.start(2)
    progress.advance(2)
    progress.start(4)
    progress.advance(9)

    shown = re.findall(r"\d+ % \d+/\d+", stream.getvalue())
    assert shown == ["0 % 0/2", "100 % 2/2", "50 % 2/4", "100 % 4/4"]


def test_nothing_to_do_is_no_error() -> None:
    """An empty run has no bar."""
    stream = io.StringIO()
    progress = Progress(stream)

    progress.start(0)
    progress.advance()
    progress.end()

    assert stream.getvalue() == ""


@pytest.mark.parametrize("kind", [io.StringIO, Terminal])
def test_a_stream_that_is_gone_stops_nothing(kind: type[io.StringIO]) -> None:
    """Whoever watched has left; the run goes on."""
    stream = kind()
    progress = Progress(stream)
    progress.start(4)
    stream.close()

    progress.say("still here")
    progress.advance(4)
    progress.end()
