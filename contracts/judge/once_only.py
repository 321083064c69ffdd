"""Values that an account may use once, used by several requests in the same moment: one of them at most is taken."""

from __future__ import annotations

from collections.abc import Iterator

from contracts.judge.record import Reading, Record
from contracts.judge.ruling import Breach
from specs.pointers import resolve
from specs.rules.uniqueness import UniqueInAccount


def taken_together(record: Record) -> Iterator[Breach]:
    """The second of each two that were taken, and neither was answered before the other was sent.

    Of those that follow one another each is judged by itself: what is taken by then is known.
    """
    laws = [each for each in record.promise.constraints.values() if each.keyword == UniqueInAccount.kind]
    for law in laws:
        first: dict[tuple[str, str], Reading] = {}
        for reading in record.submits():
            value = resolve(reading.request(), law.pointer) if reading.operation_id == law.operation else None
            if not isinstance(value, str) or not value:
                continue
            other = first.setdefault((reading.exchange.account, value), reading)
            if other is not reading and not other.precedes(reading):
                yield Breach(
                    message=f"{reading.words}: several were taken; an account may use a value of {law.pointer} once",
                    readings=(reading, other),
                    operation=reading.operation_id,
                    pointer=law.pointer,
                    constraint=law.id,
                    kind="taken",
                    group=f"{law.id} taken",
                )
