"""The jobs that are watched to their end: each kind that a pack shows, each value of each choice, failures.

They come from the pack's examples, because there every member means something.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import zip_longest
from urllib.parse import urlsplit

from contracts.cases.case import Case
from contracts.cases.writing import PROMPT_MARK, fresh_text
from contracts.drivers.composing import SUBMIT
from specs.catalogue import constraints
from specs.constraint import Constraint
from specs.pack import Media, Operation, Pack
from specs.pointers import Json, finder, replaced, resolve
from specs.validation import compile_schema

# So many jobs of one operation are submitted in the same moment, from the same body; so many of them are left alone.
AT_ONCE, LEFT_ALONE = 4, 2
FAILURE_LAW = "lifecycle.failure"
_FAIL = "[[fail]]"
_UNFETCHABLE, _PRIVATE = "https://nowhere{host}/understudy.png", "http://10.0.0.1/understudy.png"
_NUMERIC = (int, float)
# As long as a UUID is written: many clients use one.
_OWN_ID_LENGTH = 36


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A submission whose task is followed to its end."""

    operation: str
    words: str
    body: Json
    law: str = ""
    may_be_refused: bool = False
    is_at_once: bool = False
    """Whether it goes out in the same moment as the others of its operation that do."""
    is_left_alone: bool = False
    """Whether nobody asks for it until all others are long over: then it must be over too."""
    own_id: str | None = None
    """The client's own id of the task."""
    case: Case | None = None
    """The case that submits the same, and is sent in its place."""


def watched_jobs(pack: Pack, run: str) -> list[Job]:
    """Every job of a pack that is worth watching, in the order of the documents.

    `run` tells this run from all others: clients' own ids, which an account can use once, are made of it.
    """
    operations = [each for each in pack.operations.values() if each.role == SUBMIT]
    jobs = [job for operation in operations for job in _jobs(pack, operation)]
    return [_with_own_id(pack, job, fresh_text(run, -number, _OWN_ID_LENGTH)) for number, job in enumerate(jobs, 1)]


def known_job(pack: Pack, mark: str, own_id: str, number: int = 0) -> Job | None:
    """A job that every service takes, known by this text in its first prompt; None where the pack shows none.

    Each number is another one of the pack's examples, as far as there are some; the operations take turns.
    """
    operations = [each for each in pack.operations.values() if each.role == SUBMIT]
    jobs = [list(_known(pack, each, mark)) for each in operations]
    in_turns = [job for turn in zip_longest(*jobs) for job in turn if job is not None]
    return _with_own_id(pack, in_turns[number % len(in_turns)], own_id) if in_turns else None


def _known(pack: Pack, operation: Operation, mark: str) -> Iterator[Job]:
    for words, body in operation.examples.items():
        for at, text in _prompts(pack, body)[:1]:
            known = replaced(body, at, f"{text} ({PROMPT_MARK} {mark})")
            if _is_plain(operation, body) and _is_plain(operation, known):
                yield Job(operation=operation.id, words=words, body=known)


def _with_own_id(pack: Pack, job: Job, own_id: str) -> Job:
    pointer = pack.behaviour.external_id
    if pointer is None or not resolve(job.body, pointer):
        return job
    return replace(job, body=replaced(job.body, pointer, own_id), own_id=own_id)


def _jobs(pack: Pack, operation: Operation) -> Iterator[Job]:
    bodies = {f"example {name}": body for name, body in operation.examples.items() if _is_plain(operation, body)}
    if not bodies:
        return
    first = next(iter(bodies.values()))
    bodies |= _each_choice(pack, operation, list(bodies.values()))
    bodies |= _longest(pack, operation, first)
    for words, body in bodies.items():
        yield Job(operation=operation.id, words=words, body=marked(pack, operation, body))
    for number in range(1, AT_ONCE + 1):
        words = f"one of {AT_ONCE} in the same moment ({number})"
        body = marked(pack, operation, first)
        yield Job(operation=operation.id, words=words, body=body, is_at_once=True, is_left_alone=number <= LEFT_ALONE)
    yield from _failing(pack, operation, first)


def _is_plain(operation: Operation, body: Json) -> bool:
    """Whether the body keeps the contract as it is written, with no form that is merely tolerated."""
    if operation.body is None:
        return False
    judged, broken = operation.body.judge(body)
    return judged is body and not broken


# Each value of each choice


