"""The caller: all that was said is in the record; who asks to wait is waited for, who is gone is left in peace."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from contracts.drivers.caller import Caller, GoneError, Question
from contracts.drivers.pace import Pace, wait_seconds
from contracts.drivers.target import NotReachedError
from contracts.drivers.wire import Incoming, Outgoing
from contracts.exchange import KEY, Exchange, Purpose

pytestmark = pytest.mark.usefixtures("pauses_leap")
PURPOSE = Purpose(expects="accepted", words="a request")
FINE = Incoming(status=200)


def late(status: int = 429, **headers: str) -> Incoming:
    """An answer that asks to come back later."""
    return Incoming(status=status, headers=tuple((name.replace("_", "-"), value) for name, value in headers.items()))


class Script:
    """A wire that answers by a script: an answer, an absence, or whatever a function makes of the request."""

    def __init__(self, *answers: Incoming | str | Callable[[Outgoing], Incoming]) -> None:
        self.answers = list(answers)
        self.sent: list[tuple[float, Outgoing]] = []
        self.fresh: list[bool] = []
        self.under_way = self.most_under_way = 0

    async def send(self, outgoing: Outgoing, *, is_fresh: bool) -> Incoming:
        """The next answer; the last one again and again."""
        self.fresh.append(is_fresh)
        self.sent.append((asyncio.get_running_loop().time(), outgoing))
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        await asyncio.sleep(0.001)
        self.under_way -= 1
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, str):
            raise NotReachedError(answer)
        return answer(outgoing) if callable(answer) else answer


def caller(script: Any, *, rate: float | None = None, patience_seconds: float | None = 10, at_once: int = 4) -> Caller:
    """A caller on that wire."""
    return Caller(script, Pace(rate, patience_seconds, at_once), "http://service", lambda _: None)


def ask(path: str = "/", *, is_submit: bool = False) -> Question:
    """A question."""
    return Question(
        outgoing=Outgoing(method="GET", path=path), operation="any", account=KEY, purpose=PURPOSE, is_submit=is_submit
    )


async def test_record_is_in_the_order_of_sending() -> None:
    """Whatever order the answers come in; instants are seconds since the beginning."""
    talk = caller(Script(FINE))

    await asyncio.gather(*(talk.ask(ask(f"/{number}")) for number in range(20)))

    assert [each.number for each in talk.exchanges] == list(range(1, 21))
    assert [each.path for each in talk.exchanges] == [f"/{number}" for number in range(20)]
    assert all(one.sent_seconds <= two.sent_seconds for one, two in pairwise(talk.exchanges))
    assert all(0 <= each.sent_seconds <= each.answered_seconds < 5 for each in talk.exchanges)
    assert talk.exchanges[0].url == "http://service/0"


async def test_only_so_many_at_once() -> None:
    """A service is not flooded."""
    script = Script(FINE)

    talk = caller(script, at_once=3)
    await asyncio.gather(*(talk.ask(ask()) for _ in range(12)))

    assert script.most_under_way == 3


async def test_only_so_many_a_second() -> None:
    """Whoever asks, and however many at once."""
    script = Script(FINE)

    talk = caller(script, rate=50, at_once=8)
    await asyncio.gather(*(talk.ask(ask(is_submit=bool(number % 2))) for number in range(6)))

    times = sorted(at for at, _ in script.sent)
    # A busy machine wakes one of them late, never three of them together.
    assert all(later - earlier > 0.015 for earlier, later in zip(times, times[2:], strict=False))
    assert times[-1] - times[0] >= 5 / 50 * 0.9


async def test_put_off_is_asked_again() -> None:
    """The answer that counts is the last; the one that asked to wait is kept, with no purpose that could be missed."""
    script = Script(late(retry_after="0"), late(503, retry_after="0"), FINE)
    talk = caller(script)

    exchange = await talk.ask(ask())

    assert (exchange.status, exchange.purpose) == (200, PURPOSE)
    assert [(each.status, each.purpose) for each in talk.exchanges[:-1]] == [(429, None), (503, None)]


async def test_who_asks_to_wait_is_waited_for() -> None:
    """By all that is of the same kind: a service with too many tasks still tells about those that it has."""
    script = Script(
        lambda outgoing: late(retry_after="1") if outgoing.path == "/full" and len(script.sent) == 1 else FINE
    )
    talk = caller(script)

    first = asyncio.create_task(talk.ask(ask("/full", is_submit=True)))
    await asyncio.sleep(0.05)
    await asyncio.gather(talk.ask(ask("/poll")), talk.ask(ask("/submit", is_submit=True)), first)

    began = script.sent[0][0]
    waited = {outgoing.path: at - began for at, outgoing in script.sent[1:]}
    assert waited["/poll"] < 0.5
    assert waited["/submit"] >= 0.99
    assert waited["/full"] >= 0.99


async def test_who_was_put_off_goes_one_after_the_other() -> None:
    """The first that is put off again holds back all that wait: a full service is not asked by all of them."""
    script = Script(late(retry_after="1"), FINE, FINE, late(retry_after="1"), FINE)
    talk = caller(script, at_once=8)
    await talk.ask(ask(is_submit=True))

    script.most_under_way = 0
    await asyncio.gather(*(talk.ask(ask(is_submit=True)) for _ in range(6)))

    assert script.most_under_way == 1
    assert len(script.sent) == 2 + 7


async def test_who_never_waits_takes_every_answer() -> None:
    """Without patience an answer is what it is, and the others are asked meanwhile, as many at once as ever."""
    script = Script(late(retry_after="1000"))
    talk = caller(script, patience_seconds=None, at_once=8)

    exchanges = await asyncio.gather(*(talk.ask(ask(is_submit=True)) for _ in range(6)))

    assert [(each.status, each.purpose) for each in exchanges] == [(429, PURPOSE)] * 6
    assert script.most_under_way == 6


async def test_who_lets_nothing_through_is_left_in_peace() -> None:
    """At once, when a single wait is longer than all that can be waited for; what was heard says nothing else."""
    script = Script(FINE, late(retry_after="1000"))
    talk = caller(script, patience_seconds=5)
    await talk.ask(ask("/first"))

    with pytest.raises(GoneError, match="/second is put off with status 429; that makes 1000 s"):
        await talk.ask(ask("/second"))
    with pytest.raises(GoneError):
        await talk.ask(ask("/third"))

    assert [(each.status, each.purpose) for each in talk.exchanges] == [(200, PURPOSE), (429, None), (429, None)]


async def test_patience_is_for_waits_in_a_row() -> None:
    """Twice four seconds are borne when there is an answer between them; six in a row are more than five."""
    waits = [late(retry_after="1")] * 4
    talk = caller(Script(*waits, FINE, *waits, FINE), patience_seconds=5)
    assert [(await talk.ask(ask())).status for _ in range(2)] == [200, 200]

    script = Script(late(retry_after="1"))
    with pytest.raises(GoneError):
        await caller(script, patience_seconds=5).ask(ask())
    assert len(script.sent) == 6


async def test_who_asks_to_come_back_at_once_is_not_asked_in_a_loop() -> None:
    """A wait of nothing is a wait too: a few a second, until patience ends."""
    script = Script(late(retry_after="0"))

    with pytest.raises(GoneError):
        await caller(script, patience_seconds=5).ask(ask())

    assert 20 <= len(script.sent) <= 26


async def test_who_alone_is_put_off_is_meant() -> None:
    """Others get through meanwhile: then it is the request that is answered so, not the moment."""
    script = Script(lambda outgoing: late(retry_after="1") if outgoing.path == "/one" else FINE)
    talk = caller(script, patience_seconds=5)

    one, _ = await asyncio.gather(talk.ask(ask("/one")), talk.ask(ask("/other")))

    assert (one.status, one.purpose) == (429, PURPOSE)
    assert (await talk.ask(ask("/other"))).status == 200


@pytest.mark.parametrize(
    ("incoming", "wait"),
    [
        (late(retry_after="7"), 7.0),
        (late(), 1.0),
        (late(retry_after="soon"), 1.0),
        (late(retry_after="Mon, 01 Jan 99999999999999999999 00:00:00 GMT"), 1.0),
        (late(retry_after="Wed, 21 Oct 2026 07:28:03 GMT", date="today"), 1.0),
        (late(retry_after="Wed, 21 Oct 2026 07:28:03 GMT", date="Wed, 21 Oct 2026 07:28:00 GMT"), 3.0),
        (late(retry_after="Wed, 21 Oct 2015 07:28:00 GMT"), 0.0),
        (late(503, retry_after="2"), 2.0),
        (late(503), None),
        (late(500, retry_after="2"), None),
        (FINE, None),
    ],
)
def test_how_long_an_answer_asks_to_wait(incoming: Incoming, wait: float | None) -> None:
    """In seconds or as a date; a 503 that names no time is an answer like any other."""
    exchange = Exchange(
        number=1,
        operation=None,
        method="GET",
        base="",
        path="/",
        status=incoming.status,
        headers=incoming.headers,
    )
    assert wait_seconds(exchange) == wait


async def test_who_was_never_there_is_not_waited_for() -> None:
    """It is said at once, with the reason."""
    script = Script("Connection refused")

    with pytest.raises(GoneError, match=r"^http://service can't be reached: Connection refused$"):
        await caller(script).ask(ask())

    assert len(script.sent) == 1


async def test_who_is_away_for_a_moment_is_waited_for() -> None:
    """A restart is no end."""
    talk = caller(Script(FINE, "Connection refused", "Connection refused", FINE))

    assert [(await talk.ask(ask())).status for _ in range(2)] == [200, 200]
    assert len(talk.exchanges) == 2


async def test_who_is_gone_is_left_in_peace(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a while it is over, and what was heard is kept."""
    monkeypatch.setattr("contracts.drivers.caller._GONE_SECONDS", 0.3)
    talk = caller(Script(FINE, "Connection refused"))
    await talk.ask(ask())

    with pytest.raises(GoneError, match="can't be reached any more"):
        await asyncio.gather(*(talk.ask(ask()) for _ in range(3)))

    assert [each.status for each in talk.exchanges] == [200]


