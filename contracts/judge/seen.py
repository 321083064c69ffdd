"""What an answer says of a task: its id, word, instants, progress, result, failure, and what it repeats of the request.

Read off the places where the pack's answer templates have the placeholders; no vendor's members are named here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from contracts.judge.instants import Instant, read_instant
from contracts.judge.places import Place, places
from specs.pack import STATES, AnswerTemplate, Behaviour
from specs.pointers import Json, is_within, join, resolve, split

Found = tuple[tuple[str, Json], ...]

ID, WORD, CREATED, UPDATED = "task.id", "task.status", "task.created_at", "task.updated_at"
PROGRESS, RESULT = "task.progress", "result.url"
FAILURE, REQUEST = "failure.", "request."
# Of thousands of digits Python makes no number.
_DIGITS_MAX = 18


@dataclass(frozen=True, slots=True)
class Echo:
    """A value that repeats something: what may stand there, the preferred one first (`request.model`, `task.id`)."""

    pointer: str
    names: tuple[str, ...]
    value: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One task as one answer shows it. Pointers are into the answer's body; `state` is None for an unknown word."""

    at: str = ""
    """Where it stands in a list; empty otherwise."""
    ids: Found = ()
    word: Json = None
    word_at: str = ""
    state: str | None = None
    created: Instant | None = None
    updated: Instant | None = None
    instants: Found = ()
    """Every value that should be an instant, readable or not."""
    progress: int | None = None
    progress_at: str = ""
    results: Found = ()
    failure: Found = ()
    echoes: tuple[Echo, ...] = ()
    items: tuple[Seen, ...] = ()
    """The tasks of a list."""

    @property
    def task_id(self) -> str | None:
        """The first id that is one."""
        return next((value for _, value in self.ids if isinstance(value, str) and value), None)


NOTHING = Seen()


class AnswerReader:
    """Reads the answers that one template stands for."""

    def __init__(self, behaviour: Behaviour, bodies: Mapping[str, Json], at: str = "") -> None:
        self._times = behaviour.times
        self.places = tuple(_distinct(place for state in STATES for place in places(bodies[state])))
        self._by_name: dict[str, list[Place]] = {}
        for place in self.places:
            self._by_name.setdefault(place.names[0], []).append(place)
        self._states = {word: state for state, word in behaviour.lifecycle.words.items()}
        self._fixed = MappingProxyType({} if WORD in self._by_name else _words_in(bodies))
        self._at = at
        self.items: AnswerReader | None = None

    def subjects(self, pointer: str) -> frozenset[str]:
        """The placeholders that stand at this pointer or somewhere below it."""
        general = generalised(pointer)
        own = {name for place in self.places if is_within(place.pointer, general) for name in place.names}
        if self.items is not None and (general == self._at or general.startswith(self._at + "/*")):
            own |= self.items.subjects(general.removeprefix(self._at + "/*"))
        return frozenset(own)

    def place_of(self, name: str) -> str | None:
        """Where a value stands first."""
        return next((place.pointer for place in self._by_name.get(name, ())), None)

    def read(self, body: Json) -> Seen:
        """What the body says; what is not there, or not as it should be, is left out."""
        if self.items is not None:
            tasks = resolve(body, self._at)
            listed = tasks if isinstance(tasks, list) else []
            return Seen(
                items=tuple(self.items.task(each, f"{self._at}/{number}") for number, each in enumerate(listed))
            )
        return self.task(body, "")

    def task(self, body: Json, at: str) -> Seen:
        """One task, whose pointers begin with `at`."""
        word_at, word = self._word(body)
        created, updated = self._values(CREATED, body), self._values(UPDATED, body)
        progress = next(iter(self._values(PROGRESS, body)), ("", None))
        return Seen(
            at=at,
            ids=_moved(self._values(ID, body), at),
            word=word,
            word_at=at + word_at,
            state=self._state(word_at, word),
            created=self._instant(created),
            updated=self._instant(updated),
            instants=_moved((*created, *updated), at),
            progress=_whole(progress[1]),
            progress_at=at + progress[0],
            results=_moved(self._values(RESULT, body), at),
            failure=_moved(self._starting(FAILURE, body), at),
            echoes=tuple(self._echoes(body, at)),
        )

    def _values(self, name: str, body: Json) -> Found:
        return tuple(found for place in self._by_name.get(name, ()) for found in place.values(body))

    def _starting(self, prefix: str, body: Json) -> Found:
        return tuple(found for name in self._by_name if name.startswith(prefix) for found in self._values(name, body))

    def _word(self, body: Json) -> tuple[str, Json]:
        if WORD in self._by_name:
            return next(iter(self._values(WORD, body)), ("", None))
        return next(((at, resolve(body, at)) for at in self._fixed), ("", None))

    def _state(self, at: str, word: Json) -> str | None:
        if not isinstance(word, str):
            return None
        return self._fixed[at].get(word) if at in self._fixed else self._states.get(word)

    def _instant(self, found: Found) -> Instant | None:
        return next((instant for _, value in found if (instant := read_instant(value, self._times))), None)

    def _echoes(self, body: Json, at: str) -> Iterator[Echo]:
        for place in self.places:
            if place.names[0].startswith(REQUEST):
                yield from (Echo(at + pointer, place.names, value) for pointer, value in place.values(body))


def reader_of(behaviour: Behaviour, name: str) -> AnswerReader:
    """The reader of a named answer; of a list it reads each item."""
    answer = behaviour.answers[name]
    if answer.items is None:
        return AnswerReader(behaviour, answer.bodies)
    of, at = answer.items
    bodies = {state: resolve(body, at) for state, body in behaviour.answers[of].bodies.items()}
    home = _items_place(answer)
    reader = AnswerReader(behaviour, answer.bodies, home)
    reader.items = AnswerReader(behaviour, bodies)
    return reader


def _items_place(answer: AnswerTemplate) -> str:
    found = (place.pointer for place in places(answer.bodies[STATES[0]]) if place.names[0] == "items")
    return next(found, "")


def _distinct(found: Iterable[Place]) -> Iterator[Place]:
    seen = set()
    for place in found:
        mark = place.pointer, place.names, place.pattern
        if mark not in seen:
            seen.add(mark)
            yield place


def _words_in(bodies: Mapping[str, Json]) -> Mapping[str, Mapping[str, str]]:
    """Where a template writes its own word for each state: pointers to words to states."""
    first = dict(_strings(bodies[STATES[0]]))
    found = {}
    for at in first:
        words = {state: resolve(bodies[state], at) for state in STATES}
        if len({word for word in words.values() if isinstance(word, str)}) == len(STATES):
            found[at] = MappingProxyType({word: state for state, word in words.items()})
    return found


def _strings(value: Json, at: tuple[str, ...] = ()) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield join([*at]), value
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _strings(inner, (*at, name))


def _moved(found: Iterable[tuple[str, Json]], at: str) -> Found:
    return tuple((at + pointer, value) for pointer, value in found)


def _whole(value: Json) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        return int(value) if value.isascii() and value.isdecimal() and len(value) <= _DIGITS_MAX else None
    return int(value) if isinstance(value, (int, float)) and value % 1 == 0 else None


def generalised(pointer: str) -> str:
    """The pointer with `*` for every index."""
    return join(["*" if token.isdecimal() else token for token in split(pointer)])
