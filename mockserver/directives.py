"""Directives in a prompt, `[[fail]]` and friends: how a client that can set nothing else chooses its task's fate."""

from __future__ import annotations

import re
from dataclasses import dataclass

_DIRECTIVE = re.compile(r"\[\[(fail|stuck|slow|reject)(?::([^\]]{1,64}))?\]\]")


@dataclass(frozen=True, slots=True)
class Directives:
    """What was asked for: `fail` names a failure, `slow_seconds` the work's length."""

    fail: str | None = None
    stuck: bool = False
    slow_seconds: float | None = None
    reject: bool = False


NONE = Directives()


def _seconds(text: str | None) -> float | None:
    try:
        seconds = float(text) if text else None
    except ValueError:
        return None
    return seconds if seconds is not None and 0 <= seconds <= 10**8 else None


def read_directives(prompts: list[str]) -> Directives:
    """The directives in these prompts; one that makes no sense is plain text."""
    found: dict[str, str | None] = {match[1]: match[2] for prompt in prompts for match in _DIRECTIVE.finditer(prompt)}
    if not found:
        return NONE
    return Directives(
        fail=(found["fail"] or "default") if "fail" in found else None,
        stuck="stuck" in found,
        slow_seconds=_seconds(found.get("slow")),
        reject="reject" in found,
    )
