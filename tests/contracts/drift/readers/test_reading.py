"""What the readers understand of a page of each style, however it was saved."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from contracts.drift.readers.facts import PASSING, PRESENT
from contracts.drift.readers.reading import read_facts
from drift_pages import ANCHORS, LIST, PROSE, SAVED, TABLE

Json = Any
Stated = dict[str, dict[str, list[Json]]]


def stated(text: str, anchors: dict[str, str] | None = None) -> Stated:
    """What a page states, without what only helps to compare."""
    found = read_facts(text, anchors or {}).by_subject
    kept = {
        subject: {
            name: values
            for name, values in names.items()
            if name not in PASSING and (name, values) != ("format", ["text"])
        }
        for subject, names in found.items()
    }
    return {subject: names for subject, names in kept.items() if names}


def member(type_: list[str], required: str = "no", **more: Json) -> dict[str, list[Json]]:
    """A member with one statement of each kind."""
    return {PRESENT: [True], "type": [type_], "required": [required], **{name: [value] for name, value in more.items()}}


def shown(type_: str, **more: Json) -> dict[str, list[Json]]:
    """A member that an example of an answer shows."""
    return {PRESENT: [True], "type": [[type_]], **{name: [value] for name, value in more.items()}}


def test_a_list_is_understood() -> None:
    """Address, members with all that is said of them, the answer's example; the overview states nothing."""
    assert stated(LIST) == {
        "": {
            "endpoint": ["POST /v1/videos"],
            "host": ["films.example"],
            "status": ["201"],
            "media": ["application/json"],
        },
        "@Content-Type": {"media": ["application/json"]},
        "@Authorization": member(["string"], "yes", scheme="Bearer"),
        "/story": member(["string"], "yes", maxLength=900),
        "/still": member(
            ["null", "string"],
            prefix=True,
            image_formats=["jpg", "png"],
            image_bytes=4_000_000,
            image_side=200,
            image_ratio=[1 / 3, 3.0],
            at_least_one=["last_still", "still"],
        ),
        "/last_still": member(["null", "string"], exclusive=["grain_mask", "last_still"]),
        "/scenes": member(
            ["array<object>", "null"],
            required_when=["and", "cut manual", "silent true"],
            minItems=2,
            maxItems=9,
            sum=True,
        ),
        "/scenes/*/text": {"maxLength": [90]},
        "/scenes/*/minutes": {"at_most_total": [True], "minimum": [1]},
        "/silent": member(["boolean"], default=False),
        "/cut": member(["string"], default="auto", enum=["auto", "manual"]),
        "/minutes": member(["integer"], default=4, minimum=2, maximum=30),
        "> /order": member(["object"]),
        "> /order/ticket": shown("string", format="uuid"),
        "> /order/status": shown("string", word="waiting"),
        "> /order/object": shown("string", const="film.order"),
        "> /order/poster": shown("string", format="uri"),
        "> /order/placed": shown("string", format="date-time"),
    }


def test_a_table_is_understood_though_its_cells_have_grown_together() -> None:
    """Both endpoints, the models, every row, the answer."""
    assert stated(TABLE) == {
        "": {"endpoint": ["POST /v1/videos", "GET /v1/videos/{id}"]},
        "@Authorization": {PRESENT: [True], "scheme": ["Bearer"]},
        "@Content-Type": {PRESENT: [True], "media": ["application/json"]},
        "/model": member(["string"], "yes", enum=["film-1-bright", "film-1-grey"]),
        "/story": member(["string"], "yes", maxLength=900, exclusive=["extra.scenes"]),
        "/shape": member(["string"], enum=["square", "tall", "wide"]),
        "/minutes": member(["integer"], default=4, minimum=2, maximum=30),
        "/extra/grain": member(["number"], "conditional", minimum=0, maximum=1),
        "/extra/scenes": member(["array"], maxItems=9),
        "> /ticket": shown("string"),
        "> /status": shown("string", word="screened"),
        "> /percent": shown("integer"),
    }


def test_prose_without_names_is_understood_by_what_it_begins_with() -> None:
    """Choices, a range and a longest length stand behind a description and before the next one."""
    assert stated(PROSE, ANCHORS) == {
        "": {"endpoint": ["POST /v1/videos"]},
        "@Authorization": {PRESENT: [True], "scheme": ["Bearer"]},
        "/story": {PRESENT: [True], "maxLength": [900], "required_when": [["", "silent false"]]},
        "/colours": {PRESENT: [True], "enum": [["bright", "grey"]]},
        "/grain": {PRESENT: [True], "minimum": [0], "maximum": [1]},
        "/scenes": {PRESENT: [True], "maxItems": [9], "minItems": [2]},
        "/scenes/*/seconds": {"at_most_total": [True], "minimum": [1], PRESENT: [True], "type": [["integer"]]},
        "/scenes/*/text": {"maxLength": [90], PRESENT: [True], "type": [["string"]]},
        "/kind": {PRESENT: [True], "enum": [["film-1"]]},
        "/callback": {PRESENT: [True]},
    }


@pytest.mark.parametrize("page", [LIST, TABLE], ids=["list", "table"])
@pytest.mark.parametrize("saved", SAVED, ids=lambda each: each.__name__)
def test_a_page_says_the_same_however_it_was_saved(page: str, saved: Callable[[str], str]) -> None:
    """HTML and Markdown lose their marks, not their meaning."""
    assert stated(saved(page)) == stated(page)


def test_a_table_with_a_head_is_read_by_its_columns() -> None:
    """Whatever their order; a default in a column, marks for what is required."""
    found = stated(
        "## Parameters\n\n"
        "| Field | Required | Default | Type | What it is |\n|---|---|---|---|---|\n"
        "| `tone` | ✓ | `dark` | string | One of: dark, light |\n"
        "| `pace` | - | - | integer \\| null | Range: 1 - 9 |\n"
    )

    assert found == {
        "/tone": member(["string"], "yes", default="dark", enum=["dark", "light"]),
        "/pace": member(["integer", "null"], minimum=1, maximum=9),
    }


@pytest.mark.parametrize(
    "line",
    [
        "- **tone** (`string`, required, default: dark): How it looks",
        "tone string required default:dark",
        "### `tone`\n\n`string`\n\n`required`\n\n`default:dark`\n\nHow it looks",
        '<ParamField body="tone" type="string" required default="dark">\nHow it looks\n</ParamField>',
    ],
)
def test_the_head_of_a_member_has_many_forms(line: str) -> None:
    """Name, type, required, default."""
    assert stated(f"## Body\n\n{line}\n") == {"/tone": member(["string"], "yes", default="dark")}


def test_members_belong_to_the_section_they_stand_in() -> None:
    """A body, a query, headers, an answer; a title that names none of these ends it."""
    text = "\n\n".join(
        f"## {title}\n\n### {name}\n\nstring"
        for title, name in (
            ("Query parameters", "page"),
            ("Headers", "Trace"),
            ("Response", "ticket"),
            ("Body", "story"),
        )
    )

    assert list(stated(text)) == ["?page", "@Trace", "> /ticket", "/story"]


def test_where_a_subject_is_spoken_of_is_known() -> None:
    """The line in the file, in HTML too."""
    assert LIST.split("\n")[read_facts(LIST).place("/cut") - 1] == "cut"
    assert read_facts("<html>\n<body>\n<h2>Body</h2>\n<p>cut</p><p>string</p></body></html>").place("/cut") == 4
