"""Places: where the values of a template stand is found without knowing how placeholders are written."""

from typing import Any

import pytest

from contracts.judge.places import Place, places


def found(template: Any, body: Any) -> list[tuple[tuple[str, ...], str, Any]]:
    """What each place says of the body: its names, the pointer, the value."""
    return [(place.names, at, value) for place in places(template) for at, value in place.values(body)]


def test_values_are_found_where_the_template_has_them() -> None:
    """Members, members that may be left out, members of members."""
    template = {"task": {"id": "$task.id", "own?": "$request.own"}, "at": "$task.created_at", "fixed": "$$1"}

    assert found(template, {"task": {"id": "a", "own": {"x": 1}}, "at": 5, "fixed": "$1"}) == [
        (("task.id",), "/task/id", "a"),
        (("request.own",), "/task/own", {"x": 1}),
        (("task.created_at",), "/at", 5),
    ]
    assert found(template, {"task": {}, "fixed": 1}) == []
    assert found(template, ["no", "object"]) == []


def test_one_item_stands_for_all() -> None:
    """A template shows one video; an answer may have several, or none."""
    template = {"videos": [{"url": "$result.url"}], "pair": ["$task.id", "$call.id"]}

    assert found(template, {"videos": [{"url": "a"}, {"url": "b"}], "pair": [1, 2]}) == [
        (("result.url",), "/videos/0/url", "a"),
        (("result.url",), "/videos/1/url", "b"),
        (("task.id",), "/pair/0", 1),
        (("call.id",), "/pair/1", 2),
    ]
    assert found(template, {"videos": []}) == []


@pytest.mark.parametrize(
    ("template", "text", "values"),
    [
        ("${task.progress}%", "40%", {"task.progress": "40"}),
        ("$$${result.seconds}", "$5", {"result.seconds": "5"}),
        ("${task.id} (${call.id})", "a b (c)", {"task.id": "a b", "call.id": "c"}),
        ("/films/${task.id}/state", "/films/a/b/state", {"task.id": "a/b"}),
        ("/films/${task.id}/state", "/movies/a", {}),
        ("${task.progress}%", 40, {}),
    ],
)
def test_values_inside_of_a_text_are_cut_out(template: str, text: Any, values: dict[str, Any]) -> None:
    """And a text that looks otherwise holds none."""
    assert {names[0]: value for names, _, value in found({"it": template}, {"it": text})} == values


def test_alternatives_are_told_in_their_order() -> None:
    """The preferred one first."""
    (place,) = places({"own": "$request.own|task.id"})

    assert (place.pointer, place.names) == ("/own", ("request.own", "task.id"))


def test_template_without_placeholders_has_no_places() -> None:
    """Constants are none."""
    assert places({"code": 0, "message": "SUCCEED", "data": None}) == list[Place]()
