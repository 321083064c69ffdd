"""Templates: what is constant is told as it is, and what is a placeholder with the type of its value."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from specs.templates import Getter, Inline, TemplateError, compile_template, compile_text, placeholders

Json = Any
KNOWN = {"task.id", "request.prompt", "request.a.b", "items", "call.now", "empty", "nothing"}


def bind(name: str) -> Getter:
    """A scene is a dictionary of names; an unknown name is an error."""
    if name not in KNOWN:
        message = f"${name} names nothing"
        raise TemplateError(message)
    return lambda scene: scene.get(name)


def filled(template: Json, scene: Json) -> Json:
    """What the template says in the scene."""
    return json.loads(compile_template(template, bind)(scene))


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.text(max_size=6)
    | st.sampled_from(["$", "%", "%s", "%%", '"', "\\", "{}"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=10,
)


def is_plain(value: Json) -> bool:
    """Whether nothing in it looks like a placeholder, or like a member that may be dropped."""
    if isinstance(value, str):
        return "$" not in value
    if isinstance(value, dict):
        return all(is_plain(each) and not name.endswith("?") for name, each in value.items())
    return all(map(is_plain, value)) if isinstance(value, list) else True


@given(template=values.filter(is_plain))
def test_constant_is_told_as_it_is(template: Json) -> None:
    """Percent signs, quotes, brackets and backslashes too, alone and beside a value."""
    assert filled(template, {}) == template
    assert filled({"constant": template, "value": "$task.id"}, {"task.id": 5}) == {"constant": template, "value": 5}


@given(value=values)
def test_value_keeps_its_type(value: Json) -> None:
    """Alone in the template, in a list, beside others; nothing in a value is read as a template."""
    scene = {"task.id": value}

    assert filled("$task.id", scene) == value
    assert filled(["$task.id", {"a": "$task.id"}], scene) == [value, {"a": value}]
    assert filled({"a": "$task.id", "b": 1, "c": ["$task.id"]}, scene) == {"a": value, "b": 1, "c": [value]}


@given(value=st.text(max_size=8))
def test_text_takes_values_in(value: str) -> None:
    """Inside a longer string a value is text; it can't end the string or begin another."""
    scene = {"task.id": value}

    assert filled("a ${task.id} b", scene) == f"a {value} b"
    assert filled("${task.id}${task.id}", scene) == value * 2
    assert compile_text("a ${task.id} b", bind)(scene) == f"a {value} b"


@pytest.mark.parametrize(
    ("value", "text"),
    [(5, "5"), (True, "true"), (None, ""), ("x", "x"), (1.5, "1.5"), ([1], "[1]"), ({"a": 1}, '{"a":1}')],
)
def test_values_in_text_are_written_as_json(value: Json, text: str) -> None:
    """Words without quotes, nothing for null."""
    assert filled("<${task.id}>", {"task.id": value}) == f"<{text}>"
    assert compile_text("$task.id", bind)({"task.id": value}) == text


def test_dollars_are_doubled() -> None:
    """`$$` is a dollar wherever it stands."""
    assert filled("$$", {}) == "$"
    assert filled("costs 5 $$ and ${task.id}$$", {"task.id": 1}) == "costs 5 $ and 1$"
    assert filled("$$task.id", {}) == "$task.id"


@pytest.mark.parametrize(
    "template", ["5 $ each", "$", "$ task.id", "${task.id", "$Task", "$task.id and more", "a$task.id", "${}"]
)
def test_lone_dollar_is_an_error(template: str) -> None:
    """What is not quite a placeholder would be told to clients as it is: the pack's author hears of it."""
    with pytest.raises(TemplateError, match=re.escape("$")):
        compile_template(template, bind)


def test_first_that_is_present_counts() -> None:
    """In order; null and the empty text are not present, zero and false are; the last one counts in any case."""
    template = "$empty|request.prompt|task.id"

    assert filled(template, {"empty": "", "request.prompt": None, "task.id": "t"}) == "t"
    assert filled(template, {"empty": "e", "task.id": "t"}) == "e"
    assert filled(template, {"request.prompt": 0, "task.id": "t"}) == 0
    assert filled(template, {"empty": False, "task.id": "t"}) is False
    assert filled(template, {"empty": "", "task.id": None}) is None
    assert filled("<${empty|task.id}>", {"task.id": 7}) == "<7>"


def test_optional_member_is_dropped_with_its_value() -> None:
    """A question mark at the end of its name; the rest stays in order."""
    template = {"a": 1, "b?": "$task.id", "c?": "$empty|request.prompt", "d": "$task.id"}

    assert filled(template, {"task.id": None, "empty": "", "request.prompt": ""}) == {"a": 1, "d": None}
    assert list(filled(template, {"task.id": 5, "request.prompt": "p"}).items()) == [
        ("a", 1),
        ("b", 5),
        ("c", "p"),
        ("d", 5),
    ]
    assert filled({"a?": "$task.id"}, {}) == {}
    assert filled({"in": {"a?": {"deep": "$task.id"}}}, {"task.id": 0}) == {"in": {"a": {"deep": 0}}}


def test_optional_member_needs_a_placeholder() -> None:
    """Otherwise nothing could decide."""
    with pytest.raises(TemplateError, match="'a\\?'"):
        compile_template({"a?": 5}, bind)


@pytest.mark.parametrize(
    "template", ["$unknown", "x ${unknown}", {"a": ["$unknown"]}, {"a?": "$unknown"}, "$task.id|unknown"]
)
def test_unknown_placeholder_is_an_error_when_compiled(template: Json) -> None:
    """Not first when a client asks."""
    with pytest.raises(TemplateError, match="unknown"):
        compile_template(template, bind)


def test_ready_text_goes_in_as_it_is() -> None:
    """A name for which JSON text is at hand need not be written again."""
    compiled = compile_template({"data": "$items", "id": "$task.id"}, bind, {"items": Inline("scene['text']")})

    assert compiled({"text": '[{"a":1},2]', "task.id": "t"}) == b'{"data":[{"a":1},2],"id":"t"}'


def test_placeholders_are_all_that_a_template_asks_for() -> None:
    """Of every string in it, also of optional members and of alternatives; doubled dollars ask for nothing."""
    template = {"a": "$task.id", "b?": ["x ${call.now} ${empty|nothing}"], "c": "$$no", "d": 5, "e": None}

    assert list(placeholders(template)) == ["task.id", "call.now", "empty", "nothing"]
