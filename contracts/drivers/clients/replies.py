"""Replies of one run: what the vendor says, dressed; refusals, server errors, waits, and what can't be read."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from email.utils import formatdate
from hashlib import blake2b
from typing import Protocol

import orjson

from contracts.drivers.clients.answers import Account
from contracts.drivers.clients.dressing import MORE_HEADERS, dressed, spelt, with_results, without_results
from contracts.drivers.clients.wire import Reply, Request
from contracts.exchange import HeaderLines
from contracts.judge.promise import Promise
from contracts.scenarios.act import DONE, THROTTLED, Act
from contracts.scenarios.scenario import Dress
from specs.pack import Operation
from specs.pointers import Json, replaced

RESULTS = "/files/"
_PAGE = (
    b"<!DOCTYPE html>\n<html><head><title>Bad Gateway</title></head>\n"
    b"<body><h1>Bad Gateway</h1><p>The upstream sent no valid answer.</p></body></html>\n"
)
_HTML: HeaderLines = (("content-type", "text/html; charset=utf-8"),)
_DAY_SECONDS = 86_400
# The smallest that begins like a video: nobody looks further, and nobody needs to fetch it.
_CLIP = b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2" + b"\x00\x00\x00\x08free" * 4


class Place(Protocol):
    """Where and when a run takes place."""

    @property
    def elsewhere(self) -> str:
        """Another host than the vendor's."""

    def wall(self) -> float:
        """Seconds since 1970, as the client counts them."""


class Replies:
    """Makes the replies of one run."""

    def __init__(self, promise: Promise, account: Account, dress: Dress, place: Place) -> None:
        self._promise = promise
        self._account = account
        self._dress = dress
        self._place = place

    # A yes

    def shown(self, natural: Reply, operation: Operation, act: Act) -> Reply:
        """What the vendor says of a task, in the dress of the scenario."""
        body = orjson.loads(natural.body)
        reader = self._promise.reader(operation)
        if act.state == DONE:
            body = with_results(body, reader.read(body), self._urls(body, operation))
        seen = reader.read(body)
        states = self._promise.pack.behaviour.answers[operation.answer].bodies.values()
        body = dressed(body, seen, self._dress, self._keeper(natural, operation), states)
        if act.word:
            body = replaced(body, seen.word_at, act.word)
        if act.how in ("list", "member"):
            body = without_results(body, seen, act.how)
        return self._framed(replace(natural, body=spelt(body, self._dress.writing)))

    def _keeper(self, natural: Reply, operation: Operation) -> Callable[[Json], bool]:
        contract = self._promise.answers(operation)
        lines = {name.lower(): value for name, value in natural.headers}

        def keeps(body: Json) -> bool:
            return not any(contract.judge(natural.status, lines, orjson.dumps(body)))

        return keeps

    def _urls(self, body: Json, operation: Operation) -> list[str]:
        """The URLs of the task's results: on another host, and with what only a verbatim copy keeps."""
        task_id = self._promise.reader(operation).read(body).task_id or ""
        name = blake2b(task_id.encode(), digest_size=8).hexdigest()
        where, file = self._place.elsewhere + RESULTS + name, self._promise.pack.behaviour.result.name
        return [f"{where}/{number}/{file}?e=1767225600&s=a%2Fb%2Bc%3D" for number in range(self._dress.results)]

    def _framed(self, reply: Reply) -> Reply:
        """With the headers that every answer has, and the framing of the scenario."""
        lines = [(name, value) for name, value in reply.headers if name.lower() != "date"]
        lines.append(("date", formatdate(self._now(), usegmt=True)))
        if self._dress.headers:
            lines = [(n, v + "; charset=utf-8" if n.lower() == "content-type" else v) for n, v in lines]
            lines += MORE_HEADERS
        return replace(reply, headers=tuple(lines), framing=self._dress.framing)

    def _now(self) -> float:
        return self._place.wall() + self._dress.clock_days * _DAY_SECONDS

    # Anything else

    def refused(self, operation: Operation, situation: str) -> Reply:
        """A documented refusal."""
        status, headers, body = self._account.refusal(operation, situation)
        return self._framed(Reply(status=status, headers=headers, body=body))

    def put_off(self, operation: Operation, act: Act) -> Reply:
        """429 or 503, with or without the time to come back."""
        situation = "rate_exceeded" if act.status == THROTTLED else "service_unavailable"
        reply = replace(self.refused(operation, situation), status=act.status)
        if act.retry_after is None:
            return reply
        # A date has whole seconds: the one that is not too early.
        date = formatdate(math.ceil(self._now() + act.retry_after), usegmt=True)
        return replace(reply, headers=(*reply.headers, ("retry-after", date if act.as_date else str(act.retry_after))))

    def broken(self, operation: Operation, act: Act) -> Reply:
        """A server error."""
        if act.how == "html":
            return self._framed(Reply(status=act.status, headers=_HTML, body=_PAGE))
        if act.how == "empty":
            return self._framed(Reply(status=act.status))
        return replace(self.refused(operation, "service_unavailable"), status=act.status)

    @staticmethod
    def garbled(reply: Reply, how: str) -> Reply:
        """A yes that can't be read."""
        half = max(1, len(reply.body) // 2)
        if how == "short":
            return replace(reply, bytes_kept_back=half, framing="")
        if how == "text":
            return replace(reply, headers=_HTML, body=_PAGE)
        return replace(reply, body=b"" if how == "empty" else reply.body[:half])

    def redirected(self, status: int, path: str, query: str) -> Reply:
        """To the same path at another host."""
        place = self._place.elsewhere + path + (f"?{query}" if query else "")
        return self._framed(Reply(status=status, headers=(("location", place),)))

    @staticmethod
    def elsewhere(request: Request) -> Reply:
        """What the other host says: a video where results are, and that it knows nobody."""
        if request.target.startswith(RESULTS) and request.method in ("GET", "HEAD"):
            return Reply(headers=(("content-type", "video/mp4"),), body=_CLIP)
        return Reply(status=401, headers=(("content-type", "text/plain"),), body=b"Who are you?\n")
