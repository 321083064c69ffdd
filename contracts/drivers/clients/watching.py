"""A plain fake that anything may talk to: it answers as always, and keeps what was said for the judge of conduct."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import replace
from types import TracebackType
from typing import Self

from contracts.exchange import KEY, Exchange, HeaderLines
from contracts.judge.clients.run import Run, Served
from contracts.judge.promise import Promise
from mockserver import Fake, Settings
from mockserver.app import create_app
from mockserver.background import Background
from mockserver.messages import Answer, Call, Entry
from mockserver.serve import wall_ms
from mockserver.vendor import Vendor
from specs.pack import Pack

HEARD_MAX = 20_000
_ENDS = {"close": "the connection was closed", "reset": "the connection was reset"}
_BODY_BYTES_MAX = 256 * 1024


class HeardFake(Fake):
    """A fake that remembers each call as it was made, headers and all."""

    def __init__(self, pack: Pack, settings: Settings) -> None:
        super().__init__([pack], settings, wall_ms)
        self._promise = Promise(pack)
        self._began = time.monotonic()
        self._served: list[Served] = []
        self.is_full = False

    def handle(self, vendor: Vendor, call: Call) -> tuple[Answer, Entry]:
        """As always; and it is written down."""
        sent = time.monotonic() - self._began
        answer, entry = super().handle(vendor, call)
        self.is_full = len(self._served) >= HEARD_MAX
        if not self.is_full:
            self._served.append(self._read(call, answer, entry, sent))
        return answer, entry

    def _read(self, call: Call, answer: Answer, entry: Entry, sent: float) -> Served:
        operation = self._promise.pack.operations.get(entry.operation or "")
        is_submit = operation is not None and operation.role == "submit"
        exchange = Exchange(
            number=len(self._served) + 1,
            operation=entry.operation,
            method=call.method,
            base=f"{call.base}/{self._promise.pack.name}",
            path=call.path,
            query=call.query,
            request_headers=_lines(call.headers.items()),
            request_body=(call.body or b"")[:_BODY_BYTES_MAX],
            sent_seconds=sent,
            answered_seconds=time.monotonic() - self._began,
            status=answer.status,
            headers=_lines(answer.headers),
            body=answer.body,
            account=KEY,
        )
        return Served(
            exchange=_delivered(exchange, answer),
            made=entry.task_id if is_submit else None,
            is_scripted=entry.fault is not None,
            words=f"{answer.status}" + (f" ({entry.fault})" if entry.fault else ""),
        )

    def run(self) -> Run:
        """All that was said, as one run of whoever said it."""
        return Run(served=tuple(self._served))


def _lines(headers: Iterable[tuple[bytes, bytes]]) -> HeaderLines:
    return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in headers)


def _delivered(exchange: Exchange, answer: Answer) -> Exchange:
    """What reached the client of it, where a fault had a say."""
    delivery = answer.delivery
    if delivery is None:
        return exchange
    exchange = replace(exchange, answered_seconds=exchange.answered_seconds + delivery.delay_seconds)
    if delivery.ends is not None:
        return replace(exchange, status=None, headers=(), body=b"", trouble=_ENDS[delivery.ends])
    if delivery.cut_bytes is not None and delivery.cut_bytes < len(answer.body):
        return replace(exchange, body=answer.body[: delivery.cut_bytes], trouble="the body was cut")
    return exchange


class Watched:
    """The fake of one vendor on a free port, for as long as a `with` lasts."""

    def __init__(self, pack: Pack, settings: Settings) -> None:
        self.fake = HeardFake(pack, settings)
        self._server = Background(create_app(self.fake))
        self.url = f"{self._server.url}/{pack.name}"

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.stop()
