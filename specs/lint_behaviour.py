"""Lint of behaviour.yaml by itself: its members, and that what it points at exists in some request."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path

import jsonschema_rs
import orjson

from specs.keywords import declares
from specs.lint_schemas import Found
from specs.pack import Pack
from specs.pointers import Json, join, resolve, split
from specs.validation import compile_schema


@lru_cache(maxsize=1)
def _schema() -> jsonschema_rs.Draft202012Validator:
    return compile_schema(orjson.loads((Path(__file__).parent / "behaviour.schema.json").read_bytes()))


def judge_behaviour(value: Json) -> Found:
    """Members and types, in the merges of its options too once they are applied."""
    for error in _schema().iter_errors(value):
        message = error.message.replace('"', "'")
        yield "behaviour", join(error.instance_path), message, "specs/README.md lists the members"


def judge_pointers(behaviour: Mapping[str, Json], pack: Pack) -> Found:
    """Every pointer into a request leads to a member that some request has."""
    schemas = [operation.body.schema for operation in pack.operations.values() if operation.body is not None]
    for at, pointer in _pointers(behaviour):
        if not any(declares(schema, split(pointer)) for schema in schemas):
            yield (
                "behaviour",
                at,
                f"{pointer} is a member of no request",
                "Mend the pointer, or declare the member",
            )


def _pointers(behaviour: Mapping[str, Json]) -> Iterator[tuple[str, str]]:
    for at in ("/prompts", "/media/members"):
        for index, pointer in enumerate(resolve(behaviour, at, [])):
            yield f"{at}/{index}", pointer
    single = ["/model/pointer", "/external_id/pointer", "/lifecycle/video_seconds"]
    if resolve(behaviour, "/callbacks/enabled"):
        single.append("/callbacks/url")
    for at in single:
        pointer = resolve(behaviour, at)
        if pointer is not None:
            yield at, pointer
