"""Lint of schemas: keywords, formats and extensions that nobody enforces, and values that make no schema."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping

import jsonschema_rs

from specs.constraint import IDLE
from specs.forms import EXTENSIONS, read_forms
from specs.keywords import ANYTHING, MISTAKEN, NAMED, NOTES, ONE, RELIES_ON, SEVERAL, SPEAKS_OF, walk
from specs.pointers import Json, join
from specs.rules import KINDS
from specs.validation import compile_schema

RULES = "x-rules"
KNOWN_EXTENSIONS = (RULES, IDLE, *EXTENSIONS)

# None of these texts is anything: a format that takes them all is not enforced.
_NOTHINGS = ("", " ", "\x00", "(", "%%{", "a b:\\", "\\ %zz")

# What OpenAPI maps names to: there a key that begins with x- is a name like others.
_MAPS_OF_NAMES = frozenset(
    {
        *(
            "headers",
            "schemas",
            "responses",
            "parameters",
            "examples",
            "requestBodies",
            "securitySchemes",
            "links",
        ),
        *("callbacks", "pathItems", "variables", "content", "encoding", "scopes"),
    }
)
_VALUES = frozenset({"example", "value", "default", "enum", "const"})

Found = Iterator[tuple[str, str, str, str]]
"""Kind, pointer, what is wrong, the way out."""


def judge_document(openapi: Json) -> Found:
    """Everything in the schemas of an OpenAPI document, and every extension outside of them."""
    for at, schema in _schemas(openapi, ""):
        yield from judge_schema(schema, at)
        yield from _defaults(schema, at, openapi)
    yield from _extensions(openapi, "", names=False)


def _schemas(value: Json, at: str) -> Iterator[tuple[str, Json]]:
    """Every outermost schema of the document."""
    if isinstance(value, list):
        for index, each in enumerate(value):
            yield from _schemas(each, f"{at}/{index}")
    if not isinstance(value, Mapping):
        return
    for name, each in value.items():
        pointer = at + join([name])
        if name == "schema":
            yield pointer, each
        elif pointer == "/components/schemas" and isinstance(each, Mapping):
            yield from ((pointer + join([key]), schema) for key, schema in each.items())
        elif name not in _VALUES:
            yield from _schemas(each, pointer)


def _defaults(schema: Json, at: str, openapi: Json) -> Found:
    """Defaults that their own schema refuses."""
    for pointer, node in walk(schema, at):
        if isinstance(node, Mapping) and "default" in node and not _accepts(node, node["default"], openapi):
            problem = f"the default {node['default']!r} breaks its own schema"
            yield "example", pointer + "/default", problem, "Mend one of them"


def _accepts(schema: Mapping[str, Json], value: Json, openapi: Json) -> bool:
    # References are written from the document's root: here it stands inside the schema.
    rooted = {**schema, **{name: openapi[name] for name in ("paths", "components") if name in openapi}}
    try:
        return compile_schema(rooted).is_valid(value)
    except (ValueError, jsonschema_rs.ReferencingError):
        # Why it is no schema is told elsewhere.
        return True


def _extensions(value: Json, at: str, *, names: bool) -> Found:
    """Extensions outside of schemas: there is none that anybody reads."""
    if isinstance(value, list):
        for index, each in enumerate(value):
            yield from _extensions(each, f"{at}/{index}", names=False)
    if not isinstance(value, Mapping):
        return
    for name, each in value.items():
        pointer = at + join([name])
        if name.startswith("x-") and not names:
            yield "extension", pointer, f"nobody reads {name} here", _extension_way_out(name)
        elif name == "schema" or name in _VALUES or pointer == "/components/schemas":
            continue
        else:
            yield from _extensions(each, pointer, names=name in _MAPS_OF_NAMES)


def _extension_way_out(name: str) -> str:
    if name in KNOWN_EXTENSIONS:
        return f"{name} belongs into the schema of a request, see specs/README.md"
    return _close(name, KNOWN_EXTENSIONS) or f"There are {', '.join(KNOWN_EXTENSIONS)}"


def _close(name: str, known: Iterator[str] | tuple[str, ...] | list[str]) -> str:
    near = difflib.get_close_matches(name, list(known), 1, 0.75)
    return f"Did you mean {near[0]}?" if near else ""


def judge_schema(schema: Json, at: str) -> Found:
    """One schema and every one inside it."""
    for pointer, node in walk(schema, at):
        if isinstance(node, Mapping):
            yield from _judge_node(node, pointer)
        elif not isinstance(node, bool):
            yield "schema", pointer, f"a schema is an object, not {node!r}", "Write {} for anything"


def _judge_node(node: Mapping[str, Json], at: str) -> Found:
    for keyword, value in node.items():
        pointer = at + join([keyword])
        if keyword in EXTENSIONS:
            yield from _judge_forms(value, pointer)
        elif keyword == RULES:
            yield from _judge_rules(value, pointer)
        elif keyword == IDLE:
            yield from judge_schema(value, pointer)
        elif keyword.startswith("x-"):
            yield "extension", pointer, f"nobody reads {keyword}", _extension_way_out(keyword)
        elif keyword in SPEAKS_OF:
            yield from _judge_keyword(keyword, value, node, pointer)
        elif keyword not in NOTES and keyword != "$ref":
            known = [*SPEAKS_OF, *NOTES]
            way_out = MISTAKEN.get(keyword) or _close(keyword, known) or "See the keywords of JSON Schema 2020-12"
            yield "keyword", pointer, f"nobody enforces {keyword}", way_out


def _judge_keyword(keyword: str, value: Json, node: Mapping[str, Json], pointer: str) -> Found:
    partner = RELIES_ON.get(keyword)
    if partner is not None and partner not in node:
        yield (
            "keyword",
            pointer,
            f"{keyword} does nothing without {partner}",
            f"Add {partner}, or leave it out",
        )
    trouble = _malformed(keyword, value)
    types = _types(node)
    if trouble:
        yield "schema", pointer, f"{keyword}: {trouble}", "See the keywords of JSON Schema 2020-12"
    elif keyword == "format" and not is_enforced(value):
        yield "format", pointer, f"nobody enforces the format {value}", _format_way_out(value)
    elif types and types.isdisjoint(SPEAKS_OF[keyword]):
        said = " or ".join(sorted(types))
        yield (
            "keyword",
            pointer,
            f"{keyword} says nothing about type {said}",
            "Change the type, or leave it out",
        )


def _types(node: Mapping[str, Json]) -> frozenset[str]:
    types = node.get("type", ())
    listed = types if isinstance(types, list) else [types]
    return ANYTHING & {each for each in listed if isinstance(each, str)}


def _malformed(keyword: str, value: Json) -> str:
    """What the schema of schemas says about one keyword's value; schemas inside are judged by themselves."""
    try:
        jsonschema_rs.meta.validate({keyword: _without_inner(keyword, value)})
        if keyword in ("pattern", "patternProperties"):
            compile_schema({keyword: value if keyword == "pattern" else dict.fromkeys(value, True)})
    except jsonschema_rs.ValidationError as error:
        return error.message.replace('"', "'")
    except ValueError as error:
        return str(error).splitlines()[0]
    return ""


