"""One run: jobs followed to their end, lists looked at meanwhile, every case, and whether the service still answers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Iterator
from typing import Any, NamedTuple, TypeAlias

from contracts.cases.case import Case
from contracts.drivers.arrival import Arrival, job_case
from contracts.drivers.caller import Caller, GoneError
from contracts.drivers.composing import LIST, POLL, SUBMIT, Composer
from contracts.drivers.leafing import pages, whole_page
from contracts.drivers.plan import LATE_MAX, Plan, first_time, needs_task, spread
from contracts.drivers.second_account import Visit, look_in, peeps, second_peeps
from contracts.drivers.watching import DENSE_SECONDS, FIRST_SECONDS, Followed, Gait, Reading, Waits, Watcher, WhenNews
from contracts.exchange import Exchange
from specs.pack import Pack

_WORKERS = 12
# Jobs begin this far apart, so that polls of some fall between those of others.
_STAGGER_SECONDS = 0.03
# Cases wait for as long as quick tasks take: while they crowd the service, changes of state would be missed.
_HEAD_START_SECONDS = 3.0
_LOOKS_AT_LISTS, _LOOK_SECONDS = 6, 0.4
# Some tasks of cases, and those that were left alone, are looked at after so many times the longest that any followed
# task took, and a bit.
_LONG_OVER, _LATE_SECONDS = 2.1, 0.3

Read: TypeAlias = Callable[[Exchange], Reading]
Tasks: TypeAlias = list[asyncio.Task[None]]


class Asking(NamedTuple):
    """Who asks, who writes what is asked, and who reads the answers."""

    caller: Caller
    composer: Composer
    read: Read


class Run:
    """The course of one run; what was heard is with the caller, also when it ends early."""

    def __init__(self, pack: Pack, plan: Plan, asking: Asking, waits: Waits) -> None:
        caller, composer, read = asking
        self._plan = plan
        self._waits = waits
        self._caller = caller
        self._composer = composer
        self._read = read
        self._arrival = Arrival(pack, caller, composer)
        self._operations = pack.operations
        self._polls = dict(_polls(pack))
        self._followed: list[Followed] = []
        self._taken: list[Followed] = []
        self._left_alone: list[Followed] = []
        self._others: list[Followed] = []
        self._looked_in = set[str]()
        self._not_begun = len(plan.jobs)
        self._all_begun = asyncio.Event()

    async def go(self) -> None:
        """All of it; GoneError when the service is gone, or refuses the key."""
        begun = await self._arrival.arrive(self._plan.jobs)
        watcher = Watcher(self._caller, self._composer, self._read, self._waits)
        gone: GoneError | None = None
        try:
            async with asyncio.TaskGroup() as group:
                following = [
                    group.create_task(self._follow(watcher, number, begun.get(number)))
                    for number in range(len(self._plan.jobs))
                ]
                group.create_task(self._look_at_lists(following))
                group.create_task(self._visit(watcher))
                group.create_task(self._send_cases(following, watcher))
        except* GoneError as several:
            gone = _first(several)
        # Not from within: before Python 3.11.4 what is raised there comes out as a group again.
        if gone is not None:
            raise gone

    # Jobs

    async def _follow(self, watcher: Watcher, number: int, submitted: Exchange | None) -> None:
        job = self._plan.jobs[number]
        if submitted is None:
            await asyncio.sleep(0 if job.is_at_once else number * _STAGGER_SECONDS)
            submitted = await self._ask(job_case(job))
        followed = self._submitted(submitted)
        if followed is not None:
            followed.own_id = job.own_id
            (self._left_alone if job.is_left_alone else self._followed).append(followed)
        self._not_begun -= 1
        if not self._not_begun:
            self._all_begun.set()
        if followed is None or job.is_left_alone:
            return
        if self._plan.follows:
            also_external = self._operations[followed.poll].also_external
            looks_in = self._look_in(followed)
            await watcher.follow(followed, self._gait(number), also_external=also_external, when_news=looks_in)
        else:
            await watcher.poll(followed.poll, followed.task, "at once after the submit")

    def _gait(self, number: int) -> Gait:
        """Dense for one job of each operation, and for those that are to fail: the shortest states are seen there."""
        job = self._plan.jobs[number]
        is_first = all(other.operation != job.operation for other in self._plan.jobs[:number])
        if job.law or is_first:
            return Gait(DENSE_SECONDS, self._waits.interval_seconds, is_dense=True)
        # Paces stay apart also where the longest wait is short: else who counts polls could not be told.
        first = FIRST_SECONDS[number % len(FIRST_SECONDS)]
        return Gait(first, max(first, self._waits.interval_seconds))

    def _submitted(self, exchange: Exchange) -> Followed | None:
        """What there is to follow, if the answer tells of a task."""
        poll = self._polls.get(exchange.operation or "")
        task, word, *_ = self._read(exchange)
        if poll is None or task is None:
            return None
        return Followed(submitted=exchange, poll=poll, task=task, word=word)

    # Lists

    async def _look_at_lists(self, following: Tasks) -> None:
        lists = [each for each in self._operations.values() if each.role == LIST]
        for _ in range(_LOOKS_AT_LISTS if self._plan.jobs else 0):
            for each in lists:
                await self._ask(
                    Case(operation=each.id, expects="accepted", words="a look at the list", query=whole_page(each))
                )
            if not lists or all(task.done() for task in following):
                return
            await asyncio.sleep(_LOOK_SECONDS)

    async def _leaf_through(self) -> None:
        """Each list once from its first page to its last, now that nothing changes any more."""
        for each in self._operations.values():
            tasks = [*self._followed, *self._left_alone, *self._taken]
            count = sum(1 for task in tasks if each.tasks in ("*", self._operations[task.poll].tasks))
            for case in pages(each, count) if each.role == LIST else ():
                await self._ask(case)

    # The second account

    async def _visit(self, watcher: Watcher) -> None:
        """Looks at what the first account has under way, and has a job of its own beside it."""
        visit = self._plan.visit
        if visit is None:
            return
        await self._all_begun.wait()
        await self._peep(peeps(visit, self._followed), visit)
        for case in visit.submits:
            # In the same moment: a service that mixes up who is asking is found by whose tasks they are afterwards.
            beside = filter(None, [visit.beside.get(case.operation)])
            own, *firsts = map(self._submitted, await asyncio.gather(*(self._ask(each) for each in (case, *beside))))
            if own is not None:
                own.own_id = visit.own_ids.get(case.operation)
                self._others.append(own)
                await watcher.poll(own.poll, own.task, "at once after the submit", "other")
            for first in filter(None, firsts):
                self._taken.append(first)
                await watcher.poll(first.poll, first.task, "at once after the submit")

    def _look_in(self, followed: Followed) -> WhenNews | None:
        """Of one task of each kind the second account tries to see every state that it goes through."""
        if self._plan.visit is None or followed.poll in self._looked_in:
            return None
        self._looked_in.add(followed.poll)
        return lambda: self._ask(look_in(followed.poll), followed.task)

    async def _peep(self, looks: Iterable[tuple[Case, str]], visit: Visit) -> None:
        for case, task in looks:
            await self._ask(case, task)
        for case in visit.lists:
            await self._ask(case)

    # Cases

    async def _send_cases(self, following: Tasks, watcher: Watcher) -> None:
        if following:
            await asyncio.wait(following, timeout=_HEAD_START_SECONDS)
        seen = self._plan.seen_at_once
        sent = (self._send(case, watcher, is_seen=number in seen) for number, case in enumerate(self._plan.cases))
        await _all_of(sent, _WORKERS)
        if following and self._plan.follows:
            await asyncio.wait(following)
            if (visit := self._plan.visit) is not None:
                await self._peep(second_peeps(visit, self._followed, self._others), visit)
            await self._use_again()
            await self._look_again(watcher)
            await self._leaf_through()
        if self._plan.is_alive is not None:
            await self._send(self._plan.is_alive, watcher)

    async def _send(self, case: Case, watcher: Watcher, *, is_seen: bool = False) -> None:
        operation = self._operations[case.operation]
        task = self._any_task(case.operation) if needs_task(operation, case) else None
        if task is None and needs_task(operation, case):
            return
        for each in case.before:
            await self._ask(each)
        if case.repeat:
            await self._ask(first_time(case), task)
        exchange, *_ = await asyncio.gather(*(self._ask(case, task) for _ in range(case.at_once)))
        if operation.role != SUBMIT or case.expects == "refused":
            return
        followed = self._submitted(exchange)
        if followed is not None:
            self._taken.append(followed)
            if is_seen:
                await watcher.poll(followed.poll, followed.task, "at once after the submit")

    async def _use_again(self) -> None:
        """The client's own ids of jobs that were seen to end."""
        ended = {each.own_id for each in self._followed if each.lasted_seconds is not None}
        for own_id, case in self._plan.spent:
            if own_id in ended:
                await self._ask(case)

    def _any_task(self, operation: str) -> str | None:
        """A task that the operation can be asked for: of the first job that was taken."""
        return next((each.task for each in [*self._followed, *self._taken] if each.poll == operation), None)

    async def _look_again(self, watcher: Watcher) -> None:
        """At tasks of cases, and at those that were left alone, once each, when they should be long over."""
        lasted = [each.lasted_seconds for each in self._followed if each.lasted_seconds is not None]
        late = [*self._left_alone, *spread(self._taken, LATE_MAX)]
        if not lasted or not late:
            return
        wait = min(_LONG_OVER * max(lasted), self._waits.deadline_seconds) + _LATE_SECONDS
        last = max(each.submitted.answered_seconds for each in late)
        await asyncio.sleep(max(0.0, last + wait - self._caller.seconds))
        await _all_of((watcher.poll(each.poll, each.task, "when it should be over") for each in late), _WORKERS)
        for each in self._others:
            await watcher.poll(each.poll, each.task, "when it should be over", "other")

    async def _ask(self, case: Case, task: str | None = None) -> Exchange:
        exchange = await self._caller.ask(self._composer.question(case, task))
        if case.expects == "accepted" and self._caller.is_broke(exchange):
            await self._mind_the_purse()
        return exchange

    async def _mind_the_purse(self) -> None:
        """GoneError when what was taken before is not taken any more."""
        plain = (job_case(each) for each in self._plan.jobs if each.own_id is None and not each.may_be_refused)
        known = next(plain, self._plan.is_alive)
        if known is None or self._caller.is_broke(await self._caller.ask(self._composer.question(known))):
            self._caller.forget(self._caller.is_broke)
            message = "the service says that the account can't pay any more: nothing further can be submitted"
            raise GoneError(message)


async def _all_of(works: Iterable[Coroutine[Any, Any, object]], at_once: int) -> None:
    """Does all of it, so much at once, begun in its order."""
    waiting = iter(works)

    async def work() -> None:
        for each in waiting:
            await each

    async with asyncio.TaskGroup() as group:
        for _ in range(at_once):
            group.create_task(work())


def _polls(pack: Pack) -> Iterator[tuple[str, str]]:
    """From each submit operation to the one that reads its tasks."""
    for submit in pack.operations.values():
        readers = [each for each in pack.operations.values() if each.role == POLL and each.tasks in ("*", submit.tasks)]
        if submit.role == SUBMIT and readers:
            yield submit.id, readers[0].id


def _first(group: BaseExceptionGroup[GoneError]) -> GoneError:
    found: BaseException = group
    while isinstance(found, BaseExceptionGroup):
        found = found.exceptions[0]
    assert isinstance(found, GoneError)  # noqa: S101 - the group holds nothing else
    return found
