"""A page now beside the page as it was read, and through it the contract: what changed, and what stood on it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from contracts.drift.drift import Confidence, Drift
from contracts.drift.facts import ANSWER, KINDS, PRESENT, UNSURE, Facts, lacking
from contracts.drift.pages import Page
from specs.catalogue import catalogue
from specs.pack import Pack
from specs.pointers import Json
from specs.sources import load_sources

# Read off running text, where wording counts, and not off a list's own lines.
_PROSE = frozenset(
    {"required_when", "at_least_one", "exclusive", "sum", "at_most_total", "prefix", "image_ratio", "image_formats"}
    | {"image_bytes", "image_side"}
)


@dataclass(slots=True)
class _Changes:
    """All that changed in one way at one place."""

    documented: dict[str, Json] = field(default_factory=dict)
    encoded: dict[str, Json] = field(default_factory=dict)


class Comparison:
    """Compares pages of one pack."""

    def __init__(self, pack: Pack) -> None:
        self._pack = pack
        sources = load_sources(pack.folder)
        self._standing: dict[tuple[str, str, str], list[str]] = {}
        for constraint in catalogue(pack):
            source = sources.source_of(constraint)
            if source is not None and source.document is not None:
                place = (source.document.key, constraint.operation, constraint.pointer)
                self._standing.setdefault(place, []).append(constraint.id)

    def drifts(self, page: Page, now: Facts) -> list[Drift]:
        """What the page does not say any more, says anew or says otherwise."""
        changes: dict[tuple[str, str, str], _Changes] = {}
        gone = _gone(page.facts, now)
        come = _gone(now, page.facts)
        for subject in [*gone, *come]:
            kind = _presence(subject, is_new=subject in come)
            change = changes.setdefault((kind, self._operation(page, subject), subject), _Changes())
            change.documented[PRESENT] = (now.values(subject, "type") or [True])[0] if subject in come else None
            change.encoded[PRESENT] = None if subject in come else (page.facts.values(subject, "type") or [True])[0]
        for subject, name in _changed(page.facts, now, [*gone, *come]):
            self._note(changes, page, now, subject, name)
        return [self._drift(page, *place, change) for place, change in changes.items()]

    def _note(
        self, changes: dict[tuple[str, str, str], _Changes], page: Page, now: Facts, subject: str, name: str
    ) -> None:
        had, has = page.facts.values(subject, name), now.values(subject, name)
        new = lacking(has, had)
        if name == "word":
            known = set(self._pack.behaviour.lifecycle.words.values())
            new = [word for word in new if word not in known]
        if not new and (has or name == "word" or now.values(subject, UNSURE)):
            return
        operation = self._operation(page, subject)
        if name == "endpoint":
            operation = next((page.endpoints[each] for each in lacking(had, has) if each in page.endpoints), operation)
        change = changes.setdefault((KINDS[name], operation, subject), _Changes())
        change.documented[name] = new[0] if new else None
        change.encoded[name] = self._encoded(operation, subject, name, had)

    def _operation(self, page: Page, subject: str) -> str:
        return page.answers if subject.startswith(ANSWER) else page.operation

    def _encoded(self, operation: str, subject: str, name: str, had: Sequence[Json]) -> Json:
        """What the contract says; where it has no such word, what the page said."""
        body = self._pack.operations[operation].body
        declared = _declared(body.schema, subject) if body is not None and subject.startswith("/") else {}
        said = declared.get(name)
        return said if said is not None else had[0] if had else None

    def _drift(self, page: Page, kind: str, operation: str, subject: str, change: _Changes) -> Drift:
        pointer = subject.removeprefix(ANSWER)
        standing = self._standing.get(
            (page.key, operation, pointer.lower() if pointer.startswith("@") else pointer), []
        )
        sure: Confidence = "medium" if page.anchors or set(change.documented) & _PROSE else "high"
        documented, encoded = _plain(change.documented), _plain(change.encoded)
        return Drift(
            kind=kind,
            operation=operation,
            pointer=pointer,
            documented=documented,
            encoded=encoded,
            message=_message(kind, subject, change),
            confidence=sure,
            constraints=tuple(standing),
            page=page.key,
        )


def recovered(page: Page, now: Facts) -> int:
    """How many of the page's known facts are stated now, whatever they say."""
    return sum(1 for subject, name in page.facts.pairs() if now.values(subject, name))


def alike(page: Page, now: Facts) -> int:
    """How many of them say the same."""
    return sum(
        1
        for subject, name in page.facts.pairs()
        if not lacking(page.facts.values(subject, name), now.values(subject, name))
    )


def _gone(before: Facts, after: Facts) -> list[str]:
    """Members that are not listed any more; of one that is gone, what is inside of it is not told."""
    lost = [
        subject
        for subject in before.by_subject
        if before.values(subject, PRESENT) and not after.values(subject, PRESENT)
    ]
    return [subject for subject in lost if not any(subject.startswith(other + "/") for other in lost)]


def _presence(subject: str, *, is_new: bool) -> str:
    what = "field" if subject.startswith(ANSWER) else "parameter"
    return f"{what}-{'added' if is_new else 'removed'}"


def _changed(before: Facts, after: Facts, told: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Facts that differ, except about members that have come or gone."""
    for subject, name in dict.fromkeys([*before.pairs(), *after.pairs()]):
        is_told = any(subject == other or subject.startswith(other + "/") for other in told)
        if (
            name not in (PRESENT, UNSURE)
            and not is_told
            and _differ(before.values(subject, name), after.values(subject, name))
        ):
            yield subject, name


def _differ(one: list[Json], other: list[Json]) -> bool:
    return bool(lacking(one, other) or lacking(other, one))


def _declared(schema: Json, subject: str) -> Mapping[str, Json]:
    """The schema of a member."""
    found: Json = schema
    for name in subject.split("/")[1:]:
        if not isinstance(found, Mapping):
            return {}
        found = found.get("items") if name == "*" else found.get("properties", {}).get(name)
    return found if isinstance(found, Mapping) else {}


def _plain(values: Mapping[str, Json]) -> Json:
    """One value as it is, several by their names."""
    return next(iter(values.values())) if len(values) == 1 else dict(values)


def _message(kind: str, subject: str, change: _Changes) -> str:
    where = subject.removeprefix(ANSWER) or "the operation"
    if PRESENT in change.documented:
        verb = "is new on the page" if change.documented[PRESENT] is not None else "is not on the page any more"
        return f"{where} {verb}"
    parts = []
    for name, value in change.documented.items():
        said = "says nothing of it any more" if value is None else f"now says {_shown(value)}"
        parts.append(f"{name.replace('_', ' ')}: the page {said}, the contract has {_shown(change.encoded[name])}")
    return f"{where}: {'; '.join(parts)}" if kind else where


def _shown(value: Json) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "nothing"
    return "nothing" if value is None else str(value)
