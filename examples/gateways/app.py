"""A gateway: UniAll's API for its callers, MuleRouter behind it; runs by itself, or as an ASGI application.

    python -m examples.gateways.app --upstream http://127.0.0.1:8787/mulerouter --key any-key --port 9000

Callers have keys of their own, not the provider's: those named by `--caller`, or any that begins with `sk-`.
"""

from __future__ import annotations

import argparse
import socket
import time
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from typing import Any, TypeAlias

import httpx
import orjson
import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from examples.gateways.contract import judge
from examples.gateways.jobs import Job, Jobs
from examples.gateways.orders import CannotOrderError, make_order
from examples.gateways.provider import Provider
from examples.gateways.refusals import Refusal, answer, fail, front_refusal, job_refusal, refuse

Json: TypeAlias = Any

BODY_BYTES_MAX = 64 * 1024 * 1024
_KEY_PREFIX = "sk-"
_JSON = "application/json"


class Gateway:
    """The two operations. `callers` are the keys that are let in; none named: all that begin with `sk-`."""

    def __init__(self, provider: Provider, callers: Collection[str]) -> None:
        self._provider = provider
        self._callers = callers
        self._jobs = Jobs()

    async def create_video(self, request: Request) -> Response:
        """Takes a job and orders it."""
        account = self._account(request)
        body = await _read_json(request)
        judge(body)
        model, ratio, now = body["model"], body.get("aspect_ratio"), _now()
        job = Job(account=account, model=model, aspect_ratio=ratio, created_at=now, updated_at=now)
        problem = await self._order(job, body)
        # A submit answers with a queued job, come what may: how it ended is for the first poll.
        accepted = job.told()
        if problem is not None:
            job.move("failed", _now(), error={"code": problem.code, "message": str(problem)})
        self._jobs.add(job)
        return answer(httpx.codes.OK, accepted)

    async def get_video(self, request: Request) -> Response:
        """How a job stands; the provider is asked until it is over."""
        job = self._jobs.find(self._account(request), request.path_params["task_id"])
        if job is None:
            raise job_refusal(400, "task_not_exist", "task_not_exist")
        if not job.is_over:
            await self._provider.refresh(job, _now())
        return answer(httpx.codes.OK, job.told())

    async def _order(self, job: Job, body: Json) -> CannotOrderError | None:
        try:
            order = make_order(body)
            job.unused = order.unused
            job.place = await self._provider.submit(order)
        except CannotOrderError as problem:
            return problem
        return None

    def _account(self, request: Request) -> str:
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        key = key.strip()
        is_known = key in self._callers if self._callers else key.startswith(_KEY_PREFIX)
        if scheme.lower() != "bearer" or not is_known or " " in key:
            raise front_refusal(401, "Invalid token")
        return key


def _now() -> int:
    return int(time.time())


async def _read_json(request: Request) -> Json:
    """The body; refused when it is no JSON. A missing content type is taken for JSON."""
    kind = request.headers.get("content-type", _JSON).partition(";")[0].strip().lower()
    if kind != _JSON:
        raise job_refusal(400, "invalid_request", f"Content-Type must be {_JSON}")
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        # What is too large is read to its end: a caller that is still sending would not see the answer.
        if size <= BODY_BYTES_MAX:
            parts.append(part)
    if size > BODY_BYTES_MAX:
        raise job_refusal(413, "read_request_body_failed", f"The body exceeds {BODY_BYTES_MAX} bytes")
    try:
        return orjson.loads(b"".join(parts))
    except orjson.JSONDecodeError as problem:
        raise job_refusal(400, "invalid_request", f"The body is not JSON: {problem}") from None


def create_gateway(
    upstream_url: str, upstream_key: str, client: httpx.AsyncClient | None = None, callers: Collection[str] = ()
) -> Starlette:
    """The gateway as an ASGI application; `client` is how the provider is reached, when not over the network."""
    provider = Provider(upstream_url, upstream_key, client)
    gateway = Gateway(provider, callers)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        await provider.close()

    routes = [
        Route("/v1/video/generations", gateway.create_video, methods=["POST"]),
        Route("/v1/videos/{task_id}", gateway.get_video, methods=["GET"]),
    ]
    app = Starlette(
        routes=routes,
        exception_handlers={Refusal: refuse, ClientDisconnect: refuse, HTTPException: refuse, Exception: fail},
        lifespan=lifespan,
    )
    # A path with a slash too many is no other path.
    app.router.redirect_slashes = False
    return app


class _Server(uvicorn.Server):
    """Says where it listens, once it does."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        host, port = self.servers[0].sockets[0].getsockname()[:2]
        print(f"gateway: listening on http://{host}:{port}", flush=True)


def main() -> None:
    """Serves until it is stopped."""
    parser = argparse.ArgumentParser(prog="python -m examples.gateways.app", description=__doc__.partition("\n")[0])
    parser.add_argument("--upstream", required=True, metavar="URL", help="where MuleRouter is")
    parser.add_argument("--key", required=True, help="the gateway's key there")
    parser.add_argument("--caller", action="append", default=[], metavar="KEY", help="a key that may call; repeatable")
    parser.add_argument("--host", default="127.0.0.1", help="%(default)s")
    parser.add_argument("--port", type=int, default=9000, help="0 picks a free one (%(default)s)")
    words = parser.parse_args()
    app = create_gateway(words.upstream, words.key, callers=words.caller)
    _Server(uvicorn.Config(app, host=words.host, port=words.port, log_level="warning")).run()


if __name__ == "__main__":
    main()
