"""Directives in a prompt, `[[fail]]` and friends: how a client that can set nothing else chooses its task's fate."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

_DIRECTIVE = re.compile(r"\[\[(fail|stuck|slow|reject)(?::([^\]]{1,64}))?\]\]")
# Whatever else stands between two brackets may have been meant as one.
_BRACKETED = re.compile(r"\[\[[^\[\]]*\]\]")
_SECONDS_MAX = 10**8

_LOG = logging.getLogger("understudy")
_SHOWN_MAX = 80
_TOLD_MAX = 1024


class Directives(NamedTuple):
    """What was asked for: `fail` names a failure, `slow_seconds` the work's length.

    `unread` are the texts in double brackets that choose nothing, for `tell_unread`.
    """

    fail: str | None = None
    stuck: bool = False
    slow_seconds: float | None = None
    reject: bool = False
    unread: tuple[str, ...] = ()


NONE = Directives()


def _seconds(text: str | None) -> float | None:
    try:
        seconds = float(text) if text else None
    except ValueError:
        return None
    return seconds if seconds is not None and 0 <= seconds <= _SECONDS_MAX else None


def _makes_sense(word: str, value: str | None) -> bool:
    if word == "slow":
        return _seconds(value) is not None
    return word == "fail" or value is None


def _found(prompts: list[str]) -> Iterator[tuple[str, str, str | None]]:
    for prompt in prompts:
        for match in _DIRECTIVE.finditer(prompt):
            if _makes_sense(match[1], match[2]):
                yield match[0], match[1], match[2]


def read_directives(prompts: list[str]) -> Directives:
    """The directives in these prompts, of each word the last one; one that makes no sense is plain text."""
    read = list(_found(prompts))
    texts = {text for text, _, _ in read}
    bracketed = (match[0] for prompt in prompts for match in _BRACKETED.finditer(prompt))
    unread = tuple(dict.fromkeys(text for text in bracketed if text not in texts))
    found = {word: value for _, word, value in read}
    if not (found or unread):
        return NONE
    return Directives(
        fail=(found["fail"] or "default") if "fail" in found else None,
        stuck="stuck" in found,
        slow_seconds=_seconds(found.get("slow")),
        reject="reject" in found,
        unread=unread,
    )


def tell_unread(directives: Directives) -> None:
    """A warning about each text in double brackets that chose nothing; the same text is not told twice."""
    for text in directives.unread:
        _tell(text if len(text) <= _SHOWN_MAX else text[: _SHOWN_MAX - 3] + "...")


# Remembers what it was called with: that is how a text is told once.
@lru_cache(maxsize=_TOLD_MAX)
def _tell(text: str) -> None:
    # ascii(): a prompt can't write lines of its own into the log.
    _LOG.warning(
        "understudy: %s in a prompt chooses nothing; there are [[fail]], [[fail:REASON]], [[stuck]], [[slow:SECONDS]], "
        "[[reject]], in lower case and without blanks",
        ascii(text),
    )
