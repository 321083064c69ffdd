"""Each kind of awkwardness by itself: what a run of whatever size meets, so that it is blind to none of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from contracts.scenarios.act import (
    BREAK,
    DROP,
    GARBLE,
    HANG,
    MISSING,
    PUT_OFF,
    REDIRECT,
    REFUSE,
    REFUSE_INSIDE,
    Act,
    told,
)
from contracts.scenarios.repertoire import Repertoire
from contracts.scenarios.scenario import PLAIN, Dress
from specs.pack import Operation

QUEUED, RUNNING, DONE = Act(state="queued"), Act(state="running"), Act(state="done")
GOOD = (QUEUED, RUNNING, DONE)
TAKEN = (Act(),)
# Short enough for many runs, long enough that nobody keeps it by accident.
WAIT_SECONDS = 2
SLOW_SECONDS = 1.5
MANY_POLLS = 48
# Refusals that say to come back: a client may do so until its patience ends.
FOR_NOW = ("rate_exceeded", "concurrency_exceeded")


class Draft(NamedTuple):
    """A scenario without its job."""

    name: str
    submits: tuple[Act, ...] = TAKEN
    polls: tuple[Act, ...] = GOOD
    dress: Dress = PLAIN


PLAIN_DRAFT = Draft("nothing unusual")

FAULTS: tuple[Act, ...] = (
    Act(does=PUT_OFF, status=429),
    Act(does=PUT_OFF, status=429, retry_after=WAIT_SECONDS),
    Act(does=PUT_OFF, status=429, retry_after=WAIT_SECONDS, as_date=True),
    Act(does=PUT_OFF, status=503),
    Act(does=PUT_OFF, status=503, retry_after=WAIT_SECONDS),
    Act(does=PUT_OFF, status=503, retry_after=WAIT_SECONDS, as_date=True),
    Act(does=BREAK, status=500, how="json"),
    Act(does=BREAK, status=502, how="html"),
    Act(does=BREAK, status=504, how="empty"),
    Act(does=DROP, how="close"),
    Act(does=DROP, how="reset"),
    Act(does=GARBLE, how="cut"),
    Act(does=GARBLE, how="text"),
    Act(does=GARBLE, how="empty"),
    Act(does=GARBLE, how="short"),
)
# What a poll may be answered with while its task goes on.


def singles(repertoire: Repertoire, submit: Operation, *, late_seconds: float) -> Iterator[Draft]:
    """Every kind for clients of this submit; first those that take long, so that a run need not wait for them."""
    yield from _endless(repertoire, submit, late_seconds)
    yield from _lives(repertoire)
    yield from _polls()
    yield from _submits(repertoire, submit)
    yield from _dresses(repertoire, submit)
    yield from _odd_ends(repertoire, submit)


def _endless(repertoire: Repertoire, submit: Operation, late_seconds: float) -> Iterator[Draft]:
    yield Draft("the task never ends", polls=(QUEUED, RUNNING))
    yield Draft("no poll is answered", polls=(QUEUED, Act(does=HANG)))
    yield Draft("the task is never found", polls=(Act(does=MISSING),))
    yield Draft("a word that nobody documents, for ever", polls=(QUEUED, _worded(repertoire, 0)))
    yield Draft(f"the submit is answered after {late_seconds:g} s", submits=(Act(seconds=late_seconds),))
    for status in (429, 503):
        put_off = Act(does=PUT_OFF, status=status, retry_after=1)
        yield Draft(f"every submit: {told(put_off, 'submit')}", submits=(put_off,))
    revoked = repertoire.revoked(submit)
    if revoked is not None:
        yield Draft("the key is revoked", polls=(QUEUED, Act(does=REFUSE, situation=revoked)))


def _worded(repertoire: Repertoire, number: int) -> Act:
    words = repertoire.words
    return Act(state="running", word=words[number % len(words)])


def _lives(repertoire: Repertoire) -> Iterator[Draft]:
    yield Draft("done at the first poll", polls=(DONE,))
    yield Draft("done without having run", polls=(QUEUED, DONE))
    yield Draft("many polls", polls=(QUEUED, Act(state="running", times=MANY_POLLS), DONE))
    for kind in repertoire.failures:
        yield Draft(f"fails ({kind})", polls=(QUEUED, RUNNING, Act(state="failed", failure=kind)))
    yield Draft("fails at the first poll", polls=(Act(state="failed", failure=repertoire.failures[0]),))
    for number in (1, 2):
        word = _worded(repertoire, number)
        yield Draft(f"a word that nobody documents, {word.word}", polls=(QUEUED, word, RUNNING, DONE))
    for denial in repertoire.denials:
        yield Draft(f"a word that nobody documents, {denial}", polls=(QUEUED, Act(state="running", word=denial), DONE))
    yield Draft("a word that nobody documents, first", polls=(_worded(repertoire, 3), DONE))


def _polls() -> Iterator[Draft]:
    for fault in FAULTS:
        yield Draft(f"a poll: {told(fault, 'poll')}", polls=(QUEUED, fault, RUNNING, DONE))
    yield Draft("a poll is answered slowly", polls=(QUEUED, Act(state="running", seconds=SLOW_SECONDS), DONE))
    yield Draft("three server errors in a row", polls=(QUEUED, Act(does=BREAK, status=502, how="html", times=3), DONE))
    mixed = (Act(does=DROP, how="reset"), Act(does=PUT_OFF, status=429), Act(does=GARBLE, how="cut"))
    yield Draft("three faults in a row, then three more", polls=(QUEUED, *mixed, RUNNING, *mixed, DONE))
    for times in (1, 2):
        name = f"the task is not found by the first {'poll' if times == 1 else 'two polls'}"
        yield Draft(name, polls=(Act(does=MISSING, times=times), QUEUED, DONE))


def _submits(repertoire: Repertoire, submit: Operation) -> Iterator[Draft]:
    for times, put_off in ((1, FAULTS[1]), (2, FAULTS[0]), (1, FAULTS[4]), (1, FAULTS[2])):
        name = f"the submit: {told(put_off, 'submit')}{', twice' if times > 1 else ''}"
        yield Draft(name, submits=(_repeated(put_off, times), *TAKEN))
    yield Draft("the submit is answered slowly", submits=(Act(seconds=SLOW_SECONDS),))
    for act in _lost():
        yield Draft(f"the submit: {told(act, 'submit')}", submits=(act, *TAKEN))
    for situation in repertoire.refusals(submit):
        if situation not in FOR_NOW:
            yield Draft(f"the submit is refused ({situation})", submits=(Act(does=REFUSE, situation=situation),))


def _repeated(act: Act, times: int) -> Act:
    return Act(does=act.does, status=act.status, retry_after=act.retry_after, as_date=act.as_date, times=times)


def _lost() -> Iterator[Act]:
    """Submits after which nobody but the server knows whether there is a task."""
    for how in ("close", "reset"):
        yield Act(does=DROP, how=how)
    yield Act(does=BREAK, status=500, how="json")
    yield Act(does=BREAK, status=502, how="html")
    yield Act(does=BREAK, status=504, how="empty", made=False)
    yield Act(does=PUT_OFF, status=503)
    for wrong in ("cut", "text", "short"):
        yield Act(does=GARBLE, how=wrong)


def _dresses(repertoire: Repertoire, submit: Operation) -> Iterator[Draft]:
    yield Draft("members that nobody documents", dress=Dress(members=True))
    yield Draft("headers that nobody documents", dress=Dress(headers=True))
    yield Draft("optional members are absent", dress=Dress(optional="absent"))
    yield Draft("optional members are null", dress=Dress(optional="null"))
    for form in ("seconds", "micros", "offset") if repertoire.has_forms_of_instants else ():
        yield Draft(f"instants in another form ({form})", dress=Dress(times=form))
    if repertoire.has_list_of_results(submit):
        yield Draft("several results", dress=Dress(results=3))
    if repertoire.may_have_odd_ids(submit):
        yield Draft("ids that need percent-encoding", dress=Dress(odd_ids=True))
    yield Draft("JSON with blanks", dress=Dress(writing="spaced"))
    yield Draft("JSON with escapes", dress=Dress(writing="escaped"))
    yield Draft("chunked answers", dress=Dress(framing="chunked"))
    yield Draft("a connection for each call", dress=Dress(framing="closing"))


def _odd_ends(repertoire: Repertoire, submit: Operation) -> Iterator[Draft]:
    yield Draft("done with an empty list of results", polls=(QUEUED, Act(state="done", how="list")))
    yield Draft("done without a result", polls=(QUEUED, Act(state="done", how="member")))
    inside, around = repertoire.inside_poll(submit), repertoire.inside_submit(submit)
    if inside is not None:
        yield Draft("a refusal inside of a poll's yes", polls=(QUEUED, Act(does=REFUSE_INSIDE, situation=inside)))
    if around is not None:
        yield Draft("a refusal inside of the submit's yes", submits=(Act(does=REFUSE_INSIDE, situation=around),))
    yield Draft("a poll is sent to another host", polls=(QUEUED, Act(does=REDIRECT, status=302), DONE))
    yield Draft("the submit is sent to another host", submits=(Act(does=REDIRECT, status=307),))
    for days in (-100, 100):
        yield Draft(f"the server's clock is off by {days} days", dress=Dress(clock_days=days))
