"""Signatures of webhooks: those of the published vectors, and none other, are right."""

from __future__ import annotations

import base64
import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.signing import SecretError, is_signed, sign, signing_key

# The vendor's own example.
SECRET = "whsec_dGVzdHNlY3JldHRlc3RzZWNyZXR0ZXN0c2VjcmV0MTI="
BODY = b'{"id":"1234567890","status":"succeeded","message":"","create_time":1781080778802,"update_time":1781080794151}'
SIGNED = "v1,UsKlJP00XoQyOn410NM9xv34sP+Gl0jnOO9Lcpr7NJ4="
# The example of the scheme's own libraries.
OTHER_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHER = ("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
OTHER_SIGNED = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_vendors_vector() -> None:
    """Secret, id, timestamp and body of the vendor's page give the signature of that page."""
    assert sign(signing_key(SECRET), "9876543210", 1781080794, BODY) == SIGNED


def test_schemes_vector() -> None:
    """The same for the scheme's own example, whose Base64 has no padding because it needs none."""
    assert sign(signing_key(OTHER_SECRET), *OTHER) == OTHER_SIGNED


def test_secret_without_its_word_is_the_key() -> None:
    """A text that does not begin with whsec_ is the key itself, letter by letter."""
    assert signing_key("söme secret") == "söme secret".encode()


@pytest.mark.parametrize("secret", ["whsec_", "whsec_a", "whsec_abc", "whsec_!!!!", "whsec_dGVz dA==", "whsec_dGVzdA"])
def test_secret_that_is_no_base64_is_refused(secret: str) -> None:
    """Behind whsec_ nothing else than Base64 makes sense."""
    with pytest.raises(SecretError, match="Base64"):
        signing_key(secret)


@given(st.binary(min_size=1), st.uuids(), st.integers(0, 2**40), st.binary())
def test_signature_is_what_a_receiver_computes(key: bytes, message_id: object, seconds: int, body: bytes) -> None:
    """A receiver that does by hand what the scheme says comes to the same."""
    header = sign(key, str(message_id), seconds, body)

    digest = hmac.new(key, f"{message_id}.{seconds}.".encode() + body, hashlib.sha256).digest()
    assert header == "v1," + base64.b64encode(digest).decode()
    assert is_signed(key, str(message_id), seconds, body, f"v1,old {header}")


@pytest.mark.parametrize(
    ("message_id", "seconds", "body"),
    [("9876543211", 1781080794, BODY), ("9876543210", 1781080795, BODY), ("9876543210", 1781080794, BODY + b" ")],
)
def test_whatever_is_changed_is_not_signed(message_id: str, seconds: int, body: bytes) -> None:
    """Id, timestamp and each byte of the body belong to the signature."""
    assert not is_signed(signing_key(SECRET), message_id, seconds, body, SIGNED)


def test_another_key_signs_otherwise() -> None:
    """And so does no key at all, or an empty header."""
    assert not is_signed(signing_key(OTHER_SECRET), "9876543210", 1781080794, BODY, SIGNED)
    assert not is_signed(signing_key(SECRET), "9876543210", 1781080794, BODY, "")
