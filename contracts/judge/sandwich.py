"""A gateway between two vendors: what went in at its front beside what came out behind it, by rules about both.

Pure: exchanges of both sides in, breaches out. Jobs of the two sides are known by their prompts, which a gateway has no
reason to change; where it changes them, only what needs no such knowledge is judged. Further rules about both sides are
in `arrivals.py`, `hearsay.py` and `trials.py`.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import NamedTuple, TypeAlias

import orjson

from contracts.exchange import Exchange
from contracts.judge.promise import Promise, is_yes
from contracts.judge.record import SUBMIT
from specs.pointers import Json, finder

ONE_TASK, KEYS, AFTER_END = "upstream.one-task", "upstream.keys", "upstream.after-end"
OUTCOME = "upstream.outcome"
_DONE = "done"
# Two polls that are under way at the same time are answered one after the other.
_TOGETHER_SECONDS = 0.5
_UNKNOWN_FROM = 500
_Prompt: TypeAlias = tuple[str, ...]
Mappings: TypeAlias = Mapping[str, Mapping[str, Mapping[str, str]]]
"""From an operation of the front and one behind it to pointers there, and where their values arrive."""


class Misfit(NamedTuple):
    """One breach: the exchanges behind the gateway that show it, at least where there are some."""

    message: str
    shown: tuple[Exchange, ...] = ()
    pointer: str | None = None
    kind: str = ""
    """Breaches of one rule with equal pointer and kind have one cause."""


Checks: TypeAlias = Iterator[Misfit | None]
Check: TypeAlias = "Callable[[Sandwich], Checks]"


@dataclass(frozen=True, kw_only=True)
class Course:
    """When a task behind the gateway began to run and when it ended, in the front's seconds, and whether it failed."""

    running_seconds: float
    over_seconds: float | None
    is_failure: bool = False

    def is_in(self, state: str, seconds: float) -> bool:
        """Whether it is so far at this time: `running` or beyond, or `done`."""
        if state != _DONE:
            return self.running_seconds <= seconds
        return not self.is_failure and self.over_seconds is not None and self.over_seconds <= seconds


@dataclass(frozen=True, kw_only=True)
class Trial:
    """One job that was sent through the gateway to see what it makes of trouble behind it.

    `front` is its submit and its polls, in order, `back` what the gateway sent for it, as that was answered, and `made`
    the tasks that came of it. A submit that met no trouble is `plain`.
    """

    words: str
    front: tuple[Exchange, ...]
    back: tuple[Exchange, ...] = ()
    made: tuple[str, ...] = ()
    is_plain: bool = False
    is_refusal: bool = False
    """Whether the provider refused it for what is in it."""
    gone: str = ""
    """Why the gateway could not be asked any more; empty when it could."""


@dataclass(frozen=True)
class Sandwich:
    """Both sides of a gateway. `states` has what became of each task behind it, when all was over.

    `accounts` are the front's keys as the back's exchanges write accounts; `seconds` of the back are real ones.
    """

    front: Side
    back: Side
    states: Mapping[str, str]
    accounts: frozenset[str] = frozenset()
    mappings: Mappings = field(default_factory=dict)
    courses: Mapping[str, Course] = field(default_factory=dict)
    """Of each task behind it."""
    trials: tuple[Trial, ...] = ()


@dataclass(frozen=True)
class Side:
    """What was said on one side, and by which contract. `tasks` are those that calls made, also where nobody heard."""

    promise: Promise
    exchanges: Sequence[Exchange]
    tasks: Mapping[int, str] = field(default_factory=dict)

    @cached_property
    def submits(self) -> list[Exchange]:
        """Everything that asked for a job."""
        operations = self.promise.pack.operations
        return [each for each in self.exchanges if each.operation and operations[each.operation].role == SUBMIT]

    @cached_property
    def taken(self) -> list[Exchange]:
        """The submits that became tasks."""
        return [each for each in self.submits if is_yes(each.status)]

    @cached_property
    def unread(self) -> int:
        """How many of what may have become tasks the judge can't read."""
        return sum(1 for each in self.submits if _may_be_taken(each) and read_body(each) is None)

    def prompt(self, exchange: Exchange) -> _Prompt:
        """The texts by which a job is known."""
        body = read_body(exchange)
        finders = map(finder, self.promise.pack.behaviour.prompts)
        return tuple(text for find in finders for _, text in find(body) if isinstance(text, str) and text.strip())

    @cached_property
    def by_prompt(self) -> Mapping[_Prompt, list[Exchange]]:
        """The taken jobs."""
        found: defaultdict[_Prompt, list[Exchange]] = defaultdict(list)
        for each in self.taken:
            found[self.prompt(each)].append(each)
        return found

    @cached_property
    def prompt_of_task(self) -> Mapping[str, _Prompt]:
        """What each task was asked for."""
        tasks = ((self.task_of(each), self.prompt(each)) for each in self.taken)
        return {task: prompt for task, prompt in tasks if task is not None}

    def knows_all(self, prompt: _Prompt, front: Side) -> bool:
        """Whether every job that the front took with this prompt has a task with it."""
        return 0 < len(front.by_prompt.get(prompt, ())) <= len(self.by_prompt.get(prompt, ()))

    def task_of(self, exchange: Exchange) -> str | None:
        """The task that a submit made."""
        return self.tasks.get(exchange.number) or self.promise.task_id_of(exchange)


