"""Bodies are told as JSON where that loses nothing, else as text; long ones are cut, and say so."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.report.bodies import BODY_CHARACTERS_MAX, STRING_CHARACTERS_MAX, compact, readable, short, told
from contracts.report.redaction import Secrets

NONE = Secrets({})
KEYED = Secrets({"sk-0123456789": "UNDERSTUDY_KEY", "1234567890": "UNDERSTUDY_OTHER_KEY"})


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"", None),
        (b'{"a": [1, null, "b"]}', {"a": [1, None, "b"]}),
        (b" [1.5]\n", [1.5]),
        (b'"a word"', '"a word"'),
        (b"null", "null"),
        (b"12", "12"),
        (b'{"a": NaN}', '{"a": NaN}'),
        (b'{"a": 1e999}', '{"a": 1e999}'),
        (b'{"a": 1, "a": 2}', '{"a": 1, "a": 2}'),
        (b'{"a": "\\ud83d"}', '{"a": "\\ud83d"}'),
        (b'{"a": 1} trailing', '{"a": 1} trailing'),
        (b"<html>", "<html>"),
        (b"\xff\x00{", "(not UTF-8) \\xff\x00{"),
        (b"[" * 100_000, "[" * BODY_CHARACTERS_MAX + "… (cut: 100000 characters in all)"),
        (b"[" * 70 + b"]" * 70, "[" * 70 + "]" * 70),
        (b"[" + b"9" * 5000 + b"]", "[" + "9" * 5000 + "]"),
    ],
)
def test_a_body_is_told_as_what_it_is(body: bytes, expected: object) -> None:
    """JSON only where a reader of the report would read the same."""
    assert told(body, NONE) == expected


def test_long_strings_are_cut_where_they_stand() -> None:
    """A picture does not hide the members around it."""
    value = told(b'{"image": "' + b"A" * 5_000 + b'", "mode": "std"}', NONE)

    assert value == {"image": "A" * STRING_CHARACTERS_MAX + "… (cut: 5000 characters in all)", "mode": "std"}


def test_long_bodies_are_cut() -> None:
    """However many members there are."""
    body = b"[" + b",".join([b'"abc"'] * 10_000) + b"]"

    cut = told(body, NONE)

    assert isinstance(cut, str)
    assert cut.endswith("… (cut: 70000 characters in all)")
    assert len(cut) < BODY_CHARACTERS_MAX + 50


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"sk-0123456789": ["sk-0123456789!"]}', {"…": ["…!"]}),
        (b'{"a": "\\u0073k-0123456789"}', {"a": "…"}),
        (b'{"a": 1234567890}', '{"a": …}'),
        (b"your sk-0123456789", "your …"),
        (b"\xffsk-0123456789", "(not UTF-8) \\xff…"),
        (b"x" * (BODY_CHARACTERS_MAX - 6) + b"sk-0123456789", "x" * (BODY_CHARACTERS_MAX - 6) + "…"),
    ],
)
def test_keys_are_hidden_before_anything_is_cut(body: bytes, expected: object) -> None:
    """No spelling and no cut shows a part of one."""
    assert told(body, KEYED) == expected


@given(st.binary() | st.text().map(str.encode))
def test_any_body_can_be_told(body: bytes) -> None:
    """Whatever a service answers is a value that JSON in UTF-8 can hold."""
    assert compact(told(body, NONE)).encode()


def test_runs_are_told_in_a_word() -> None:
    """People need not count."""
    assert short({"prompt": "x" * 2501}, 100) == '{"prompt": "xxx...x (2501 times)"}'
    assert short("ab" * 100, 10) == "ababababab..."
    assert short(None, 10) == ""
    assert readable({"a": "y" * 40}) == '{\n  "a": "yyy...y (40 times)"\n}'
