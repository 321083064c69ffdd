"""Settings: what can't be meant is refused before anything is sent, in one line that shows no key."""

from typing import Any

import pytest

from contracts.drivers.settings import Settings, bad_key_of, check, read_header
from contracts.errors import UsageError

FINE: dict[str, Any] = {"key": "a-key", "bad_key": "another-key"}


def test_what_is_fine_is_left_as_it_is() -> None:
    """The strangest that is still a key and a header included."""
    settings = Settings(key="aZ0-._~+/=", bad_key="!", other_key="b", headers=(("X-Trace", ""), ("Host", "a b\tc")))

    assert check(settings) is settings


@pytest.mark.parametrize(
    ("chosen", "why"),
    [
        ({"key": ""}, "--key is no key"),
        ({"key": "two words"}, "--key is no key"),
        ({"key": "line\n"}, "--key is no key"),
        ({"bad_key": "schlüssel"}, "--bad-key is no key"),
        ({"other_key": ""}, "--other-key is no key"),
        ({"bad_key": "a-key"}, "are the same key"),
        ({"other_key": "a-key"}, "are the same key"),
        ({"other_key": "another-key"}, "are the same key"),
        ({"rate": 0.0}, "--rate 0 is not"),
        ({"rate": float("nan")}, "--rate nan is not"),
        ({"poll_interval": -1.0}, "--poll-interval -1 is not"),
        ({"deadline": float("inf")}, "--deadline inf is not"),
        ({"max_examples": -1}, "--max-examples -1"),
        ({"max_examples": 10_001}, "--max-examples 10001"),
        ({"headers": (("X Y", "1"),)}, "is no header"),
        ({"headers": (("X-Y", "1\r\nZ: 2"),)}, "is no header"),
        ({"headers": (("authorization", "Bearer a"),)}, "give the key with --key"),
        ({"headers": (("Content-Type", "text/plain"),)}, "part of what is judged"),
        ({"headers": (("Content-Length", "1"),)}, "follows from the body"),
    ],
)
def test_what_cannot_be_meant(chosen: dict[str, Any], why: str) -> None:
    """The option is named; the value only where it is no secret."""
    with pytest.raises(UsageError, match=why) as caught:
        check(Settings(**{**FINE, **chosen}))

    assert "a-key" not in str(caught.value)


def test_header_lines() -> None:
    """Name and value, blanks around them left out."""
    assert read_header("X-Team:  video: one ") == ("X-Team", "video: one")
    with pytest.raises(UsageError, match="has no colon"):
        read_header("X-Team")


def test_bad_key_follows_from_the_seed() -> None:
    """The same run sends the same requests; a fake refuses the key by its beginning."""
    assert bad_key_of(1) == bad_key_of(1) != bad_key_of(2)
    assert bad_key_of(1).startswith("mock-invalid-")
