"""Every fact of a page of each style, changed in turn: found as what it is, and nothing else found."""

from __future__ import annotations

import pytest

from drift_changes import CHANGES, EDITORIAL, Change
from drift_desk import Desk
from drift_pages import LIST, PROSE, STYLES, TABLE


@pytest.mark.parametrize("change", CHANGES, ids=range(len(CHANGES)))
def test_a_change_is_found_and_nothing_else(desk: Desk, change: Change) -> None:
    """Its kind, its operation, its place."""
    assert desk.found(change.style, change.text) == [(change.kind, change.operation, change.pointer)]


@pytest.mark.parametrize("style", STYLES)
def test_every_fact_is_changed_in_turn(desk: Desk, style: str) -> None:
    """No fact that a page was read to have is missing from the changes, so none can be blind."""
    page = desk.pages[style]
    changed: set[tuple[str, str]] = set()
    for change in CHANGES:
        if change.style == style:
            now = page.read(change.text)
            changed |= {fact for fact in page.facts.pairs() if page.facts.values(*fact) != now.values(*fact)}
    # An answer that is shown twice is only gone when both are: tested below.
    shown_twice = {("> /order", "present")}
    # Of a member that is gone, what is inside of it is gone with it.
    inside = {("/scenes", "present")} if style == "prose" else set()

    assert set(page.facts.pairs()) - changed <= shown_twice | inside


@pytest.mark.parametrize(("style", "old", "new"), EDITORIAL, ids=range(len(EDITORIAL)))
def test_other_words_are_nothing(desk: Desk, style: str, old: str, new: str) -> None:
    """Marketing, wording, order, blanks, the values of examples, code in another language."""
    assert old in STYLES[style]

    assert desk.found(style, STYLES[style].replace(old, new)) == []


@pytest.mark.parametrize("style", STYLES)
def test_the_page_as_it_was_is_silent(desk: Desk, style: str) -> None:
    """Nothing has drifted, nothing was told otherwise."""
    compared = desk.compared(style, STYLES[style])

    assert (compared.drifts, compared.reworded) == ((), ())


def test_a_name_that_changed_is_one_gone_and_one_new(desk: Desk) -> None:
    """Of members and of answers, also where both are shown twice."""
    renamed = LIST.replace("minutes\ninteger", "hours\ninteger")
    answered = LIST.replace('"order": {', '"film": {').replace("order\nobject", "film\nobject")

    assert desk.found("list", renamed) == [
        ("parameter-removed", "createVideo", "/minutes"),
        ("parameter-added", "createVideo", "/hours"),
    ]
    assert desk.found("list", answered) == [
        ("field-removed", "createVideo", "/order"),
        ("field-added", "createVideo", "/film"),
    ]


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("silent", "mute", [("parameter-removed", "/silent"), ("parameter-added", "/mute")]),
        ("last_still", "end", [("parameter-removed", "/last_still"), ("parameter-added", "/end")]),
        ("manual", "by_hand", [("enum-changed", "/cut")]),
    ],
)
def test_a_name_in_a_condition_is_not_told_again(desk: Desk, old: str, new: str, found: list[tuple[str, str]]) -> None:
    """A condition, or a list of companions, that only follows the new name of a member or of a value."""
    assert desk.found("list", LIST.replace(old, new)) == [(kind, "createVideo", at) for kind, at in found]


def test_a_condition_that_names_something_else_is_told(desk: Desk) -> None:
    """Whatever else is new on the page."""
    text = LIST.replace("silent is true", "minutes is 30").replace("silent\nboolean", "mute\nboolean")

    assert ("required-changed", "createVideo", "/scenes") in desk.found("list", text)


def test_what_is_inside_of_another_type_is_not_told_apart(desk: Desk) -> None:
    """An object that became a list has no members of its own any more."""
    text = LIST.replace('"order": {', '"order": [{').replace("  }\n}\n\nOverview", "  }]\n}\n\nOverview")

    assert desk.found("list", text) == [("type-changed", "createVideo", "/order")]


def test_a_header_that_changed_is_one_gone_and_one_new(desk: Desk) -> None:
    """Also on a page that tells it in a sentence."""
    for style in ("table", "prose"):
        text = STYLES[style].replace("Authorization: Bearer ", "X-API-Key: ")

        assert desk.found(style, text) == [
            ("parameter-removed", "createVideo", "@Authorization"),
            ("parameter-added", "createVideo", "@X-API-Key"),
        ]


def test_both_bounds_are_one_finding_with_both_sides(desk: Desk) -> None:
    """By their names; with the constraints that stood on it, the line, and how sure it is."""
    (found,) = desk.compared("list", LIST.replace("(2-30)", "(3-40)")).drifts

    assert found.documented == {"minimum": 3, "maximum": 40}
    assert found.confidence == "high"
    assert LIST.split("\n")[found.line - 1] == "minutes"
    assert "the page now says 3" in found.message


def test_path_and_host_are_one_finding(desk: Desk) -> None:
    """Of one operation."""
    text = LIST.replace("films.example/v1", "film.example/v2").replace("\nv1\n", "\nv2\n")
    (found,) = desk.compared("list", text).drifts

    assert found.documented == {"endpoint": "POST /v2/videos", "host": "film.example"}


def test_a_fact_stated_twice_and_changed_once_says_so(desk: Desk) -> None:
    """The page contradicts itself then: less sure."""
    (found,) = desk.compared("list", LIST.replace("length: 900", "length: 800")).drifts

    assert (found.documented, found.encoded, found.confidence) == (800, 900, "medium")
    assert "as well as what it said" in found.message


def test_what_may_be_other_words_is_no_finding_but_is_told(desk: Desk) -> None:
    """All that the fact is made of is still there, in a sentence that nobody understood."""
    text = LIST.replace("At least one of still and last_still must be provided", "Give still, last_still, or both")
    compared = desk.compared("list", text)

    assert compared.drifts == ()
    assert compared.reworded == (("/still", "at_least_one"),)


def test_an_operation_that_is_not_on_the_page_any_more_is_told(desk: Desk) -> None:
    """It has no address now; one more address is nobody's."""
    gone = TABLE.replace("GET /v1/videos/{id}\n", "").replace('curl "{BASE}/v1/videos/AC-1"', "An answer:")
    more = TABLE.replace("GET /v1/videos/{id}", "GET /v1/videos/{id}\nDELETE /v1/videos/{id}")

    (lost,), (new,) = desk.compared("table", gone).drifts, desk.compared("table", more).drifts
    assert (lost.kind, lost.operation, lost.documented) == ("endpoint-changed", "getVideo", None)
    assert (new.kind, new.operation, new.encoded) == ("endpoint-changed", None, None)


def test_a_description_that_is_not_found_spoils_nobody_elses(desk: Desk) -> None:
    """Its neighbour's values may be its own, so of those nothing is said."""
    text = PROSE.replace("Grain of the picture; more is older", "Rauheit")

    assert desk.found("prose", text) == [("parameter-removed", "createVideo", "/grain")]


def test_a_description_that_is_new_spoils_nobody_elses(desk: Desk) -> None:
    """The first values behind a description are its own."""
    text = PROSE.replace("grey, bright Grain", "grey, bright Frames of a second\n0 <= x <= 60Grain")

    assert desk.found("prose", text) == []
