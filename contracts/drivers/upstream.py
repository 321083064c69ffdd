"""The far side of a gateway: a fake that it is expected to forward to, and what it asked for there, judged."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from types import TracebackType
from typing import NamedTuple, Self

import uvicorn

from contracts.errors import UsageError
from contracts.exchange import Exchange
from contracts.finding import Finding, LawRow, Verdict
from contracts.judge import RULES, Promise
from contracts.judge.seen import generalised
from mockserver import Fake, Settings
from mockserver.app import create_app
from mockserver.direct import direct_protocol
from mockserver.messages import Entry
from mockserver.serve import wall_ms
from specs.pack import Pack

RULE = "upstream.request"
_HOST = "127.0.0.1"
# A job of the fake takes less than a second of those who wait for it.
_CLOCK = "x80"
_PORT_MAX = 65535
_STOP_SECONDS_MAX = 5.0
_SHOWN_MAX = 3


class _Misfit(NamedTuple):
    """One thing that is wrong with one call."""

    entry: Entry
    pointer: str | None
    rule: str
    message: str

    @property
    def cause(self) -> tuple[str | None, str, str]:
        """Equal for calls that are wrong in the same way."""
        return self.entry.operation, generalised(self.pointer or ""), self.rule


class Upstream:
    """A fake of one vendor on a port of the loopback address, for as long as a `with` lasts."""

    def __init__(self, pack: Pack, port: int) -> None:
        self._pack = pack
        self._promise = Promise(pack)
        self.url = f"http://{_HOST}:{port}"
        self._socket = _listening(port)
        self._fake = Fake([pack], Settings(clock=_CLOCK), wall_ms)
        app = create_app(self._fake)
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            lifespan="off",
            http=direct_protocol(app),
            timeout_graceful_shutdown=1,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._socket]}, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.should_exit = True
        self._thread.join(_STOP_SECONDS_MAX)
        self._socket.close()

    def judged(self, verdict: Verdict) -> Verdict:
        """The verdict, and what is to be said of the calls that arrived here."""
        entries = self._fake.entries()
        groups: dict[tuple[str | None, str, str], list[_Misfit]] = {}
        for entry in entries:
            for misfit in _misfits(entry):
                groups.setdefault(misfit.cause, []).append(misfit)
        number = max((each.number for each in verdict.exchanges), default=0)
        exchanges, findings = list(verdict.exchanges), list(verdict.findings)
        for group in groups.values():
            shown = [self._exchange(each.entry, number + at) for at, each in enumerate(group[:_SHOWN_MAX], 1)]
            number += len(shown)
            exchanges += shown
            findings.append(self._finding(group, shown))
        laws = (*verdict.laws, _law(len(entries), is_broken=bool(groups)))
        return replace(verdict, exchanges=tuple(exchanges), findings=tuple(findings), laws=laws)

    def _finding(self, group: list[_Misfit], shown: list[Exchange]) -> Finding:
        first = group[0]
        times = f" ({len(group)} times)" if len(group) > 1 else ""
        return Finding(
            rule=RULE,
            level="error",
            operation=first.entry.operation,
            pointer=first.pointer,
            message=f"sent to {self._pack.title}: {first.message}{times}",
            source=self._source(first),
            exchanges=tuple(each.number for each in shown),
        )

    def _source(self, misfit: _Misfit) -> str:
        """Which document of the upstream says so."""
        operation, _, rule = misfit.cause
        found = self._promise.constraints_at(operation, generalised(misfit.pointer or ""), rule)
        words = self._promise.words
        return words.source(found[0]) if found else words.document(operation)

    def _exchange(self, entry: Entry, number: int) -> Exchange:
        return Exchange(
            number=number,
            operation=entry.operation,
            method=entry.method,
            base=self.url,
            path=entry.path,
            request_headers=(("Content-Type", "application/json"),) if entry.body else (),
            request_body=entry.body,
            status=entry.status,
            body=entry.answer,
        )


def _misfits(entry: Entry) -> Iterator[_Misfit]:
    if entry.operation is None:
        place = f"{entry.method} {entry.path}"
        yield _Misfit(entry, None, place, f"{place} is not offered there")
    for violation in entry.violations:
        yield _Misfit(entry, violation.pointer, violation.rule, violation.message)


def _law(checked: int, *, is_broken: bool) -> LawRow:
    return LawRow(
        rule=RULE,
        level="error",
        title=RULES[RULE].title,
        outcome="fails" if is_broken else "ok" if checked else "untested",
        checked=checked,
        note="" if checked else RULES[RULE].untested,
    )


def _listening(port: int) -> socket.socket:
    reason = f"ports are 1 to {_PORT_MAX}"
    if 0 < port <= _PORT_MAX:
        try:
            return socket.create_server((_HOST, port))
        except OSError as problem:
            reason = problem.strerror or str(problem)
    message = f"can't listen at {_HOST} port {port} ({reason}); choose another with --upstream-port"
    raise UsageError(message)
