"""A row of a table of mistakes of the sample gateway: what it replaces there, and with what."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias
from unittest.mock import patch

Change: TypeAlias = Callable[[Any], Any]
Enter: TypeAlias = Callable[[Change], Change]


@dataclass(frozen=True, slots=True)
class Row:
    """One mistake: what it replaces, and with what, made of what was there."""

    id: str
    kind: str
    words: str
    rule: str
    """One that finds it."""
    changes: tuple[tuple[Any, str, Change], ...]

    @contextmanager
    def planted(self) -> Iterator[None]:
        """Within it every sample gateway of this process has the mistake."""
        with ExitStack() as stack:
            for owner, name, change in self.changes:
                stack.enter_context(patch.object(owner, name, change(getattr(owner, name))))
            yield


def entering(rows: list[Row]) -> Callable[..., Enter]:
    """A decorator that enters, in these rows, a function which makes the wrong one out of the right one."""

    def bug(kind: str, rule: str, owner: Any, name: str, *more: tuple[Any, str, Change]) -> Enter:
        def enter(change: Change) -> Change:
            words = (change.__doc__ or "").rstrip(".")
            rows.append(Row(change.__name__, kind, words, f"upstream.{rule}", ((owner, name, change), *more)))
            return change

        return enter

    return bug
