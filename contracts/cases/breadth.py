"""Breadth beyond the catalogue: bodies that Schemathesis draws, unusual texts, bodies as large as the limits allow.

Each was judged by our own validator and rules first. A drawn body is changed where it would ask for more than the pack
promises: members without effect are left out, and texts that are no prose are those of the examples.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterator, Mapping
from random import Random

from contracts.cases.bench import Basis, Bench, same_as
from contracts.cases.body_cases import Draft
from contracts.cases.boundary import boundary
from contracts.cases.drawing import drawn_bodies
from contracts.cases.outside import Limit
from contracts.cases.telling import told
from contracts.cases.writing import PROMPT_MARK, heavy_text, plain_text
from specs.pointers import Json, finder, join, removed, replaced, resolve, split

# Of the bodies that may be drawn every fourth is a valid one (somebody pays for each of those jobs), every second one
# that breaks something; the rest is left to the catalogue's own cases, which tell more for less.
_VALID_SHARE, _BROKEN_SHARE = 4, 2
_EXACT_MAX = 2**53
_LARGEST = ("maxLength", "maximum", "maxItems")
# Where no page limits a prompt; a service that is behind another one may have that one's limit, which is higher.
_LONG = 2000
# Controls, halves of characters, what is not assigned or private: legal, but not what people write.
_NOT_WRITTEN = frozenset({"Cc", "Cs", "Cn", "Co"})
_TEXTS = (
    (
        "letters of many scripts, right to left, pictures of several code points",
        "\U0001d4d0 \uff21 \u0645\u0631\u062d \u200f\u05e9\u05dc\u200e \u202babc \U0001f469\u200d\U0001f467 1\u20e3",
    ),
    ("marks upon marks", "Z\u0351\u036b\u0343\u036a\u0302\u036b\u033d a\u0308\u0323 \u1112\u1161\u11ab"),
    ("quotes, braces, tags and escapes", "\"'`\\ {{x}} ${x} %s <b>&amp;</b> --\t; \u2028 \\u0041"),
)


class Breadth:
    """The further bodies of one operation."""

    def __init__(self, bench: Bench, seed: int) -> None:
        self._bench = bench
        self._ledger = bench.ledger
        self._seed = seed
        self._random = Random(f"breadth:{seed}:{bench.pack.name}:{bench.operation.id}")
        self._known = {each.id: each for each in bench.constraints}
        self._free = {each.pointer for each in bench.constraints if each.keyword == "type" and "string" in each.limit}
        self._free -= {each.pointer for each in bench.constraints if each.keyword in ("enum", "pattern", "format")}

    def accepted(self, max_examples: int) -> Iterator[Draft]:
        """Valid bodies: unusual texts, the largest, drawn ones."""
        yield from self._unusual()
        yield from self._largest()
        count = max_examples // _VALID_SHARE
        seen = set[bytes]()
        for body in drawn_bodies(self._bench.operation, self._seed, count, valid=True) if count else ():
            kept = self._settled(body)
            if kept is not None and same_as(kept) not in seen:
                seen.add(same_as(kept))
                yield Draft(None, kept, f"a drawn body with {', '.join(kept)}")

    def refused(self, max_examples: int) -> Iterator[Draft]:
        """Bodies that break something, drawn; of one constraint alone where it is one."""
        count = max_examples // _BROKEN_SHARE
        seen = set[bytes]()
        for drawn in drawn_bodies(self._bench.operation, self._seed, count, valid=False) if count else ():
            body = self._without_idle(drawn)
            broken = self._ledger.broken(body) if _is_sendable(body) else None
            if not broken or same_as(body) in seen or not self._is_judged(broken, body):
                continue
            seen.add(same_as(body))
            names = sorted({f"{each.place} {each.keyword}" for each in map(self._known.__getitem__, broken)})
            alone = self._known[next(iter(broken))] if len(broken) == 1 else None
            yield Draft(alone, self._marked(body, broken), f"a drawn body that breaks {', '.join(names[:3])}")

    def _marked(self, body: Json, broken: Mapping[str, list[str]]) -> Json:
        """The body with the mark in its prompts, where it breaks the same with it."""
        for pattern in self._bench.pack.behaviour.prompts:
            for at, text in finder(pattern)(body):
                marked = (
                    replaced(body, at, f"{PROMPT_MARK}: {text}") if isinstance(text, str) and text.strip() else body
                )
                body = marked if self._ledger.broken(marked) == broken else body
        return body

    def _is_judged(self, broken: Mapping[str, list[str]], body: Json) -> bool:
        """Whether everything that it breaks has an effect, and calls for one refusal whatever is looked at first."""
        model = self._bench.pack.behaviour.model
        constraints = [self._known[name] for name in broken]
        if model is not None and any(each.pointer == model.pointer for each in constraints):
            return False
        return not any(self._ledger.is_idle(each, body) for each in constraints)

    # Unusual texts and the largest bodies

    def _unusual(self) -> Iterator[Draft]:
        for words, text in _TEXTS:
            for basis in self._bench.bases:
                place = next(self._prompts(basis.body), None)
                body = replaced(basis.body, place, f"{PROMPT_MARK}: {text}") if place is not None else None
                if body is not None and self._ledger.is_plain(body):
                    yield Draft(None, body, f"a prompt with {words} ({basis.name})")
                    break

    def _prompts(self, body: Json) -> Iterator[str]:
        for pattern in self._bench.pack.behaviour.prompts:
            for at, text in finder(pattern)(body):
                if isinstance(text, str) and PROMPT_MARK in text:
                    yield at

    def _largest(self) -> Iterator[Draft]:
        kinds = set()
        for basis in self._bench.bases:
            kind = self._bench.kind(basis.body)
            if kind not in kinds:
                kinds.add(kind)
                body = self._grown(basis)
                yield Draft(None, body, f"as large as the limits allow: {told(basis.body, body)} ({basis.name})")

    def _grown(self, basis: Basis) -> Json:
        body = self._wordy(basis)
        for constraint in self._bench.constraints:
            if constraint.keyword not in _LARGEST or constraint.location != "body":
                continue
            if constraint.keyword == "maxLength" and constraint.pointer not in self._bench.prose:
                continue
            for at in self._ledger.places(constraint, body):
                limit = Limit(constraint.keyword, constraint.limit, resolve(body, at), (), is_prose=True)
                heaviest = [heavy_text(constraint.limit)] if constraint.keyword == "maxLength" else boundary(limit)
                for value in heaviest if not self._bench.is_tied(at, body) else ():
                    made = self._bench.mended(replaced(body, at, value))
                    kept = (more for more in made if self._ledger.is_plain(more) and self._bench.is_even(more))
                    body = next((more for more in kept if not self._ledger.is_idle(constraint, more)), body)
        return self._long_winded(body)

    def _long_winded(self, body: Json) -> Json:
        """The body with long prompts where none is too long."""
        limited = {each.pointer for each in self._bench.constraints if each.keyword == "maxLength"}
        for at in self._prompts(body):
            longer = replaced(body, at, plain_text(_LONG))
            if at in self._bench.prose - limited and self._ledger.is_plain(longer):
                body = longer
        return body

    def _wordy(self, basis: Basis) -> Json:
        """The body with every member that people write in, as far as it stays the same kind of job."""
        for constraint in self._bench.constraints:
            is_prose = constraint.keyword == "maxLength" and constraint.pointer in self._bench.prose
            if is_prose and not self._ledger.places(constraint, basis.body):
                basis = next(self._bench.grown(constraint, basis), basis)
        return basis.body

    # Drawn bodies made safe

    def _settled(self, body: Json) -> Json | None:
        """The drawn body without what no page promises to take; None when what is left breaks something."""
        if not isinstance(body, Mapping):
            return None
        kept: dict[str, Json] = {}
        for name, value in body.items():
            settled = self._member(name, value)
            if settled is not None:
                kept[name] = settled
        kept = self._bench.marked(self._without_idle(kept))
        is_tied = any(self._bench.is_tied(join([name]), kept) for name in kept)
        is_safe = not is_tied and self._bench.is_even(kept) and self._ledger.is_plain(kept)
        return kept if kept and is_safe else None

    def _without_idle(self, body: Json) -> Json:
        """The body without members that are without effect in it: what a service makes of those is its own affair."""
        for constraint in self._bench.constraints if isinstance(body, Mapping) else ():
            top = join(split(constraint.pointer)[:1])
            if constraint.idle and top and split(top)[0] in body and self._ledger.is_idle(constraint, body):
                body = removed(body, top)
        return body

    def _member(self, name: str, value: Json) -> Json:
        place = join([name])
        if isinstance(value, str) and place in self._bench.prose:
            return _written(value)
        if isinstance(value, (Mapping, list)) or place in self._free:
            donors = [each.body[name] for each in self._bench.examples if name in each.body]
            return self._random.choice(donors) if donors else None
        if isinstance(value, float) and not isinstance(value, bool):
            whole = value.is_integer() and abs(value) < _EXACT_MAX
            return int(value) if whole else round(value, 6)
        is_large = isinstance(value, int) and abs(value) > _EXACT_MAX
        return None if is_large else value


def _written(text: str) -> str:
    return "".join(letter for letter in text if unicodedata.category(letter) not in _NOT_WRITTEN)


def _is_sendable(value: Json) -> bool:
    """Whether every writer of JSON can write it, and every reader reads the same."""
    if isinstance(value, Mapping):
        return all(_is_sendable(name) and _is_sendable(each) for name, each in value.items())
    if isinstance(value, list):
        return all(map(_is_sendable, value))
    if isinstance(value, str):
        return "\x00" not in value and not any(unicodedata.category(letter) == "Cs" for letter in value)
    if isinstance(value, float):
        return math.isfinite(value)
    return not isinstance(value, int) or abs(value) <= _EXACT_MAX
