"""The provider behind the gateway: MuleRouter, over httpx; whatever it answers becomes one of a few outcomes."""

from __future__ import annotations

from typing import Any, TypeAlias

import httpx

from examples.gateways.jobs import Job
from examples.gateways.orders import BAD_CONTENT, BAD_MEDIA, FAILED, CannotOrderError, Order
from examples.gateways.refusals import Refusal, front_refusal, job_refusal

Json: TypeAlias = Any

# The words of both of the provider's vocabularies; any other says nothing new, and neither does one for waiting.
_WORKING, _DONE = ("processing", "running", "retrying"), ("completed", "succeeded")
# What the provider's codes are called here; all others mean that the task failed.
_CODES = {3001: BAD_CONTENT, 3002: BAD_MEDIA}
_SECONDS_MAX = 30.0
# A task may be unknown for a moment after its submit; later it is lost.
_LOST_SECONDS = 60


def _unavailable(headers: dict[str, str] | None = None) -> Refusal:
    return front_refusal(503, "The provider does not answer; try again later", headers=headers)


class Provider:
    """MuleRouter at this address, with the gateway's own key."""

    def __init__(self, url: str, key: str, client: httpx.AsyncClient | None) -> None:
        self._url = url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {key}"}
        self._client = client or httpx.AsyncClient(timeout=_SECONDS_MAX)

    async def close(self) -> None:
        """Hangs up."""
        await self._client.aclose()

    async def submit(self, order: Order) -> str:
        """Where the new task can be read. No job is ordered twice: after a 503 it may run all the same."""
        status, said = await self._ask("POST", order.path, order.body)
        if status == httpx.codes.UNAVAILABLE_FOR_LEGAL_REASONS:
            raise job_refusal(400, FAILED, _reason(said))
        if status == httpx.codes.BAD_REQUEST:
            raise CannotOrderError(FAILED, _reason(said))
        task_id = _task(said).get("id")
        if not httpx.codes.is_success(status) or not isinstance(task_id, str):
            raise _unavailable()
        return f"{order.path}/{task_id}"

    async def refresh(self, job: Job, now: int) -> None:
        """Moves the job to where the provider is with it."""
        status, said = await self._ask("GET", job.place)
        word = _task(said).get("status")
        if status == httpx.codes.NOT_FOUND:
            if now - job.created_at > _LOST_SECONDS:
                job.move("failed", now, error={"code": FAILED, "message": "The provider has lost this task."})
        elif status != httpx.codes.OK:
            raise _unavailable()
        elif word in _WORKING:
            job.move("in_progress", now)
        elif word in _DONE:
            job.move("completed", now, url=_first_video(said))
        elif word == "failed":
            job.move("failed", now, error={"code": _code(said), "message": _reason(said)})

    async def _ask(self, method: str, path: str, body: Json = None) -> tuple[int, Json]:
        try:
            answer = await self._client.request(method, self._url + path, json=body, headers=self._headers)
            # Whoever is told to wait passes it on: callers that come back later come back here later too.
            wait = answer.headers.get("retry-after", "")
            if answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
                headers = {"Retry-After": wait if wait.isdecimal() else "1"}
                raise front_refusal(429, "Too many calls", "rate_limit_exceeded", headers)
            if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE:
                raise _unavailable({"Retry-After": wait} if wait.isdecimal() else None)
            return answer.status_code, answer.json()
        except (httpx.HTTPError, ValueError) as problem:
            raise _unavailable() from problem


def _member(value: Json, name: str) -> Json:
    return value.get(name) if isinstance(value, dict) else None


def _task(said: Json) -> dict[str, Json]:
    task = _member(said, "task_info")
    return task if isinstance(task, dict) else {}


def _code(said: Json) -> str:
    code = _member(_task(said).get("error"), "code")
    return _CODES.get(code, FAILED) if isinstance(code, int) else FAILED


def _reason(said: Json) -> str:
    """The provider's own words: of a task that failed, or of a call that was refused."""
    error = _task(said).get("error") or said
    words = _member(error, "detail") or _member(error, "title")
    return words if isinstance(words, str) else "The provider could not do this job."


def _first_video(said: Json) -> str:
    videos = _member(said, "videos")
    if isinstance(videos, list) and videos and isinstance(videos[0], str):
        return videos[0]
    raise _unavailable()
