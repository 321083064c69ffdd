"""Rules about what a client says in the end: completed with the result's URL, or a failure; one of them, rightly."""

from __future__ import annotations

from collections.abc import Mapping
from signal import Signals
from types import MappingProxyType

from contracts.judge.clients.record import ClientRecord, Heard
from contracts.judge.clients.ruling import KEPT, ClientCheck, Misstep, Steps
from contracts.judge.clients.run import COMPLETED, NOT_COMPLETED, Ending
from contracts.judge.ruling import shown

_LAST_WORDS_MAX = 200


def check_completed(record: ClientRecord) -> Steps:
    """What a client must survive, it survives: the job completes, and so does the client."""
    ending = _judged(record)
    if ending is None or record.run.demand != COMPLETED:
        return
    if ending.status == 0 or _is_both(record, ending):
        yield KEPT
    else:
        yield _about(record, f"the job completes, and the client {how(ending)}{last_words(record, ending)}")


def check_url(record: ClientRecord) -> Steps:
    """A client that ends with 0 has printed the URL of the result as its last line."""
    ending = _judged(record)
    if ending is None or ending.status != 0 or record.run.demand == NOT_COMPLETED:
        return
    line = ending.last_line
    if line in record.results:
        yield KEPT
    elif not record.results:
        yield _about(
            record, f"the client ended with 0 before any answer had told a result; its last line: {shown(line)}"
        )
    else:
        message = f"the last line of stdout is {shown(line)}, not the URL of the result ({shown(record.results[0])})"
        yield _about(record, message)


def check_failed(record: ClientRecord) -> Steps:
    """A job that failed, was refused or never ended is told by another status than 0."""
    ending = record.ending
    if ending is None or ending.status is None or record.run.demand != NOT_COMPLETED or not record.submits:
        return
    last = next((each for each in reversed(record.calls) if each.served.words), None)
    came = f" (the last answer: {last.served.words})" if last is not None else ""
    message = f"the job did not complete{came}, and the client ended with 0; its last line: {shown(ending.last_line)}"
    yield _about(record, message) if ending.status == 0 else KEPT


def check_both(record: ClientRecord) -> Steps:
    """Who ends with another status than 0 has not printed a result's URL as the last line."""
    ending = _judged(record)
    if ending is None or ending.status == 0:
        return
    message = f"the client printed the URL of the result, and {how(ending)}"
    yield _about(record, message) if _is_both(record, ending) else KEPT


def _judged(record: ClientRecord) -> Ending | None:
    """How the client ended; None when nothing is to be said of it: it was killed, or its own mistakes decided."""
    ending = record.ending
    if ending is None or ending.status is None or ending.flood or record.is_spoilt:
        return None
    return ending


def _is_both(record: ClientRecord, ending: Ending) -> bool:
    return ending.status != 0 and ending.last_line in record.results


def how(ending: Ending) -> str:
    """How it ended, in words."""
    if ending.status is None:
        return "had to be killed"
    if ending.status >= 0:
        return f"ended with status {ending.status}"
    try:
        name = Signals(-ending.status).name
    except ValueError:
        name = str(-ending.status)
    return f"was ended by the signal {name}"


def last_words(record: ClientRecord, ending: Ending) -> str:
    """The last line that the client printed on stderr, else on stdout; without its key."""
    lines = [line.strip() for text in (ending.output, ending.errors) for line in text.splitlines() if line.strip()]
    if not lines:
        return " without a word"
    said = lines[-1].replace(record.run.key or "\0", "...")
    said = said if len(said) <= _LAST_WORDS_MAX else said[:_LAST_WORDS_MAX] + "..."
    return f"; its last words: {said}"


def _about(record: ClientRecord, message: str) -> Misstep:
    heard: tuple[Heard, ...] = tuple(reversed(record.calls[-3:]))
    operation = record.job.operation if record.job is not None else None
    return Misstep(message=message, heard=heard, operation=operation, is_about_scenario=True)


CHECKS: Mapping[str, ClientCheck] = MappingProxyType(
    {
        "outcome.completed": check_completed,
        "outcome.url": check_url,
        "outcome.failed": check_failed,
        "outcome.both": check_both,
    }
)
