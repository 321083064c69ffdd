"""The accounts file of `--accounts`: key → secrets and limits, in YAML or JSON, with errors that name the place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from mockserver.accounts import Limits
from mockserver.signing import SecretError, signing_key
from specs.documents import read_yaml
from specs.errors import PackError
from specs.pointers import Json


class AccountsFileError(ValueError):
    """An accounts file that can't be used."""


def _text(value: Json) -> bool:
    return isinstance(value, str) and value != ""


def _webhook_secret(value: Json) -> bool:
    try:
        return _text(value) and signing_key(value) != b""
    except SecretError:
        return False


def _count(value: Json) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _speed(value: Json) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value > 0


_MEMBERS: Mapping[str, tuple[Callable[[Json], bool], str]] = MappingProxyType(
    {
        "secret": (_text, "a text that is not empty, in quotes if it looks like a number"),
        "webhook_secret": (_webhook_secret, "a text that is not empty; behind whsec_, Base64 with its padding"),
        "balance": (_count, "a whole number of submissions, 0 or more"),
        "concurrency": (_count, "a whole number of unfinished tasks, 0 or more"),
        "rate": (_speed, "a number of calls a second, more than 0"),
    }
)


def _read_limits(file: Path, key: str, entry: Json) -> Limits:
    if key == "":
        message = f"{file}: a key is empty; no call has such a one"
        raise AccountsFileError(message)
    if not isinstance(entry, Mapping):
        message = f"{file}: {key}: must be an object with some of {', '.join(_MEMBERS)}"
        raise AccountsFileError(message)
    for name, value in entry.items():
        problem = wrong_with(name, value)
        if problem:
            message = f"{file}: {key}/{name}: {problem}"
            raise AccountsFileError(message)
    return Limits(**entry)


def wrong_with(name: str, value: Json) -> str:
    """What is wrong with one member of `Limits`; empty when nothing is."""
    if name not in _MEMBERS:
        return f"there is no such member; there are {', '.join(_MEMBERS)}"
    valid, wanted = _MEMBERS[name]
    return "" if value is None or valid(value) else f"must be {wanted}"


def read_accounts(file: Path) -> Mapping[str, Limits]:
    """`{KEY: {secret, webhook_secret, balance, concurrency, rate}}`; AccountsFileError says what is wrong and where.

    A bare key that YAML takes for a number (`0123:`) is refused: no call would ever bear what becomes of it.
    """
    try:
        document = read_yaml(file, text_names=True)
    except PackError as problem:
        # Without a place the way out is about packs.
        says = f"{problem.place}: {problem.problem}. {problem.way_out}" if problem.place else problem.problem
        message = f"{file}: {says.removesuffix('. ')}"
        raise AccountsFileError(message) from None
    if not isinstance(document, Mapping):
        message = f"{file}: must be an object of accounts, key → {{{', '.join(_MEMBERS)}}}"
        raise AccountsFileError(message)
    return MappingProxyType({key: _read_limits(file, key, entry) for key, entry in document.items()})
