"""The rule about names: where a refusal names a member, it names one that has to do with what is wrong.

Texts are free, and most names of members are ordinary words as well. So a text is a breach only when it names other
members beyond doubt, and none that takes part.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from types import MappingProxyType

from contracts.judge import owners
from contracts.judge.culprits import is_like_a_wrong_refusal, is_spoilt
from contracts.judge.outcome import Outcome
from contracts.judge.places import Place, places
from contracts.judge.promise import UNREADABLE
from contracts.judge.record import Reading, Record
from contracts.judge.ruling import KEPT, Breach, Check, Checks, shown
from contracts.judge.seen import generalised
from specs.constraint import Constraint
from specs.keywords import walk
from specs.pack import Operation
from specs.pointers import Json, split

_VIOLATION = "violation."
_TEXT = "violation.message"
_TOKEN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# What surely makes a name of a word: quotes, a path, a colon or an equals sign behind it, or a verb that demands.
_QUOTED = "\"'`<"
_AFTER = re.compile(
    r"[\"'`>]?(?:\[\d*\]|\.[a-z_]|:(?!/)|=|\s+(?:must|is|should|has|cannot|can't|may|needs|exceeds|field|parameter)\b)"
)
# From the top (`/multi_prompt/1/`), or from another name (`multi_prompt[1].`).
_ON_A_PATH = re.compile(r"(?:(?:^|[\s\"'`(#])(?:/[\w*]+)*/|[\w\]]\.)$")
_URL = re.compile(r"https?://\S+")
_ARTICLES = re.compile(r"(?:\b(?:the|a|an|this|that|your|each|every|any|no|its|of|such|whose)\s+)$", re.IGNORECASE)


def members_of(operation: Operation) -> frozenset[str]:
    """Every name that a member of the request, or a parameter of its query, has."""
    names = {each.name for each in operation.parameters if each.location == "query"}
    if operation.body is not None:
        for _, schema in walk(operation.body.schema):
            if isinstance(schema, Mapping):
                names |= set(schema.get("properties", {})) | set(schema.get("required", ()))
    return frozenset(names)


def taking_part(constraint: Constraint | None, pointers: list[str], known: frozenset[str]) -> frozenset[str]:
    """The names that a refusal of this breach may speak of: on the way to the broken value, or part of the law."""
    names = {token for pointer in pointers for token in split(pointer)}
    if constraint is not None:
        names |= set(split(constraint.pointer)) | {constraint.pointer.lstrip("?{").rstrip("}")}
        names |= set(_words_in([constraint.limit, [each.schema for each in constraint.conditions]]))
        names |= {token for each in constraint.conditions for token in split(each.pointer)}
        names |= set(_words_in(_parameters(constraint.rule.rule))) if constraint.rule is not None else set()
    return frozenset(names) & known


def _parameters(rule: object) -> list[Json]:
    """What a rule was told: pointers and names of members, as its fields hold them."""
    if not is_dataclass(rule):
        return []
    values = [getattr(rule, each.name) for each in fields(rule)]
    return [*(each for each in values if isinstance(each, (str, tuple))), *map(_parameters, values)]


def _tokens(text: str) -> Iterator[str]:
    return (match[0] for match in _TOKEN.finditer(text))


def _words_in(value: Json) -> Iterator[str]:
    """Every name and text inside a schema."""
    if isinstance(value, str):
        yield from _tokens(value)
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield name
            yield from _words_in(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from _words_in(inner)


@dataclass(frozen=True, slots=True)
class Named:
    """The names in one text: those that are surely meant as names of members, and all that could be."""

    surely: frozenset[str]
    perhaps: frozenset[str]


def names_in(text: str, known: frozenset[str], *, is_path: bool) -> Named:
    """Which members a text names. A path (`/multi_prompt/1/prompt`, `multi_prompt[1].prompt`) is nothing but names."""
    surely: set[str] = set()
    text = _URL.sub("", text)
    spoken = _spoken(text)
    perhaps = {name for name in known if _loosely(name) in spoken}
    for match in _TOKEN.finditer(text):
        if match[0] in known and (is_path or _is_a_name(text, match)):
            surely.add(match[0])
    return Named(frozenset(surely), frozenset(perhaps))


def _loosely(text: str) -> str:
    return text.replace("_", "").lower()


def _spoken(text: str) -> frozenset[str]:
    """Its words, and what two and three of them make together (`negative prompt`), with and without a final s."""
    words = [_loosely(each) for each in _TOKEN.findall(text)]
    runs = {"".join(words[at : at + size]) for size in (1, 2, 3) for at in range(len(words))}
    return frozenset(runs | {each.removesuffix("s") for each in runs})


def _is_a_name(text: str, match: re.Match[str]) -> bool:
    if "_" in match[0]:
        return True
    before, after = text[: match.start()], text[match.end() :]
    if before[-1:] and before[-1] in _QUOTED:
        return True
    if _ON_A_PATH.search(before) is not None or (before[-1:] == "[" and after[:1] == "]"):
        return True
    return _AFTER.match(after) is not None and _ARTICLES.search(before) is None


def check_field(record: Record) -> Checks:
    """What a refusal names has to do with what is wrong."""
    for reading in record.readings:
        is_refusal = reading.outcome is Outcome.REFUSED and reading.owner == owners.REFUSED
        if not is_refusal or reading.operation is None or _is_drawn(reading):
            continue
        if not is_spoilt(record, reading) and not is_like_a_wrong_refusal(record, reading):
            yield from _judged(record, reading, reading.operation)


def _is_drawn(reading: Reading) -> bool:
    """A body that chance has made: beside what it breaks it may hold values that a service may well look at first."""
    purpose = reading.exchange.purpose
    return purpose is not None and purpose.is_drawn


def _judged(record: Record, reading: Reading, operation: Operation) -> Checks:
    wrong = [each.pointer for each in reading.expected.violations if each.pointer]
    constraint = record.promise.constraints.get(reading.constraint or "")
    known = record.once(("members", operation.id), lambda: members_of(operation))
    right = _right_names(record, reading, constraint, wrong, known) | (_inside(record, reading) & known)
    body = reading.answer()
    if not right or body is UNREADABLE:
        return
    said = [(place, at, value) for place in _homes(record, reading) for at, value in place.values(body)]
    for place, at, value in said:
        if isinstance(value, str) and value:
            yield _misnamed(reading, known, right, (at, value), is_path=_TEXT not in place.names) or KEPT


def _right_names(
    record: Record, reading: Reading, constraint: Constraint | None, wrong: list[str], known: frozenset[str]
) -> frozenset[str]:
    if constraint is not None:
        return taking_part(constraint, wrong, known)
    # Which constraint it was is told by place and keyword; where several are alike, each of them may be meant.
    broken = {(generalised(each.pointer), each.rule) for each in reading.expected.violations}
    alike = [one for at, rule in broken for one in record.promise.constraints_at(reading.operation_id, at, rule)]
    return frozenset().union(*(taking_part(each, wrong, known) for each in [None, *alike]))


def _inside(record: Record, reading: Reading) -> frozenset[str]:
    """The members of a value of another type: who looks for them first misses them first."""
    of_type = [
        generalised(each.pointer) + "/" for each in reading.expected.violations if each.rule == "type" and each.pointer
    ]
    found = (each.pointer for each in record.promise.constraints.values() if each.operation == reading.operation_id)
    return frozenset(token for each in found if each.startswith(tuple(of_type)) for token in split(each))


def _homes(record: Record, reading: Reading) -> list[Place]:
    """Where the vendor's refusal in this situation speaks of the violation."""

    def find() -> list[Place]:
        refusals = record.promise.refusals(reading.operation, reading.expected.situations)
        found = [place for refusal in refusals for place in places(refusal.body)]
        return [place for place in found if place.names[0].startswith(_VIOLATION)]

    return record.once(("homes", reading.operation_id, reading.expected.situations), find)


def _misnamed(
    reading: Reading, known: frozenset[str], right: frozenset[str], said: tuple[str, str], *, is_path: bool
) -> Breach | None:
    at, text = said
    named = names_in(text, known, is_path=is_path)
    others = {name for name in named.surely if not _is_akin(name, right)}
    if not others or named.surely != others or (not is_path and named.perhaps & right):
        return None
    wanted, found = ", ".join(sorted(right)), ", ".join(sorted(others))
    return Breach(
        message=f"{reading.words}: the refusal names {found}, not {wanted}: {shown(text)}",
        readings=(reading,),
        operation=reading.operation_id,
        pointer=reading.expected.violations[0].pointer if reading.expected.violations else None,
        constraint=reading.constraint,
        # A service that always names one member is one finding.
        group=f"{at} {found}",
    )


def _is_akin(name: str, right: frozenset[str]) -> bool:
    """Whether it may be meant for one of the right names: `image` for `image_tail`."""
    return any(name == each or name in each.split("_") or each in name.split("_") for each in right)


CHECKS: Mapping[str, Check] = MappingProxyType({"attribution.field": check_field})
