"""Lint of what a loaded pack asks of requests: examples that keep it, rules and forms that reach a member."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from specs.answers import Shape
from specs.forms import EXTENSIONS, LIFT, Form
from specs.keywords import declares, walk
from specs.lint_schemas import RULES, Found
from specs.pack import Operation
from specs.pointers import Json, join, split
from specs.validation import walk_forms

_LOCATIONS = ("query", "path")
_JSON = "application/json"


def judge_operation(operation: Operation) -> Found:
    """What is wrong with it; pointers lead into openapi.yaml from the operation on."""
    yield from _parameters(operation)
    yield from _answers(operation)
    if operation.body is None:
        return
    content = f"/requestBody/content/{_JSON.replace('/', '~1')}"
    if not operation.examples:
        yield (
            "example",
            content,
            f"{operation.id} has a body and no examples",
            "Add named examples, all of them valid",
        )
    for name, value in operation.examples.items():
        _, violations = operation.body.judge(value)
        for violation in violations:
            pointer = f"{content}/examples/{join([name])[1:]}"
            yield (
                "example",
                pointer,
                f"the example {name} of {operation.id}: {violation.message}",
                "Mend the example, or the schema",
            )
    yield from _request_schema(operation, operation.body.schema, content + "/schema")


def _parameters(operation: Operation) -> Found:
    for parameter in operation.parameters:
        if parameter.location not in _LOCATIONS:
            problem = f"nobody enforces the {parameter.location} parameter {parameter.name}"
            yield "keyword", "/parameters", problem, "Only query and path parameters are judged"
            continue
        reached = [""] if parameter.location == "query" else []
        for pointer, node in walk(parameter.schema):
            yield from _unreached(node, pointer, reached, "/parameters", f"{operation.id} {parameter.name}")


def _request_schema(operation: Operation, schema: Json, at: str) -> Found:
    reached = [form_place for form_place, _ in _places(schema, "")]
    for pointer, node in walk(schema):
        yield from _unreached(node, pointer, reached, at, operation.id)
        yield from _unsaid(node, at + pointer, operation.id)
    for index, entry in enumerate(schema.get(RULES, ())):
        for name in ("pointer", "items", "total"):
            pointer = entry.get(name)
            if pointer is not None and not declares(schema, split(pointer)):
                problem = f"{operation.id}: the rule {entry['kind']} is about {pointer}, which is no member"
                yield (
                    "rule",
                    f"{at}/{RULES}/{index}",
                    problem,
                    "Declare it under properties, or mend the pointer",
                )
    for extension in EXTENSIONS:
        yield from _lifted(operation, schema, extension, at)


def _places(schema: Json, at: str) -> Iterator[tuple[str, Json]]:
    """Where forms are looked for: properties of properties, and items."""
    yield at, schema
    if isinstance(schema, Mapping):
        for name, member in schema.get("properties", {}).items():
            yield from _places(member, f"{at}/properties{join([name])}")
        if "items" in schema:
            yield from _places(schema["items"], at + "/items")


def _unreached(node: Json, pointer: str, reached: list[str], at: str, place: str) -> Found:
    """Extensions where nobody looks for them."""
    if not isinstance(node, Mapping):
        return
    for extension in EXTENSIONS:
        if extension in node and pointer not in reached:
            problem = f"{place}: nobody reads {extension} at {pointer or '/'}"
            yield (
                "form",
                at + pointer,
                problem,
                "It belongs beside the type of the member, in properties or items",
            )
    if RULES in node and (pointer or at == "/parameters"):
        problem = f"{place}: nobody reads {RULES} at {pointer or '/'}"
        yield "rule", at + pointer, problem, "Rules stand at the top of the request body's schema"


def _unsaid(node: Json, at: str, place: str) -> Found:
    """A conditional whose refusal would have no words."""
    silent = isinstance(node, Mapping) and "if" in node and not isinstance(node.get("description"), str)
    if silent and not node.keys().isdisjoint(("then", "else")):
        yield (
            "keyword",
            at,
            f"{place}: an if without words",
            "Add a description (when ...): it ends the refusal's message",
        )


def _lifted(operation: Operation, schema: Json, extension: str, at: str) -> Found:
    for form in walk_forms(schema, extension):
        for name in _missing_members(form, schema):
            problem = f"{operation.id}: the form lift names {name}, which is no member of {form.pointer}"
            yield "form", at, problem, "Declare it there under properties, or leave it out"


def _missing_members(form: Form, schema: Json) -> list[str]:
    if form.kind != LIFT:
        return []
    return [name for name in form.parameter if not declares(schema, [*split(form.pointer), name])]


def _answers(operation: Operation) -> Found:
    """Examples of answers."""
    for status, response in operation.responses.items():
        media = response.get("content", {}).get(_JSON, {})
        examples = {name: each.get("value") for name, each in media.get("examples", {}).items()}
        examples |= {"example": media["example"]} if "example" in media else {}
        for name, value in examples.items():
            for violation in Shape(media.get("schema", True)).judge(value):
                problem = f"the example {name} of {operation.id}'s answer {status}: {violation.message}"
                yield "example", f"/responses/{status}", problem, "Mend the example, or the schema"
