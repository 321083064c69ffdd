"""How a file knows an account whose key it may not hold: by a digest, and for people by a label."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from hashlib import blake2b
from typing import Self

from mockserver.accounts import redact


class SealedKey(str):
    """An account that was found without its key: as text it is the redacted label, and opens nothing.

    A type of its own, not a way of writing, so that no key that a client sends can pass for one: it equals the sealed
    keys of its account, and no other text.
    """

    __slots__ = ("digest",)

    digest: bytes

    def __new__(cls, label: str, digest: bytes) -> Self:
        """The label is for people; the digest alone says whose it is."""
        sealed = super().__new__(cls, label)
        sealed.digest = digest
        return sealed

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SealedKey) and other.digest == self.digest

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(self.digest)


def seal(account: str) -> SealedKey:
    """The account as it is known without its key."""
    return account if isinstance(account, SealedKey) else SealedKey(label_of(account), digest_of(account))


@lru_cache(maxsize=4096)
def _digest(key: str) -> bytes:
    return blake2b(key.encode("utf-8", "surrogatepass"), digest_size=16, person=b"account").digest()


def digest_of(account: str) -> bytes:
    """What a file keeps in place of the key; of a sealed key, the digest that it came with."""
    return account.digest if isinstance(account, SealedKey) else _digest(account)


def label_of(account: str) -> str:
    """The redacted key as text that any file can hold: one out of a token may have half a character in it."""
    label = str(account) if isinstance(account, SealedKey) else redact(account)
    return label.encode("utf-8", "replace").decode()


def account_item(account: str) -> dict[str, str]:
    """The account as snapshots write it: `{"label", "digest"}`, no key."""
    return {"label": label_of(account), "digest": digest_of(account).hex()}


def account_of(item: Mapping[str, str]) -> str:
    """The account of such an item, or of `{"key"}`; ValueError where it is neither."""
    key, digest = item.get("key"), item.get("digest")
    if isinstance(key, str) and digest is None:
        return key
    if isinstance(digest, str) and key is None:
        return SealedKey(item.get("label", ""), bytes.fromhex(digest))
    message = "the account has neither key nor digest, or both"
    raise ValueError(message)
