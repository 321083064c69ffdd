"""Watching: at once, densely at first and with news, to the end and a second beyond it; never for ever."""

import asyncio
from collections.abc import Iterator
from itertools import count, pairwise
from typing import Any

import pytest

from contracts.drivers import watching
from contracts.drivers.watching import DENSE_SECONDS, Followed, Gait, Reading, Waits, Watcher
from contracts.exchange import Exchange

pytestmark = pytest.mark.usefixtures("pauses_leap")


class Talk:
    """Stands for caller and composer: a task that shows one word after the other, each for so many seconds."""

    def __init__(self, *course: tuple[str, float]) -> None:
        self.course = course
        self.began = asyncio.get_running_loop().time()
        self.asked: list[str] = []
        self.times: list[float] = []
        self.numbers: Iterator[int] = count(2)

    @property
    def seconds(self) -> float:
        return asyncio.get_running_loop().time() - self.began

    def question(self, case: Any) -> Any:
        return case

    async def ask(self, case: Any) -> Exchange:
        self.asked.append(f"{case.task}: {case.words}")
        self.times.append(self.seconds)
        return exchange(next(self.numbers), self.seconds, self.word())

    def word(self) -> str:
        """The word of now."""
        left = self.seconds
        for word, seconds in self.course:
            left -= seconds
            if left < 0:
                return word
        return self.course[-1][0]


def exchange(number: int, seconds: float, word: str) -> Exchange:
    """An answer that is a word."""
    return Exchange(
        number=number,
        operation="poll",
        method="GET",
        base="",
        path="/",
        sent_seconds=seconds,
        answered_seconds=seconds,
        status=200,
        body=word.encode(),
    )


def read(answer: Exchange) -> Reading:
    """What the word means."""
    word = answer.body.decode()
    return Reading("task", word, word in ("queued", "running", "done"), word == "done")


async def follow(
    *course: tuple[str, float], own_id: str | None = None, deadline_seconds: float = 60, gait: Gait | None = None
) -> tuple[Talk, Followed]:
    """A task watched, densely unless another gait is given."""
    talk: Any = Talk(*course)
    submitted = exchange(1, 0, course[0][0])
    followed = Followed(submitted=submitted, poll="poll", task="task", word=course[0][0], own_id=own_id)
    watcher = Watcher(talk, talk, read, Waits(0.5, deadline_seconds))
    await watcher.follow(followed, gait or Gait(DENSE_SECONDS, 0.5, is_dense=True), also_external=True)
    return talk, followed


async def test_to_the_end_and_a_second_beyond() -> None:
    """The first poll comes at once, the next ones closely, and at least three after the end, over a second and more."""
    talk, followed = await follow(("queued", 0.1), ("running", 0.2), ("done", 0))

    assert talk.times[0] < 0.02
    assert all(later - earlier < 0.15 for earlier, later in pairwise(talk.times[:4]))
    over = followed.over_seconds
    assert over is not None
    assert 0.3 <= over < 0.5
    after = [at for at in talk.times if at > over]
    assert len(after) >= 3
    assert after[-1] - over >= 1
    assert followed.lasted_seconds == over


async def test_news_bring_polls_closer() -> None:
    """After a change the next one may be near."""
    talk, _ = await follow(("queued", 1.2), ("running", 0.5), ("done", 0), gait=Gait(0.05, 5))

    news = next(number for number, at in enumerate(talk.times) if at >= 1.2)
    gaps = [later - earlier for earlier, later in pairwise(talk.times)]
    assert max(gaps[:news]) > 0.3
    assert gaps[news] < 0.15


async def test_by_the_clients_own_id() -> None:
    """Where that works, at the beginning and after the end."""
    talk, _ = await follow(("done", 0), own_id="mine")

    assert [each for each in talk.asked if each.startswith("mine")] == [
        "mine: by the client's own id",
        "mine: by the client's own id, after the end",
    ]


async def test_news_are_told() -> None:
    """Once in each state before the end, so that somebody else may look at the same time."""
    talk: Any = Talk(("queued", 0.1), ("running", 0.2), ("done", 0))
    heard = []

    async def hear() -> None:
        heard.append(talk.word())

    followed = Followed(submitted=exchange(1, 0, "queued"), poll="poll", task="task", word="queued")
    watcher = Watcher(talk, talk, read, Waits(0.5, 60))
    await watcher.follow(followed, Gait(0.05, 0.5, is_dense=True), also_external=False, when_news=hear)

    assert heard == ["queued", "running"]


async def test_deadline() -> None:
    """A task that does not end is left after it, and looked at just then."""
    talk, followed = await follow(("running", 0), deadline_seconds=0.4)

    assert followed.over_seconds is None
    assert 0.4 <= talk.times[-1] < 0.7
    assert [at for at in talk.times if at >= 0.4] == talk.times[-1:]


async def test_unknown_word_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is a finding as it is, and would keep everybody waiting to the deadline."""
    monkeypatch.setattr(watching, "_UNKNOWN_SECONDS_MAX", 0.3)

    talk, followed = await follow(("queued", 0.1), ("cooking", 0))

    assert followed.over_seconds is None
    assert 0.4 <= talk.times[-1] < 1


def waits(gait: Gait, number: int) -> list[float]:
    """The next ones."""
    return [gait.next() for _ in range(number)]


def test_dense_gait() -> None:
    """Short for as long as quick tasks take, then up to the interval and no further."""
    gait = Gait(0.05, 0.5, is_dense=True)
    found = waits(gait, 60)

    assert found[:24] == [0.05] * 24
    assert all(earlier <= later for earlier, later in pairwise(found))
    assert found[-1] == 0.5


def test_growing_gait() -> None:
    """It grows without news, beyond the interval for a task that takes its time, and begins anew with news."""
    gait = Gait(0.1, 0.5)
    found = waits(gait, 60)

    assert found[:3] == pytest.approx([0.1, 0.16, 0.256])
    assert all(earlier <= later for earlier, later in pairwise(found))
    assert max(found[:12]) == 0.5
    assert found[-1] == 2.0
    gait.begin()
    assert gait.next() == 0.1


def test_interval_bounds_the_first_wait_too() -> None:
    """Whoever wants to be asked often is."""
    assert Gait(0.32, 0.1).next() == 0.1
