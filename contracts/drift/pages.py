"""The pages that a pack stands on, with the facts that they had when they were read: pages.yaml, and who writes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from types import MappingProxyType

import orjson

from contracts.drift.encoded import encoded_types
from contracts.drift.readers.facts import CALLED, PASSING, Facts
from contracts.drift.readers.lines import read_lines
from contracts.drift.readers.reading import read_facts
from contracts.errors import UsageError
from specs.documents import PAGES, read_yaml
from specs.errors import PackError
from specs.pack import Pack
from specs.pointers import Json


@dataclass(frozen=True, slots=True)
class Page:
    """One page as it was read.

    `operation` is what its members belong to, `answers` what its examples of answers belong to; `endpoints` says which
    operation each of its endpoints is.
    """

    key: str
    pack: Pack
    operation: str
    answers: str
    endpoints: Mapping[str, str]
    anchors: Mapping[str, str]
    facts: Facts
    note: str
    fingerprint: str
    """Of the words that the page consisted of."""

    def read(self, text: str) -> Facts:
        """The facts of a page of this kind, without what can't be said of members of their types."""
        now = read_facts(text, self.anchors)

        def types(subject: str) -> frozenset[str]:
            stated = [*now.values(subject, "type"), *self.facts.values(subject, "type")]
            named = {name.partition("<")[0] for names in stated for name in names}
            return frozenset(named) | encoded_types(self.pack, self.operation, subject)

        return now.fitted(types)


def read_pages(pack: Pack) -> list[Page]:
    """The pages of a pack; PackError when none was ever read."""
    file = pack.folder / PAGES
    if not file.is_file():
        way_out = "Record a saved page first: understudy drift docs VENDOR FILE --record PAGE"
        raise PackError(file, "", "no page of this vendor has been recorded", way_out)
    document = read_yaml(file)
    try:
        return [_page(key, entry, pack) for key, entry in document["pages"].items()]
    except (AttributeError, KeyError, TypeError) as problem:
        raise PackError(file, "/pages", f"can't be read ({problem!r})", "specs/README.md lists the members") from None


def _page(key: str, entry: Mapping[str, Json], pack: Pack) -> Page:
    operation = entry["operation"]
    for name in (operation, entry.get("answers", operation)):
        if name not in pack.operations:
            raise PackError(pack.folder / PAGES, f"/pages/{key}", f"there is no operation {name!r}", "Mend the name")
    facts = {
        subject: {name: list(values) for name, values in names.items()} for subject, names in _noted(entry).items()
    }
    return Page(
        key,
        pack,
        operation,
        entry.get("answers", operation),
        MappingProxyType(entry.get("endpoints", {})),
        MappingProxyType(entry.get("anchors", {})),
        Facts(facts),
        entry.get("note", ""),
        entry.get("fingerprint", ""),
    )


def _noted(entry: Mapping[str, Json]) -> Mapping[str, Mapping[str, list[Json]]]:
    """The facts of a page; none yet where only its anchors were written down."""
    return entry.get("facts") or {}


def record(folder: Path, key: str, text: str, pack: Pack, operation: str | None) -> Page:
    """Reads a page for the first time, or anew, and writes its facts into pages.yaml."""
    file = folder / PAGES
    document = read_yaml(file) if file.is_file() else {"pages": {}}
    entry = dict(document["pages"].get(key, {}))
    submits = [each.id for each in pack.operations.values() if each.role == "submit"]
    entry["operation"] = operation or entry.get("operation") or submits[0]
    facts = _page(key, {**entry, "facts": {}}, pack).read(text)
    if not len(facts):
        message = "nothing that a contract could be compared with is on this page; save it as text, Markdown or HTML"
        raise UsageError(message)
    entry["facts"], entry["fingerprint"] = _kept(facts), fingerprint(text)
    by_place = {f"{each.method} {each.path}": each.id for each in pack.operations.values()}
    stated = [str(each) for each in entry["facts"].get("", {}).get("endpoint", [])]
    entry["endpoints"] = {each: by_place[each] for each in stated if each in by_place} or entry.get("endpoints", {})
    document["pages"][key] = entry
    file.write_text(_written(document), encoding="utf-8")
    return _page(key, entry, pack)


def fingerprint(text: str) -> str:
    """The same for the same words in the same order, however they are laid out."""
    shown = " ".join(" ".join(line.text.split()) for line in read_lines(text) if line.text)
    return blake2b(shown.encode(), digest_size=16).hexdigest()


def _kept(facts: Facts) -> dict[str, dict[str, list[Json]]]:
    """What is worth keeping: facts, and no form of an example that has none; a call where nothing else is shown."""
    kept: dict[str, dict[str, list[Json]]] = {}
    for subject, names in facts.by_subject.items():
        for name, values in names.items():
            if name not in PASSING and (name, values) != ("format", ["text"]):
                kept.setdefault(subject, {})[name] = values
    called = facts.values("", CALLED)
    if called and not facts.values("", "endpoint"):
        kept.setdefault("", {})["endpoint"] = called
    return kept


_HEAD = (
    "# Facts of the vendor's pages as they were read; written by `understudy drift docs --record`, anchors by hand.\n"
)


def _written(document: Json) -> str:
    """YAML with a fact in each line, its values as JSON."""
    lines = [_HEAD + "pages:"]
    for key, entry in document["pages"].items():
        lines.append(f"  {key}:")
        for name in ("operation", "answers", "note", "fingerprint"):
            lines += [f"    {name}: {_json(entry[name])}"] if entry.get(name) else []
        for name in ("endpoints", "anchors"):
            if entry.get(name):
                lines.append(f"    {name}:")
                lines += [f"      {_json(left)}: {_json(right)}" for left, right in entry[name].items()]
        lines.append("    facts:")
        for subject, names in _noted(entry).items():
            lines.append(f"      {_json(subject)}:")
            lines += [f"        {fact}: {_json(values)}" for fact, values in names.items()]
    return "\n".join(lines) + "\n"


def _json(value: Json) -> str:
    return orjson.dumps(value).decode()
