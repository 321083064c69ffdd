"""Lint of pages.yaml: facts in the form that drift can compare, of pages and operations that there are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path

import jsonschema_rs
import orjson

from specs.lint_schemas import Found
from specs.pointers import Json, join
from specs.validation import compile_schema


@lru_cache(maxsize=1)
def _schema() -> jsonschema_rs.Draft202012Validator:
    return compile_schema(orjson.loads((Path(__file__).parent / "pages.schema.json").read_bytes()))


def judge_pages_shape(value: Json) -> Found:
    """Members and types; every fact has a name that drift knows."""
    for error in _schema().iter_errors(value):
        message = error.message.replace('"', "'")
        yield "page", join(list(error.instance_path)), message, "`understudy drift docs --record` writes this file"


def judge_pages(value: Mapping[str, Json], operations: Iterable[str], documents: Iterable[str]) -> Found:
    """Pages are documents of sources.yaml, and what they are about are operations of the pack."""
    for key, page in value["pages"].items():
        at = f"/pages{join([key])}"
        if key not in documents:
            yield "page", at, f"there is no document {key!r}", "Name the page as sources.yaml does, under documents"
        for place, name in _named(page):
            if name not in operations:
                yield "page", at + place, f"there is no operation {name!r}", f"There are {', '.join(operations)}"
        for subject in page.get("anchors", {}):
            if subject not in page["facts"]:
                yield "page", f"{at}/anchors{join([subject])}", f"nothing is known of {subject}", "Record the page anew"


def _named(page: Mapping[str, Json]) -> Iterator[tuple[str, str]]:
    for member in ("operation", "answers"):
        if member in page:
            yield f"/{member}", page[member]
    for endpoint, operation in page.get("endpoints", {}).items():
        yield f"/endpoints{join([endpoint])}", operation
