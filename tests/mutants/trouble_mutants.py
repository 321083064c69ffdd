"""The sample gateway with one mistake each in what it makes of its provider's trouble."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Callable
from typing import Any, TypeAlias

import httpx
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from examples.gateways import app, provider
from examples.gateways.jobs import Job
from examples.gateways.orders import Order
from examples.gateways.provider import Provider
from examples.gateways.refusals import Refusal, front_refusal, job_refusal
from mutants.sandwich_rows import Change, Row, entering

Json: TypeAlias = Any
_FILM = "https://cdn.example/film.mp4"
_rows: list[Row] = []
bug = entering(_rows)


# What the front makes of trouble


def _when_unavailable(refusal: Callable[[], Refusal]) -> Change:
    def changed(unavailable: Any) -> Any:
        del unavailable
        return lambda *_: refusal()

    return changed


def _enter_refusal(name: str, words: str, refusal: Callable[[], Refusal]) -> None:
    changes = ((provider, "_unavailable", _when_unavailable(refusal)),)
    _rows.append(Row(name, "trouble", words, "upstream.trouble", changes))


_enter_refusal("bad_gateway", "Trouble is a 502, which nobody documents", lambda: front_refusal(502, "Bad gateway"))
_enter_refusal("blames_the_caller", "Trouble is a 400", lambda: job_refusal(400, "task_failed", "The provider failed"))
_enter_refusal(
    "knows_no_task", "Trouble is an unknown task", lambda: job_refusal(400, "task_not_exist", "task_not_exist")
)
_enter_refusal(
    "has_no_envelope", "Trouble is a 503 without an envelope", lambda: Refusal(503, {"detail": "unavailable"})
)


@bug("trouble", "trouble", provider, "_unavailable")
def shows_where_it_broke(unavailable: Any) -> Any:
    """A documented refusal, with a trace of the program in its message."""

    def told(*_: Any) -> Refusal:
        trace = "".join(traceback.format_stack(limit=2))
        return front_refusal(503, f"The provider does not answer: Traceback (most recent call last):\n{trace}")

    del unavailable
    return told


@bug("recovery", "recovers", Provider, "submit")
def waits_for_the_refused(submit: Any) -> Any:
    """What the provider refuses is taken, and stays queued."""

    async def submitted(self: Provider, order: Order) -> str:
        try:
            return str(await submit(self, order))
        except Refusal as refusal:
            if refusal.status != httpx.codes.BAD_REQUEST:
                raise
            return f"{order.path}/refused"

    return submitted


def _asks(react: Callable[[Provider, str, httpx.Response], None]) -> Change:
    """An `_ask` that lets somebody look at the answer first."""

    def changed(ask: Any) -> Any:
        async def asked(self: Provider, method: str, path: str, body: Json = None) -> tuple[int, Json]:
            try:
                answer = await self._client.request(method, self._url + path, json=body, headers=self._headers)
            except httpx.HTTPError as problem:
                raise provider._unavailable() from problem
            react(self, method, answer)
            return await ask(_Once(self, answer), method, path, body)  # type: ignore[no-any-return]  # what it replaces

        return asked

    return changed


class _Once:
    """A provider that has its answer already."""

    def __init__(self, of: Provider, answer: httpx.Response) -> None:
        self._url, self._headers, self._client, self._answer = "", of._headers, self, answer

    async def request(self, *_: Any, **__: Any) -> httpx.Response:
        """That answer."""
        return self._answer


def _passed_on(_: Provider, __: str, answer: httpx.Response) -> None:
    if "html" in answer.headers.get("content-type", ""):
        raise Refusal(answer.status_code, answer.text)


@bug("trouble", "trouble", app, "refuse", (Provider, "_ask", _asks(_passed_on)))
def passes_pages_on(refuse: Any) -> Any:
    """A page of HTML goes on to the caller."""

    async def refused(request: Request, problem: Exception) -> Response:
        if isinstance(problem, Refusal) and isinstance(problem.body, str):
            return HTMLResponse(problem.body, problem.status)
        return await refuse(request, problem)  # type: ignore[no-any-return]  # what it replaces

    return refused


def _told_on(_: Provider, __: str, answer: httpx.Response) -> None:
    if answer.status_code >= 500 and "json" in answer.headers.get("content-type", ""):
        raise Refusal(answer.status_code, answer.json())


_rows.append(
    Row(
        "passes_refusals_on",
        "trouble",
        "The provider's refusals go on to the caller as they are",
        "upstream.trouble",
        ((Provider, "_ask", _asks(_told_on)),),
    )
)


def _unguarded(ask: Any) -> Any:
    async def asked(self: Provider, method: str, path: str, body: Json = None) -> tuple[int, Json]:
        try:
            return await ask(self, method, path, body)  # type: ignore[no-any-return]  # what it replaces
        except Refusal as refusal:
            raise refusal.__cause__ or refusal from None

    return asked


@bug("trouble", "trouble", app, "fail", (Provider, "_ask", _unguarded))
def shows_its_trace(fail: Any) -> Any:
    """What can't be read ends in a trace of the program."""
    del fail

    async def failed(_: Request, problem: Exception) -> Response:
        return PlainTextResponse("".join(traceback.format_exception(problem)), 500)

    return failed


def _on_refusal(method: str, react: Callable[..., Any], status: int | None = None) -> Change:
    """An `_ask` that does something else when a call of this method ends in a refusal."""

    def changed(ask: Any) -> Any:
        async def asked(self: Provider, verb: str, path: str, body: Json = None) -> tuple[int, Json]:
            try:
                return await ask(self, verb, path, body)  # type: ignore[no-any-return]  # what it replaces
            except Refusal as refusal:
                if method not in ("*", verb) or status not in (None, refusal.status):
                    raise
                return await react(ask, self, verb, path, body, refusal)  # type: ignore[no-any-return]  # as above

        return asked

    return changed


