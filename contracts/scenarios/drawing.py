"""Combinations of awkwardness, drawn by Hypothesis under a seed: mostly such as a client must survive."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, TypeAlias

from hypothesis import strategies as st

from contracts.cases.seeded import drawn
from contracts.scenarios.act import BREAK, DROP, GARBLE, MISSING, REFUSE, Act
from contracts.scenarios.demands import FAULTS_MAX, MISSING_MAX, PUT_OFFS_MAX
from contracts.scenarios.repertoire import Repertoire
from contracts.scenarios.scenario import Dress
from contracts.scenarios.singles import FAULTS, FOR_NOW, Draft
from specs.pack import Operation

Draw: TypeAlias = Callable[[st.SearchStrategy[Any]], Any]
_POLLS_MAX = 4
# For each reason to fail there are so many times more that a task ends well.
_WELL = 6
# Of all waits together, so that what must be survived fits into ten seconds beside the client's own pauses.
_WAITS_MAX = 4
_LOST = (
    Act(does=DROP, how="close"),
    Act(does=BREAK, status=500, how="json"),
    Act(does=BREAK, status=502, how="html"),
    Act(does=GARBLE, how="cut"),
)


def drawn_scenarios(repertoire: Repertoire, submit: Operation, seed: int, count: int) -> Iterator[Draft]:
    """At most so many drafts, still nameless; the same seed gives the same ones."""
    yield from drawn(_drafts(repertoire, submit), seed, count) if count else ()


@st.composite
def _drafts(draw: Draw, repertoire: Repertoire, submit: Operation) -> Draft:
    purse = _Purse()
    submits = tuple(_submits(draw, repertoire, submit, purse))
    polls = (*_beginning(draw), *_middle(draw, repertoire, purse), _end(draw, repertoire))
    return Draft("", submits, polls, draw(_dresses(repertoire, submit)))


class _Purse:
    """How many seconds of waiting are left to be asked for."""

    def __init__(self) -> None:
        self._left = _WAITS_MAX

    def spent(self, act: Act) -> Act:
        """The act; without its wait when there is no time left for that."""
        cost = 0 if act.retry_after is None else act.retry_after + act.as_date
        if cost > self._left:
            return replace(act, retry_after=None, as_date=False)
        self._left -= cost
        return act


def _submits(draw: Draw, repertoire: Repertoire, submit: Operation, purse: _Purse) -> Iterator[Act]:
    for _ in range(draw(st.integers(0, PUT_OFFS_MAX)) if _sometimes(draw) else 0):
        act = purse.spent(draw(st.sampled_from([each for each in FAULTS if each.is_refused_for_now])))
        # Without its header a 503 says nothing of what became of the job.
        yield act if act.is_refused_for_now else replace(act, status=429)
    if _seldom(draw):
        yield draw(st.sampled_from(_LOST))
    elif _seldom(draw):
        refusals = [each for each in repertoire.refusals(submit) if each not in FOR_NOW]
        yield Act(does=REFUSE, situation=draw(st.sampled_from(refusals)))
        return
    yield Act(seconds=draw(st.sampled_from((0.0, 0.0, 0.0, 0.5))))


def _beginning(draw: Draw) -> Iterator[Act]:
    """What comes before the task is found."""
    missing = draw(st.integers(0, MISSING_MAX)) if _sometimes(draw) else 0
    if missing:
        yield Act(does=MISSING, times=missing)


def _middle(draw: Draw, repertoire: Repertoire, purse: _Purse) -> Iterator[Act]:
    states, state = ("queued", "running"), 0
    for _ in range(draw(st.integers(0, _POLLS_MAX))):
        state = draw(st.integers(state, 1))
        word = draw(st.sampled_from(repertoire.words)) if _seldom(draw) else ""
        yield Act(state=states[state], word=word, times=draw(st.integers(1, 3)))
        for _ in range(draw(st.integers(0, FAULTS_MAX)) if _sometimes(draw) else 0):
            yield purse.spent(draw(st.sampled_from(FAULTS)))


def _end(draw: Draw, repertoire: Repertoire) -> Act:
    failure = draw(st.sampled_from(("",) * _WELL + repertoire.failures))
    return Act(state="failed", failure=failure) if failure else Act(state="done")


def _dresses(repertoire: Repertoire, submit: Operation) -> st.SearchStrategy[Dress]:
    forms = ("", "seconds", "micros", "offset") if repertoire.has_forms_of_instants else ("",)
    return st.builds(
        Dress,
        members=st.booleans(),
        headers=st.booleans(),
        optional=st.sampled_from(("", "absent", "null")),
        times=st.sampled_from(forms),
        results=st.integers(1, 3) if repertoire.has_list_of_results(submit) else st.just(1),
        odd_ids=st.booleans() if repertoire.may_have_odd_ids(submit) else st.just(value=False),
        writing=st.sampled_from(("", "spaced", "escaped")),
        framing=st.sampled_from(("", "chunked", "closing")),
    )


def _sometimes(draw: Draw) -> bool:
    return bool(draw(st.integers(0, 2)) == 0)


def _seldom(draw: Draw) -> bool:
    return bool(draw(st.integers(0, 7)) == 0)
