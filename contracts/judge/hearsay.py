"""Rules about what a gateway's front tells, beside what was so behind it: when, whose result, and why it failed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple
from urllib.parse import urlsplit

from contracts.exchange import Exchange
from contracts.judge.sandwich import Check, Checks, Course, Misfit, Sandwich, Side, Trial
from contracts.judge.seen import Seen
from specs.pointers import Json

AHEAD, RUNNING, RESULTS, REASON = "upstream.ahead", "upstream.running", "upstream.results", "upstream.reason"
_DONE, _RUNNING, _FAILED = "done", "running", "failed"
# Two clocks are read, each in whole milliseconds, and one of them runs in another thread.
_CLOCK_SECONDS = 0.02
_Prompt = tuple[str, ...]


class Sight(NamedTuple):
    """A job as one answer of the front shows it."""

    exchange: Exchange
    task: str
    prompt: _Prompt
    seen: Seen


def sights(front: Side) -> Iterator[Sight]:
    """Every sight of a job that the front took, in the order of asking."""
    for each in front.exchanges:
        seen = front.promise.read(each)
        prompt = front.prompt_of_task.get(seen.task_id or "")
        if prompt:
            yield Sight(each, seen.task_id or "", prompt, seen)


def _ahead(sandwich: Sandwich) -> Checks:
    """No job is done at the front before one is that was made for it."""
    yield from _early(sandwich, _DONE)


def _running(sandwich: Sandwich) -> Checks:
    """No job runs at the front before one does that was made for it."""
    yield from _early(sandwich, _RUNNING)


def _early(sandwich: Sandwich, state: str) -> Checks:
    """For each job the first answer that shows it in this state, beside the tasks that were so far by then."""
    told: dict[_Prompt, list[Sight]] = {}
    by_time = sorted(sights(sandwich.front), key=lambda sight: sight.exchange.answered_seconds)
    for sight in by_time:
        known = told.setdefault(sight.prompt, [])
        if sight.seen.state != state or any(each.task == sight.task for each in known):
            continue
        known.append(sight)
        courses = _courses(sandwich, sight.prompt)
        # What never comes so far is a rule of its own.
        if courses and len(known) <= _so_far(courses, state, float("inf")):
            yield _judged(sandwich, sight, len(known), courses)


def _courses(sandwich: Sandwich, prompt: _Prompt) -> list[Course]:
    back = sandwich.back
    tasks = [back.task_of(each) or "" for each in back.by_prompt.get(prompt, ())]
    courses = [sandwich.courses[task] for task in tasks if task in sandwich.courses]
    return courses if len(courses) == len(tasks) else []


def _so_far(courses: list[Course], state: str, seconds: float) -> int:
    return sum(1 for each in courses if each.is_in(state, seconds))


def _judged(sandwich: Sandwich, sight: Sight, count: int, courses: list[Course]) -> Misfit | None:
    state = sight.seen.state or ""
    told_at = sight.exchange.answered_seconds
    if count <= _so_far(courses, state, told_at + _CLOCK_SECONDS):
        return None
    begins = sorted(each.running_seconds if state == _RUNNING else each.over_seconds or 0.0 for each in courses)
    late = next(each for each in begins if each > told_at)
    words = f"a job is {sight.seen.word} at the front {late - told_at:.2f} s before its task is"
    made = sandwich.back.by_prompt[sight.prompt]
    return Misfit(words, (sight.exchange, *made[:1]))


def _results(sandwich: Sandwich) -> Checks:
    """A result's address that was told behind the gateway belongs to the job that it was made for."""
    owners = dict(_owners(sandwich.back))
    for sight in sights(sandwich.front):
        urls = [value for _, value in sight.seen.results if isinstance(value, str)]
        found = next((owners[url] for url in urls if url in owners), None)
        if sight.seen.state != _DONE or not sandwich.back.knows_all(sight.prompt, sandwich.front):
            continue
        if found is None:
            yield from _nobodys(sandwich.back, sight, urls, owners)
            continue
        prompt, told = found
        if prompt == sight.prompt:
            yield None
        elif prompt in sandwich.front.by_prompt:
            words = "a job shows at the front the result of a task that was made for another job"
            yield Misfit(words, (sight.exchange, told))


def _nobodys(back: Side, sight: Sight, urls: list[str], owners: Mapping[str, tuple[_Prompt, Exchange]]) -> Checks:
    """An address at the provider's own host that the provider never told; one of another host says nothing."""
    told = next((each for prompt, each in owners.values() if prompt == sight.prompt), None)
    hosts = {urlsplit(url).netloc for url in owners}
    strange = next((url for url in urls if urlsplit(url).netloc in hosts), None)
    # Where the provider has told no address for this job, there may be one that the gateway learned otherwise.
    if told is None or strange is None:
        return
    written = f'"{strange}"'.encode()
    if not any(written in each.body for each in back.exchanges):
        yield Misfit(f"a job shows {strange} at the front, which the provider told nobody", (sight.exchange, told))


def _owners(back: Side) -> Iterator[tuple[str, tuple[_Prompt, Exchange]]]:
    for each in back.exchanges:
        seen = back.promise.read(each)
        prompt = back.prompt_of_task.get(seen.task_id or "")
        if prompt and seen.state == _DONE:
            yield from ((value, (prompt, each)) for _, value in seen.results if isinstance(value, str))


class _Failure(NamedTuple):
    """Of one trial the reasons on both sides, and where they were told."""

    here: frozenset[str]
    there: frozenset[str]
    shown: tuple[Exchange, Exchange]


def _reason(sandwich: Sandwich) -> Checks:
    """Jobs that failed for different reasons don't all fail for one."""
    found = [each for trial in sandwich.trials for each in _failures(sandwich, trial)]
    for number, one in enumerate(found):
        for other in found[:number]:
            if one.there == other.there:
                continue
            words = "tasks failed for different reasons, and the front gives one and the same for both"
            yield Misfit(words, (*other.shown, *one.shown)) if one.here == other.here else None


def _failures(sandwich: Sandwich, trial: Trial) -> Iterator[_Failure]:
    here, there = _last_failed(sandwich.front, trial.front), _last_failed(sandwich.back, trial.back)
    if here is not None and there is not None:
        yield _Failure(_texts(here[1]), _texts(there[1]), (here[0], there[0]))


def _last_failed(side: Side, exchanges: tuple[Exchange, ...]) -> tuple[Exchange, Seen] | None:
    seen = ((each, side.promise.read(each)) for each in reversed(exchanges))
    return next(((each, one) for each, one in seen if one.state == _FAILED and one.failure), None)


def _texts(seen: Seen) -> frozenset[str]:
    return frozenset(f"{at} {_plain(value)}" for at, value in seen.failure)


def _plain(value: Json) -> str:
    return value if isinstance(value, str) else repr(value)


CHECKS: Mapping[str, Check] = MappingProxyType({AHEAD: _ahead, RUNNING: _running, RESULTS: _results, REASON: _reason})
"""By id, as `laws.toml` has them."""
