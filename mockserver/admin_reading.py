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


async def json_object(request: Request, body_max: int) -> dict[str, Json]:
    """The object in the body; a Problem when there is none."""
    try:
        value = orjson.loads(await read_body(request, body_max))
    except orjson.JSONDecodeError as problem:
        raise Problem(400, f"the body is not JSON: {problem}") from None
    if not isinstance(value, dict):
        raise Problem(400, "the body must be a JSON object")
    return value


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
