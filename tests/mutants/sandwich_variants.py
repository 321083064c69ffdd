"""The sample gateway made otherwise and as right: what it may do when its provider is troubled, it does."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, TypeAlias

import httpx
from starlette.requests import Request
from starlette.responses import Response

from examples.gateways import app
from examples.gateways.app import Gateway
from examples.gateways.jobs import Job
from examples.gateways.orders import FAILED, CannotOrderError
from examples.gateways.provider import Provider
from examples.gateways.refusals import Refusal, answer, job_refusal
from mutants.sandwich_rows import Row, entering

Json: TypeAlias = Any
_rows: list[Row] = []
variant = entering(_rows)
_PAUSE_SECONDS, _WAITS_MAX = 0.15, 3


def _wait_of(refusal: Refusal) -> float | None:
    """The seconds to wait, when the provider surely did nothing."""
    text = refusal.headers.get("Retry-After", "")
    return float(text) if text.isdecimal() else None


@variant("correct", "", Provider, "_ask")
def waits_inside(ask: Any) -> Any:
    """Who is told to wait waits, and asks again; the caller learns nothing of it."""

    async def asked(self: Provider, verb: str, path: str, body: Json = None) -> tuple[int, Json]:
        for _ in range(_WAITS_MAX):
            try:
                return await ask(self, verb, path, body)  # type: ignore[no-any-return]  # what it replaces
            except Refusal as refusal:
                wait = _wait_of(refusal)
                if wait is None:
                    raise
            await asyncio.sleep(wait)
        return await ask(self, verb, path, body)  # type: ignore[no-any-return]  # as above

    return asked


async def _keep_at_it(provider: Provider, job: Job) -> None:
    while not job.is_over:
        wait = _PAUSE_SECONDS
        try:
            await provider.refresh(job, app._now())
        except Refusal as refusal:
            wait = _wait_of(refusal) or wait
        await asyncio.sleep(wait)


async def _order_and_follow(order: Any, gateway: Gateway, job: Job, body: Json) -> None:
    problem: Exception | None = None
    for _ in range(_WAITS_MAX):
        try:
            problem = await order(gateway, job, body)
            break
        except Refusal as refusal:
            wait, problem = _wait_of(refusal), refusal
            if wait is None:
                break
        await asyncio.sleep(wait)
    if problem is None:
        await _keep_at_it(gateway._provider, job)
        return
    error = {"code": FAILED, "message": "Not available"}
    if isinstance(problem, CannotOrderError):
        error = {"code": problem.code, "message": str(problem)}
    job.move("failed", app._now(), error=error)


def _from_the_table(get_video: Any) -> Any:
    del get_video

    async def got(self: Gateway, request: Request) -> Response:
        job = self._jobs.find(self._account(request), request.path_params["task_id"])
        if job is None:
            raise job_refusal(400, "task_not_exist", "task_not_exist")
        return answer(httpx.codes.OK, job.told())

    return got


@variant("correct", "", Gateway, "_order", (Gateway, "get_video", _from_the_table))
def works_by_itself(order: Any) -> Any:
    """Jobs are taken at once, ordered and followed in the background; callers see the table."""

    async def ordered(self: Any, job: Job, body: Json) -> None:
        works = self.__dict__.setdefault("works", set())
        work = asyncio.create_task(_order_and_follow(order, self, job, body))
        works.add(work)
        work.add_done_callback(works.discard)

    return ordered


@variant("correct", "", Job, "told")
def has_films_of_its_own(told: Any) -> Any:
    """Results have an address of the gateway's own, and failures its own words, of which there are several."""

    def said(self: Job) -> Json:
        body = told(self)
        if self.url is not None:
            url = f"https://films.example/{self.id}.mp4"
            body |= {"video_url": url, "result": {"outputs": [url], "video_url": url}}
        if self.error is not None:
            body["error"] = {"code": self.error["code"], "message": "Sorry."}
        return body

    return said


VARIANTS: Mapping[str, Row] = MappingProxyType({row.id: row for row in _rows})
"""By id."""
