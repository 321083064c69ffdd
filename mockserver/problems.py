"""The admin API's own errors: problem+json (RFC 9457) with `type`, `title`, `status`, `detail`."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import JSONResponse


class Problem(Exception):  # noqa: N818 - it is the RFC's word
    """A call to the admin API that can't be served; `detail` says what to do instead."""

    def __init__(self, status: int, detail: str) -> None:
        self.status = status
        self.detail = detail
        super().__init__(detail)


def problem_response(status: int, detail: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """The answer for a problem."""
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    said = {"WWW-Authenticate": "Bearer"} if status == HTTPStatus.UNAUTHORIZED else headers
    return JSONResponse(body, status, said, media_type="application/problem+json")


async def answer_problem(request: Request, problem: Exception) -> JSONResponse:
    """Starlette's handler for problems raised by an endpoint."""
    del request
    assert isinstance(problem, Problem)  # noqa: S101 - registered for it alone
    return problem_response(problem.status, problem.detail)


async def answer_store_error(request: Request, problem: Exception) -> JSONResponse:
    """The store can't do it now; it may again in a while."""
    del request
    return problem_response(503, f"{problem}; try again when it is back")


async def answer_http_error(request: Request, error: Exception) -> JSONResponse:
    """Starlette's own refusals (unknown path, wrong method) in the same shape."""
    status = getattr(error, "status_code", HTTPStatus.INTERNAL_SERVER_ERROR)
    detail = f"{request.method} {request.url.path} is not part of the admin API; see /__understudy/openapi.json"
    return problem_response(status, detail, getattr(error, "headers", None))
