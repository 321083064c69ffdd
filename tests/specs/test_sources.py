"""Sources: the most specific entry about a constraint counts; standing is the entry's or its document's."""

from pathlib import Path
from typing import Any

import pytest

import specs
from specs.catalogue import Constraint, catalogue
from specs.sources import Source, load_sources, read_sources

Json = Any
DOCUMENTS = {
    "page": {
        "title": "The page",
        "url": "https://vendor.example/page",
        "read": "2026-01-01",
        "standing": "documented",
    },
    "client": {"title": "The client", "read": "2026-01-02", "standing": "elsewhere"},
}


def constraint(pointer: str, keyword: str) -> Constraint:
    """A constraint at this place."""
    return Constraint(
        operation="make",
        location="body",
        pointer=pointer,
        keyword=keyword,
        limit=1,
        conditions=(),
        words="",
        part="",
    )


def source(entries: dict[str, Json], pointer: str, keyword: str) -> Source | None:
    """What these entries say about the constraint."""
    document = {"documents": DOCUMENTS, "constraints": {"make": entries}, "decisions": {}}
    return read_sources(document).source_of(constraint(pointer, keyword))


def test_entry_at_the_pointer_is_about_all_keywords() -> None:
    """One line for a member, as a page has it."""
    found = source({"/prompt": "page"}, "/prompt", "maxLength")

    assert found is not None
    assert found.document is not None
    assert (found.document.key, found.standing, found.decision) == ("page", "documented", None)


def test_entry_with_a_keyword_comes_first() -> None:
    """The more it says, the more it counts."""
    found = source({"/prompt": "page", "/prompt maxLength": "client"}, "/prompt", "maxLength")

    assert found is not None
    assert found.standing == "elsewhere"


def test_entry_may_have_a_standing_of_its_own() -> None:
    """A page may say less than what is made of it."""
    found = source({"/prompt": {"document": "page", "standing": "decided", "decision": "d1"}}, "/prompt", "type")

    assert found is not None
    assert (found.standing, found.decision) == ("decided", "d1")


def test_decision_needs_no_document() -> None:
    """What no page says is decided."""
    found = source({"/prompt": {"standing": "decided", "decision": "d1"}}, "/prompt", "type")

    assert found == Source(None, "decided", "d1")


def test_body_itself_is_a_slash() -> None:
    """And says nothing about the members."""
    assert source({"/": "page"}, "", "type") is not None
    assert source({"/": "page"}, "/prompt", "type") is None


def test_entry_for_every_operation_is_the_last_that_counts() -> None:
    """What holds for all of them is said once, under a star; each operation may say it better."""
    document = {
        "documents": DOCUMENTS,
        "constraints": {
            "*": {"@authorization": "page", "@method": "page", "/prompt type": "client"},
            "make": {"@method": "client", "/prompt": "page"},
        },
        "decisions": {},
    }
    sources = read_sources(document)

    def standing(pointer: str, keyword: str) -> str | None:
        found = sources.source_of(constraint(pointer, keyword))
        return found.standing if found is not None else None

    assert standing("@authorization", "required") == "documented"
    assert standing("@method", "method") == "elsewhere"
    assert standing("/prompt", "type") == "documented"
    assert standing("@content-type", "contentType") is None


@pytest.mark.parametrize("name", specs.names())
def test_every_constraint_of_a_shipped_vendor_has_a_source_that_may_be_enforced(name: str) -> None:
    """Somebody can be asked about each refusal."""
    pack = specs.load(name)
    sources = load_sources(pack.folder)
    found = [(each.id, sources.source_of(each)) for each in catalogue(pack)]

    assert [name for name, source in found if source is None or source.standing == "family"] == []


def test_unreadable_sources_are_a_pack_error(tmp_path: Path) -> None:
    """With the file's name."""
    with pytest.raises(specs.PackError, match=r"sources\.yaml"):
        load_sources(tmp_path)


def test_malformed_sources_are_a_pack_error(tmp_path: Path) -> None:
    """With the way to more."""
    (tmp_path / "sources.yaml").write_text("documents: []\n", encoding="utf-8")

    with pytest.raises(specs.PackError, match="understudy lint"):
        load_sources(tmp_path)
