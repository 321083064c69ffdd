"""Rules about looking: polls change nothing, and a list shows exactly what was submitted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple
from urllib.parse import parse_qsl

from contracts.judge import paces
from contracts.judge.outcome import Outcome
from contracts.judge.record import POLL, SUBMIT, Reading, Record
from contracts.judge.ruling import KEPT, Breach, Check, Checks, breach

INERT = "lifecycle.polls-inert"
_POLLS_MIN, _STRANGE_SHARE = 2, 0.5
# Of thousands of digits Python makes no number.
_DIGITS_MAX = 18


# Polls


def check_inert(record: Record) -> Checks:
    """Polls neither move a task on nor make new ones."""
    for courses in paces.courses(record).values():
        if len(courses.ended) >= paces.ENDED_MIN:
            yield _moved(courses) if paces.are_counted(courses) else KEPT
    yield from _made_by_polls(record)


def _moved(courses: paces.Courses) -> Breach:
    ended, first = courses.ended, courses.alone[0]
    least, most = min(each.seconds for each in ended), max(each.seconds for each in ended)
    message = (
        f"polls move tasks on: each of {len(ended)} tasks ended at poll number {ended[0].polls}, whether after "
        f"{least:.2f} s or {most:.2f} s; task {first.task.id}, polled {first.polls} times in {first.seconds:.1f} s, "
        "has not ended"
    )
    return breach(first.last, message, first.submit, ended[0].last, kind="moved")


def _made_by_polls(record: Record) -> Checks:
    """A list shows nothing new that nobody submitted; at least, not as much of it as there were polls.

    Somebody else may use the account: a few strange tasks say nothing.
    """
    if not _is_every_submit_known(record):
        return
    given = {record.promise.task_id_of(each.exchange) for each in record.readings if each.role == SUBMIT}
    first: dict[tuple[object, str], _Page] = {}
    for page in _pages(record):
        if not page.is_whole:
            continue
        reading = page.reading
        earlier = first.setdefault((reading.operation_id, reading.exchange.account), page)
        strange = [each for each in page.ids if each not in earlier.ids and each not in given]
        polls = _polls_between(record, earlier.reading, reading)
        if polls >= _POLLS_MIN and len(strange) >= _STRANGE_SHARE * polls:
            message = (
                f"the list shows {len(strange)} tasks that nobody submitted and an earlier look did not show, such as "
                f"{strange[0]}; there were {polls} polls between"
            )
            yield breach(reading, message, earlier.reading, kind="made")
        elif polls >= _POLLS_MIN:
            yield KEPT


def _is_every_submit_known(record: Record) -> bool:
    """Whether whatever may have made a task was answered: what got lost may be in a list."""
    makers = [each for each in record.readings if each.role == SUBMIT or (each.operation is None and each.methods)]
    return not any(
        each.exchange.status is None or (each.operation is None and each.outcome is Outcome.WRONGLY_TAKEN)
        for each in makers
    )


def _polls_between(record: Record, first: Reading, second: Reading) -> int:
    """Polls of tasks of the list's kind and account, from the one look to the other."""
    numbers = range(first.number, second.number)
    kinds = first.operation.tasks if first.operation is not None else ""
    return sum(
        1
        for each in record.readings
        if each.role == POLL
        and each.is_taken
        and each.number in numbers
        and each.exchange.account == first.exchange.account
        and each.operation is not None
        and kinds in ("*", each.operation.tasks)
    )


# Lists


class _Page(NamedTuple):
    """One page of a list. It is whole when it is the first and has room left."""

    reading: Reading
    number: int
    size: int
    ids: list[str]

    @property
    def is_whole(self) -> bool:
        return self.number == 1 and len(self.ids) < self.size


def _pages(record: Record) -> Iterator[_Page]:
    for reading in record.readings:
        operation = reading.operation
        if operation is None or operation.page is None or not reading.is_taken:
            continue
        sent = dict(parse_qsl(reading.exchange.query))
        defaults = {each.name: each.schema.get("default", 0) for each in operation.parameters}
        asked = [str(sent.get(name, defaults.get(name, 0))) for name in operation.page]
        if not all(each.isascii() and each.isdecimal() and len(each) <= _DIGITS_MAX for each in asked):
            continue
        number, size = map(int, asked)
        ids = [item.task_id for item in reading.seen.items if item.task_id is not None]
        yield _Page(reading, number, size, ids)


