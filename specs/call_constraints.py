"""Constraints of the call itself, which stand in no schema: who calls, media type, JSON, the task's id, the method."""

from __future__ import annotations

from collections.abc import Iterator

from specs.constraint import CALL, Constraint
from specs.pack import Operation, Pack
from specs.pointers import Json

AUTHORIZATION, CONTENT_TYPE, METHOD = "@authorization", "@content-type", "@method"


def call_constraints(pack: Pack, operation: Operation) -> Iterator[Constraint]:
    """What a call of this operation must keep before anything in it is looked at."""
    if _is_first_on_its_path(pack, operation):
        methods = [each.method for each in pack.operations.values() if each.path == operation.path]
        yield _found(operation, METHOD, "method", methods, ", ".join(methods))
    yield _found(operation, AUTHORIZATION, "required", limit=True, words="a key")
    yield _found(operation, AUTHORIZATION, "scheme", "Bearer")
    yield _found(operation, AUTHORIZATION, "valid", limit=True, words="a key that the service knows")
    if operation.id_name is not None:
        sign = f"?{operation.id_name}" if operation.id_location == "query" else f"{{{operation.id_name}}}"
        yield _found(operation, sign, "known", limit=True, words="a task of the account")
    if operation.body is not None:
        if pack.behaviour.content_type != "any":
            yield _found(operation, CONTENT_TYPE, "contentType", "application/json")
        yield _found(operation, "", "json", limit=True, words="well-formed JSON in UTF-8")


def _is_first_on_its_path(pack: Pack, operation: Operation) -> bool:
    """Operations that share a path share its methods: they are listed once."""
    return next(each for each in pack.operations.values() if each.path == operation.path) is operation


def _found(operation: Operation, pointer: str, keyword: str, limit: Json, words: str = "") -> Constraint:
    return Constraint(
        operation=operation.id,
        location=CALL,
        pointer=pointer,
        keyword=keyword,
        limit=limit,
        conditions=(),
        words=words,
        part="",
    )
