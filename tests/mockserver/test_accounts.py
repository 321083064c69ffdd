"""Who calls: a key is read out of the header as the vendor's authentication says, and told in clear to nobody."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.accounts import TROUBLED_KEYS, AccountReader, redact
from mockserver.identity import seed_bytes
from specs.pack import Authentication

LOOSE = Authentication(raw_key=False, strict_space=False, jwt_account=None)
STRICT = Authentication(raw_key=False, strict_space=True, jwt_account=None)
RAW = Authentication(raw_key=True, strict_space=False, jwt_account=None)


def read(says: Authentication, header: bytes | None) -> tuple[str, str | None]:
    """Account and situation of a call with this header."""
    headers = {b"authorization": header} if header is not None else {}
    caller = AccountReader(says, None, seed_bytes(0)).read(headers, 0)
    return caller.account, caller.situation


NO_HEADER = [None, b"", b" ", b"\t "]
MALFORMED = [
    b"Basic abc",
    b"Bearer",
    b"Bearer ",
    b"Bearer a b",
    b"Token abc",
    b"Bearer\tabc",
    b"abc def",
    b"Digest a=b, c=d",
]


@pytest.mark.parametrize("says", [LOOSE, STRICT, RAW], ids=["loose", "strict", "raw"])
def test_no_header_is_no_key(says: Authentication) -> None:
    """Absent or blank: missing."""
    for header in NO_HEADER:
        assert read(says, header) == ("", "key_missing")


@pytest.mark.parametrize(("says", "header"), list(itertools.product([LOOSE, STRICT], MALFORMED)))
def test_other_schemes_are_malformed(says: Authentication, header: bytes) -> None:
    """Only Bearer and one token is a key."""
    assert read(says, header) == ("", "key_malformed")


@pytest.mark.parametrize("says", [LOOSE, STRICT, RAW], ids=["loose", "strict", "raw"])
def test_scheme_is_read_in_any_case(says: Authentication) -> None:
    """As HTTP has it."""
    for scheme in (b"Bearer", b"bearer", b"BEARER", b"bEaReR"):
        assert read(says, scheme + b" abc") == ("abc", None)


def test_spaces_count_where_the_vendor_counts_them() -> None:
    """Exactly one, or as many as you like around the key."""
    for header in (b"Bearer  abc", b"Bearer abc ", b"Bearer   abc  "):
        assert read(LOOSE, header) == ("abc", None)
        assert read(STRICT, header) == ("", "key_malformed")


def test_raw_key_is_taken_only_where_it_is_tolerated() -> None:
    """A header without a scheme; the word of the scheme alone is no key."""
    assert read(RAW, b"abc") == ("abc", None)
    assert read(LOOSE, b"abc") == read(RAW, b"Bearer") == read(RAW, b"abc def") == ("", "key_malformed")


def test_key_is_read_as_files_and_queries_write_it() -> None:
    """In UTF-8; bytes that are none are the letters that HTTP once took them for."""
    for key in ("schlüssel", "ключ", "鍵", "\U0001f511"):
        assert read(LOOSE, f"Bearer {key}".encode()) == (key, None)
    assert read(LOOSE, "Bearer schlüssel".encode("latin-1")) == ("schlüssel", None)
    assert read(RAW, "schlüssel".encode()) == ("schlüssel", None)


@pytest.mark.parametrize("word", TROUBLED_KEYS)
def test_keys_in_trouble_are_told_by_their_first_word(word: str) -> None:
    """`mock-invalid` and what begins so; not what only holds it."""
    for key in (word, word + "-1", word + "x"):
        assert read(LOOSE, f"Bearer {key}".encode()) == (key, TROUBLED_KEYS[word])
    assert read(LOOSE, f"Bearer my-{word}".encode())[1] is None


@given(header=st.binary(max_size=40))
@pytest.mark.parametrize("says", [LOOSE, STRICT, RAW], ids=["loose", "strict", "raw"])
def test_any_bytes_are_judged(says: Authentication, header: bytes) -> None:
    """A situation without an account, or an account; twice the same, and no space in it."""
    reader = AccountReader(says, None, seed_bytes(0))
    first = reader.read({b"authorization": header}, 0)

    assert reader.read({b"authorization": header}, 0) == first
    assert bool(first.account) == (first.situation is None)
    assert " " not in first.account


def test_a_reader_keeps_a_bounded_number_of_keys() -> None:
    """However many keys call, what is kept of them does not grow without end; old keys stay what they were."""
    reader = AccountReader(LOOSE, None, seed_bytes(0))
    first = reader.read({b"authorization": b"Bearer key-0"}, 0)
    for number in range(10_000):
        reader.read({b"authorization": b"Bearer key-%d" % number}, 0)

    assert len(reader._kept) <= 4096
    assert reader.read({b"authorization": b"Bearer key-0"}, 0) == first


@given(key=st.text(min_size=1), other=st.text(min_size=1))
def test_a_redacted_key_is_of_no_use(key: str, other: str) -> None:
    """At most four characters and a third of it are told; the rest is a digest by which keys can be told apart."""
    shown = redact(key)
    clear, mark, digest = shown[:-8], shown[-8:-6], shown[-6:]

    assert key.encode("ascii", "replace").decode().startswith(clear)
    assert len(clear) <= min(4, len(key) // 3)
    assert mark == ".."
    assert int(digest, 16) >= 0
    assert (redact(other) == shown) == (other == key)


def test_half_a_character_of_a_key_can_be_shown() -> None:
    """A token may hold one; what is shown of it can be written into any file."""
    assert redact("\ud800\ud800\ud800").isascii()


def test_nobody_is_nobody() -> None:
    """An empty key has no label."""
    assert redact("") == ""
