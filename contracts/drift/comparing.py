"""A page now beside the page as it was read, and through it the contract: what changed, and what stood on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from contracts.drift.differing import difference
from contracts.drift.drift import Confidence, Drift
from contracts.drift.encoded import Standing, encoded
from contracts.drift.moves import moves
from contracts.drift.pages import Page
from contracts.drift.readers.endpoints import same_place
from contracts.drift.readers.facts import ANSWER, CALLED, KINDS, PRESENT, UNSURE, Facts, lacking
from contracts.drift.readers.rewording import may_be_reworded
from specs.pack import Pack
from specs.pointers import Json

# Read off running text, where wording counts, and not off a list's own lines.
_PROSE = frozenset(
    {"required_when", "at_least_one", "exclusive", "sum", "at_most_sum", "at_most_total", "prefix", "image_ratio"}
    | {"image_formats", "image_bytes", "image_side", "image_side_max"}
)
# What a page need not say: where it is silent, nothing has changed.
_ONLY_NEW = frozenset({"const", "format", "media", "scheme", "status", "type"})
_FLAGS: Mapping[str, Json] = {"yes": True, "no": False}


_Place: TypeAlias = tuple[str, str | None, str]
"""Kind, operation and subject of a change."""


@dataclass(slots=True)
class _Change:
    """All that changed in one way at one place."""

    kind: str
    operation: str | None
    subject: str
    documented: dict[str, Json] = field(default_factory=dict)
    encoded: dict[str, Json] = field(default_factory=dict)
    both: bool = False
    """The page says what it said, and now something else as well."""

    def note(self, name: str, documented: Json, encoded_: Json) -> None:
        """One more fact."""
        self.documented[name], self.encoded[name] = documented, encoded_


class _Changes(dict[_Place, _Change]):
    """Changes by their places, in the order in which they were found."""

    def at(self, kind: str, operation: str | None, subject: str) -> _Change:
        """What changed there, so far."""
        return self.setdefault((kind, operation, subject), _Change(kind, operation, subject))


@dataclass(frozen=True, slots=True)
class Compared:
    """What has drifted, and what may only be told in other words: subjects with the names of their facts."""

    drifts: tuple[Drift, ...]
    reworded: tuple[tuple[str, str], ...]


class Comparison:
    """Compares pages of one pack."""

    def __init__(self, pack: Pack) -> None:
        self._pack = pack
        self._standing = Standing(pack)

    def compare(self, page: Page, now: Facts) -> Compared:
        """What the page does not say any more, says anew or says otherwise."""
        changes = _Changes()
        self._moved(changes, page, now)
        found = difference(page.facts, now)
        for subject in [*found.gone, *found.come]:
            is_new = subject in found.come
            stated = (now if is_new else page.facts).values(subject, "type")
            shown = _shown("type", stated[0]) if stated else True
            change = changes.at(_presence(subject, is_new=is_new), _operation(page, subject), subject)
            change.note(PRESENT, shown if is_new else None, None if is_new else shown)
        reworded = []
        for subject, name in found.changed:
            if _is_reworded(page.facts, now, subject, name):
                reworded.append((subject, name))
            else:
                self._note(changes, page, now, (subject, name))
        return Compared(tuple(self._drift(page, now, change) for change in changes.values()), tuple(reworded))

    def _moved(self, changes: _Changes, page: Page, now: Facts) -> None:
        """Endpoints and hosts: what changed about one operation is one change."""
        had = list(page.endpoints) or page.facts.values("", "endpoint")
        for old, new in moves(had, now.values("", "endpoint"), now.values("", CALLED)):
            operation = page.endpoints.get(old, page.operation) if old is not None else None
            changes.at(KINDS["endpoint"], operation, "").note("endpoint", new, old)
        known = [*page.facts.values("", "host"), *self._pack.behaviour.hosts]
        for host in now.values("", "host"):
            if host not in known:
                contract = encoded(self._pack, page.operation, "", "host", None)
                changes.at(KINDS["host"], page.operation, "").note("host", host, contract)

    def _note(self, changes: _Changes, page: Page, now: Facts, fact: tuple[str, str]) -> None:
        """Adds a fact that differs, if that means anything."""
        subject, name = fact
        had, has = page.facts.values(subject, name), now.values(subject, name)
        new = lacking(has, had)
        if name == "word":
            known = set(self._pack.behaviour.lifecycle.words.values())
            new = [word for word in new if word not in known]
        if _says_nothing(name, had, has, new) or now.values(subject, UNSURE):
            return
        operation = _operation(page, subject)
        change = changes.at(KINDS[name], operation, subject)
        change.both = change.both or (bool(new) and not lacking(had, has) and bool(had))
        documented = new if name == "word" and len(new) > 1 else new[0] if new else None
        contract = encoded(self._pack, operation, subject, name, had[0] if had else None)
        change.note(name, _shown(name, documented), _shown(name, contract))

    def _drift(self, page: Page, now: Facts, change: _Change) -> Drift:
        subject, operation = change.subject, change.operation
        standing = self._standing.on(page.key, operation, subject, list(change.documented)) if operation else ()
        return Drift(
            kind=change.kind,
            operation=operation,
            pointer=subject.removeprefix(ANSWER),
            documented=_plain(change.documented),
            encoded=_plain(change.encoded),
            message=_message(subject, change, standing),
            confidence=_confidence(page, change),
            constraints=standing,
            page=page.key,
            line=now.place(subject),
        )


def recovered(page: Page, now: Facts) -> int:
    """How many of the page's known facts are stated now, whatever they say."""
    return sum(1 for subject, name in page.facts.pairs() if _stated(now, subject, name))


