"""A constraint: one thing that a request must keep, its place, its limit, the condition under which it binds."""

from __future__ import annotations

from dataclasses import dataclass, field

from specs.conditions import Condition, plain
from specs.pointers import Json
from specs.validation import ActiveRule

BODY, QUERY, PATH, CALL = "body", "query", "path", "call"
IDLE = "x-idle"


@dataclass(frozen=True, slots=True, kw_only=True)
class Constraint:
    """One thing that a request must keep.

    `pointer` names the value (`*` is every item, `?name` and `{name}` are parameters, `@name` something of the call
    beside them, empty the body), for a missing member where it should be; `part` is the keyword's place in the
    operation's schema. `location` is `body`, `query`, `path`, or `call` for what stands in no schema.
    """

    id: str = ""
    operation: str
    location: str
    pointer: str
    keyword: str
    limit: Json
    conditions: tuple[Condition, ...]
    words: str
    """What is asked for, where the limit is a schema."""
    part: str
    rule: ActiveRule | None = field(default=None, compare=False)
    idle: tuple[Condition, ...] = ()
    """While one of these holds, the value has no effect (`x-idle`): it is enforced, and nobody is judged by it."""

    @property
    def condition(self) -> str:
        """The conditions in words; empty when it always binds."""
        return "; ".join(condition.words for condition in self.conditions)

    @property
    def place(self) -> str:
        """The pointer as sources.yaml writes it."""
        return self.pointer or "/"

    @property
    def limit_words(self) -> str:
        """The limit as people write it."""
        return self.words or plain(self.limit)
