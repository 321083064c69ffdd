"""Answers in another dress: more members, fewer, other spellings; nothing that changes what they say of a task."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta, timezone

from contracts.exchange import HeaderLines
from contracts.judge.seen import Seen
from contracts.scenarios.scenario import Dress
from specs.pointers import Json, is_within, join, removed, replaced, resolve, split

MORE_HEADERS: HeaderLines = (
    ("X-Trace-Id", "0af7651916cd43dd8448eb211c80319c"),
    ("Server-Timing", 'queue;dur=12.5, model;desc="a model";dur=0'),
    ("Set-Cookie", "route=a1b2; Path=/; HttpOnly"),
    ("Vary", "Origin"),
    ("Vary", "Accept-Encoding"),
    ("X-Long", "x" * 2000),
)
_MORE_MEMBERS: Mapping[str, Json] = {
    "trace": {
        "id": "0af7651916cd43dd",
        "href": "https://trace.example.com/0af76519",
        "spans": [{"name": "queue", "ms": 12.5}, None],
    },
    "region": "eu-2",
    "beta_flags": [],
    "estimated_cost": 0.25,
    "deprecated": None,
}
_FAR_ZONE = timezone(timedelta(hours=-9, minutes=-30))
Keeps = Callable[[Json], bool]


def dressed(body: Json, seen: Seen, dress: Dress, keeps: Keeps, others: Iterable[Json] = ()) -> Json:
    """The body of a yes in this dress; `keeps` says whether a body still keeps the documents, `seen` what it says.

    `others` are the templates of the same answer in all states: members that only another state has may be null.
    """
    if dress.optional:
        body = _without_optional(body, seen, dress.optional, keeps)
    if dress.optional == "null":
        for other in others:
            body = _with_nulls(body, other)
    if dress.times:
        body = _with_other_instants(body, seen, dress.times)
    if dress.members:
        body = _with_more(body)
    return body


def spelt(body: Json, writing: str) -> bytes:
    """The JSON text."""
    if writing == "spaced":
        return ("\n  " + json.dumps(body, ensure_ascii=False, indent=4, separators=(" ,", " : ")) + "\n\n").encode()
    if writing == "escaped":
        text = json.dumps(body, ensure_ascii=True, separators=(",", ":"))
        return text.replace("/", "\\/").replace("&", "\\u0026").encode()
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


# Members that may be missing


def _without_optional(body: Json, seen: Seen, how: str, keeps: Keeps) -> Json:
    needed = _needed(body, seen, keeps)
    for at in sorted(_members(body), key=lambda at: at.count("/")):
        if resolve(body, at, _GONE) is _GONE or any(is_within(each, at) for each in needed):
            continue
        without = removed(body, at)
        if keeps(without):
            body = without if how == "absent" else replaced(body, at, None)
    return body


_GONE = object()


def _needed(body: Json, seen: Seen, keeps: Keeps) -> set[str]:
    """The places that a client reads: the first id, the word, a result, why the task failed, what tells yes from no."""
    places = {at for at, _ in seen.ids[:1]} | {seen.word_at} | {at for at, _ in seen.failure}
    required = [at for at, _ in seen.results if not keeps(removed(body, _home(at)))]
    places |= set(required) or {at for at, _ in seen.results}
    # A number at the top may be what tells a yes from a no.
    numbers = body.items() if isinstance(body, dict) else ()
    return (places | {join([name]) for name, value in numbers if isinstance(value, int)}) - {""}


def _home(pointer: str) -> str:
    """The member that a value belongs to: of an item of a list, the list."""
    tokens = split(pointer)
    lists = [at for at, token in enumerate(tokens) if token.isdecimal()]
    return join(tokens[: lists[0]]) if lists else pointer


def _members(value: Json, at: str = "") -> Iterator[str]:
    for name, each in value.items() if isinstance(value, Mapping) else ():
        yield at + join([name])
        yield from _members(each, at + join([name]))


def _with_nulls(body: Json, other: Json) -> Json:
    """The body with null for each member that the other has and it lacks."""
    if not isinstance(body, Mapping) or not isinstance(other, Mapping):
        return body
    filled = dict(body)
    for name, value in other.items():
        plain = name.removesuffix("?")
        filled[plain] = _with_nulls(body[plain], value) if plain in body else None
    return filled


# Members that nobody documents


def _with_more(value: Json) -> Json:
    """Every object gets more members, before its own and behind them."""
    if isinstance(value, list):
        return [_with_more(each) for each in value]
    if not isinstance(value, Mapping):
        return value
    more = {name: each for name, each in _MORE_MEMBERS.items() if name not in value}
    before = dict(list(more.items())[:2])
    return {**before, **{name: _with_more(each) for name, each in value.items()}, **more}


# Instants


def _with_other_instants(body: Json, seen: Seen, form: str) -> Json:
    for at, value in seen.instants:
        if isinstance(value, str):
            body = replaced(body, at, _rewritten(value, form))
    return body


def _rewritten(text: str, form: str) -> str:
    """The same instant in another form of RFC 3339."""
    try:
        instant = datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        return text
    if form == "micros":
        return instant.isoformat(timespec="microseconds")
    if form == "offset":
        return instant.astimezone(_FAR_ZONE).isoformat(timespec="milliseconds")
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")


# Results


def with_results(body: Json, seen: Seen, urls: list[str]) -> Json:
    """The body with the first URL wherever a result stands; lists of results have an entry for each URL."""
    for at, _ in seen.results:
        body = replaced(body, at, urls[0])
    for at in dict.fromkeys(_home(at) for at, _ in seen.results):
        entries = resolve(body, at)
        if isinstance(entries, list) and entries:
            inner = [pointer.removeprefix(f"{at}/0") for pointer, _ in seen.results if pointer.startswith(f"{at}/0")]
            body = replaced(body, at, [_entry(entries[0], inner, url, number) for number, url in enumerate(urls)])
    return body


def _entry(entry: Json, places: list[str], url: str, number: int) -> Json:
    """One more result like the first: another URL, and where it has an id of digits, another id."""
    for at in places:
        entry = replaced(entry, at, url)
    if isinstance(entry, Mapping):
        return {
            name: str(int(value) + number) if isinstance(value, str) and value.isdecimal() else value
            for name, value in entry.items()
        }
    return entry


def without_results(body: Json, seen: Seen, how: str) -> Json:
    """A body that says done and tells no result: an empty list of them, or no member at all."""
    for at in dict.fromkeys(_home(at) for at, _ in seen.results):
        is_list = isinstance(resolve(body, at), list)
        body = replaced(body, at, []) if is_list and how == "list" else removed(body, at)
    return body
