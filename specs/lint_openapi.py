"""Lint of openapi.yaml as a whole: valid OpenAPI 3.1, paths and references that lead somewhere, enforced schemas."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from urllib.parse import quote

from specs.lint_schemas import Found, judge_document
from specs.pointers import Json, join, resolve

_WAY_OUT = "See the OpenAPI Specification 3.1"
# What may stand in the path of a URL (RFC 3986, 3.3), and parameters in braces.
_PATH_SAFE = "/:@!$&'()*+,;=~-._%{}"
_PARAMETER = re.compile(r"\{[^{}/]+\}")
_TOP = frozenset({"openapi", "info", "servers", "paths", "components", "security", "tags", "webhooks", "externalDocs"})


def judge_openapi(openapi: Json) -> Found:
    """Everything that can be said of the document without the rest of the pack."""
    version = openapi.get("openapi")
    if not (isinstance(version, str) and version.startswith("3.1.")):
        yield (
            "openapi",
            "/openapi",
            f"is OpenAPI {version}, and 3.1 is needed",
            "Convert it, then write openapi: 3.1.0",
        )
        return
    yield from _paths(openapi)
    dangling = list(_dangling(openapi, openapi, ""))
    yield from dangling
    in_schemas = list(judge_document(openapi))
    yield from in_schemas
    if not dangling:
        yield from _invalid(openapi, in_schemas=bool(in_schemas))


def _paths(openapi: Mapping[str, Json]) -> Found:
    """Paths that no call can have: what is sent is percent-encoded, and the query is no part of it."""
    paths = openapi.get("paths")
    for path in paths if isinstance(paths, Mapping) else ():
        at, fixed = "/paths" + join([path]), _PARAMETER.sub("", path)
        if "?" in fixed or "#" in fixed:
            way_out = "Say by parameters what belongs into the query"
            yield "openapi", at, f"the path {path!r} holds more than a path", way_out
        elif quote(fixed, safe=_PATH_SAFE) != fixed:
            way_out = f"Write it as it is sent: {quote(path, safe=_PATH_SAFE)}"
            yield "openapi", at, f"no call can have the path {path!r}", way_out


def _dangling(value: Json, openapi: Json, at: str) -> Found:
    if isinstance(value, list):
        for index, each in enumerate(value):
            yield from _dangling(each, openapi, f"{at}/{index}")
    if not isinstance(value, Mapping):
        return
    for name, each in value.items():
        if name == "$ref" and isinstance(each, str):
            if not each.startswith("#/") or resolve(openapi, each.removeprefix("#")) is None:
                yield (
                    "openapi",
                    at,
                    f"$ref {each} leads nowhere",
                    "References point inside the document: #/components/...",
                )
        elif name not in ("example", "examples"):
            yield from _dangling(each, openapi, at + join([name]))


def _invalid(openapi: Json, *, in_schemas: bool) -> Found:
    found = 0
    try:
        for pointer, message in _errors(openapi, in_schemas=in_schemas):
            found += 1
            yield "openapi", pointer, message, _WAY_OUT
    except Exception as problem:  # noqa: BLE001 - the validator stumbles over what it has just reported
        if not found:
            yield "openapi", "/", f"is no OpenAPI document ({type(problem).__name__}: {problem})", _WAY_OUT


def _errors(openapi: Json, *, in_schemas: bool) -> Iterator[tuple[str, str]]:
    # Imported here for start-up: it costs a second, and only lint needs it.
    from openapi_spec_validator import OpenAPIV31SpecValidator

    for error in OpenAPIV31SpecValidator(openapi).iter_errors():
        path = list(error.absolute_path)
        placed = bool(path and path[0] in _TOP)
        # Errors inside schemas come without their place; what the schemas' own lint has found explains them.
        if in_schemas and not placed and error.instance and error.instance != openapi:
            continue
        yield join(path) if placed else "/", error.message.splitlines()[0].replace('"', "'")
