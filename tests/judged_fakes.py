"""Conversations with the fakes, recorded for the judge: jobs of every kind to their end, refusals, lists, strangers.

The clock stands still and is moved by hand; seconds of the conversation are seconds of that clock.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from urllib.parse import quote

import httpx

from contracts.exchange import KEY, NOBODY, OTHER, Conversation, Exchange, Purpose
from contracts.judge import Promise
from mockserver import Fake, Settings
from specs.pack import Operation, Pack
from specs.pointers import Json, finder, replaced
from targets import Target, in_process

MALFORMED = [b"", b"{", b'{"a": 1} and more', b"\xff\xfe", b'{"a": NaN}', b"[]", b'"text"', b"5", b"null"]
KEYS = {"": None, "empty": "", "no-key": "Bearer", "basic": "Basic abc", "bad": "Bearer mock-invalid"}
_SITUATIONS = {"": "key_missing", "empty": "key_missing", "no-key": "key_malformed", "basic": "key_malformed"}


@dataclass
class Recorder:
    """Asks one fake and writes down what was said. With `purposes` each request says what it is for."""

    pack: Pack
    targets: dict[str, Target]
    purposes: bool
    seconds: float = 0.0
    exchanges: list[Exchange] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def advance(self, seconds: float) -> None:
        """Moves every account's clock."""
        self.seconds += seconds
        for target in self.targets.values():
            target.advance(seconds)

    def ask(self, operation: Operation, purpose: Purpose | None, **more: Any) -> Exchange:
        """One request, answered at once."""
        account, task = more.get("account", KEY), more.get("task", "unheard-of")
        target = self.targets[account if account in self.targets else KEY]
        headers = {"Authorization": more.get("authorization", f"Bearer {target.key}")}
        path = operation.path.replace(f"{{{operation.id_name}}}", quote(task, safe=""))
        query = more.get("query", f"{operation.id_name}={quote(task)}" if operation.id_location == "query" else "")
        content = more.get("raw", b"" if "body" not in more else json.dumps(more["body"]).encode())
        if "raw" in more or "body" in more:
            headers["Content-Type"] = more.get("type", "application/json")
        sent = {name: value for name, value in headers.items() if value is not None}
        method = more.get("method", operation.method)
        url = path + (f"?{query}" if query else "")
        answer = target.account().request(method, url, headers=sent, content=content)
        return self._keep(operation, answer, (method, path, query), sent, (content, account, purpose))

    def _keep(
        self,
        operation: Operation,
        answer: httpx.Response,
        place: tuple[str, str, str],
        sent: dict[str, str],
        more: tuple[bytes, str, Purpose | None],
    ) -> Exchange:
        exchange = Exchange(
            number=next(self.numbers),
            operation=operation.id if place[0] == operation.method else None,
            method=place[0],
            base="http://fake",
            path=place[1],
            query=place[2],
            request_headers=tuple(sent.items()),
            request_body=more[0],
            sent_seconds=self.seconds,
            answered_seconds=self.seconds,
            status=answer.status_code,
            headers=tuple(answer.headers.items()),
            body=answer.content,
            account=more[1],
            purpose=more[2] if self.purposes else None,
        )
        self.exchanges.append(exchange)
        return exchange


def accepted(words: str, law: str = "") -> Purpose:
    """It must be taken."""
    return Purpose(expects="accepted", words=words, law=law)


def refused(words: str, situation: str | None = None, law: str = "") -> Purpose:
    """It must be refused."""
    return Purpose(expects="refused", words=words, situation=situation, law=law)


def record(pack: Pack, *, purposes: bool) -> Conversation:
    """One long conversation with the pack's fake."""
    fake = Fake([pack], Settings(clock="manual"), wall_ms=lambda: 1_800_000_000_000)
    with ExitStack() as stack:
        targets = {account: stack.enter_context(in_process(fake, pack.name)) for account in (KEY, OTHER)}
        recorder = Recorder(pack, targets, purposes)
        _talk(recorder, Promise(pack))
    return Conversation(tuple(recorder.exchanges))


