"""Traps of YAML: bare values that not all readers take alike, names that are no strings, numbers that JSON lacks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from types import MappingProxyType

from specs.flaws import Flaw
from specs.sheets import Scalar, Sheet


def _pattern(text: str) -> Callable[[str], object]:
    return re.compile(text, re.ASCII).fullmatch


def _sexagesimal(text: str) -> str:
    sign, total = (-1 if text.startswith("-") else 1), 0.0
    for part in text.lstrip("+-").replace("_", "").split(":"):
        total = total * 60 + float(part)
    return f"the number {sign * total:g}"


def _radix(base: int) -> Callable[[str], str]:
    def reading(text: str) -> str:
        try:
            return f"the number {int(text.replace('_', ''), base)}"
        except ValueError:
            # `0x_` has the form of one, and no digits.
            return "a number"

    return reading


def _text(text: str) -> str:
    del text
    return "a string"


# What YAML 1.1 (yaml.org/type) resolves otherwise than the core schema of YAML 1.2, and to what.
TRAPS: tuple[tuple[Callable[[str], object], Callable[[str], str]], ...] = (
    (_pattern(r"y|Y|yes|Yes|YES|on|On|ON"), lambda _: "true"),
    (_pattern(r"n|N|no|No|NO|off|Off|OFF"), lambda _: "false"),
    (_pattern(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?"), _sexagesimal),
    (_pattern(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"), lambda _: "a date"),
    (
        _pattern(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9:.Zz +-]+"),
        lambda _: "an instant",
    ),
    (_pattern(r"[-+]?0[0-7_]+"), _radix(8)),
    (_pattern(r"[-+]?0b[01_]+"), _radix(2)),
    (_pattern(r"[-+]?0x[0-9a-fA-F]*_[0-9a-fA-F_]*"), _radix(16)),
    (_pattern(r"[-+]?[1-9][0-9]*_[0-9_]*"), _radix(10)),
    (_pattern(r"[-+]?[0-9][0-9_]*\.[0-9_]*"), lambda text: f"the number {text.replace('_', '')}"),
    (_pattern(r"0o[0-7]+|[-+]?0[0-9]*[89][0-9]*"), _text),
    (_pattern(r"[-+]?[0-9]+[eE][-+]?[0-9]+|[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+)[eE][0-9]+"), _text),
    (_pattern(r"="), lambda _: "a default value"),
)
_NUMBER = _pattern(r"[-+]?(?:[0-9]+\.[0-9]*)")
# The core schema of YAML 1.2.2 (10.3.2): what a bare value is; anything else is text.
_CORE: tuple[tuple[Callable[[str], object], str], ...] = (
    (_pattern(r"null|Null|NULL|~|"), "null"),
    (_pattern(r"true|True|TRUE|false|False|FALSE"), "bool"),
    (_pattern(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+"), "int"),
    (_pattern(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"), "float"),
    (_pattern(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"), "float"),
)
_NOT_IN_JSON = _CORE[-1][0]
_NOUNS = MappingProxyType(
    {"int": "a number", "float": "a number", "timestamp": "a date", "bool": "true or false", "null": "null"}
)


def _core_kind(text: str) -> str:
    return next((kind for matches, kind in _CORE if matches(text)), "str")


def read_as(text: str) -> str | None:
    """What a YAML 1.1 reader makes of a bare value, where a 1.2 reader makes something else of it."""
    for matches, becomes in TRAPS:
        if matches(text) and not _NUMBER(text):
            return becomes(text)
    return None


def trapped(sheet: Sheet) -> Iterator[Flaw]:
    """Every bare value of the file that not all readers read alike."""
    for scalar in sheet.scalars:
        flaw = _judge(scalar, sheet.file)
        if flaw is not None:
            yield flaw


def _judge(scalar: Scalar, file: Path) -> Flaw | None:
    problem = _problem(scalar)
    way_out = f'Quote it: "{scalar.text}"'
    if not problem and not scalar.is_key and _NOT_IN_JSON(scalar.text):
        problem, way_out = f"{scalar.text} is no number in JSON", "Write a number, or leave the member out"
    return Flaw(str(file), scalar.line, scalar.pointer, problem, way_out, "yaml") if problem else None


def _problem(scalar: Scalar) -> str:
    text = scalar.text
    reading = read_as(text)
    if reading is not None:
        return f"bare {text} is {reading} to readers of YAML 1.1"
    if _core_kind(text) != "str":
        return f"the name {text or 'of a member'} is not a string" if scalar.is_key else ""
    return f"bare {text} is {_NOUNS[scalar.kind]} to some readers, not of YAML 1.2" if scalar.kind in _NOUNS else ""
