"""A client with a memory against each fake: whatever it does in whatever order, a task's life keeps its laws.

The machine holds the clock, so every instant is chosen; `manual` moves by being told, `polls` by being polled.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, rule, run_state_machine_as_test

from mockserver.fake import Fake, TaskOverError
from mockserver.rendering import MEDIA_PREFIX
from properties.promised import VENDORS, Desk, Kind, assert_promised, fresh_key, kinds, spots
from specs.pointers import removed, resolve
from targets import make_fake

Json = Any
ORDER = {"queued": 0, "running": 1, "done": 2, "failed": 2}
# Longer than any plan: queued and running at their most, for the longest video.
FOREVER_SECONDS = 1_000_000
REASON = "the operator pulled the plug"

fates = st.sampled_from(
    ["", "", "", "[[fail]]", "[[fail:moderation]]", "[[stuck]]", "[[slow:0]]", "[[slow:90]]", "[[slow:5000]]"]
)
spans = st.sampled_from([0, 0.001, 0.999, 1, 2, 5, 20, 60, 300, 6000])


@lru_cache
def shared(vendor: str, clock: str) -> Fake:
    """One fake for all runs of a machine: each run has accounts of its own."""
    return make_fake(vendor, clock=clock)


@dataclass
class Job:
    """What the client remembers of a task."""

    kind: Kind
    id: str
    created_ms: int
    fate: str
    epoch: int
    seen: list[str] = field(default_factory=lambda: ["queued"])
    final: Json = None
    updated: Any = None
    progress: int = 0
    polls: int = 0
    ended: str | None = None

    @property
    def outcome(self) -> str | None:
        """How it must end, where that is known."""
        if self.ended is not None:
            return self.ended
        if "fail" in self.fate:
            return "failed"
        return "never" if "stuck" in self.fate else None


class LifecycleMachine(RuleBasedStateMachine):
    """Submits, waits, polls, meddles; a bystander does the same and must make no difference."""

    vendor = ""
    clock = ""
    jobs: Bundle[Job] = Bundle("jobs")

    @initialize()
    def arrive(self) -> None:
        """A client and a bystander, both new."""
        self.fake = shared(self.vendor, self.clock)
        self.me = Desk(self.fake, self.vendor, fresh_key())
        self.other = Desk(self.fake, self.vendor, fresh_key())
        self.epoch = 0
        self.mine: list[Job] = []

    # What the client does

    @rule(target=jobs, data=st.data(), fate=fates)
    def submit(self, data: st.DataObject, fate: str) -> Job:
        """A submission is accepted at once, under an id that is new, in the first state."""
        kind = data.draw(st.sampled_from(kinds(self.vendor)), label="kind")
        name = data.draw(st.sampled_from(sorted(kind.examples)), label="example")
        body = kind.with_prompt(f"a lighthouse {fate}") if fate else kind.fresh(kind.examples[name])
        answer = self.me.submit(kind, body)

        said = assert_promised(self.vendor, kind.submit.id, answer.status, answer.body)
        assert answer.status < 300, said
        task_id = kind.task_id(said)
        assert task_id not in {job.id for job in self.mine}
        first = next(spots(kind.pack.behaviour.answers[kind.submit.answer].bodies["queued"], "$task.status"), None)
        assert first is None or resolve(said, first) == kind.words["queued"]
        assert MEDIA_PREFIX not in answer.body.decode()
        job = Job(kind, task_id, self.fake.now_ms(self.me.key), fate, self.epoch)
        self.mine.append(job)
        return job

    @rule(data=st.data())
    def submit_what_is_rejected(self, data: st.DataObject) -> None:
        """A refused submission leaves nothing behind."""
        kind = data.draw(st.sampled_from(kinds(self.vendor)), label="kind")
        before = len(self.fake.tasks(self.me.key))
        answer = self.me.submit(kind, kind.with_prompt("[[reject]]"))

        assert answer.status == kind.submit.refusals["content_rejected"].status
        assert_promised(self.vendor, kind.submit.id, answer.status, answer.body)
        assert len(self.fake.tasks(self.me.key)) == before

    @rule(seconds=spans)
    def advance(self, seconds: float) -> None:
        """Time passes, for this account alone."""
        self.fake.advance(seconds, self.me.key)

    @rule(job=jobs)
    def poll(self, job: Job) -> None:
        """Reading a task twice at one instant tells the same story, one step on at most when polls are the clock."""
        if not self.is_known(job):
            self.assert_unknown(self.me, job)
            return
        self.read(job)

    @rule(job=jobs)
    def complete(self, job: Job) -> None:
        """A task that is not over can be ended well."""
        self.end(job, None, "done")

    @rule(job=jobs, reason=st.sampled_from(["default", REASON]))
    def fail(self, job: Job, reason: str) -> None:
        """A task that is not over can be ended badly; the reason is told."""
        answer = self.end(job, reason, "failed")
        if answer is not None and reason == REASON:
            assert REASON in answer

    @rule()
    def list_tasks(self) -> None:
        """A list shows this account's tasks of the kind, newest first, in the state that a poll would tell."""
        for kind in kinds(self.vendor):
            if kind.listing is not None:
                self.read_list(kind)

    @rule()
    def reset(self) -> None:
        """Forgets this account's tasks, and no other's."""
        theirs = [view.task.id for view in self.fake.tasks(self.other.key)]
        self.fake.store.reset(self.me.key)

        assert self.fake.tasks(self.me.key) == []
        assert [view.task.id for view in self.fake.tasks(self.other.key)] == theirs
        self.epoch += 1
        self.mine = []

    # What the bystander does

    @rule(job=jobs)
    def other_polls(self, job: Job) -> None:
        """Another account's task does not exist."""
        if not any(view.task.id == job.id for view in self.fake.tasks(self.other.key)):
            self.assert_unknown(self.other, job)

    @rule(data=st.data())
    def other_submits(self, data: st.DataObject) -> None:
        """Another account's work gets ids that nobody else has."""
        kind = data.draw(st.sampled_from(kinds(self.vendor)), label="kind")
        answer = self.other.submit(kind, kind.with_prompt("[[fail]] of a bystander"))

        assert answer.status < 300
        assert kind.task_id(json.loads(answer.body)) not in {job.id for job in self.mine}

    @rule(seconds=spans)
    def other_advances(self, seconds: float) -> None:
        """Another account's time is its own."""
        before = self.fake.now_ms(self.me.key)
        self.fake.advance(seconds, self.other.key)

        assert self.fake.now_ms(self.me.key) == before

    @rule()
    def other_resets(self) -> None:
        """Another account's reset is its own."""
        before = [view.task.id for view in self.fake.tasks(self.me.key)]
        self.fake.store.reset(self.other.key)

        assert [view.task.id for view in self.fake.tasks(self.me.key)] == before

    # The end of it

    @rule(job=consumes(jobs))
    def wait_for_the_end(self, job: Job) -> None:
        """Every task that is not stuck ends, and stays as it ended."""
        if not self.is_known(job):
            return
        self.fake.advance(FOREVER_SECONDS, self.me.key)
        states = [self.read(job) for _ in range(3)]
        if job.outcome == "never":
            assert states[-1] == "running"
        else:
            assert states[-1] in ("done", "failed")

    # What is asked on the way

    def is_known(self, job: Job) -> bool:
        """Whether the task was submitted since the last reset; after it, an old id may come again."""
        return job.epoch == self.epoch

    def assert_unknown(self, desk: Desk, job: Job) -> None:
        """The answer for an id that nobody has, and nothing of the task in it."""
        if desk is self.me and job.id in {each.id for each in self.mine}:
            return
        answer = desk.poll(job.kind, job.id)

        assert answer.status == job.kind.poll.refusals["task_unknown"].status
        assert_promised(self.vendor, job.kind.poll.id, answer.status, answer.body)
        assert MEDIA_PREFIX not in answer.body.decode()

    def read(self, job: Job) -> str:
        """One poll, judged by everything that was seen before."""
        answer = self.me.poll(job.kind, job.id)
        job.polls += 1
        said = assert_promised(self.vendor, job.kind.poll.id, answer.status, answer.body)
        assert answer.status == 200, said
        state = job.kind.state(said)
        self.judge_state(job, state)
        self.judge_numbers(job, state, said)
        assert (MEDIA_PREFIX in answer.body.decode()) == (state == "done"), said
        story = self.without_call(job.kind, said, state)
        if job.final is not None:
            assert story == job.final, "what is over has changed"
        if ORDER[state] == 2:
            job.final = story
        job.seen.append(state)
        return state

    def judge_state(self, job: Job, state: str) -> None:
        """Never back; the end that was chosen; no sooner and no later than the plan allows."""
        last = job.seen[-1]
        assert ORDER[state] >= ORDER[last], f"{last} -> {state}"
        assert ORDER[last] < 2 or state == last, f"{last} -> {state}"
        if ORDER[state] == 2:
            assert job.outcome in (None, state), f"{job.fate or job.ended} ended as {state}"
        if job.ended is not None:
            assert state == job.ended
        elif self.clock == "polls":
            assert ORDER[state] == min(job.polls, 1 if "stuck" in job.fate else 2)
        else:
            self.judge_instant(job, state)

    def judge_instant(self, job: Job, state: str) -> None:
        """By the clock: what the pack's durations allow at this age."""
        age = (self.fake.now_ms(self.me.key) - job.created_ms) / 1000
        lifecycle = job.kind.pack.behaviour.lifecycle
        shortest, longest = lifecycle.queued_seconds
        least = lifecycle.running_seconds[0]
        if "slow" in job.fate:
            least = float(job.fate.removeprefix("[[slow:").removesuffix("]]"))
            assert age < longest + least or ORDER[state] == 2
        assert age >= shortest - 0.001 or state == "queued"
        assert age >= shortest + least - 0.002 or ORDER[state] < 2
        assert age < longest or state != "queued"

    def judge_numbers(self, job: Job, state: str, said: Json) -> None:
        """Instants and progress only grow; progress is whole only at the end."""
        created, updated, progress = (
            resolve(said, job.kind.spot(name, state) or "", None) if job.kind.spot(name, state) else None
            for name in ("$task.created_at", "$task.updated_at", "$task.progress")
        )
        if updated is not None:
            assert updated >= created
            assert job.updated is None or updated >= job.updated
            job.updated = updated
        if progress is not None:
            assert job.progress <= progress <= 100
            assert (progress == 100) == (ORDER[state] == 2)
            job.progress = progress

    def without_call(self, kind: Kind, said: Json, state: str) -> str:
        """The answer without what belongs to the call: its id and its instant."""
        template = kind.pack.behaviour.answers[kind.poll.answer].bodies[state]
        for placeholder in "$call.id", "$call.now":
            for at in spots(template, placeholder):
                said = removed(said, at)
        return json.dumps(said)

    def end(self, job: Job, reason: str | None, state: str) -> str | None:
        """Ends the task by the admin's word; the answer to the next poll, None when it was over before."""
        if not self.is_known(job):
            return None
        task = self.fake.find_task(job.id)
        assert task is not None
        try:
            self.fake.end_task(task, reason)
        except TaskOverError:
            assert ORDER[self.read(job)] == 2
            return None
        assert job.final is None, "what is over was ended again"
        job.ended = state
        assert self.read(job) == state
        assert isinstance(job.final, str)
        return job.final

    def read_list(self, kind: Kind) -> None:
        """The first page, compared with the memory."""
        assert kind.listing is not None
        behaviour = kind.pack.behaviour
        template = behaviour.answers[kind.listing.answer]
        assert template.items is not None
        item_answer, item_at = template.items
        item = resolve(behaviour.answers[item_answer].bodies["queued"], item_at)
        id_at, word_at = (next(spots(item, name)) for name in ("$task.id", "$task.status"))

        answer = self.me.ask("GET", kind.listing.path)
        said = assert_promised(self.vendor, kind.listing.id, answer.status, answer.body)
        listed = resolve(said, next(spots(template.bodies["queued"], "$items")))
        expected = [job for job in reversed(self.mine) if job.kind.submit.id == kind.submit.id]

        assert [resolve(each, id_at) for each in listed] == [job.id for job in expected][: len(listed)]
        assert kind.listing.page is not None
        size = next(each.schema["default"] for each in kind.listing.parameters if each.name == kind.listing.page[1])
        assert len(listed) == min(len(expected), size)
        words = {state: kind.words[state] for state in ORDER}
        for each, job in zip(listed, expected, strict=False):
            state = next(state for state, word in words.items() if word == resolve(each, word_at))
            assert ORDER[state] >= ORDER[job.seen[-1]]
            if self.clock == "polls":
                assert state == job.seen[-1], "a list is no poll"


@pytest.mark.parametrize("clock", ["manual", "polls"])
@pytest.mark.parametrize("vendor", VENDORS)
def test_lifecycle_keeps_its_laws(vendor: str, clock: str) -> None:
    """The vendor's words only, the first one first, never back, the end final; nobody else sees or changes anything."""
    machine = type("Machine", (LifecycleMachine,), {"vendor": vendor, "clock": clock})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=15,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
        ),
    )
