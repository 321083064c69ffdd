"""How the gateway says no, in UniAll's two envelopes: one for whatever stands before the jobs, one for the jobs."""

from __future__ import annotations

import secrets
from typing import Any, TypeAlias

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

Json: TypeAlias = Any


class Refusal(Exception):  # noqa: N818 - a documented answer, not a fault
    """Ends a call with this answer."""

    def __init__(self, status: int, body: Json, headers: dict[str, str] | None = None) -> None:
        super().__init__(status, body)
        self.status, self.body, self.headers = status, body, headers or {}


def front_refusal(status: int, message: str, code: str = "", headers: dict[str, str] | None = None) -> Refusal:
    """Keys, models, addresses, load."""
    return Refusal(status, {"error": {"message": message, "type": "api_error", "param": "", "code": code}}, headers)


def job_refusal(status: int, code: str, message: str) -> Refusal:
    """Bodies, ids, content."""
    return Refusal(status, {"code": code, "message": message, "data": None})


def answer(status: int, body: Json, headers: dict[str, str] | None = None) -> Response:
    """An answer with an id of its own, by which caller and gateway can speak of it."""
    return JSONResponse(body, status, {"X-Oneapi-Request-Id": secrets.token_hex(16), **(headers or {})})


async def refuse(request: Request, problem: Exception) -> Response:
    """The answer to a call that ended in this error; Starlette's own are about paths and methods that don't exist."""
    if not isinstance(problem, Refusal):
        problem = front_refusal(404, f"Invalid URL ({request.method} {request.url.path})")
    return answer(problem.status, problem.body, problem.headers)


async def fail(_: Request, __: Exception) -> Response:
    """Our own fault."""
    return await refuse(_, front_refusal(500, "The gateway failed"))
