"""The pages that a pack stands on, with the facts that they had when they were read: pages.yaml, and who writes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import orjson

from contracts.drift.facts import Facts
from contracts.drift.reading import read_facts
from specs.documents import read_yaml
from specs.errors import PackError
from specs.pack import Pack
from specs.pointers import Json

PAGES = "pages.yaml"


@dataclass(frozen=True, slots=True)
class Page:
    """One page as it was read.

    `operation` is what its members belong to, `answers` what its examples of answers belong to; `endpoints` says which
    operation each of its endpoints is.
    """

    key: str
    operation: str
    answers: str
    endpoints: Mapping[str, str]
    anchors: Mapping[str, str]
    facts: Facts
    note: str

    def read(self, text: str) -> Facts:
        """The facts of a page of this kind."""
        return read_facts(text, self.anchors)


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
        subject: {name: list(values) for name, values in names.items()} for subject, names in entry["facts"].items()
    }
    return Page(
        key,
        operation,
        entry.get("answers", operation),
        MappingProxyType(entry.get("endpoints", {})),
        MappingProxyType(entry.get("anchors", {})),
        Facts(facts),
        entry.get("note", ""),
    )


def record(folder: Path, key: str, text: str, pack: Pack, operation: str | None) -> Page:
    """Reads a page for the first time, or anew, and writes its facts into pages.yaml."""
    file = folder / PAGES
    document = read_yaml(file) if file.is_file() else {"pages": {}}
    entry = dict(document["pages"].get(key, {}))
    submits = [each.id for each in pack.operations.values() if each.role == "submit"]
    entry["operation"] = operation or entry.get("operation") or submits[0]
    facts = read_facts(text, entry.get("anchors", {}))
    entry["facts"] = facts.by_subject
    by_place = {f"{each.method} {each.path}": each.id for each in pack.operations.values()}
    stated = [str(each) for each in facts.values("", "endpoint")]
    entry["endpoints"] = {each: by_place[each] for each in stated if each in by_place} or entry.get("endpoints", {})
    document["pages"][key] = entry
    file.write_text(_written(document), encoding="utf-8")
    return _page(key, entry, pack)


_HEAD = (
    "# Facts of the vendor's pages as they were read; written by `understudy drift docs --record`, anchors by hand.\n"
)


def _written(document: Json) -> str:
    """YAML with a fact in each line, its values as JSON."""
    lines = [_HEAD + "pages:"]
    for key, entry in document["pages"].items():
        lines.append(f"  {key}:")
        for name in ("operation", "answers", "note"):
            lines += [f"    {name}: {_json(entry[name])}"] if entry.get(name) else []
        for name in ("endpoints", "anchors"):
            if entry.get(name):
                lines.append(f"    {name}:")
                lines += [f"      {_json(left)}: {_json(right)}" for left, right in entry[name].items()]
        lines.append("    facts:")
        for subject, names in entry["facts"].items():
            lines.append(f"      {_json(subject)}:")
            lines += [f"        {fact}: {_json(values)}" for fact, values in names.items()]
    return "\n".join(lines) + "\n"


def _json(value: Json) -> str:
    return orjson.dumps(value).decode()
