"""Words that other vendors, and other operations, take for a member of the same name: the likeliest to slip in."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from itertools import pairwise

import specs
from specs.keywords import walk
from specs.pack import Pack
from specs.pointers import Json, join, split


def words_elsewhere(pack: Pack) -> Mapping[str, tuple[str, ...]]:
    """By the member's name, every text that an enumeration of it lists, here or in a shipped pack."""
    found: dict[str, dict[str, None]] = {}
    for each in (pack, *(specs.load(name) for name in specs.names())):
        for operation in each.operations.values():
            for member, options in _enumerations(operation.body.schema if operation.body else None):
                found.setdefault(member, {}).update(dict.fromkeys(options))
    return {member: tuple(options) for member, options in found.items()}


def recombined(options: Collection[str], words: Mapping[str, Collection[str]]) -> Iterator[str]:
    """Options with one part exchanged: where their parts are words of an enumeration, for a further word of it."""
    parts = {part for option in options for part in option.split("-")}
    for listed in words.values():
        known = [word for word in listed if word in parts]
        for word in listed if len(known) > 1 else ():
            if word not in parts:
                yield from (
                    "-".join(word if part == known[0] else part for part in option.split("-"))
                    for option in options
                    if known[0] in option.split("-")
                )


def _enumerations(schema: Json) -> Iterator[tuple[str, list[str]]]:
    for at, node in walk(schema):
        if isinstance(node, Mapping) and "enum" in node:
            tokens = split(at)
            names = [name for before, name in pairwise(tokens) if before == "properties"]
            yield name_of(join(names)), [option for option in node["enum"] if isinstance(option, str)]


def name_of(pointer: str) -> str:
    """The name under which a value is looked up: its member's, with the one around it where that alone says nothing."""
    names = [token for token in split(pointer) if token != "*"]
    return "/".join(names[-2:] if names[-1:] == ["type"] else names[-1:])