def _without_inner(keyword: str, value: Json) -> Json:
    if keyword in ONE:
        return True
    if keyword in SEVERAL and isinstance(value, list):
        return [True for _ in value]
    return dict.fromkeys(value, True) if keyword in NAMED and isinstance(value, Mapping) else value


def is_enforced(name: str) -> bool:
    """Whether the validator ever refuses a string because of this format."""
    validator = compile_schema({"format": name})
    return not all(map(validator.is_valid, _NOTHINGS))


def _format_way_out(name: str) -> str:
    if re.fullmatch(r"u?int[0-9]*|float|double|decimal", name):
        return "Say it by type, minimum and maximum"
    return "Use a format of JSON Schema 2020-12 (date-time, uuid, uri ...), or say it by pattern"


def _judge_forms(listed: Json, at: str) -> Found:
    if not isinstance(listed, list):
        yield "form", at, "is no list of forms", "See specs/README.md for the forms"
        return
    for index, entry in enumerate(listed):
        try:
            for form in read_forms("/x", [entry]):
                if form.kind != "lift":
                    form.change(None)
        except (KeyError, TypeError, AttributeError, StopIteration):
            yield "form", f"{at}/{index}", f"there is no form {entry!r}", "See specs/README.md for the forms"


def _judge_rules(listed: Json, at: str) -> Found:
    if not isinstance(listed, list) or not all(isinstance(entry, Mapping) for entry in listed):
        yield "rule", at, "is no list of rules", "See specs/README.md for the kinds"
        return
    for index, entry in enumerate(listed):
        yield from _judge_rule(entry, f"{at}/{index}")


def _judge_rule(entry: Mapping[str, Json], at: str) -> Found:
    kind = entry.get("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        way_out = _close(str(kind), list(KINDS)) or f"Kinds: {', '.join(KINDS)}"
        yield "rule", at, f"there is no rule kind {kind!r}", way_out
        return
    wanted = KINDS[kind].parameters
    given = entry.keys() - {"kind", "when"}
    for name in sorted(given - wanted):
        yield "rule", at, f"the rule {kind} has no parameter {name}", f"It has {', '.join(sorted(wanted))}"
    for name in sorted(wanted - given):
        yield "rule", at, f"the rule {kind} lacks {name}", f"It has {', '.join(sorted(wanted))}"
    if "when" in entry:
        yield from judge_schema(entry["when"], at + "/when")
