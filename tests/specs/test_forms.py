"""Tolerated forms: each turns what it is about into the canonical value, and leaves all else as it is."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from specs.forms import LIFT, PLAIN, WITH_PARAMETER, Form, canonical, lift, read_forms

Json = Any


def form(entry: Json, pointer: str = "/a") -> Form:
    """The form that a list in a pack names."""
    return next(read_forms(pointer, [entry]))


CHANGES: dict[str, tuple[Json, dict[Any, Json], list[Json]]] = {
    "boolean-string": (
        "boolean-string",
        {"true": True, "false": False},
        ["True", "1", "", "yes", 1, None, True, ["true"]],
    ),
    "numeric-string": (
        "numeric-string",
        {"5": 5, "0": 0, "-3": -3, "007": 7},
        ["5.0", " 5", "5 ", "+5", "--5", "-", "", "\uff11", "1e3", "0x1", "1" * 20, "9" * 5000, 5, None, True],
    ),
    "integer-as-string": ("integer-as-string", {5: "5", 0: "0", -3: "-3"}, ["5", 5.5, True, None, [5]]),
    "strip-data-uri": (
        "strip-data-uri",
        {"data:image/png;base64,AAAA": "AAAA", "data:;base64,": "", "data:image/png;x=y;base64,AA==": "AA=="},
        ["AAAA", "data:image/png,AAAA", "https://e.com/;base64,A", "", None, 5, " data:;base64,A"],
    ),
    "alias": ({"alias": {"old": "new", "older": "new"}}, {"old": "new", "older": "new"}, ["new", "OLD", "", None, 5]),
    "wrap": ({"wrap": "url"}, {"x": {"url": "x"}, "": {"url": ""}}, [{"url": "x"}, 5, None, ["x"]]),
}


def test_every_form_is_tried_here() -> None:
    """A form that is added needs its cases."""
    assert set(CHANGES) | {"default", LIFT} == {*PLAIN, *WITH_PARAMETER, LIFT}


@pytest.mark.parametrize("kind", CHANGES)
def test_form_changes_what_it_is_about_and_nothing_else(kind: str) -> None:
    """Forms become canonical, once and for all; other values are told from them by type and by letter."""
    entry, changed, kept = CHANGES[kind]
    change = form(entry).change
    for value, expected in changed.items():
        result = change(value)
        assert (result, type(result)) == (expected, type(expected)), value
        assert change(result) == result, "a canonical value is not changed again"
    for value in kept:
        assert change(value) is value, value


def test_default_stands_in_for_what_is_absent() -> None:
    """Only for that: null and the empty text were sent."""
    forms = tuple(read_forms("/a", [{"default": 7}]))

    assert canonical({"b": 1}, forms) == {"b": 1, "a": 7}
    for sent in (None, "", 0):
        assert canonical({"a": sent}, forms) == {"a": sent}


def test_forms_reach_into_lists_and_objects() -> None:
    """By their pointer, in every item; an object on the way is not made."""
    forms = tuple(read_forms("/shots/*/d", ["numeric-string"]))

    assert canonical({"shots": [{"d": "1"}, {}, {"d": 2}, "3"]}, forms) == {"shots": [{"d": 1}, {}, {"d": 2}, "3"]}
    assert canonical({}, tuple(read_forms("/a/b", [{"default": 1}]))) == {}


values = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=3)
    | st.sampled_from(["true", "5", "old", "data:;base64,A"])
)
bodies = st.dictionaries(
    st.sampled_from("abc"),
    values | st.lists(values, max_size=2) | st.dictionaries(st.sampled_from("ab"), values, max_size=2),
)
ENTRIES = [entry for entry, _, _ in CHANGES.values()]


@given(
    body=bodies,
    kinds=st.lists(st.sampled_from(ENTRIES), max_size=3),
    pointer=st.sampled_from(["/a", "/a/b", "/a/*", "/*"]),
)
def test_the_body_itself_is_never_changed(body: Json, kinds: list[Json], pointer: str) -> None:
    """A copy where something was to be changed; members that no form is about are the same."""
    before = copy.deepcopy(body)
    after = canonical(body, tuple(read_forms(pointer, kinds)))

    assert body == before
    assert {name: each for name, each in after.items() if name != "a"} == {
        name: each for name, each in body.items() if name != "a"
    }


def test_unchanged_body_is_the_same_object() -> None:
    """What costs nothing for the many that need nothing."""
    body = {"a": "plain", "b": [1]}

    assert canonical(body, tuple(read_forms("/a", ["boolean-string", "numeric-string"]))) is body


def test_lists_without_a_form_stay_the_same_lists() -> None:
    """Whether a body holds a form is told by whether it is another object afterwards: lists and their items too."""
    body = {"shots": [{"seconds": "5"}, {"seconds": "x"}]}

    assert canonical(body, tuple(read_forms("/shots/*/seconds", ["integer-as-string"]))) is body
    changed = canonical(
        {"shots": [{"seconds": "5"}, {"seconds": 5}]}, tuple(read_forms("/shots/*/seconds", ["integer-as-string"]))
    )
    assert changed == {"shots": [{"seconds": "5"}, {"seconds": "5"}]}


LIFTED = form({LIFT: ["mode", "shots"]}, "/extra")


def test_lift_moves_members_inside_and_remembers_where_they_were() -> None:
    """What was sent at the top is judged where it belongs, and told where it was."""
    body = {"prompt": "p", "mode": "x", "shots": [1]}

    assert lift(body, LIFTED) == (
        {"prompt": "p", "extra": {"mode": "x", "shots": [1]}},
        {"/extra/mode": "/mode", "/extra/shots": "/shots"},
    )
    assert body == {"prompt": "p", "mode": "x", "shots": [1]}


def test_lift_lets_what_is_inside_win() -> None:
    """Sent twice, the nested one counts, and is told where it stands."""
    body = {"mode": "top", "extra": {"mode": "inside", "other": 1}}

    assert lift(body, LIFTED) == ({"extra": {"mode": "inside", "other": 1}}, {})


@pytest.mark.parametrize(
    "body",
    [{}, {"prompt": "p"}, {"extra": {"mode": 1}}, {"mode": 1, "extra": 5}, {"mode": 1, "extra": None}, [], "x", None],
)
def test_lift_leaves_alone_what_it_can_not_move(body: Json) -> None:
    """Nothing at the top, no object to move into, no object at all."""
    assert lift(body, LIFTED) == (body, {})


@pytest.mark.parametrize("entry", ["no-such-form", {"no-such-form": 1}, "lift-off"])
def test_unknown_form_is_an_error(entry: Json) -> None:
    """It is not silently passed over: what is written would not be done."""
    with pytest.raises(KeyError):
        form(entry)
