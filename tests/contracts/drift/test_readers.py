"""Readers of pages: what they understand of each style, and that every single fact they know can be seen to change."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest

from contracts.drift.facts import PRESENT, Facts, lacking
from contracts.drift.reading import read_facts
from drift_pages import ANCHORS, LIST, PROSE, TABLE

Json = Any


def facts(text: str, anchors: dict[str, str] | None = None) -> dict[tuple[str, str], list[Json]]:
    """What a page states, flat."""
    found = read_facts(text, anchors or {})
    return {(subject, name): found.values(subject, name) for subject, name in found.pairs()}


def test_a_list_is_understood() -> None:
    """Address, members with all that is said of them, the answer's example; the overview states nothing."""
    found = facts(LIST)
    assert found == {
        ("", "endpoint"): ["POST /studio/v1/films"],
        ("", "host"): ["films.example"],
        ("", "status"): ["201"],
        ("", "media"): ["application/json"],
        ("@Authorization", PRESENT): [True],
        ("@Authorization", "type"): [["string"]],
        ("@Authorization", "required"): ["yes"],
        ("/story", PRESENT): [True],
        ("/story", "type"): [["string"]],
        ("/story", "required"): ["yes"],
        ("/story", "maxLength"): [900],
        ("/still", PRESENT): [True],
        ("/still", "type"): [["null", "string"]],
        ("/still", "required"): ["no"],
        ("/still", "image_formats"): [["jpg", "png"]],
        ("/still", "image_bytes"): [4_000_000],
        ("/still", "image_side"): [200],
        ("/scenes", PRESENT): [True],
        ("/scenes", "type"): [["array<object>", "null"]],
        ("/scenes", "required"): ["no"],
        ("/scenes", "required_when"): [["", "cut manual"]],
        ("/scenes", "minItems"): [2],
        ("/scenes", "maxItems"): [9],
        ("/scenes/*/text", "maxLength"): [90],
        ("/cut", PRESENT): [True],
        ("/cut", "type"): [["string"]],
        ("/cut", "required"): ["no"],
        ("/cut", "default"): ["auto"],
        ("/cut", "enum"): [["auto", "manual"]],
        ("/minutes", PRESENT): [True],
        ("/minutes", "type"): [["integer"]],
        ("/minutes", "required"): ["no"],
        ("/minutes", "default"): [4],
        ("/minutes", "minimum"): [2],
        ("/minutes", "maximum"): [30],
        ("> /order", PRESENT): [True],
        ("> /order", "type"): [["object"]],
        ("> /order", "required"): ["no"],
        ("> /order/ticket", PRESENT): [True],
        ("> /order/ticket", "type"): [["string"]],
        ("> /order/status", PRESENT): [True],
        ("> /order/status", "type"): [["string"]],
        ("> /order/status", "word"): ["waiting"],
        ("> /order/placed", PRESENT): [True],
        ("> /order/placed", "type"): [["string"]],
    }


def test_a_table_is_understood_though_its_cells_have_grown_together() -> None:
    """Both endpoints, the models, every row, the answer."""
    found = facts(TABLE)

    assert found["", "endpoint"] == ["POST /studio/orders", "GET /studio/orders/{ticket}"]
    assert found["/model", "enum"] == [["film-1-bright", "film-1-grey"]]
    assert found["/shape", "enum"] == [["square", "tall", "wide"]]
    assert (found["/minutes", "minimum"], found["/minutes", "maximum"]) == ([2], [30])
    assert (found["/grain/strength", "required"], found["/grain/strength", "maximum"]) == (["conditional"], [1])
    assert (found["/story", "type"], found["/story", "maxLength"]) == ([["string"]], [900])
    assert (found["> /status", "word"], found["> /percent", "type"]) == (["screened"], [["integer"]])


def test_prose_without_names_is_understood_by_what_it_begins_with() -> None:
    """Choices, a range and a longest length stand behind a description and before the next one."""
    found = facts(PROSE, ANCHORS)

    assert found["", "endpoint"] == ["POST /studio/v2/films"]
    assert found["/story", "maxLength"] == [900]
    assert found["/colours", "enum"] == [["bright", "grey"]]
    assert (found["/grain", "minimum"], found["/grain", "maximum"]) == ([0], [1])
    assert (found["/scenes", "maxItems"], found["/scenes", "minItems"]) == ([9], [2])
    assert found["/scenes/*/seconds", "minimum"] == [1]
    assert found["/scenes/*/text", "type"] == [["string"]]
    assert ("/callback", PRESENT) in found


