"""JSON Pointers (RFC 6901), with `*` for every item of an array."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

Json: TypeAlias = Any
Found: TypeAlias = list[tuple[str, Json]]
Finder: TypeAlias = Callable[[Json], Found]

_ABSENT = object()


def split(pointer: str) -> list[str]:
    """The reference tokens of a pointer; none for the whole document. `/` is the member whose name is empty."""
    if not pointer:
        return []
    return [token.replace("~1", "/").replace("~0", "~") for token in pointer.removeprefix("/").split("/")]


def join(tokens: Iterator[str | int] | list[str | int] | list[str]) -> str:
    """The pointer made of these tokens."""
    return "".join("/" + str(token).replace("~", "~0").replace("/", "~1") for token in tokens)


def step(value: Json, token: str) -> Json:
    """The member or item that `token` names, or a private mark when there is none."""
    if isinstance(value, Mapping):
        return value.get(token, _ABSENT)
    if isinstance(value, list) and token.isdecimal() and int(token) < len(value):
        return value[int(token)]
    return _ABSENT


def resolve(document: Json, pointer: str, default: Json = None) -> Json:
    """What the pointer names in the document, or `default`."""
    for token in split(pointer):
        document = step(document, token)
        if document is _ABSENT:
            return default
    return document


def is_within(place: str, pointer: str) -> bool:
    """Whether the place is the one that the pointer names, or lies in it."""
    return place == pointer or place.startswith(pointer + "/")


def _walk(value: Json, tokens: list[str], at: str) -> Iterator[tuple[str, Json]]:
    if not tokens:
        yield at, value
        return
    token, rest = tokens[0], tokens[1:]
    if token == "*":
        for index, item in enumerate(value if isinstance(value, list) else ()):
            yield from _walk(item, rest, f"{at}/{index}")
        return
    below = step(value, token)
    if below is not _ABSENT:
        yield from _walk(below, rest, at + join([token]))


def finder(pattern: str) -> Finder:
    """A function from a document to every (pointer, value) that the pattern names in it."""
    tokens = split(pattern)
    first = tokens[0] if tokens else ""
    plain = len(tokens) == 1 and first != "*"

    def find_member(document: Json) -> Found:
        if isinstance(document, dict) and first in document:
            return [(pattern, document[first])]
        return []

    def find_all(document: Json) -> Found:
        # The usual document lacks the member: that answer must cost nothing.
        if first != "*" and isinstance(document, dict) and tokens and first not in document:
            return []
        return list(_walk(document, tokens, ""))

    return find_member if plain else find_all


def getter(pointer: str) -> Callable[[Json], Json]:
    """A function from a document to what the pointer names in it, None when there is nothing."""
    tokens = split(pointer)
    if len(tokens) == 1:
        member = tokens[0]
        return lambda document: document.get(member) if isinstance(document, dict) else None
    return lambda document: resolve(document, pointer)


def field(pointer: str) -> str:
    """The pointer as people write it: `multi_prompt[1].prompt`; `body` for the body itself."""
    text = ""
    for token in split(pointer):
        if token.isdecimal():
            text += f"[{token}]"
        else:
            text += f".{token}" if text else token
    return text or "body"


def replaced(document: Json, pointer: str, value: Json) -> Json:
    """A copy of the document in which the pointer names `value`; objects on the way are made."""
    tokens = split(pointer)
    if not tokens:
        return value
    head, rest = tokens[0], join(tokens[1:])
    if isinstance(document, list):
        index = int(head)
        return [*document[:index], replaced(document[index], rest, value), *document[index + 1 :]]
    members = dict(document) if isinstance(document, Mapping) else {}
    members[head] = replaced(members.get(head), rest, value)
    return members


def removed(document: Json, pointer: str) -> Json:
    """A copy of the document without what the pointer names; the document itself when it names nothing."""
    tokens = split(pointer)
    head, rest = tokens[0], tokens[1:]
    if step(document, head) is _ABSENT:
        return document
    if isinstance(document, list):
        index = int(head)
        middle = [removed(document[index], join(rest))] if rest else []
        return [*document[:index], *middle, *document[index + 1 :]]
    members = dict(document)
    if rest:
        members[head] = removed(members[head], join(rest))
    else:
        members.pop(head, None)
    return members


def merged(document: Json, patch: Json) -> Json:
    """The document with a JSON Merge Patch (RFC 7396) applied; neither is changed."""
    if not isinstance(patch, Mapping):
        return patch
    result = dict(document) if isinstance(document, Mapping) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merged(result.get(name), value)
    return result
