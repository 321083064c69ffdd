"""A mapping file: where the members of a gateway's front arrive at its provider, operation by operation, as YAML."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path

from contracts.errors import UsageError
from contracts.judge.seen import generalised
from specs.catalogue import BODY, Constraint, constraints
from specs.documents import read_yaml
from specs.errors import PackError
from specs.pack import Operation, Pack
from specs.pointers import Json

_HOLDERS = frozenset({"object", "array"})
_EXAMPLE = "createVideo: {createTextToVideo: {/prompt: /prompt, /duration: /duration}}"


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
            sides = ((front, name, pairs), (back, there, pairs.values()))
            for pack, operation, pointers in sides:
                yield from (f"{name}, {there}: {each}" for each in _strange(pack.operations[operation], pointers))


def _strange(operation: Operation, pointers: Iterable[Json]) -> Iterator[str]:
    found = [each for each in constraints(operation) if each.location == BODY and each.pointer]
    known = {each.pointer for each in found}
    plain = {each.pointer for each in found if each.keyword == "type" and _HOLDERS.isdisjoint(_types(each))}
    for pointer in pointers:
        if not isinstance(pointer, str) or not pointer.startswith("/"):
            yield f"{pointer!r} is no pointer"
        elif not _is_known(generalised(pointer), known, plain):
            likest = get_close_matches(generalised(pointer), known, 1)
            hint = f"; did you mean {likest[0]}?" if likest else f"; there are {', '.join(sorted(known))}"
            yield f"{operation.id} has no member {pointer}{hint}"


def _types(constraint: Constraint) -> set[str]:
    limit = constraint.limit
    return {limit} if isinstance(limit, str) else set(limit)


def _is_known(pointer: str, known: Iterable[str], plain: Container[str]) -> bool:
    """Whether a contract speaks of the member, or of nothing in an object or list that holds it."""
    if pointer in known:
        return True
    parents = [each for each in known if pointer.startswith(each + "/")]
    nearest = max(parents, key=len, default=None)
    return nearest is not None and nearest not in plain and not any(each.startswith(nearest + "/") for each in known)


def _operations(value: Json, pack: Pack) -> Iterator[str]:
    submits = [each.id for each in pack.operations.values() if each.role == "submit"]
    if not isinstance(value, dict) or not value:
        yield f"it names no operation of {pack.name}; there are {', '.join(submits)}"
        return
    for name in value:
        if name not in submits:
            yield f"{pack.name} has no operation {name!r} that submits; there are {', '.join(submits)}"