def _each_choice(pack: Pack, operation: Operation, examples: list[Json]) -> dict[str, Json]:
    """Bodies that show every value of every enum at least once, as few as a greedy search finds."""
    choices = [each for each in constraints(operation) if _is_choice(pack, each)]
    seen = {each.pointer: [resolve(body, each.pointer) for body in examples] for each in choices}
    found: dict[str, Json] = {}
    for each in choices:
        for value in each.limit:
            body = _with_value(operation, examples, each, value) if value not in seen[each.pointer] else None
            if body is not None:
                body = _with_more(operation, body, [other for other in choices if other is not each], seen)
                found[f"{each.pointer.removeprefix('/')} {value}"] = body
                for other in choices:
                    seen[other.pointer].append(resolve(body, other.pointer))
    return found


def _is_choice(pack: Pack, constraint: Constraint) -> bool:
    # Lengths are numbers, even where a pack lists them: the longest is watched, not each.
    is_length = constraint.pointer == pack.behaviour.lifecycle.video_seconds
    return constraint.keyword == "enum" and "*" not in constraint.pointer and not is_length


def _with_value(operation: Operation, examples: list[Json], choice: Constraint, value: Json) -> Json:
    """The first example that may have the member with this value, best one that has it already; None when none may."""
    for example in sorted(examples, key=lambda body: not finder(choice.pointer)(body)):
        body = replaced(example, choice.pointer, value)
        if _is_plain(operation, body) and not _is_idle(choice, body):
            return body
    return None


def _with_more(operation: Operation, body: Json, choices: list[Constraint], seen: dict[str, list[Json]]) -> Json:
    """The body with values that no body has shown yet, where it already has a choice."""
    for choice in choices:
        fresh = (value for value in choice.limit if value not in seen[choice.pointer])
        value = next(fresh, None) if finder(choice.pointer)(body) else None
        changed = replaced(body, choice.pointer, value) if value is not None else body
        if _is_plain(operation, changed) and not _is_idle(choice, changed):
            body = changed
    return body


def _is_idle(constraint: Constraint, body: Json) -> bool:
    return any(compile_schema(condition.schema).is_valid(body) for condition in constraint.idle)


# The longest


def _longest(pack: Pack, operation: Operation, body: Json) -> dict[str, Json]:
    pointer = pack.behaviour.lifecycle.video_seconds
    limits = [each for each in constraints(operation) if each.pointer == pointer]
    for value in sorted(_lengths(limits), key=float, reverse=True):
        longest = replaced(body, pointer, value)
        if _is_plain(operation, longest):
            return {f"the longest ({value} s)": longest}
    return {}


def _lengths(limits: Iterable[Constraint]) -> Iterator[Json]:
    for each in limits:
        if each.keyword == "maximum":
            yield each.limit
        elif each.keyword == "enum":
            yield from (value for value in each.limit if _is_number(value))


def _is_number(value: Json) -> bool:
    if isinstance(value, _NUMERIC):
        return not isinstance(value, bool)
    return isinstance(value, str) and value.isdecimal()


# Failures


def _failing(pack: Pack, operation: Operation, body: Json) -> Iterator[Job]:
    for at, text in _prompts(pack, body):
        told = replaced(body, at, f"{_FAIL} {text}")
        if _is_plain(operation, told):
            told = marked(pack, operation, told)
            yield Job(operation=operation.id, words="a job that is told to fail", body=told, law=FAILURE_LAW)
            break
    media = pack.behaviour.media
    if media is not None:
        yield from _unfetchable(pack, operation, media)


def _unfetchable(pack: Pack, operation: Operation, media: Media) -> Iterator[Job]:
    """A job with media that nobody can fetch: it may be refused, or fail."""
    url = _PRIVATE if media.private else _UNFETCHABLE.format(host=next(iter(media.failing_hosts), ".invalid"))
    for example in operation.examples.values():
        places = [at for member in media.members for at, value in finder(member)(example) if _is_url(value)]
        body = replaced(example, places[0], url) if places else None
        if body is not None and _is_plain(operation, body):
            words, marked_body = "a job with media that can't be fetched", marked(pack, operation, body)
            yield Job(operation=operation.id, words=words, body=marked_body, law=FAILURE_LAW, may_be_refused=True)
            return


def _is_url(value: Json) -> bool:
    return isinstance(value, str) and urlsplit(value).scheme in ("http", "https")


# Prompts that can be recognised


def _prompts(pack: Pack, body: Json) -> list[tuple[str, str]]:
    found = [place for pointer in pack.behaviour.prompts for place in finder(pointer)(body)]
    return [(at, text) for at, text in found if isinstance(text, str) and text]


def marked(pack: Pack, operation: Operation, body: Json) -> Json:
    """The body with a word in each prompt by which its payer can recognise it."""
    for at, text in _prompts(pack, body):
        changed = replaced(body, at, f"{text} ({PROMPT_MARK})")
        if PROMPT_MARK not in text and _is_plain(operation, changed):
            body = changed
    return body
