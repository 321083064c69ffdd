"""A case: one request described without HTTP, and what a service that keeps the contract does with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from contracts.exchange import Expects
from specs.pointers import Json

Credentials: TypeAlias = Literal[
    "key",  # the account under test, as documented
    "other",  # the second account
    "bad",  # a key that must be refused
    "missing",  # no Authorization at all
    "empty",  # the header with an empty value, or the scheme with nothing behind it
    "malformed",  # another scheme
    "lower-case",  # `bearer`: HTTP's schemes are case-insensitive
    "other-case",  # the key with capitals for small letters, and small letters for capitals
    "longer",  # the key with one character more
    "shorter",  # the key without its last character
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What is sent and what is expected.

    A body is a JSON value (`body`) or bytes as they are (`raw`); neither for operations without one. `task` is the id
    that a poll asks for, before percent-encoding (all but letters, digits, `-`, `_`, `~` and dots is encoded; of `..`
    the dots too): None takes one of a task that was submitted.
    """

    operation: str
    expects: Expects
    words: str
    """For people: `prompt of 2501 characters`."""
    law: str = ""
    """The judge's rule that it is about, when it is about one."""
    constraint: str | None = None
    """The catalogue id of the one constraint that it keeps on the boundary, or breaks."""
    situation: str | None = None
    body: Json = None
    raw: bytes | None = None
    content_type: str | None = "application/json"
    chunked: bool = False
    method: str | None = None
    """Another method than the operation's."""
    credentials: Credentials = "key"
    task: str | None = None
    query: Mapping[str, str] = field(default_factory=dict)
    also: tuple[str, ...] = ()
    """Further constraints that an accepted request keeps. When it is accepted, their rows say so too; when it is
    refused, `constraint` alone is to blame."""
    without_task: bool = False
    """A poll that names no task: the query parameter is left out."""
    repeat: bool = False
    """Send it twice, one after the other: the first is accepted, `expects` and `situation` are about the second."""
    at_once: int = 1
    """Send it so many times in the same moment."""
    before: tuple[Case, ...] = ()
    """What is sent just before, one after the other; values that an account may use once are those of this case."""
    is_drawn: bool = False
    """Whether chance made it, not the catalogue."""
    authorization: str | None = None
    """The Authorization header as it is sent, `{key}` standing for the key; None: as `credentials` say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseBook:
    """All cases of a pack, and the sides of constraints for which there is none, with the reason."""

    cases: tuple[Case, ...]
    untested: Mapping[tuple[str, str], str]
    """From (constraint id, `accepts` or `rejects`) to why there is no case."""
