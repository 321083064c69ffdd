"""What the reference services share of HTTP: a body read strictly, an answer written, a crash that stays a 500."""

from __future__ import annotations

import json
import math
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeAlias

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from references.seeding import Bugs, table

Json: TypeAlias = Any
Handler: TypeAlias = Callable[[Request], Awaitable[Response]]

BUGS = table(
    {
        "robustness": {
            "trailing-text": "takes a body with text behind the JSON",
            "nan": "takes NaN for a number",
            "bad-utf8": "takes bytes that are no UTF-8",
            "any-content-type": "takes a form's content type",
            "malformed-500": "crashes on a body that is no JSON",
            "empty-500": "crashes on an empty body",
            "no-object-500": "crashes on a body that is an array or a scalar",
            "deep-500": "crashes on deep nesting in an unknown member",
            "huge-number-500": "crashes on numbers beyond 64 bits",
            "nul-500": "crashes on U+0000",
            "duplicate-key-500": "crashes when a key stands twice",
            "untyped-500": "crashes when no content type is sent",
            "chunked-500": "crashes when the body's length is not told",
        }
    }
)
_DEPTH_MAX, _DIGITS_MAX = 100, 18


class CrashError(Exception):
    """A seeded crash: what a server makes of an exception that nobody caught."""


class MalformedError(Exception):
    """The body is no JSON, or not said to be."""


class MediaTypeError(MalformedError):
    """It is said to be something else."""


def crash(*, on: bool) -> None:
    """Crashes, if a bug is seeded and met."""
    if on:
        raise CrashError


def crashing(handler: Handler) -> Handler:
    """The handler, whose crashes are answered as servers do."""

    async def answered(request: Request) -> Response:
        try:
            return await handler(request)
        except CrashError:
            return PlainTextResponse("Internal Server Error", 500)

    return answered


def _content_type(request: Request, bugs: Bugs) -> None:
    sent = request.headers.get("content-type")
    crash(on=sent is None and "untyped-500" in bugs)
    kind = "application/json" if sent is None else sent.partition(";")[0].strip().lower()
    if kind != "application/json" and "any-content-type" not in bugs:
        message = f"{kind} is no application/json"
        raise MediaTypeError(message)


def _pairs(pairs: list[tuple[str, Json]], bugs: Bugs) -> Json:
    crash(on=len(dict(pairs)) < len(pairs) and "duplicate-key-500" in bugs)
    return dict(pairs)


def _constant(name: str, bugs: Bugs) -> float:
    if "nan" in bugs:
        return float(name)
    message = f"{name} is no JSON"
    raise MalformedError(message)


def _number(text: str, bugs: Bugs) -> Json:
    crash(on=(len(text) > _DIGITS_MAX or math.isinf(float(text))) and "huge-number-500" in bugs)
    return float(text) if {".", "e", "E"} & set(text) else int(text)


def _depth(value: Json) -> int:
    depth, level = 0, [value]
    while level:
        depth += 1
        level = [part for each in level if isinstance(each, (dict, list)) for part in _parts(each)]
    return depth


def _parts(value: Json) -> list[Json]:
    return list(value.values()) if isinstance(value, dict) else value


def _parse(text: str, bugs: Bugs) -> Json:
    decoder = json.JSONDecoder(
        object_pairs_hook=lambda pairs: _pairs(pairs, bugs),
        parse_constant=lambda name: _constant(name, bugs),
        parse_int=lambda text: _number(text, bugs),
        parse_float=lambda text: _number(text, bugs),
    )
    if "trailing-text" in bugs:
        return decoder.raw_decode(text.lstrip())[0]
    return decoder.decode(text)


async def read_json(request: Request, bugs: Bugs) -> Json:
    """The body's value; MalformedError when it is no JSON, or when its text can't be told again."""
    _content_type(request, bugs)
    raw = await request.body()
    crash(on="content-length" not in request.headers and "chunked-500" in bugs)
    crash(on=not raw and "empty-500" in bugs)
    try:
        value = _parse(raw.decode("utf-8", "replace" if "bad-utf8" in bugs else "strict"), bugs)
        # Half a surrogate pair can be written as an escape, and is no character.
        json.dumps(value, ensure_ascii=False).encode()
    except RecursionError as problem:
        crash(on="deep-500" in bugs)
        raise MalformedError from problem
    except ValueError as problem:
        crash(on="malformed-500" in bugs)
        raise MalformedError(str(problem)) from None
    crash(on="deep-500" in bugs and _depth(value) > _DEPTH_MAX)
    crash(on="nul-500" in bugs and b"\\u0000" in raw)
    crash(on="no-object-500" in bugs and not isinstance(value, dict))
    return value


def told(status: int, body: Json, headers: Mapping[str, str] | None = None) -> Response:
    """An answer in JSON, its characters written as they are."""
    content = json.dumps(body, ensure_ascii=False).encode()
    return Response(content, status, {"content-type": "application/json; charset=utf-8", **(headers or {})})
