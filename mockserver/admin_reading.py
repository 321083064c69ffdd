"""How calls of the admin API are read and answered, whatever they are about."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

import orjson
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from mockserver.problems import Problem
from specs.pointers import Json


def product_version() -> str:
    """The version of the installed distribution."""
    try:
        return version("understudy")
    except PackageNotFoundError:
        return "0"


def json_response(value: Json, status: int = 200) -> Response:
    """A JSON answer."""
    return Response(orjson.dumps(value), status, media_type="application/json")


async def json_object(request: Request, body_max: int, *, members: tuple[str, ...] = ()) -> dict[str, Json]:
    """The object in the body; a Problem when there is none, or when it has members beside these, if any are named."""
    try:
        value = orjson.loads(await read_body(request, body_max))
    except orjson.JSONDecodeError as problem:
        raise Problem(400, f"the body is not JSON: {problem}") from None
    if not isinstance(value, dict):
        raise Problem(400, "the body must be a JSON object")
    unknown = sorted(value.keys() - set(members)) if members else []
    if unknown:
        raise Problem(400, f"there is no member {unknown[0][:40]!r} here; there {_listed(members)}")
    return value


def _listed(members: tuple[str, ...]) -> str:
    return f"is {members[0]}" if len(members) == 1 else f"are {', '.join(members[:-1])} and {members[-1]}"


async def read_body(request: Request, body_max: int) -> bytes:
    """The whole body, as large as a vendor's may be."""
    parts, left = [], body_max
    try:
        async for part in request.stream():
            left -= len(part)
            if left < 0:
                raise Problem(413, f"the body must be at most {body_max} bytes")
            parts.append(part)
    except ClientDisconnect:
        # Nobody is there to read it; said all the same, so that it is no failure of ours.
        raise Problem(400, "the body broke off") from None
    return b"".join(parts)
