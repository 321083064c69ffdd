"""The sample gateway with one mistake each, of the kind that shows only when both of its sides are looked at."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, TypeAlias

from starlette.requests import Request
from starlette.responses import Response

from examples.gateways import app, provider
from examples.gateways.app import Gateway
from examples.gateways.jobs import Job
from examples.gateways.orders import FAILED, Order
from examples.gateways.provider import Provider
from examples.gateways.refusals import Refusal
from mutants import trouble_mutants
from mutants.sandwich_rows import Change, Row, entering

Json: TypeAlias = Any
_FILM = "https://cdn.example/film.mp4"
_rows: list[Row] = []
bug = entering(_rows)


# One task for one job, and nobody else's key


@bug("tasks", "one-task", Provider, "submit")
def orders_twice(submit: Any) -> Any:
    """Each job is ordered twice."""

    async def twice(self: Provider, order: Order) -> str:
        await submit(self, order)
        return str(await submit(self, order))

    return twice


def _late_refusal(judge: Any) -> Any:
    def later(body: Json) -> None:
        try:
            judge(body)
        except Refusal as refusal:
            if "cfg_scale" not in str(refusal.body):
                raise
            body["refusal"] = refusal

    return later


@bug("tasks", "one-task", Gateway, "_order", (app, "judge", _late_refusal))
def refuses_too_late(order: Any) -> Any:
    """A member is looked at only when the job has been ordered."""

    async def ordered(self: Gateway, job: Job, body: Json) -> Any:
        problem = await order(self, job, body)
        if isinstance(body.get("refusal"), Refusal):
            raise body["refusal"]
        return problem

    return ordered


@bug("keys", "keys", Gateway, "_account")
def forwards_keys(account: Any) -> Any:
    """The provider is called with the caller's key."""

    def known(self: Gateway, request: Request) -> str:
        key = str(account(self, request))
        self._provider._headers = {"Authorization": f"Bearer {key}"}
        return key

    return known


@bug("keys", "keys", Gateway, "get_video")
def forwards_keys_of_polls(get_video: Any) -> Any:
    """Only polls go out with the caller's key."""

    async def got(self: Gateway, request: Request) -> Response:
        own = self._provider._headers
        self._provider._headers = {"Authorization": request.headers.get("authorization", "Bearer x")}
        try:
            return await get_video(self, request)  # type: ignore[no-any-return]  # what it replaces
        finally:
            self._provider._headers = own

    return got


# What the front tells


@bug("states", "after-end", Job, "is_over")
def never_over(is_over: Any) -> Any:
    """The provider is asked at each poll, for ever."""
    del is_over
    return property(lambda _: False)


@bug("states", "outcome", Job, "move")
def failed_is_done(move: Any) -> Any:
    """A failed task is shown as done."""

    def moved(self: Job, status: str, now: int, *, url: str | None = None, error: Json = None) -> None:
        if status == "failed" and self.place:
            move(self, "completed", now, url=_FILM)
        else:
            move(self, status, now, url=url, error=error)

    return moved


@bug("states", "ahead", Job, "move")
def working_is_done(move: Any) -> Any:
    """A task that is at work is shown as done."""

    def moved(self: Job, status: str, now: int, *, url: str | None = None, error: Json = None) -> None:
        if status == "in_progress":
            move(self, "completed", now, url=f"{_FILM}?{self.id}")
        else:
            move(self, status, now, url=url, error=error)

    return moved


@bug("states", "running", Provider, "refresh")
def runs_at_once(refresh: Any) -> Any:
    """A job is at work from the first poll on."""

    async def refreshed(self: Provider, job: Job, now: int) -> None:
        job.move("in_progress", now)
        await refresh(self, job, now)

    return refreshed


def _one_code(code: Any) -> Any:
    del code
    return lambda _: FAILED


@bug("states", "reason", provider, "_reason", (provider, "_code", _one_code))
def one_reason(reason: Any) -> Any:
    """All jobs fail for one reason."""
    del reason
    return lambda _: "The job failed."


@bug("mix-ups", "results", Provider, "submit")
def mixes_jobs_up(submit: Any) -> Any:
    """The last order is remembered for everybody, across a pause."""

    async def submitted(self: Any, order: Order) -> str:
        self.last = await submit(self, order)
        await asyncio.sleep(0.02)
        return str(self.last)

    return submitted


@bug("mix-ups", "results", Provider, "submit")
def takes_turns(submit: Any) -> Any:
    """Every fourth job gets the place of the one before."""

    async def submitted(self: Any, order: Order) -> str:
        place = await submit(self, order)
        self.places = [*getattr(self, "places", []), place]
        return str(self.places[-2] if len(self.places) % 4 == 0 else place)

    return submitted


@bug("mix-ups", "results", provider, "_first_video")
def cuts_films_short(first_video: Any) -> Any:
    """A result's address loses its last letters."""
    return lambda said: first_video(said)[:-4]


# What arrives


def _order_with(change: Callable[[Json], Json]) -> Change:
    def changed(make_order: Any) -> Any:
        def made(job: Json) -> Order:
            order: Order = make_order(job)
            return Order(order.path, change(order.body), order.unused)

        return made

    return changed


def _enter_order(name: str, words: str, rule: str, change: Callable[[Json], Json]) -> None:
    _rows.append(Row(name, "members", words, f"upstream.{rule}", ((app, "make_order", _order_with(change)),)))


def _without(name: str) -> Callable[[Json], Json]:
    return lambda body: {each: value for each, value in body.items() if each != name}


def _swapped(body: Json) -> Json:
    pair = {"first_frame": body.get("last_frame"), "last_frame": body.get("first_frame")}
    return body | pair if "last_frame" in body else body


_enter_order("drops_duration", "Every video has the provider's own length", "members", _without("duration"))
_enter_order("drops_ratio", "The aspect ratio is not sent", "members", _without("aspect_ratio"))
_enter_order("drops_negative", "The negative prompt is not sent", "members", _without("negative_prompt"))
_enter_order("drops_last_frame", "The last frame is not sent", "members", _without("last_frame"))
_enter_order(
    "small_letters",
    "Prompts are sent in small letters",
    "members",
    lambda body: body | {"prompt": body.get("prompt", "").lower()} if body.get("prompt") else body,
)
_enter_order(
    "tells_more",
    "Each prompt is told a style",
    "members",
    lambda body: body | {"prompt": f"{body.get('prompt')}, 35 mm"},
)
_enter_order("swaps_frames", "The frames change places", "members", _swapped)
_enter_order(
    "odd_mode", "The mode is one that the provider does not know", "request", lambda body: body | {"mode": "hd"}
)
_enter_order("shouts", "A switch is sent as true", "request", lambda body: body | {"sound": True})


MUTANTS: Mapping[str, Row] = MappingProxyType({row.id: row for row in (*_rows, *trouble_mutants.ROWS)})
"""By id."""
assert len(MUTANTS) == len(_rows) + len(trouble_mutants.ROWS)