def _talk(recorder: Recorder, promise: Promise) -> None:
    polls = [each for each in recorder.pack.operations.values() if each.role == "poll"]
    submits = [each for each in recorder.pack.operations.values() if each.role == "submit"]
    for submit in submits:
        poll = next(each for each in polls if each.tasks in ("*", submit.tasks))
        _live(recorder, promise, submit, poll)
        _refuse(recorder, submit)
    for operation in recorder.pack.operations.values():
        _strangers(recorder, operation)
        for method in ("HEAD", "OPTIONS", "PATCH", "DELETE"):
            recorder.ask(operation, None, method=method)
    recorder.ask(submits[0], accepted("still there", "robustness.alive"), body=_job(submits[0]))


def _job(submit: Operation) -> Json:
    return next(iter(submit.examples.values()))


def _jobs(recorder: Recorder, submit: Operation) -> Iterator[tuple[Json, str]]:
    for body in submit.examples.values():
        yield _own_id(recorder, body), ""
    for pattern in recorder.pack.behaviour.prompts:
        for at, _ in finder(pattern)(_job(submit)):
            yield replaced(_job(submit), at, "[[fail]] a cat"), "lifecycle.failure"


def _own_id(recorder: Recorder, body: Json) -> Json:
    """The job with a client's own id that was not used before."""
    pointer = recorder.pack.behaviour.external_id
    for at, value in finder(pointer)(body) if pointer is not None else ():
        if value:
            body = replaced(body, at, f"own-{next(recorder.numbers)}")
    return body


def _live(recorder: Recorder, promise: Promise, submit: Operation, poll: Operation) -> None:
    """Jobs of every kind, polled in each state and after the end; by others too, and in lists."""
    tasks = []
    for body, law in _jobs(recorder, submit):
        answer = recorder.ask(submit, accepted("a job", law), body=body)
        tasks.append(str(promise.task_id_of(answer)))
    for wait in (0, 0, 1, 1, 2, 3, 20, 20, 40, 5):
        recorder.advance(wait)
        for task in tasks:
            recorder.ask(poll, accepted("a poll"), task=task)
        _lists(recorder)
    recorder.ask(poll, refused("another's", "task_unknown", "account.isolation"), task=tasks[0], account=OTHER)
    recorder.ask(poll, refused("nobody's", "task_unknown"), task="unheard-of")


def _lists(recorder: Recorder) -> None:
    for each in recorder.pack.operations.values():
        if each.page is not None:
            number, size = each.page
            recorder.ask(each, accepted("a list"))
            for page in (1, 2):
                recorder.ask(each, accepted("a page"), query=f"{number}={page}&{size}=2")
            recorder.ask(each, accepted("a list of another account"), account=OTHER)
            recorder.ask(each, refused("page 0"), query=f"{number}=0")


def _refuse(recorder: Recorder, submit: Operation) -> None:
    """Bodies that break the contract, and such that are none."""
    broken: list[Json] = [{}]
    values: list[Json] = [None, 5, "", [], {}, True, "nonsense " * 400]
    for name in _job(submit):
        broken += [{**_job(submit), name: value} for value in values]
        broken += [{key: value for key, value in _job(submit).items() if key != name}]
    for body in broken:
        if submit.body is not None and submit.body.judge(body)[1]:
            recorder.ask(submit, refused("a broken body"), body=body)
    for raw in MALFORMED:
        recorder.ask(submit, refused("no JSON", law="robustness.malformed"), raw=raw)
    recorder.ask(submit, refused("a form", "content_type"), body=_job(submit), type="application/x-www-form-urlencoded")


def _strangers(recorder: Recorder, operation: Operation) -> None:
    more: dict[str, Any] = {"body": _job(operation)} if operation.body is not None else {}
    for name, header in KEYS.items():
        purpose = refused("a bad key", _SITUATIONS.get(name, "key_invalid"))
        recorder.ask(operation, purpose, account=NOBODY, authorization=header, **more)