def read_body(exchange: Exchange) -> Json:
    """What the request says to the most generous reader, who takes UTF-16, a mark before it, and half a character."""
    try:
        return orjson.loads(exchange.request_body)
    except orjson.JSONDecodeError:
        with suppress(ValueError, RecursionError):
            return json.loads(exchange.request_body)
        return None


# The rules


def _one_task(sandwich: Sandwich) -> Checks:
    """No more tasks behind than the front may have taken jobs for."""
    front, back = sandwich.front, sandwich.back
    asked = [(frozenset(front.prompt(each)), _may_be_taken(each)) for each in front.submits]
    for prompt, made in back.by_prompt.items():
        # The front may take more texts than are of use to the task.
        possible = [may_be for texts, may_be in asked if texts.issuperset(prompt)]
        if not prompt or not possible:
            continue
        # What the judge can't read may have been any job.
        count = sum(possible) + front.unread
        if len(made) <= count:
            yield None
        elif count:
            yield Misfit(f"{len(made)} tasks were made for {_jobs(count)} with one prompt", tuple(made))
        else:
            yield Misfit("a job that was refused at the front was made a task all the same", tuple(made))


def _jobs(count: int) -> str:
    return "1 job" if count == 1 else f"{count} jobs"


def _may_be_taken(exchange: Exchange) -> bool:
    return exchange.status is None or is_yes(exchange.status) or exchange.status >= _UNKNOWN_FROM


def _keys(sandwich: Sandwich) -> Checks:
    """The keys of the front stay there."""
    for each in sandwich.back.exchanges:
        is_fronts = each.account in sandwich.accounts
        yield Misfit("it carries the key that the front was called with", (each,)) if is_fronts else None


def _after_end(sandwich: Sandwich) -> Checks:
    """Who has been told that a task is over asks no more."""
    back, over = sandwich.back, dict[str, Exchange]()
    for each in back.exchanges:
        seen = back.promise.read(each)
        if seen.task_id is None or each in back.submits or not is_yes(each.status):
            continue
        told = over.get(seen.task_id)
        if told is not None and each.sent_seconds - told.sent_seconds > _TOGETHER_SECONDS:
            waited = each.sent_seconds - told.sent_seconds
            yield Misfit(f"the task was over; {waited:.1f} s later it was asked for again", (told, each))
        elif back.promise.is_terminal(seen.word):
            over.setdefault(seen.task_id, each)
            yield None


def _outcome(sandwich: Sandwich) -> Checks:
    """No more jobs are done at the front than behind it: failed stays failed."""
    front, back = sandwich.front, sandwich.back
    ready: Counter[_Prompt] = Counter()
    for task, prompt in back.prompt_of_task.items():
        ready[prompt] += sandwich.states.get(task) == _DONE
    done: defaultdict[_Prompt, dict[str, Exchange]] = defaultdict(dict)
    for each in front.exchanges:
        seen = front.promise.read(each)
        if seen.task_id in front.prompt_of_task and front.promise.state_of(seen.word) == _DONE:
            done[front.prompt_of_task[seen.task_id or ""]].setdefault(seen.task_id or "", each)
    for prompt, tasks in done.items():
        made = back.by_prompt.get(prompt)
        if not prompt or not made:
            continue
        # A job whose task has another prompt says nothing about those that have this one.
        elsewhere = max(0, len(front.by_prompt[prompt]) - len(made))
        if len(tasks) <= ready[prompt] + elsewhere:
            yield None
        else:
            words = f"{_jobs(len(tasks))} with one prompt done at the front, {ready[prompt]} behind it"
            yield Misfit(words, (*made[:2], *list(tasks.values())[:1]))


CHECKS: Mapping[str, Check] = MappingProxyType(
    {ONE_TASK: _one_task, KEYS: _keys, AFTER_END: _after_end, OUTCOME: _outcome}
)
"""By id, as `laws.toml` has them."""