def alike(page: Page, now: Facts) -> int:
    """How many of them say the same."""
    return sum(
        1
        for subject, name in page.facts.pairs()
        if not lacking(page.facts.values(subject, name), _stated(now, subject, name))
    )


def at_home(page: Page, now: Facts) -> bool:
    """Whether an address that the page had is still on it."""
    endpoints = [*now.values("", "endpoint"), *now.values("", CALLED)]
    had = page.facts.values("", "endpoint")
    return any(same_place(old, new) for old in had for new in endpoints) or not lacking(
        now.values("", "host")[:1] or [None], page.facts.values("", "host")
    )


def _stated(now: Facts, subject: str, name: str) -> list[Json]:
    """What is stated; an endpoint also where only an example calls it."""
    return now.values(subject, name) or (now.values(subject, CALLED) if name == "endpoint" else [])


def _operation(page: Page, subject: str) -> str:
    return page.answers if subject.startswith(ANSWER) else page.operation


def _confidence(page: Page, change: _Change) -> Confidence:
    if page.anchors or change.both or set(change.documented) & _PROSE:
        return "medium"
    return "high"


def _presence(subject: str, *, is_new: bool) -> str:
    what = "field" if subject.startswith(ANSWER) else "parameter"
    return f"{what}-{'added' if is_new else 'removed'}"


def _is_reworded(before: Facts, after: Facts, subject: str, name: str) -> bool:
    had, has = before.values(subject, name), after.values(subject, name)
    return bool(had) and not has and may_be_reworded(subject, name, had[0], after.words(subject))


def _says_nothing(name: str, had: list[Json], has: list[Json], new: list[Json]) -> bool:
    """Whether a difference is none: what is still said once, what goes without saying, an example's other value."""
    if name == "word":
        return not new
    if name == "required" and (had or has) == ["no"] and not (had and has):
        return True
    if name == "format" and not had:
        return True
    if name in _ONLY_NEW and not has:
        return True
    return not new and bool(has)


def _shown(name: str, value: Json) -> Json:
    """A fact as reports write it."""
    if name == "required" and isinstance(value, str):
        return _FLAGS.get(value, value)
    if name == "type" and isinstance(value, list) and len(value) == 1:
        return value[0]
    return value


def _plain(values: Mapping[str, Json]) -> Json:
    """One value as it is, several by their names."""
    return next(iter(values.values())) if len(values) == 1 else dict(values)


def _message(subject: str, change: _Change, standing: Sequence[str]) -> str:
    where = subject.removeprefix(ANSWER) or "the operation"
    stands = f"; {', '.join(standing)} stood on it" if standing else ""
    if PRESENT in change.documented:
        verb = "is new on the page" if change.documented[PRESENT] is not None else "is not on the page any more"
        return f"{where} {verb}{stands}"
    parts = []
    for name, value in change.documented.items():
        contract = change.encoded[name]
        said = "says nothing of it any more" if value is None else f"now says {_in_words(value)}"
        also = " as well as what it said" if change.both else ""
        has = "the contract has that already" if value == contract else f"the contract has {_in_words(contract)}"
        parts.append(f"{name.replace('_', ' ')}: the page {said}{also}, {has}")
    return f"{where}: {'; '.join(parts)}{stands}"


def _in_words(value: Json) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "nothing" if value is None else str(value)
