"""The same seed and the same calls of an account give the same answers to the byte, whatever anybody else does."""

from __future__ import annotations

from typing import TypeAlias

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mockserver.fake import Fake
from properties.promised import VENDORS, Desk, kinds
from targets import make_fake

Script: TypeAlias = list[tuple[str, int]]
EXAMPLES = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
PROMPTS = ("a harbour", "[[fail]] a harbour", "[[slow:7]] a harbour", "[[stuck]]", "[[reject]]", " ")
KEY, OTHER = "key-of-mine", "key-of-theirs"

every_vendor = pytest.mark.parametrize("vendor", VENDORS)
steps = st.tuples(
    st.sampled_from(["submit", "submit", "poll", "poll", "advance", "unknown", "malformed"]), st.integers(0, 5)
)
scripts = st.lists(steps, max_size=15)


class Player:
    """One account that carries out a script step by step; `heard` is every byte that it was told."""

    def __init__(self, fake: Fake, vendor: str, key: str) -> None:
        self.desk = Desk(fake, vendor, key)
        self.kinds = kinds(vendor)
        self.tasks: list[tuple[int, str]] = []
        self.heard: list[tuple[int, bytes, list[tuple[bytes, bytes]]]] = []

    def play(self, step: tuple[str, int]) -> None:
        """One step; a poll of nothing is a poll of an unknown id."""
        what, number = step
        if what == "advance":
            self.desk.fake.advance(number * 7, self.desk.key)
        elif what == "submit":
            self._submit(number)
        elif what == "poll" and self.tasks:
            kind, task_id = self.tasks[number % len(self.tasks)]
            self._hear("GET", self.kinds[kind].poll_path(task_id))
        elif what == "malformed":
            self._hear("POST", self.kinds[0].submit.path, ["no", "object"])
        else:
            self._hear("GET", self.kinds[0].poll_path("3f2504e0-4f89-41d3-9a0c-0305e82c3301"))

    def _submit(self, number: int) -> None:
        index = number % len(self.kinds)
        kind = self.kinds[index]
        before = {view.task.id for view in self.desk.fake.tasks(self.desk.key)}
        self._hear("POST", kind.submit.path, kind.with_prompt(PROMPTS[number]))
        new = [view.task.id for view in self.desk.fake.tasks(self.desk.key) if view.task.id not in before]
        self.tasks += [(index, task_id) for task_id in new]

    def _hear(self, method: str, path: str, body: object = None) -> None:
        answer = self.desk.ask(method, path, body)
        self.heard.append((answer.status, answer.body, answer.headers))


def played(vendor: str, script: Script, *, seed: int = 0, clock: str = "manual", key: str = KEY) -> Player:
    """The script on a fake of its own."""
    player = Player(make_fake(vendor, seed=seed, clock=clock), vendor, key)
    for step in script:
        player.play(step)
    return player


def ids(player: Player) -> list[str]:
    """The ids of the tasks it was given."""
    return [task_id for _, task_id in player.tasks]


@every_vendor
@pytest.mark.parametrize("clock", ["manual", "polls"])
@EXAMPLES
@given(mine=scripts, theirs=scripts, order=st.lists(st.booleans(), max_size=30))
def test_another_account_makes_no_difference(
    vendor: str, clock: str, mine: Script, theirs: Script, order: list[bool]
) -> None:
    """Two accounts interleaved in whatever order hear, to the byte, what each hears alone."""
    fake = make_fake(vendor, clock=clock)
    players = Player(fake, vendor, KEY), Player(fake, vendor, OTHER)
    left = [list(mine), list(theirs)]
    for first in [*order, *[True] * len(mine), *[False] * len(theirs)]:
        if left[not first]:
            players[not first].play(left[not first].pop(0))

    assert players[0].heard == played(vendor, mine, clock=clock).heard
    assert players[1].heard == played(vendor, theirs, clock=clock, key=OTHER).heard


LONG: Script = [
    ("submit", 0),
    ("poll", 0),
    ("submit", 1),
    ("advance", 5),
    ("poll", 1),
    ("malformed", 0),
    ("advance", 20),
    ("poll", 0),
]


@every_vendor
def test_another_seed_gives_other_ids_and_the_same_seed_the_same(vendor: str) -> None:
    """The seed is what luck is made of, and all of it."""
    zero, again, one = played(vendor, LONG), played(vendor, LONG), played(vendor, LONG, seed=1)

    assert zero.heard == again.heard
    assert not set(ids(zero)) & set(ids(one))
    assert [status for status, _, _ in zero.heard] == [status for status, _, _ in one.heard]


@every_vendor
def test_another_key_gives_other_ids(vendor: str) -> None:
    """Two accounts that do the same share no id."""
    assert not set(ids(played(vendor, LONG))) & set(ids(played(vendor, LONG, key=OTHER)))


@every_vendor
def test_reset_restarts_the_ordinals_of_one_account(vendor: str) -> None:
    """After its reset an account's calls get the same ids as at first; another account's go on."""
    fake = make_fake(vendor)
    mine, theirs = Player(fake, vendor, KEY), Player(fake, vendor, OTHER)
    script: Script = [("submit", 0), ("submit", 1), ("submit", 2)]
    for step in script:
        mine.play(step)
        theirs.play(step)
    fake.store.reset(KEY)
    again = Player(fake, vendor, KEY)
    for step in script:
        again.play(step)
        theirs.play(step)

    assert again.heard == mine.heard
    assert len(set(ids(theirs))) == 2 * len(script)
    uninterrupted = played(vendor, script * 2, key=OTHER)
    assert theirs.heard == uninterrupted.heard


@every_vendor
def test_ordinals_count_every_call_that_has_an_account(vendor: str) -> None:
    """A refused call takes an ordinal as well: what follows it differs from what would have come without it."""
    direct = played(vendor, [("submit", 0)])
    after = played(vendor, [("malformed", 0), ("submit", 0)])

    assert ids(direct) != ids(after)
