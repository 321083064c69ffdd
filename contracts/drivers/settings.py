"""How one run is to be: who asks, how fast, for how long, about what; each value is checked before anything is sent."""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import blake2b
from math import isfinite

from contracts.errors import UsageError
from contracts.exchange import HeaderLines

# More would take longer to draw than anybody waits.
_EXAMPLES_MAX = 10_000
# A word that fakes refuse as a key, and that no service has given out as one.
_BAD_KEY = "mock-invalid-"
# What a header may carry of a key, by RFC 9110; blanks in it would make it two words.
_KEY = re.compile(r"[\x21-\x7e]+")
NO_KEY = "no key: it must be printable ASCII without blanks, and not empty"
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_HEADER_VALUE = re.compile(r"[\x20-\x7e\t]*")
_OURS = {
    "authorization": "give the key with --key",
    "connection": "it belongs to the connection",
    "content-length": "it follows from the body",
    "content-type": "it is part of what is judged",
    "transfer-encoding": "it is part of what is judged",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All that a caller may choose; durations in seconds, `rate` in requests a second."""

    key: str
    bad_key: str
    other_key: str | None = None
    headers: HeaderLines = ()
    seed: int = 0
    rate: float | None = None
    poll_interval: float = 0.5
    deadline: float = 60.0
    timeout: float = 30.0
    max_examples: int = 50
    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    run: str = ""
    """Tells this run from all others, where values must never have been used before."""


def bad_key_of(seed: int) -> str:
    """A key that must be refused: the same for the same seed."""
    return _BAD_KEY + blake2b(str(seed).encode(), digest_size=12).hexdigest()


def check(settings: Settings) -> Settings:
    """The settings themselves; UsageError for what can't be meant."""
    _check_keys(settings)
    for name, value in settings.headers:
        _check_header(name, value)
    for option, number in (
        ("--rate", settings.rate),
        ("--poll-interval", settings.poll_interval),
        ("--deadline", settings.deadline),
    ):
        if number is not None and not (isfinite(number) and number > 0):
            message = f"{option} {number:g} is not a number greater than 0"
            raise UsageError(message)
    if not 0 <= settings.max_examples <= _EXAMPLES_MAX:
        message = f"--max-examples {settings.max_examples} is not between 0 and {_EXAMPLES_MAX}"
        raise UsageError(message)
    return settings


def is_key(text: str) -> bool:
    """Whether a header can carry it."""
    return _KEY.fullmatch(text) is not None


def _check_keys(settings: Settings) -> None:
    keys = {"--key": settings.key, "--bad-key": settings.bad_key, "--other-key": settings.other_key}
    given = {option: key for option, key in keys.items() if key is not None}
    for option, key in given.items():
        if not is_key(key):
            message = f"{option} is {NO_KEY}"
            raise UsageError(message)
    for option, key in given.items():
        same = next((other for other in given if other != option and given[other] == key), None)
        if same is not None:
            message = f"{option} and {same} are the same key; they must differ"
            raise UsageError(message)


def _check_header(name: str, value: str) -> None:
    if not _HEADER_NAME.fullmatch(name) or not _HEADER_VALUE.fullmatch(value):
        message = f"--header {name!r} is no header; write 'NAME: VALUE' in printable ASCII"
        raise UsageError(message)
    if name.lower() in _OURS:
        message = f"--header {name} can't be chosen: {_OURS[name.lower()]}"
        raise UsageError(message)


def read_header(line: str) -> tuple[str, str]:
    """Name and value of `NAME: VALUE`; UsageError when it is no such line."""
    name, colon, value = line.partition(":")
    if not colon:
        message = f"--header {line!r} has no colon; write 'NAME: VALUE'"
        raise UsageError(message)
    return name.strip(), value.strip()
