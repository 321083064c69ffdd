"""JSON Web Tokens made by hand, so that no library which the product uses takes part in judging it."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from types import MappingProxyType

from targets import Json

FAR_FUTURE = 4_000_000_000
"""Seconds since 1970, in the year 2096: after every clock that tests run by."""

ANY_SECRET = "anything"

HS256: Mapping[str, Json] = MappingProxyType({"alg": "HS256", "typ": "JWT"})


def part(data: bytes) -> str:
    """Bytes as one of a token's three parts."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def part_of(value: Json) -> str:
    """A JSON value as one of them."""
    return part(json.dumps(value).encode())


def token(claims: Json, *, secret: str = ANY_SECRET, header: Json = HS256, digest: str = "sha256") -> str:
    """The claims, signed."""
    header = dict(header) if isinstance(header, Mapping) else header
    signed = f"{part_of(header)}.{part_of(claims)}"
    return f"{signed}.{part(hmac.new(secret.encode(), signed.encode(), getattr(hashlib, digest)).digest())}"


def claims(account: Json, **more: Json) -> dict[str, Json]:
    """What Kling documents, valid for as long as these tests run."""
    return {"iss": account, "exp": FAR_FUTURE, "nbf": 1_000_000_000, **more}
