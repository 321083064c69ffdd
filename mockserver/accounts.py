"""Who calls: the API key is the account. A key is read out of a call; where it is no good, the situation is named."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from types import MappingProxyType
from typing import NamedTuple

from mockserver.identity import account_mark
from mockserver.messages import Headers
from mockserver.tokens import TokenReader
from specs.pack import Authentication

# Accounts in trouble, by the first word of the key. The two last ones are good keys: quota refuses them.
TROUBLED_KEYS: Mapping[str, str] = MappingProxyType(
    {
        "mock-invalid": "key_invalid",
        "mock-expired": "key_expired",
        "mock-forbidden": "key_forbidden",
    }
)
BROKE, THROTTLED = "mock-broke", "mock-throttled"

NOBODY = ""
_KEPT_MAX = 4096


class Limits(NamedTuple):
    """What an accounts file says of one key: secrets, and how much it may do. None is no limit."""

    secret: str | None = None
    webhook_secret: str | None = None
    balance: int | None = None
    concurrency: int | None = None
    rate: float | None = None


UNLIMITED = Limits()


class Caller(NamedTuple):
    """Who calls: the account, its key as it may be shown, and the situation that stands against it, if any."""

    account: str
    label: str
    mark: int
    situation: str | None


def redact(key: str) -> str:
    """A key that can be told from others but not used: its first letters and a short digest."""
    if not key:
        return ""
    digest = blake2b(key.encode("utf-8", "surrogatepass"), digest_size=3).hexdigest()
    # ASCII: a key out of a token may hold half a character, which no log could write.
    shown = key[: min(4, len(key) // 3)].encode("ascii", "replace").decode()
    return f"{shown}..{digest}"


def _text(header: bytes) -> str:
    """The header as accounts files and queries write it, in UTF-8; bytes that are none are read as HTTP once did."""
    try:
        return header.decode()
    except UnicodeDecodeError:
        return header.decode("latin-1")


def _trouble(account: str) -> str | None:
    if account.startswith("mock-"):
        for word, situation in TROUBLED_KEYS.items():
            if account.startswith(word):
                return situation
    return None


class AccountReader:
    """Reads the account out of a call's headers, as one vendor's authentication says."""

    def __init__(self, says: Authentication, tokens: TokenReader | None, seed: bytes) -> None:
        self._seed = seed
        self._nobody = self._caller(NOBODY, "key_missing")
        self._raw_key = says.raw_key
        self._strict_space = says.strict_space
        self._tokens = tokens
        self._kept: dict[bytes, Caller] = {}

    def read(self, headers: Headers, wall_seconds: float) -> Caller:
        """Whoever the Authorization header names."""
        value = headers.get(b"authorization")
        if value is None:
            return self._nobody
        return self._kept.get(value) or self._judge(value, wall_seconds)

    def _judge(self, header: bytes, wall_seconds: float) -> Caller:
        value = _text(header)
        if not value.strip():
            return self._nobody
        key = self._key(value)
        if not key:
            return self._caller(NOBODY, "key_malformed")
        if self._tokens is not None and key.count(".") == 2:  # noqa: PLR2004 - a JWT has three parts
            account, situation = self._tokens.read(key, wall_seconds)
            return self._caller(account, situation or _trouble(account))
        return self._keep(header, self._caller(key, _trouble(key)))

    def _caller(self, account: str, situation: str | None) -> Caller:
        return Caller(account, redact(account), account_mark(self._seed, account), situation)

    def _keep(self, header: bytes, judged: Caller) -> Caller:
        """A plain key is always the same account: it is read once."""
        if len(self._kept) >= _KEPT_MAX:
            self._kept.clear()
        self._kept[header] = judged
        return judged

    def _key(self, value: str) -> str | None:
        scheme, space, key = value.partition(" ")
        if space and scheme.lower() == "bearer":
            if not self._strict_space:
                key = key.strip()
            return None if " " in key else key
        tolerated = self._raw_key and not space and scheme.lower() != "bearer"
        return scheme if tolerated else None
