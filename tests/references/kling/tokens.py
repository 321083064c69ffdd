"""JSON Web Tokens as the Kling reference reads them: HS256 with the account's secret, `iss`, `exp` and `nbf`."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

from references.callers import KEY, OTHER_KEY

SECRETS: Mapping[str, str] = {KEY: "a secret of the first account", OTHER_KEY: "a secret of the second account"}

INVALID, EARLY, LATE = 1002, 1003, 1004


class TokenError(Exception):
    """The token is not good; carries the vendor's code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def _part(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _claims(token: str) -> dict[str, Any]:
    head, payload, signature = token.split(".")
    claims = json.loads(_part(payload))
    secret = SECRETS.get(str(claims.get("iss")), "") if isinstance(claims, dict) else ""
    expected = hmac.new(secret.encode(), f"{head}.{payload}".encode(), hashlib.sha256).digest()
    is_signed = hmac.compare_digest(expected, _part(signature)) and json.loads(_part(head)).get("alg") == "HS256"
    if not secret or not is_signed:
        raise TokenError(INVALID)
    return dict(claims)


def read_token(token: str, now: float) -> str:
    """The account that the token speaks for; TokenError when it speaks for none at this instant."""
    try:
        claims = _claims(token)
        expires, begins = float(claims["exp"]), float(claims.get("nbf", 0))
    except (ValueError, TypeError, KeyError, AttributeError, binascii.Error):
        raise TokenError(INVALID) from None
    if now < begins:
        raise TokenError(EARLY)
    if now >= expires:
        raise TokenError(LATE)
    return str(claims["iss"])
