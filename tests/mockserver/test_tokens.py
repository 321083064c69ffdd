"""JSON Web Tokens as keys: judged by form, by their times on each call, and by signature where a secret is known."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

import jwt
import pytest

from mockserver.tokens import TokenReader

NOW = 1_800_000_000
SECRET = "a-secret-that-is-long-enough-for-hs256"


def token(claims: dict[str, Any], *, secret: str = SECRET, algorithm: str = "HS256") -> str:
    """A token with these claims."""
    return jwt.encode(claims, secret, algorithm)


def reader(secret: str | None = None) -> TokenReader:
    """A reader that knows the secret of the account `me`, or none."""
    return TokenReader("iss", lambda account: secret if account == "me" else None)


GOOD = {"iss": "me", "exp": NOW + 1800, "nbf": NOW - 5}


def test_well_formed_token_names_its_account() -> None:
    """By the claim; `nbf` may be left out."""
    assert reader().read(token(GOOD), NOW) == ("me", None)
    assert reader().read(token({"iss": "me", "exp": NOW + 1}), NOW) == ("me", None)


def test_times_are_judged_on_every_call_at_their_exact_second() -> None:
    """One token, read by one reader, before, during and after its time."""
    read, text = reader(), token({"iss": "me", "exp": 2000, "nbf": 1000})
    expected = {
        999: "key_not_yet_valid",
        999.999: "key_not_yet_valid",
        1000: None,
        1999.999: None,
        2000: "key_expired",
        1e12: "key_expired",
    }
    for now, situation in [*expected.items(), *reversed(expected.items())]:
        assert read.read(text, now) == ("me", situation), now


BAD_CLAIMS = (
    *(
        {"exp": NOW + 9},
        {"iss": "me"},
        {"iss": "", "exp": NOW + 9},
        {"iss": "me", "exp": None},
        {"iss": "me", "exp": True},
    ),
    *(
        {"iss": "me", "exp": "soon"},
        {"iss": "me", "exp": NOW + 9, "nbf": "x"},
        {"iss": "me", "exp": [1]},
        {"iss": "me", "exp": {}},
    ),
)


@pytest.mark.parametrize("claims", BAD_CLAIMS, ids=json.dumps)
def test_token_without_what_it_needs_is_invalid(claims: dict[str, Any]) -> None:
    """An account and an end, both of their types."""
    header = base64.urlsafe_b64encode(b'{"alg":"HS256","typ":"JWT"}').rstrip(b"=").decode()
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()

    assert reader().read(f"{header}.{payload}.c2lnbmF0dXJl", NOW)[1] == "key_invalid"


BROKEN = (
    "..",
    "a.b.c",
    "e30.e30.",
    "e30.e30.x",
    "!.!.!",
    "\xff.\xff.\xff",
    "eyJhbGciOiJIUzI1NiJ9.e30=.x",
    "W10.W10.x",
    "bnVsbA.bnVsbA.x",
    "a" * 10_000 + ".b.c",
)


@pytest.mark.parametrize("text", BROKEN, ids=lambda text: text[:20])
def test_text_that_is_no_token_is_invalid(text: str) -> None:
    """Whatever the dots are between; the header around it is well formed."""
    assert reader().read(text, NOW) == ("", "key_invalid")


@pytest.mark.parametrize("algorithm", ["HS384", "HS512", "none"])
def test_other_algorithms_are_invalid(algorithm: str) -> None:
    """The document says HS256; `none` is no signature at all."""
    text = jwt.encode(GOOD, None if algorithm == "none" else SECRET * 2, algorithm)

    assert reader().read(text, NOW)[1] == "key_invalid"


def test_signature_counts_where_the_secret_is_known() -> None:
    """The account's own secret, and no other; without one, the form is enough."""
    signed, forged = token(GOOD), token(GOOD, secret="another-secret-that-is-also-quite-long")

    assert reader(SECRET).read(signed, NOW) == ("me", None)
    assert reader(SECRET).read(forged, NOW) == ("", "key_invalid")
    assert reader(None).read(forged, NOW) == ("me", None)
    stranger = token({**GOOD, "iss": "somebody"}, secret="whatever-they-like-to-sign-with-here")
    assert reader(SECRET).read(stranger, NOW) == ("somebody", None)


def test_short_secret_is_the_testers_choice() -> None:
    """No warning is raised about it."""
    head, _, _ = token(GOOD).rpartition(".")
    sealed = base64.urlsafe_b64encode(hmac.digest(b"short", head.encode(), hashlib.sha256)).rstrip(b"=").decode()

    assert TokenReader("iss", lambda _: "short").read(f"{head}.{sealed}", NOW) == ("me", None)


def test_a_reader_keeps_a_bounded_number_of_tokens() -> None:
    """However many tokens call."""
    read = reader()
    for number in range(5000):
        read.read(f"{number}.b.c", NOW)

    assert len(read._kept) <= 4096
