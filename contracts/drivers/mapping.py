"""A mapping file: where the members of a gateway's front arrive at its provider, operation by operation, as YAML."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from contracts.errors import UsageError
from specs.documents import read_yaml
from specs.errors import PackError
from specs.pack import Pack
from specs.pointers import Json

_EXAMPLE = "createVideo: {createTextToVideo: {/prompt: /prompt, /seconds: /duration}}"


def read_mapping(path: Path, front: Pack, back: Pack) -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    """From operations of the front and of the provider to pointers; UsageError says what in it can't be meant."""
    try:
        value = read_yaml(path)
    except PackError as trouble:
        message = f"{path}: {trouble.problem}; a mapping is like {_EXAMPLE}"
        raise UsageError(message) from None
    for problem in _problems(value, front, back):
        message = f"{path}: {problem}; a mapping is like {_EXAMPLE}"
        raise UsageError(message)
    return {str(name): {str(there): dict(pairs) for there, pairs in each.items()} for name, each in value.items()}


def _problems(value: Json, front: Pack, back: Pack) -> Iterator[str]:
    yield from _operations(value, front)
    for name, each in value.items():
        yield from (f"{name}: {problem}" for problem in _operations(each, back))
        for there, pairs in each.items():
            if not isinstance(pairs, dict) or not pairs:
                yield f"{name}, {there}: it names no members"
                return
            for pointer in (one for pair in pairs.items() for one in pair):
                if not isinstance(pointer, str) or not pointer.startswith("/"):
                    yield f"{name}, {there}: {pointer!r} is no pointer"


def _operations(value: Json, pack: Pack) -> Iterator[str]:
    submits = [each.id for each in pack.operations.values() if each.role == "submit"]
    if not isinstance(value, dict) or not value:
        yield f"it names no operation of {pack.name}; there are {', '.join(submits)}"
        return
    for name in value:
        if name not in submits:
            yield f"{pack.name} has no operation {name!r} that submits; there are {', '.join(submits)}"