async def test_connection_that_ended_is_tried_once_more() -> None:
    """Over a fresh one, for it may have been an old one; what ends twice is the request's doing, and is told."""
    cut = Incoming(trouble="no whole answer came", was_cut=True)

    script = Script(cut, FINE)
    assert (await caller(script).ask(ask())).status == 200
    assert script.fresh == [False, True]
    exchange = await caller(Script(cut)).ask(ask())
    assert (exchange.status, exchange.trouble) == (None, "no whole answer came")


async def test_what_is_billed_is_sent_once_over_a_connection_of_its_own() -> None:
    """So that no old connection is to blame when it ends."""
    script = Script(Incoming(trouble="no whole answer came", was_cut=True), FINE)
    talk = caller(script)

    assert (await talk.ask(replace(ask(), is_billed=True))).status is None
    assert (await talk.ask(ask())).status == 200
    assert script.fresh == [True, False]


async def test_who_never_answers_is_left_in_peace() -> None:
    """Two requests are enough: nobody waits for minutes to be told that nobody is there."""
    talk = caller(Script(Incoming(trouble="no answer within 30 s")))
    await talk.ask(ask())

    with pytest.raises(GoneError, match=r"no answer to 2 requests in a row \(no answer within 30 s\)"):
        await talk.ask(ask())


async def test_who_answers_no_more_is_left_in_peace() -> None:
    """So many requests in a row without an answer are enough."""
    talk = caller(Script(FINE, Incoming(trouble="no answer within 30 s")))

    for _ in range(20):
        await talk.ask(ask())

    with pytest.raises(GoneError, match=r"no answer to 20 requests in a row \(no answer within 30 s\)"):
        await talk.ask(ask())
