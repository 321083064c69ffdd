"""A limit that is added to a pack gets its accepted and its refused cases at once, with no Python."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

import specs
from case_calls import Sender, must_be
from contracts.cases import Case, CaseBook, make_cases
from mockserver import Fake, Settings
from targets import Json

ACME = Path(__file__).parent / "acme"
MEMBERS = """
        grain: {description: How coarse the picture is, type: integer, minimum: 3, maximum: 9}
        mood: {description: What it feels like, type: [string, "null"], enum: [calm, wild, null]}
        reels:
          description: How the seconds are spread
          type: array
          maxItems: 3
          items: {type: object, required: [seconds], properties: {seconds: {type: integer, minimum: 1}}}
        footage: {description: Seconds on all reels, type: integer, minimum: 1, default: 12}
        overture:
          description: Music before the film; without effect on one reel
          type: string
          maxLength: 50
          x-idle: {required: [engine], properties: {engine: {const: reel-1}}}
"""
RULE = "        - {kind: sum-equals, items: /reels/*/seconds, total: /footage}\n"
SOURCES = (
    "".join(
        f"    {pointer}: handbook\n"
        for pointer in ("/grain", "/mood", "/reels", "/reels/*", "/reels/*/seconds", "/footage", "/overture")
    )
    + '    "/reels sum-equals": rumour\n'
)


def insert(file: Path, before: str, more: str) -> None:
    """Writes lines before a text that is in the file once."""
    text = file.read_text(encoding="utf-8")
    assert text.count(before) == 1
    file.write_text(text.replace(before, more.lstrip("\n") + before), encoding="utf-8")


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the pack with more members and limits, none of them in an example, and one more rule."""
    folder = Path(shutil.copytree(ACME, tmp_path_factory.mktemp("packs") / "acme"))
    insert(folder / "openapi.yaml", "      dependentRequired: {narrator_pace", MEMBERS)
    insert(folder / "openapi.yaml", "        - {kind: image, pointer: /still", RULE)
    insert(folder / "sources.yaml", "  readFilm:\n", SOURCES)
    return folder


@pytest.fixture(scope="module")
def book(changed: Path) -> CaseBook:
    """Its cases."""
    return make_cases(specs.load(changed), 0, 0)


def values(book: CaseBook, pointer: str, keyword: str) -> Mapping[str, list[Json]]:
    """What the cases about a constraint send for its member, by what is expected."""
    member = pointer.split("/")[1]
    found: dict[str, list[Json]] = {"accepted": [], "refused": []}
    for case in book.cases:
        if case.constraint == f"orderFilm:{pointer}:{keyword}":
            found[case.expects].append(case.body.get(member, "absent"))
    return found


def test_number_gets_its_bounds(book: CaseBook) -> None:
    """On both ends and just beyond, and beyond what 64 bits hold; of other types too."""
    low, high = values(book, "/grain", "minimum"), values(book, "/grain", "maximum")

    assert (low["accepted"], high["accepted"]) == ([3], [9])
    # Nothing at all is refused too: a service that asks whether a number is there takes it for none.
    assert set(low["refused"]) == {2, 1, 0}
    assert set(high["refused"]) == {10, 11, 10**19}
    assert {"null", "text", "fraction"} <= {
        {str: "text", type(None): "null", float: "fraction"}.get(type(value), "")
        for value in values(book, "/grain", "type")["refused"]
    }


def test_words_and_null_get_a_case_each(book: CaseBook) -> None:
    """Every option; and what is near them."""
    words = values(book, "/mood", "enum")

    assert {"calm", "wild", None} <= {*words["accepted"], *values(book, "/mood", "type")["accepted"]}
    assert {"CALM", "calm ", ""} <= set(words["refused"])


def test_rule_between_members_gets_its_own_ways(book: CaseBook) -> None:
    """It knows how it is kept and how it is broken; the default of the whole counts."""
    sums = values(book, "/reels", "sum-equals")

    assert {sum(reel["seconds"] for reel in reels) for reels in sums["accepted"]} == {12}
    assert {sum(reel["seconds"] for reel in reels) for reels in sums["refused"]} == {11, 13}


def test_list_and_its_items_are_made(book: CaseBook) -> None:
    """No example has them: a plain item is made, the number of items is on the limit, the sum is kept."""
    long = values(book, "/reels", "maxItems")

    assert [len(reels) for reels in long["accepted"]] == [3]
    assert {len(reels) for reels in long["refused"]} == {4}
    assert values(book, "/reels/*/seconds", "required")["refused"]


def test_member_without_effect_is_only_asked_where_it_has_one(book: CaseBook) -> None:
    """As its `x-idle` says."""
    engines = {case.body["engine"] for case in book.cases if "/overture" in (case.constraint or "")}

    assert engines == {"reel-2"}


def test_everything_added_is_tested_on_both_sides(book: CaseBook) -> None:
    """No reason has to be given for any of it."""
    added = [name for name, _ in book.untested if any(f":/{member}" in name for member in ("grain", "mood", "reels"))]

    assert added == []


def test_served_pack_answers_all_of_them(changed: Path, book: CaseBook) -> None:
    """The fake of the changed pack takes and refuses as the cases say."""
    pack = specs.load(changed)
    fake = Fake([pack], Settings(clock="manual"), wall_ms=lambda: 1_800_000_000_000)
    sender = Sender(fake, pack, "a-key")

    def wrong(case: Case) -> str:
        return must_be(pack, case, sender.send(case).status)

    assert [(case.words, problem) for case in book.cases if (problem := wrong(case))] == []
