"""Bodies as they can be told: JSON where they are JSON, else text; without secrets, bounded, every cut said."""

from __future__ import annotations

import json
import math
import re
from typing import Any

from contracts.report.redaction import Secrets
from specs.pointers import Json

BODY_CHARACTERS_MAX = 20_000
STRING_CHARACTERS_MAX = 4_000
_DEPTH_MAX = 60
_RUN = re.compile(r"(\S)\1{31,}")


class _NotTellableError(ValueError):
    """The body is no JSON, or some that another reader would not read as it was meant; its text tells more."""


def told(body: bytes, secrets: Secrets) -> Json:
    """A body for a report: an object or array, a text, or None when it is empty.

    A text stands for everything that JSON can't carry on: invalid UTF-8 (its bytes in hexadecimal), NaN, a member that
    is there twice, a lone surrogate, a nesting without end; for scalars too, so that a text is never mistaken for one.
    """
    if not body:
        return None
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return cut("(not UTF-8) " + secrets.hide(body.decode("utf-8", "backslashreplace")), BODY_CHARACTERS_MAX)
    try:
        value = _without_secrets(_parsed(text), secrets)
    except (ValueError, RecursionError):
        return cut(secrets.hide(text), BODY_CHARACTERS_MAX)
    line = compact(value)
    # A key of digits alone is found as a number here.
    if len(line) <= BODY_CHARACTERS_MAX and secrets.hide(line) == line:
        return value
    return cut(secrets.hide(line), BODY_CHARACTERS_MAX)


def cut(text: str, characters_max: int) -> str:
    """The text, or its beginning and how long all of it is."""
    if len(text) <= characters_max:
        return text
    return f"{text[:characters_max]}… (cut: {len(text)} characters in all)"


def compact(value: Json) -> str:
    """JSON on one line."""
    return json.dumps(value, ensure_ascii=False)


def readable(value: Json) -> str:
    """A body as people read it: JSON indented, long runs of one character told as such."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2)
    return _without_runs(text)


def short(value: Json, characters_max: int) -> str:
    """A body on one line, long runs of one character told as such, cut at a length."""
    text = _without_runs(value if isinstance(value, str) else "" if value is None else compact(value))
    return text if len(text) <= characters_max else text[:characters_max] + "..."


def _without_runs(text: str) -> str:
    return _RUN.sub(lambda found: f"{found[1] * 3}...{found[1]} ({len(found.group())} times)", text)


def _parsed(text: str) -> Json:
    if not text.lstrip().startswith(("{", "[")):
        raise _NotTellableError
    return json.loads(text, parse_constant=_refused, parse_float=_finite, object_pairs_hook=_distinct)


def _refused(_: str) -> Json:
    raise _NotTellableError


def _finite(text: str) -> float:
    if not math.isfinite(number := float(text)):
        raise _NotTellableError
    return number


def _distinct(members: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(members)
    if len(value) != len(members):
        raise _NotTellableError
    return value


def _without_secrets(value: Json, secrets: Secrets, depth: int = 0) -> Json:
    """The value with its strings told; raises UnicodeEncodeError, a ValueError, for a lone surrogate."""
    if depth > _DEPTH_MAX:
        raise _NotTellableError
    if isinstance(value, str):
        value.encode()
        return cut(secrets.hide(value), STRING_CHARACTERS_MAX)
    if isinstance(value, list):
        return [_without_secrets(item, secrets, depth + 1) for item in value]
    if isinstance(value, dict):
        return {
            _without_secrets(name, secrets, depth): _without_secrets(each, secrets, depth + 1)
            for name, each in value.items()
        }
    return value
