"""Lint of behaviour.yaml: its members, values that make sense, pointers that some request has, hosts of its own."""

from __future__ import annotations

import re
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

# As a `Host` header has it once its case and port are put aside.
_HOST = re.compile(r"[a-z0-9_]([a-z0-9._-]*[a-z0-9])?")


@lru_cache(maxsize=1)
def _schema() -> jsonschema_rs.Draft202012Validator:
    return compile_schema(orjson.loads((Path(__file__).parent / "behaviour.schema.json").read_bytes()))


def judge_behaviour(value: Json) -> Found:
    """Members and types, in the merges of its options too once they are applied."""
    for error in _schema().iter_errors(value):
        message = error.message.replace('"', "'")
        yield "behaviour", join(error.instance_path), message, "specs/README.md lists the members"


def judge_values(behaviour: Mapping[str, Json]) -> Found:
    """What its shape allows and nobody can mean: lengths of time that end before they begin, hosts that are none."""
    seconds = behaviour["lifecycle"]["seconds"]
    for state in ("queued", "running"):
        least, most = seconds[state]
        if least > most:
            at, problem = f"/lifecycle/seconds/{state}", f"from {least} to {most} seconds is no range"
            yield "behaviour", at, problem, f"The smaller one comes first: [{most}, {least}]"
    for index, host in enumerate(behaviour["hosts"]):
        if not _HOST.fullmatch(host):
            way_out = "Write the name alone, in lower case: no scheme, no port, no path"
            yield "behaviour", f"/hosts/{index}", f"{host!r} is no host that a call could name", way_out


def judge_together(packs: Mapping[str, Pack]) -> Iterator[tuple[str, Found]]:
    """By the packs' labels, what hinders them from being served beside each other: a host that an earlier one has."""
    owners: dict[str, str] = {}
    for label, pack in packs.items():
        yield label, iter(_taken(label, pack, owners))


def _taken(label: str, pack: Pack, owners: dict[str, str]) -> list[tuple[str, str, str, str]]:
    found = []
    for index, host in enumerate(pack.behaviour.hosts):
        owner = owners.setdefault(host.lower(), label)
        if owner != label:
            way_out = "A call there reaches only one of them: serve them apart, or mend one"
            found.append(("behaviour", f"/hosts/{index}", f"{host} is a host of {owner} too", way_out))
    return found


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
    for name, says in behaviour["operations"].items():
        for index, pointer in enumerate(says.get("frames", ())):
            yield join(["operations", name, "frames", str(index)]), pointer
        if "ratio" in says:
            yield join(["operations", name, "ratio"]), says["ratio"]
    single = ["/model/pointer", "/external_id/pointer", "/lifecycle/video_seconds"]
    single += ["/result/sound/pointer", "/result/copy/pointer"]
    if isinstance(resolve(behaviour, "/result/side"), Mapping):
        single.append("/result/side/pointer")
    if resolve(behaviour, "/callbacks/enabled"):
        single.append("/callbacks/url")
    for at in single:
        pointer = resolve(behaviour, at)
        if pointer is not None:
            yield at, pointer