def check_listed(record: Record) -> Checks:
    """A list shows what was submitted, page by page."""
    pages = list(_pages(record))
    for page in pages:
        found = [*_missing(record, page), *_foreign_kind(record, page), *_oversized(page)]
        yield from found
        if not found:
            yield KEPT
    for earlier, later in ((one, two) for one in pages for two in pages if _are_neighbours(record, one, two)):
        twice = set(earlier.ids) & set(later.ids)
        if twice:
            message = f"task {min(twice)} is on page {earlier.number} and on page {later.number}"
            yield breach(later.reading, message, earlier.reading, kind="twice")
        else:
            yield KEPT
    yield from (_left_out(record, walk) for walk in _walks(record, pages))


def _walks(record: Record, pages: list[_Page]) -> Iterator[list[_Page]]:
    """Pages of one list from the first to one that is not full, asked for one after the other while nothing changed."""
    for at, first in enumerate(pages):
        walk = [first]
        for page in pages[at + 1 :]:
            is_next = page.number == len(walk) + 1 and len(walk[-1].ids) >= page.size
            if is_next and _are_neighbours(record, walk[-1], page):
                walk.append(page)
        if first.number == 1 and len(walk) > 1 and len(walk[-1].ids) < first.size:
            yield walk


def _left_out(record: Record, walk: list[_Page]) -> Breach | None:
    """Whatever was submitted before is on one of the pages."""
    last, shown = walk[-1], [name for page in walk for name in page.ids]
    for found in _missing(record, last._replace(number=1, size=len(shown) + 1, ids=shown)):
        name = found.readings[-1].seen.task_id
        message = f"{len(walk)} pages of the list are all there is, and task {name} is on none of them"
        return breach(last.reading, message, *found.readings[1:], kind="left out")
    return KEPT


def _missing(record: Record, page: _Page) -> Iterator[Breach]:
    operation, account = page.reading.operation, page.reading.exchange.account
    for task in record.plain_tasks if page.is_whole and operation is not None else ():
        submit = task.submit
        if submit is None or submit.operation is None or submit.exchange.account != account:
            continue
        is_listed_here = operation is not None and operation.tasks in ("*", submit.operation.tasks)
        if is_listed_here and submit.precedes(page.reading) and task.id not in page.ids:
            message = f"the list has room left, and lacks task {task.id}"
            yield breach(page.reading, message, submit, kind="missing")
            return


def _foreign_kind(record: Record, page: _Page) -> Iterator[Breach]:
    operation = page.reading.operation
    for name in page.ids:
        task = record.tasks.get(name)
        submit = task.submit if task is not None else None
        if submit is None or submit.operation is None or operation is None:
            continue
        if operation.tasks not in ("*", submit.operation.tasks):
            message = f"the list shows task {name}, which is none of its kind"
            yield breach(page.reading, message, submit, kind="kind")
            return


def _oversized(page: _Page) -> Iterator[Breach]:
    if len(page.ids) > page.size > 0:
        message = f"a page of {page.size} shows {len(page.ids)} tasks"
        yield breach(page.reading, message, kind="size")


def _are_neighbours(record: Record, one: _Page, two: _Page) -> bool:
    """Whether the second shows another page of the same list, with nothing submitted around them."""
    first, second = one.reading, two.reading
    same = first.operation is second.operation and first.exchange.account == second.exchange.account
    if not same or one.size != two.size or one.number >= two.number or not one.ids:
        return False
    begun = min(first.exchange.sent_seconds, second.exchange.sent_seconds)
    ended = max(first.exchange.answered_seconds, second.exchange.answered_seconds)
    between = range(min(first.number, second.number), max(first.number, second.number))
    return not any(
        each.role == SUBMIT
        and (each.number in between or (begun < each.exchange.answered_seconds and each.exchange.sent_seconds < ended))
        for each in record.readings
    )


CHECKS: Mapping[str, Check] = MappingProxyType({INERT: check_inert, "lifecycle.listed": check_listed})
