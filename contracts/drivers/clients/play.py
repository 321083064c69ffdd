"""One run as it is played: each call of the client gets the scenario's next act, and is kept for the judge."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import NamedTuple
from urllib.parse import quote, urlsplit

from contracts.drivers.clients.answers import Account, headers_of, lower_headers
from contracts.drivers.clients.replies import Replies
from contracts.drivers.clients.runclock import RunClock
from contracts.drivers.clients.wire import Call, Reply, Request
from contracts.exchange import KEY, Exchange
from contracts.judge.clients.run import ELSEWHERE, OUTSIDE, VENDOR, Served, Where
from contracts.judge.promise import Promise, is_yes
from contracts.scenarios.act import (
    BREAK,
    DROP,
    GARBLE,
    HANG,
    MISSING,
    PUT_OFF,
    REDIRECT,
    REFUSE,
    REFUSE_INSIDE,
    SHOW,
    Act,
    told,
)
from contracts.scenarios.scenario import LAST_ACT_SECONDS, Scenario, played
from mockserver.messages import Call as VendorCall
from specs.pack import Operation

# More calls than that nobody needs for one job: forty a second, for as long as a run lasts by default.
CALLS_MAX = 1500
_MAKING = (SHOW, DROP, GARBLE)
_NOT_FOUND = Reply(status=404, headers=(("content-type", "text/plain"),), body=b"There is nothing here.\n")
_BAD = Reply(status=400, body=b"What was sent is no HTTP.\n")


class Hosts(NamedTuple):
    """Where and when a run takes place: the vendor's host, the path below which it answers, another host, the time."""

    vendor: str
    prefix: str
    elsewhere: str
    clock: RunClock

    @property
    def base(self) -> str:
        """The base URL that the client is given."""
        return self.vendor + self.prefix

    def wall(self) -> float:
        """Seconds since 1970, as the client counts them."""
        return self.clock.wall()


@dataclass(slots=True)
class _Entry:
    """One call, as far as it is known."""

    exchange: Exchange
    where: Where
    made: str | None = None
    is_scripted: bool = False
    words: str = ""