def as_html(text: str) -> str:
    """The page with a block for each line, and tables for rows."""
    lines = []
    for line in text.split("\n"):
        row = re.fullmatch(r"([a-z_.]+?)(string|integer|number)(Yes|No|Conditional)(.*)", line)
        cells = row.groups() if row else None
        inside = "".join(f"<td>{html.escape(cell)}</td>" for cell in cells) if cells else ""
        lines.append(f"<table><tr>{inside}</tr></table>" if cells else f"<p>{html.escape(line)}</p>")
    return "<!doctype html><html><head><title>x</title></head><body>" + "".join(lines) + "</body></html>"


def as_markdown(text: str) -> str:
    """The page with headings, bullets and a table."""
    text = re.sub(
        r"^(Body|Response|Overview|Endpoint|Parameters)$", r"## \1", text.replace("  • ", "- "), flags=re.MULTILINE
    )
    row = re.compile(r"^([a-z_.]+?)(string|integer|number)(Yes|No|Conditional)(.*)$", re.MULTILINE)
    return "# Films\n" + row.sub(r"| `\1` | \2 | **\3** | \4 |", text)


@pytest.mark.parametrize("page", [LIST, TABLE], ids=["list", "table"])
@pytest.mark.parametrize("render", [as_html, as_markdown])
def test_a_page_says_the_same_however_it_was_saved(page: str, render: Any) -> None:
    """HTML and Markdown lose their marks, not their meaning."""
    assert facts(render(page)) == facts(page)


# Every fact that a reader knows, changed in the text: what is written, what instead, and what has to be seen.
CHANGES: list[tuple[str, str, str, tuple[str, str]]] = [
    (LIST, "POST\n/", "PUT\n/", ("", "endpoint")),
    (LIST, "\nfilms\nOrder", "\nmovies\nOrder", ("", "endpoint")),
    (LIST, "https://films.", "https://film.", ("", "host")),
    (LIST, "201 - ", "202 - ", ("", "status")),
    (LIST, "201 - application/json", "201 - application/xml", ("", "media")),
    (LIST, "story\nstring\nrequired", "story\nstring", ("/story", "required")),
    (LIST, "story\nstring", "story\nobject", ("/story", "type")),
    (LIST, "length: 900", "length: 800", ("/story", "maxLength")),
    (LIST, "exceed 900", "exceed 1,000", ("/story", "maxLength")),
    (LIST, "string | null", "string", ("/still", "type")),
    (LIST, ".jpg, .png", ".jpg", ("/still", "image_formats")),
    (LIST, "4MB", "5MB", ("/still", "image_bytes")),
    (LIST, "200px", "300px", ("/still", "image_side")),
    (LIST, "object[]", "string[]", ("/scenes", "type")),
    (LIST, "Max 9", "Max 8", ("/scenes", "maxItems")),
    (LIST, "min 2", "min 1", ("/scenes", "minItems")),
    (LIST, "2 - 9", "2 - 12", ("/scenes", "maxItems")),
    (LIST, "max 90 ", "max 80 ", ("/scenes/*/text", "maxLength")),
    (LIST, "when cut is manual", "when cut is auto", ("/scenes", "required_when")),
    (LIST, "default:auto", "default:manual", ("/cut", "default")),
    (LIST, "auto,\nmanual", "auto,\nmanual,\nnone", ("/cut", "enum")),
    (LIST, "(2-30)", "(2-40)", ("/minutes", "maximum")),
    (LIST, '"status": "waiting"', '"status": "asleep"', ("> /order/status", "word")),
    (LIST, '"ticket": "AC-1"', '"ticket": 1', ("> /order/ticket", "type")),
    (LIST, '"ticket": "AC-1",', '"ticket": "AC-1", "price": 3,', ("> /order/price", PRESENT)),
    (LIST, "minutes\ninteger", "hours\ninteger", ("/hours", PRESENT)),
    (TABLE, "film-1-bright", "film-2-bright", ("/model", "enum")),
    (TABLE, "GET /studio/orders/", "GET /studio/order/", ("", "endpoint")),
    (TABLE, "storystringYes", "storystringNo", ("/story", "required")),
    (TABLE, "At most 900", "At most 901", ("/story", "maxLength")),
    (TABLE, "wide, tall, or square", "wide or tall", ("/shape", "enum")),
    (TABLE, "minutesinteger", "minutesnumber", ("/minutes", "type")),
    (TABLE, "From 2 to 30", "From 3 to 30", ("/minutes", "minimum")),
    (TABLE, "[0, 1]", "[0, 2]", ("/grain/strength", "maximum")),
    (TABLE, "shapestringNo", "formstringNo", ("/form", PRESENT)),
    (PROSE, "/studio/v2", "/studio/v3", ("", "endpoint")),
    (PROSE, "900Colours", "800Colours", ("/story", "maxLength")),
    (PROSE, "grey, bright", "grey, bright, sepia", ("/colours", "enum")),
    (PROSE, "x <= 1", "x <= 2", ("/grain", "maximum")),
    (PROSE, "Max 9 scenes", "Max 7 scenes", ("/scenes", "maxItems")),
    (PROSE, ">= 1.", ">= 2.", ("/scenes/*/seconds", "minimum")),
    (PROSE, '"text": "string", ', "", ("/scenes/*/text", PRESENT)),
]