async def _hang(*_: Any) -> tuple[int, Json]:
    await asyncio.sleep(3600)
    raise AssertionError


async def _throttle_plainly(*_: Any) -> tuple[int, Json]:
    raise Refusal(429, {"detail": "slow down"})


async def _ask_again(ask: Any, *arguments: Any) -> tuple[int, Json]:
    return await ask(*arguments[:-1])  # type: ignore[no-any-return]  # what it replaces


async def _ask_again_unread(*arguments: Any) -> tuple[int, Json]:
    if arguments[-1].__cause__ is None:
        raise arguments[-1]
    return await _ask_again(*arguments)


async def _pretend_order(*_: Any) -> tuple[int, Json]:
    return 202, {"task_info": {"id": "none"}}


async def _pretend_done(*_: Any) -> tuple[int, Json]:
    return 200, {"task_info": {"status": "completed"}, "videos": [_FILM]}


async def _pretend_failed(*_: Any) -> tuple[int, Json]:
    return 200, {"task_info": {"status": "failed"}}


async def _pretend_failed_unread(*arguments: Any) -> tuple[int, Json]:
    if not isinstance(arguments[-1].__cause__, ValueError):
        raise arguments[-1]
    return await _pretend_failed()


def _enter_ask(name: str, kind: str, words: str, rule: str, *changes: Change) -> None:
    _rows.extend([Row(name, kind, words, f"upstream.{rule}", tuple((Provider, "_ask", change) for change in changes))])


_enter_ask("hangs", "trouble", "Who is throttled waits for ever", "trouble", _on_refusal("*", _hang, 429))
_enter_ask("throttles_plainly", "trouble", "A 429 has no envelope", "trouble", _on_refusal("*", _throttle_plainly, 429))
_enter_ask(
    "takes_all", "success", "A job is taken though its order failed", "recovers", _on_refusal("POST", _pretend_order)
)


def _no_task(refresh: Any) -> Any:
    async def refreshed(self: Provider, job: Job, now: int) -> None:
        if job.place.endswith("/none"):
            job.move("completed", now, url=_FILM)
        else:
            await refresh(self, job, now)

    return refreshed


_rows.append(
    Row(
        "pretends",
        "success",
        "A job whose order failed is done at once",
        "upstream.success",
        ((Provider, "_ask", _on_refusal("POST", _pretend_order)), (Provider, "refresh", _no_task)),
    )
)
_enter_ask(
    "done_when_down", "success", "A poll that fails is the end, a good one", "ahead", _on_refusal("GET", _pretend_done)
)


# How it goes on


_enter_ask(
    "fails_when_down", "recovery", "A poll that fails fails the job", "recovers", _on_refusal("GET", _pretend_failed)
)
_enter_ask(
    "fails_when_throttled",
    "recovery",
    "A poll answered 429 fails the job",
    "recovers",
    _on_refusal("GET", _pretend_failed, 429),
)
_enter_ask(
    "fails_unread",
    "recovery",
    "A poll that can't be read fails the job",
    "recovers",
    _on_refusal("GET", _pretend_failed_unread),
)


@bug("recovery", "recovers", provider, "_LOST_SECONDS")
def fails_when_unknown(_: Any) -> Any:
    """A task that is unknown for a moment is lost."""
    return -1


@bug("recovery", "recovers", Provider, "refresh")
def gives_up(refresh: Any) -> Any:
    """After one poll that failed the provider is asked no more."""

    async def refreshed(self: Any, job: Job, now: int) -> None:
        lost = self.__dict__.setdefault("lost", set())
        if job.id not in lost:
            try:
                await refresh(self, job, now)
            except Refusal:
                lost.add(job.id)
                raise

    return refreshed


@bug("recovery", "recovers", Provider, "submit")
def stays_down(submit: Any) -> Any:
    """After an order that failed no other is sent, for ever."""

    async def submitted(self: Any, order: Order) -> str:
        if self.__dict__.get("is_down"):
            raise provider._unavailable()
        try:
            return str(await submit(self, order))
        except Refusal as refusal:
            self.is_down = refusal.status == httpx.codes.SERVICE_UNAVAILABLE
            raise

    return submitted


# How it behaves at the provider's


_enter_ask(
    "resends", "conduct", "An order that failed is sent again", "unknown-outcome", _on_refusal("POST", _ask_again, 503)
)
_enter_ask(
    "resends_unread",
    "conduct",
    "An order whose answer is lost is sent again",
    "unknown-outcome",
    _on_refusal("POST", _ask_again_unread),
)
_enter_ask(
    "insists",
    "conduct",
    "An order answered 429 is sent again at once",
    "retry-after",
    _on_refusal("POST", _ask_again, 429),
)
_enter_ask(
    "polls_on",
    "conduct",
    "A poll answered 429 is sent again at once",
    "retry-after",
    _on_refusal("GET", _ask_again, 429),
)


@bug("conduct", "busy", Provider, "refresh")
def spins(refresh: Any) -> Any:
    """A poll waits for news, and asks for them without a pause."""

    async def refreshed(self: Provider, job: Job, now: int) -> None:
        before = job.status
        for _ in range(60):
            await refresh(self, job, now)
            if job.status != before:
                return

    return refreshed


ROWS = tuple(_rows)