@dataclass(slots=True)
class Play:
    """Plays one scenario. Instants are seconds since the run began, by the clock of the hosts."""

    scenario: Scenario
    promise: Promise
    account: Account
    hosts: Hosts
    is_flooded: bool = False
    _entries: list[_Entry] = field(default_factory=list)
    _tasks: list[str] = field(default_factory=list)
    _submits: int = 0
    _polls: int = 0
    _replies: Replies = field(init=False)

    def __post_init__(self) -> None:
        """What answers are made of."""
        self._replies = Replies(self.promise, self.account, self.scenario.dress, self.hosts)

    def served(self) -> tuple[Served, ...]:
        """All calls so far."""
        return tuple(
            Served(
                exchange=each.exchange,
                where=each.where,
                made=each.made,
                is_scripted=each.is_scripted,
                words=each.words,
            )
            for each in self._entries
        )

    # What arrives

    def at_vendor(self, request: Request) -> Call:
        """A call at the vendor's host."""
        path, query = _split(request.target)
        is_below = path == self.hosts.prefix or path.startswith(self.hosts.prefix + "/")
        below = path.removeprefix(self.hosts.prefix) if is_below else path
        base = self.hosts.base if is_below else self.hosts.vendor
        entry = self._enter(request, base, (below, query), VENDOR if is_below else OUTSIDE)
        return self._call(request, entry, lambda: self._answer(request, entry))

    def at_elsewhere(self, request: Request) -> Call:
        """A call at the other host."""
        entry = self._enter(request, self.hosts.elsewhere, _split(request.target), ELSEWHERE)
        entry.words = "another host"
        return self._call(request, entry, lambda: self._replies.elsewhere(request))

    def _enter(self, request: Request, base: str, target: tuple[str, str], where: Where) -> _Entry:
        path, query = target
        route = self.promise.route(request.method, path) if where == VENDOR else None
        exchange = Exchange(
            number=len(self._entries) + 1,
            operation=route.operation.id if route is not None and route.operation is not None else None,
            method=request.method,
            base=base,
            path=path,
            query=query,
            request_headers=request.headers,
            request_body=request.body,
            sent_seconds=self.hosts.clock.now(),
            answered_seconds=self.hosts.clock.now(),
            trouble=request.problem,
            account=KEY,
        )
        entry = _Entry(exchange, where)
        self._entries.append(entry)
        self.is_flooded = self.is_flooded or len(self._entries) > CALLS_MAX
        return entry

    def _call(self, request: Request, entry: _Entry, answer: Callable[[], Reply]) -> Call:
        def begun() -> None:
            entry.exchange = replace(entry.exchange, answered_seconds=self.hosts.clock.now())

        def answered(given: Reply, trouble: str) -> None:
            entry.exchange = _answered(entry.exchange, given, trouble or request.problem)

        return Call(request, answer, begun, answered)

    # What is answered

    def _answer(self, request: Request, entry: _Entry) -> Reply:
        if not request.method:
            return _BAD
        operation = self.promise.pack.operations.get(entry.exchange.operation or "")
        if entry.where == OUTSIDE:
            return _NOT_FOUND
        if operation is not None and not self.account.owns(lower_headers(request.headers)):
            return self._replies.refused(operation, "key_invalid")
        if operation is None or operation.role == "list":
            return self._ask(request, entry)[0]
        answer = self._submitted if operation.role == "submit" else self._polled
        return answer(request, entry, operation)

    def _ask(self, request: Request, entry: _Entry) -> tuple[Reply, str | None]:
        """What the vendor itself says, and the task that it speaks of."""
        exchange = entry.exchange
        path = exchange.path or "/"
        call = VendorCall(
            request.method, path, exchange.query, lower_headers(request.headers), request.body, self.hosts.elsewhere
        )
        answer, task_id = self.account.ask(call)
        entry.words = f"{answer.status}"
        return Reply(status=answer.status, headers=headers_of(answer), body=answer.body), task_id

    def _submitted(self, request: Request, entry: _Entry, operation: Operation) -> Reply:
        if self.promise.expect(entry.exchange).verdict == "refused":
            return self._ask(request, entry)[0]
        act = played(self.scenario.submits, self._submits)
        if act.does in _MAKING or (act.does == BREAK and act.made):
            natural, task_id = self._ask(request, entry)
            if not is_yes(natural.status) or task_id is None:
                return natural
            entry.made = task_id
            self._tasks.append(task_id)
        else:
            natural = Reply(status=self.promise.success_status(operation))
        self._submits += 1
        self._tell(entry, act, "submit")
        return self._acted(act, natural, operation, entry)

    def _polled(self, request: Request, entry: _Entry, operation: Operation) -> Reply:
        act = self._next_poll()
        if act.does == SHOW:
            for task_id in self._tasks:
                self.account.bring(task_id, act.state, act.failure or None)
        natural, _ = self._ask(request, entry)
        if not is_yes(natural.status):
            return natural
        self._polls += 1
        self._tell(entry, act, "poll")
        return self._acted(act, natural, operation, entry)

    def _next_poll(self) -> Act:
        began = self._entries[0].exchange.sent_seconds
        if self.hosts.clock.now() - began >= LAST_ACT_SECONDS:
            return self.scenario.last
        return played(self.scenario.polls, self._polls)

    def _tell(self, entry: _Entry, act: Act, role: str) -> None:
        entry.is_scripted = act.does != SHOW
        entry.words = told(replace(act, times=1), role)
        if act.does == SHOW and role == "poll" and not act.word and not act.how:
            word = self.promise.pack.behaviour.lifecycle.words[act.state]
            entry.words = entry.words.replace(act.state, word, 1)

    def _acted(self, act: Act, natural: Reply, operation: Operation, entry: _Entry) -> Reply:
        """The act, made of what the vendor would have answered."""
        replies = self._replies
        if act.does == SHOW:
            reply = replies.shown(natural, operation, act)
        elif act.does in (DROP, HANG):
            reply = Reply(end=("reset" if act.how == "reset" else "close") if act.does == DROP else "hang")
        elif act.does == GARBLE:
            reply = replies.garbled(replies.shown(natural, operation, act), act.how)
        elif act.does == REDIRECT:
            reply = replies.redirected(act.status, quote(entry.exchange.path, safe="/%"), entry.exchange.query)
        elif act.does == REFUSE_INSIDE:
            reply = replace(replies.refused(operation, act.situation), status=natural.status)
        elif act.does in (REFUSE, MISSING):
            reply = replies.refused(operation, act.situation or "task_unknown")
        elif act.does == PUT_OFF:
            reply = replies.put_off(operation, act)
        else:
            reply = replies.broken(operation, act)
        return replace(reply, seconds=act.seconds)


def _split(target: str) -> tuple[str, str]:
    """Path and query of a request's target, which may be a whole URL."""
    if not target.startswith("/") and "://" in target:
        parts = urlsplit(target)
        return parts.path or "/", parts.query
    path, _, query = target.partition("?")
    return path, query


def _answered(exchange: Exchange, reply: Reply, trouble: str) -> Exchange:
    is_lost = bool(reply.end) or (bool(trouble) and not reply.bytes_kept_back)
    body = reply.body[: len(reply.body) - reply.bytes_kept_back]
    return replace(
        exchange,
        status=None if is_lost else reply.status,
        headers=() if is_lost else reply.headers,
        body=b"" if is_lost else body,
        trouble=trouble,
    )
