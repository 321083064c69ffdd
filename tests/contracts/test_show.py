"""`understudy vendors` and `show`: what they print is what the packs say, a hundred columns wide."""

import json
from typing import Any

import pytest

import specs
from broken_packs import SKELETON
from contracts import cli
from specs.catalogue import catalogue
from specs.sources import load_sources

NAMES = specs.names()


def said(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """What a command prints; it must succeed."""
    assert cli.main(words) == 0
    return capsys.readouterr().out


def said_json(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    """The same, for programs."""
    return json.loads(said(capsys, *words, "--json"))


def test_vendors_are_all_named_with_their_documents(capsys: pytest.CaptureFixture[str]) -> None:
    """And the day on which each document was read."""
    lines = said(capsys, "vendors").splitlines()

    heads = [line for line in lines if not line.startswith(" ")]
    assert [head.split()[0] for head in heads] == NAMES
    assert all(head.endswith("operations") for head in heads)
    read = [line.split()[0] for line in lines if line.startswith(" ")]
    assert read == [each.read for name in NAMES for each in load_sources(specs.load(name).folder).documents.values()]


def test_vendors_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    """Name, title, hosts, operations and documents."""
    found = said_json(capsys, "vendors")["vendors"]

    assert [each["name"] for each in found] == NAMES
    for each in found:
        pack = specs.load(each["name"])
        assert (each["title"], each["operations"]) == (pack.title, list(pack.operations))
        assert all(set(document) == {"id", "title", "url", "read", "standing"} for document in each["documents"])


@pytest.mark.parametrize("name", NAMES)
def test_show_names_operations_states_refusals_and_decisions(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Each operation with method, path and statuses; each state with the vendor's word."""
    text, pack = said(capsys, "show", name), specs.load(name)

    for operation in pack.operations.values():
        assert f"{operation.method} {operation.path}\n" in text
    assert all(f"  {state:<7}  {word}" in text for state, word in pack.behaviour.lifecycle.words.items())
    assert all(f"  {situation} " in text for situation in pack.behaviour.refusals)
    assert all(f"  {key} (" in text for key in load_sources(pack.folder).decisions)
    assert all(f"  {option} " in text for option in pack.options)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("more", [[], ["--constraints"]], ids=["vendor", "constraints"])
def test_page_is_a_hundred_columns(name: str, more: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """But for a single word that is longer."""
    lines = said(capsys, "show", name, *more).splitlines()

    assert [line for line in lines if len(line) > 100 and " " in line.strip()] == []


@pytest.mark.parametrize("name", NAMES)
def test_constraints_are_all_there(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Under their operation, each on a line with pointer, keyword, source and standing."""
    lines = said(capsys, "show", name, "--constraints").splitlines()
    pack = specs.load(name)
    sources, found = load_sources(pack.folder), catalogue(pack)

    rows = [line.split() for line in lines if line.startswith("  ") and line[2] in "/?{@"]
    assert [(row[0], row[1], row[-1]) for row in rows] == [
        (each.place, each.keyword, source.standing if (source := sources.source_of(each)) else "-") for each in found
    ]
    heads = [line.split()[0] for line in lines if line and not line.startswith(" ")]
    assert heads == list(dict.fromkeys(each.operation for each in found))
    assert all(limit in " ".join(" ".join(lines).split()) for each in found if (limit := each.limit_words))


@pytest.mark.parametrize("name", NAMES)
def test_constraints_for_programs(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Operation, pointer, keyword, limit, source and standing; documents by their key."""
    found = said_json(capsys, "show", name, "--constraints")

    known = catalogue(specs.load(name))
    assert [each["id"] for each in found["constraints"]] == [each.id for each in known]
    assert [(each["pointer"], each["limit"]) for each in found["constraints"]] == [
        (each.pointer, each.limit) for each in known
    ]
    assert all(each["source"] in found["documents"] or each["decision"] for each in found["constraints"])
    assert {each["standing"] for each in found["constraints"]} <= {"documented", "elsewhere", "decided"}


def test_show_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    """The whole vendor as one value."""
    found = said_json(capsys, "show", str(SKELETON))

    assert [(each["id"], each["method"], each["path"]) for each in found["operations"]] == [
        ("createVideo", "POST", "/v1/videos"),
        ("getVideo", "GET", "/v1/videos/{id}"),
    ]
    assert found["states"] == {
        "queued": "queued",
        "running": "running",
        "done": "succeeded",
        "failed": "failed",
    }
    assert found["refusals"]["task_unknown"]["status"] == 404
    assert list(found["decisions"]) == ["empty-prompt"]


def test_long_limit_is_cut_in_its_column_and_whole_below(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is lost to the width of the page."""
    text = " ".join(said(capsys, "show", str(SKELETON), "--constraints").split())

    assert "/aspect_ratio enum 16:9, 9:16, 1:1 page documented" in text
    assert "/prompt required true page documented when there are no scenes" in text
