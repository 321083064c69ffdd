"""Directives in prompts: the five that there are, and everything that only looks like one."""

from __future__ import annotations

import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.directives import _TOLD_MAX, NONE, Directives, _tell, read_directives, tell_unread

WORDS = {
    "[[fail]]": Directives(fail="default"),
    "[[fail:moderation]]": Directives(fail="moderation"),
    "[[fail:any words at all]]": Directives(fail="any words at all"),
    "[[stuck]]": Directives(stuck=True),
    "[[slow:120]]": Directives(slow_seconds=120),
    "[[slow:0]]": Directives(slow_seconds=0),
    "[[slow:2.5]]": Directives(slow_seconds=2.5),
    "[[reject]]": Directives(reject=True),
}


@pytest.mark.parametrize("text", WORDS)
def test_directive_is_found_wherever_it_stands(text: str) -> None:
    """Alone, inside a sentence, in the second of several prompts."""
    for prompts in ([text], [f"a cat {text} on a mat"], ["a cat", f"x{text}"], [text, text]):
        assert read_directives(prompts) == WORDS[text]


def test_directives_add_up() -> None:
    """Several in one prompt, or in several."""
    both = Directives(fail="moderation", slow_seconds=7)

    assert read_directives(["[[slow:7]] a cat [[fail:moderation]]"]) == both
    assert read_directives(["[[slow:7]]", "[[fail:moderation]]"]) == both


def test_of_one_word_the_last_counts() -> None:
    """Over all prompts, and what makes no sense is none of them."""
    assert read_directives(["[[slow:7]] [[slow:8]]", "[[slow:9]]"]) == Directives(slow_seconds=9)
    assert read_directives(["[[fail:one]]", "[[fail]]"]) == Directives(fail="default")
    assert read_directives(["[[slow:7]] [[slow:soon]]"]).slow_seconds == 7


@pytest.mark.parametrize("text", ["", "fail", "[fail]", "[[fail", "fail]]", "[[fail]", "] ] [ ["])
def test_what_has_no_double_brackets_is_plain_text(text: str) -> None:
    """Nobody can have meant it."""
    assert read_directives([text]) == NONE


UNREAD = (
    "[[FAIL]]",
    "[[Fail]]",
    "[[ fail ]]",
    "[[failed]]",
    "[[fail:]]",
    "[[fail :x]]",
    "[[unknown]]",
    "[[]]",
    "[[fail:" + "a" * 65 + "]]",
    "[[slow]]",
    "[[slow:]]",
    "[[slow:abc]]",
    "[[slow:-1]]",
    "[[stuck:5]]",
    "[[reject:why]]",
)


@pytest.mark.parametrize("text", UNREAD)
def test_what_only_looks_like_a_directive_chooses_nothing_and_is_told(text: str) -> None:
    """Other words, other cases, blanks, numbers that are none, reasons without end."""
    assert read_directives([text]) == Directives(unread=(text,))
    assert read_directives([f"a {text} b [[stuck]]", text]) == Directives(stuck=True, unread=(text,))


@pytest.mark.parametrize("text", WORDS)
def test_what_chooses_something_is_not_told(text: str) -> None:
    """A directive is not unread."""
    assert read_directives([text, f"[{text}]"]).unread == ()


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """The log, as if nothing had been told yet."""
    _tell.cache_clear()
    caplog.set_level(logging.WARNING, "understudy")
    return caplog


def test_unread_text_is_told_once(log: pytest.LogCaptureFixture) -> None:
    """A line for each text, however often it comes; what chooses something has none."""
    for _ in range(3):
        tell_unread(read_directives(["[[FAIL]] [[stuck]]", "[[slow:abc]]"]))
    tell_unread(NONE)

    assert log.messages == [
        f"understudy: '{text}' in a prompt chooses nothing; there are [[fail]], [[fail:REASON]], [[stuck]], "
        "[[slow:SECONDS]], [[reject]], in lower case and without blanks"
        for text in ("[[FAIL]]", "[[slow:abc]]")
    ]


def test_unread_text_writes_no_lines_of_its_own(log: pytest.LogCaptureFixture) -> None:
    """Line ends and colours are spelt out; a book is cut."""
    tell_unread(read_directives(["[[a\nb\x1b[[x\n\x9b\u202e]]", "[[" + "x" * 10_000 + "]]"]))

    first, second = log.messages
    assert r"'[[x\n\x9b\u202e]]'" in first
    assert len(second) < 300
    assert all(message.isprintable() and message.isascii() for message in log.messages)


def test_what_was_told_is_kept_within_bounds(log: pytest.LogCaptureFixture) -> None:
    """However many texts there are."""
    log.set_level(logging.CRITICAL, "understudy")
    for number in range(2 * _TOLD_MAX):
        tell_unread(Directives(unread=(f"[[{number}]]",)))

    assert _tell.cache_info().currsize == _TOLD_MAX


@pytest.mark.parametrize("number", ["abc", "-1", "nan", "inf", "1e9", "1" * 60, "--1", "1,5"])
def test_slow_by_what_is_no_number_is_as_fast_as_ever(number: str) -> None:
    """Seconds from 0 to three years; anything else changes nothing."""
    assert read_directives([f"[[slow:{number}]]"]).slow_seconds is None


@given(prompts=st.lists(st.text(alphabet="[]:failstuckslowreject019.", max_size=40), max_size=4))
def test_any_prompt_is_read(prompts: list[str]) -> None:
    """No text is beyond it, and a wait is never negative."""
    found = read_directives(prompts)

    assert found.slow_seconds is None or found.slow_seconds >= 0
    assert found == NONE or any("[[" in prompt for prompt in prompts)
