"""Directives in prompts: the five that there are, and everything that only looks like one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.directives import NONE, Directives, read_directives

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


PLAIN = (
    "",
    "fail",
    "[fail]",
    "[[FAIL]]",
    "[[fail",
    "fail]]",
    "[[ fail ]]",
    "[[failed]]",
    "[[fail:]]",
    "[[unknown]]",
    "[[]]",
    "[[fail:" + "a" * 65 + "]]",
)


@pytest.mark.parametrize("text", PLAIN)
def test_what_is_no_directive_is_plain_text(text: str) -> None:
    """Other words, other cases, broken brackets, reasons without end."""
    assert read_directives([text]) == NONE


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
