"""What a mapping names of a gateway's front, beside what arrived behind it: values by their jobs, texts by themselves.

Jobs of the two sides are known by their texts, so a text that was changed on the way has no job to be held against: it
is told by a text that was asked for and never arrived, beside one that arrived and that nobody asked for.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from itertools import product
from types import MappingProxyType
from typing import NamedTuple, TypeAlias

import orjson

from contracts.exchange import Exchange
from contracts.judge.sandwich import Check, Checks, Misfit, Sandwich, Side, read_body
from contracts.judge.seen import generalised
from specs.pointers import Json, finder, is_within, join, resolve
from specs.validation import schema_default

MEMBERS = "upstream.members"
_COMPARED_MAX, _SHOWN_MAX, _PAIRED_MAX = 400, 60, 20
# Shorter ones may stand in any text by chance.
_TEXT_MIN = 8
_Texts: TypeAlias = tuple[str, ...]
_Places: TypeAlias = Mapping[str, Mapping[str, str]]
"""From an operation behind the gateway to what of the front arrives where there."""


class _Flow(NamedTuple):
    """Jobs of one operation of the front, and the tasks that were made for them."""

    jobs: Sequence[Exchange]
    made: Sequence[Exchange]
    places: _Places


def _members(sandwich: Sandwich) -> Checks:
    """What the mapping names arrives where it says."""
    for flow in _flows(sandwich):
        for here in _named_by_all(flow.places):
            yield _lost(flow, here)
            yield _by_default(sandwich.front, flow, here)
    for operation, places in sandwich.mappings.items():
        yield from _texts(sandwich, operation, places)


def _named_by_all(places: _Places) -> list[str]:
    """Members of the front that arrive wherever the job goes."""
    first, *others = places.values()
    return [here for here in first if all(here in each for each in others)]


# Values, among the jobs of the same texts


def _flows(sandwich: Sandwich) -> Iterator[_Flow]:
    for prompt, jobs in sandwich.front.by_prompt.items():
        made = sandwich.back.by_prompt.get(prompt, [])
        if not prompt or len(made) != len(jobs):
            continue
        behind = _by_operation(made)
        for name, own in _by_operation(jobs).items():
            places = {there: sandwich.mappings[name][there] for there in _known(sandwich, name, behind)}
            flow = _Flow(own, [one for there in places for one in behind[there]], places)
            # As many as there are jobs of it: else nobody knows which are whose.
            if len(own) == len(flow.made):
                yield flow


def _by_operation(exchanges: Iterable[Exchange]) -> Mapping[str, list[Exchange]]:
    found: defaultdict[str, list[Exchange]] = defaultdict(list)
    for each in exchanges:
        found[each.operation or ""].append(each)
    return found


def _known(sandwich: Sandwich, operation: str, behind: Iterable[str]) -> list[str]:
    return [there for there in behind if there in sandwich.mappings.get(operation, {})]


def _lost(flow: _Flow, here: str) -> Misfit | None:
    sent = Counter(_told(resolve(read_body(each), here)) for each in flow.jobs)
    arrived = Counter(_told(_arrived(flow, each, here)) for each in flow.made)
    lost = sent - arrived
    lost.pop("", None)
    if not lost:
        return None
    others = ", ".join(sorted(each or "nothing" for each in arrived - sent)) or "nothing"
    there = _there(flow, flow.made[0], here)
    return Misfit(f"{here} is {next(iter(lost))} at the front; at {there} {others} arrived", tuple(flow.made), there)


def _by_default(front: Side, flow: _Flow, here: str) -> Misfit | None:
    """A word that nobody sent is the documented one, if there is one; a number may follow from something else."""
    operation = front.promise.pack.operations[flow.jobs[0].operation or ""]
    word = schema_default(operation.body.schema, here) if operation.body is not None else None
    if (
        not isinstance(word, str)
        or word.isdecimal()
        or any(_told(resolve(read_body(each), here)) for each in flow.jobs)
    ):
        return None
    for each in flow.made:
        value = _arrived(flow, each, here)
        if isinstance(value, str) and value and _told(value) != _told(word):
            there = _there(flow, each, here)
            words = f"{here} was not sent, and is {word} by default at the front; at {there} {value} arrived"
            return Misfit(words, (each,), there, "default")
    return None


def _there(flow: _Flow, made: Exchange, here: str) -> str:
    return flow.places[made.operation or ""][here]


def _arrived(flow: _Flow, made: Exchange, here: str) -> Json:
    return resolve(read_body(made), _there(flow, made, here))


def _told(value: Json) -> str:
    """A value as it may be written on either side: 5, 5.0 and "5" are the same; nothing is nothing."""
    if value is None or value in ("", [], {}):
        return ""
    if isinstance(value, str) or (isinstance(value, int | float) and not isinstance(value, bool)):
        try:
            return f"{float(value):g}"
        except ValueError:
            return str(value)
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


# Texts, wherever they are


class _Way(NamedTuple):
    """From the front to one operation behind it: the places of texts, on both sides."""

    operation: str
    here: Sequence[str]
    there: Sequence[str]


class _Arrived(NamedTuple):
    """The texts of one task, and how they came."""

    texts: _Texts
    exchange: Exchange
    way: _Way


def _texts(sandwich: Sandwich, operation: str, places: _Places) -> Checks:
    """Texts that arrived nowhere, while strange ones did, were changed on the way."""
    front, back = sandwich.front, sandwich.back
    ways = [_way(front, name, pairs) for name, pairs in places.items()]
    arrived = [
        _Arrived(_texts_at(back, each, way.there), each, way)
        for way in ways
        for each in back.submits
        if each.operation == way.operation
    ]
    if not all(each.way.here for each in arrived):
        return
    taken = [each for each in front.taken if each.operation == operation]
    asked = [each for each in taken if any(_forms(front, each, ways))]
    known = {form for each in front.submits for form in _forms(front, each, ways)}
    seen = {each.texts for each in arrived}
    missing = [each for each in asked if seen.isdisjoint(_forms(front, each, ways))]
    unnamed = {text for each in taken for text in _unnamed(each, places)}
    strange = [each for each in arrived if each.texts and each.texts not in known and not _holds_one(each, unnamed)]
    # What the judge can't read may have been any text.
    if missing and len(strange) > front.unread:
        yield _changed(front, missing, strange)
    else:
        yield from (None for _ in asked)


def _way(front: Side, operation: str, pairs: Mapping[str, str]) -> _Way:
    here = [pointer for pointer in pairs if _holds_texts(front, pointer)]
    return _Way(operation, here, [pairs[pointer] for pointer in here])


def _unnamed(job: Exchange, places: _Places) -> Iterator[str]:
    """Texts at places that the mapping does not name: where they go, alone or in another text, is not said."""
    named = {pointer for pairs in places.values() for pointer in pairs}
    for at, text in _strings(read_body(job)):
        if len(text) >= _TEXT_MIN and not any(is_within(at, pointer) for pointer in named):
            yield text


def _strings(value: Json, at: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield at, value
    elif isinstance(value, list | dict):
        for name, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _strings(inner, at + join([name]))


def _holds_one(arrived: _Arrived, texts: Iterable[str]) -> bool:
    return any(text in one for text in texts for one in arrived.texts)


def _changed(front: Side, missing: Sequence[Exchange], strange: Sequence[_Arrived]) -> Misfit:
    """The two that are likest."""
    pairs = product(missing[:_PAIRED_MAX], strange[:_PAIRED_MAX])
    job, found = max(pairs, key=lambda pair: _likeness(_texts_at(front, pair[0], pair[1].way.here), pair[1].texts))
    words = _differ(_texts_at(front, job, found.way.here), found.texts)
    return Misfit(words, (job, found.exchange), found.way.there[0])


def _holds_texts(side: Side, pointer: str) -> bool:
    return any(is_within(each, generalised(pointer)) for each in side.promise.pack.behaviour.prompts)


def _forms(side: Side, exchange: Exchange, ways: Iterable[_Way]) -> set[_Texts]:
    """The texts of a job, and those of each kind by themselves: the others may be of no use to it."""
    kinds = side.promise.pack.behaviour.prompts
    choices = [kinds, *([each] for each in kinds)]
    return {_texts_at(side, exchange, way.here, choice) for way in ways for choice in choices} - {()}


def _texts_at(side: Side, exchange: Exchange, pointers: Iterable[str], patterns: Iterable[str] | None = None) -> _Texts:
    """All texts there are at these places and below them, in the order of the places."""
    body = read_body(exchange)
    kinds = side.promise.pack.behaviour.prompts if patterns is None else patterns
    found = [place for pattern in kinds for place in finder(pattern)(body)]
    return tuple(
        text
        for pointer in pointers
        for at, text in found
        if is_within(at, pointer) and isinstance(text, str) and text.strip()
    )


def _likeness(one: _Texts, other: _Texts) -> float:
    here, there = ("\n".join(each)[:_COMPARED_MAX] for each in (one, other))
    return SequenceMatcher(None, here, there, autojunk=False).quick_ratio()


def _differ(here: _Texts, there: _Texts) -> str:
    if len(here) != len(there):
        return f"a job has {_several(here)} at the front; {_several(there)} arrived"
    one, other = next((one, other) for one, other in zip(here, there, strict=True) if one != other)
    at = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    start = max(0, at - _SHOWN_MAX // 2)
    return f"a text is {_cut(one, start)} at the front; {_cut(other, start)} arrived"


def _several(texts: _Texts) -> str:
    return "1 text" if len(texts) == 1 else f"{len(texts)} texts"


def _cut(text: str, start: int) -> str:
    shown = text[start : start + _SHOWN_MAX]
    return ("... " if start else "") + repr(shown) + (" ..." if len(text) > start + _SHOWN_MAX else "")


CHECKS: Mapping[str, Check] = MappingProxyType({MEMBERS: _members})
"""By id, as `laws.toml` has them."""