@pytest.mark.parametrize(("page", "old", "new", "place"), CHANGES, ids=range(len(CHANGES)))
def test_a_changed_fact_is_seen_and_nothing_else_is(page: str, old: str, new: str, place: tuple[str, str]) -> None:
    """Exactly the facts about that member differ."""
    anchors = ANCHORS if page is PROSE else {}
    assert page.count(old) >= 1
    before, after = facts(page, anchors), facts(page.replace(old, new, 1), anchors)
    changed = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}

    assert place in changed
    assert {subject for subject, _ in changed} <= {place[0], *(each for each, name in changed if name == PRESENT)}


EDITORIAL = [
    (LIST, "Our films are the best.", "Buy 5 to 10 films and get 3 free!"),
    (LIST, "What happens. Cannot exceed", "The story in your own words. Cannot exceed"),
    (LIST, '"minutes": 4', '"minutes": 9'),
    (LIST, "2026-01-05", "2026-02-06"),
    (LIST, "\n\n", "\n\n\n"),
    (LIST, "File size cannot exceed 4MB", "The file has at most 4 MB"),
    (LIST, "Length (2-30).", "How long it is, from 2 to 30 minutes."),
    (TABLE, "What happens.", "The whole story, told in a few words."),
    (TABLE, "wide, tall, or square; not promised", "square, wide, or tall; mostly"),
    (TABLE, "AC-1", "AC-77"),
    (PROSE, "Story of the film", "The story of the film"),
    (PROSE, "We pass it on.", "We hand it over at once."),
    (PROSE, "Grain of the picture; more is older", "The grain of the picture; more looks older"),
]


@pytest.mark.parametrize(("page", "old", "new"), EDITORIAL, ids=range(len(EDITORIAL)))
def test_other_words_are_no_other_facts(page: str, old: str, new: str) -> None:
    """Marketing, wording, order, blanks and the values of examples state nothing."""
    anchors = ANCHORS if page is PROSE else {}
    assert old in page

    assert facts(page.replace(old, new), anchors) == facts(page, anchors)


def test_a_description_that_is_not_found_makes_its_neighbour_unsure() -> None:
    """What stands behind it may be hidden, so nothing is said to be lost."""
    found = read_facts(PROSE.replace("Grain of the picture; more is older", "Rauheit"), ANCHORS)

    assert found.values("/colours", "unsure") == [True]
    assert found.values("/grain", PRESENT) == []


def test_values_are_compared_as_values() -> None:
    """Once each, and in any order."""
    one = Facts({"a": {"enum": [["x", "y"]]}})

    assert lacking([["x", "y"], ["z"]], one.values("a", "enum")) == [["z"]]
