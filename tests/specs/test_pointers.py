"""JSON Pointers as RFC 6901 has them, and the star for every item of an array."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from specs.pointers import field, finder, getter, is_within, join, merged, removed, replaced, resolve, split

Json = Any

# The document and the pointers of RFC 6901, section 5.
RFC = {"foo": ["bar", "baz"], "": 0, "a/b": 1, "c%d": 2, "e^f": 3, "g|h": 4, "i\\j": 5, 'k"l': 6, " ": 7, "m~n": 8}
RFC_POINTERS = {
    "/foo": ["bar", "baz"],
    "/foo/0": "bar",
    "/": 0,
    "/a~1b": 1,
    "/c%d": 2,
    "/e^f": 3,
    "/g|h": 4,
    "/i\\j": 5,
    '/k"l': 6,
    "/ ": 7,
    "/m~0n": 8,
}
names = st.text(max_size=4)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=12,
)
tokens = st.lists(names, min_size=1, max_size=4)


@pytest.mark.parametrize("pointer", RFC_POINTERS)
def test_pointers_of_the_rfc(pointer: str) -> None:
    """Each names what the RFC says."""
    assert resolve(RFC, pointer) == getter(pointer)(RFC) == RFC_POINTERS[pointer]


def test_whole_document() -> None:
    """The empty pointer."""
    assert resolve(RFC, "") is RFC
    assert split("") == []


@given(tokens=tokens)
def test_split_undoes_join(tokens: list[str]) -> None:
    """Tildes and slashes in a name come back as they were."""
    assert split(join(tokens)) == tokens


@pytest.mark.parametrize(
    "pointer", ["/nope", "/foo/2", "/foo/-1", "/foo/x", "/foo/0/0", "/a~1b/x", "/foo/-", "/foo/1.0"]
)
def test_what_is_not_there_is_the_default(pointer: str) -> None:
    """No error for a path that leads nowhere, of whatever types it goes through."""
    mark = object()

    assert resolve(RFC, pointer, mark) is mark
    assert resolve(RFC, pointer) is None
    assert getter(pointer)(RFC) is None
    assert finder(pointer)(RFC) == []


@pytest.mark.parametrize("document", [None, 5, "text", True, [], {}])
def test_documents_of_other_types_hold_nothing(document: Json) -> None:
    """A getter and a finder are asked about whatever a client sent."""
    for pointer in ("/a", "/a/b", "/a/*/b", "/*", "/0/a"):
        assert getter(pointer)(document) is None
        assert finder(pointer)(document) == []


def test_star_stands_for_every_item() -> None:
    """In order, with the pointer of each; items without the member are passed over."""
    document = {"shots": [{"d": 1}, {}, {"d": 2}, 5, {"d": None}], "deep": [[1, 2], [], [3]]}

    assert finder("/shots/*/d")(document) == [("/shots/0/d", 1), ("/shots/2/d", 2), ("/shots/4/d", None)]
    assert finder("/deep/*/*")(document) == [("/deep/0/0", 1), ("/deep/0/1", 2), ("/deep/2/0", 3)]
    assert finder("/shots/*")(document)[3] == ("/shots/3", 5)
    assert finder("/*")([7, 8]) == [("/0", 7), ("/1", 8)]


@given(document=values, tokens=st.lists(names | st.just("*"), max_size=3))
def test_what_a_finder_finds_is_there(document: Json, tokens: list[str]) -> None:
    """Each pointer that it gives leads to the value beside it."""
    for at, value in finder(join(tokens))(document):
        assert resolve(document, at) == value


@given(document=st.dictionaries(names, values, max_size=3), tokens=tokens, value=values)
def test_replaced_is_there_and_nothing_was_changed(document: Json, tokens: list[str], value: Json) -> None:
    """The copy holds the value; the original is what it was, and all else is the same in both."""
    pointer = join(tokens[:1])
    before = copy.deepcopy(document)
    after = replaced(document, pointer, value)

    assert resolve(after, pointer, "nothing") == value
    assert document == before
    assert {name: each for name, each in after.items() if name != tokens[0]} == {
        name: each for name, each in before.items() if name != tokens[0]
    }
    assert resolve(replaced({}, join(tokens), value), join(tokens), "nothing") == value


def test_replaced_inside_lists() -> None:
    """An item of a list is replaced in its place."""
    document = {"shots": [{"d": 1}, {"d": 2}]}

    assert replaced(document, "/shots/1/d", 9) == {"shots": [{"d": 1}, {"d": 9}]}
    assert replaced(document, "/shots/0", "x") == {"shots": ["x", {"d": 2}]}
    assert replaced(document, "", 5) == 5
    assert document == {"shots": [{"d": 1}, {"d": 2}]}


def test_removed_leaves_the_rest() -> None:
    """A member or an item is gone; what names nothing removes nothing; the original stays."""
    document = {"a": {"b": 1, "c": 2}, "shots": [{"d": 1, "e": 5}, {"d": 2}]}

    assert removed(document, "/a/b") == {"a": {"c": 2}, "shots": document["shots"]}
    assert removed(document, "/shots/0") == {"a": document["a"], "shots": [{"d": 2}]}
    assert removed(document, "/shots/0/d") == {"a": document["a"], "shots": [{"e": 5}, {"d": 2}]}
    for nothing in ("/x", "/a/x", "/a/b/c", "/shots/7", "/shots/x"):
        assert removed(document, nothing) == document
    assert document["a"] == {"b": 1, "c": 2}


@given(document=st.dictionaries(names, values, max_size=4), name=names)
def test_removed_is_not_there(document: Json, name: str) -> None:
    """And only it."""
    after = removed(document, join([name]))

    assert name not in after
    assert len(document) - len(after) == (name in document)


FIELDS = {
    "": "body",
    "/": "body",
    "/prompt": "prompt",
    "/shots/1/prompt": "shots[1].prompt",
    "/a/0/1": "a[0][1]",
    "/0": "[0]",
    "/x~1y": "x/y",
}


@pytest.mark.parametrize("pointer", FIELDS)
def test_field_is_the_pointer_as_people_write_it(pointer: str) -> None:
    """Dots between members, brackets around items."""
    assert field(pointer) == FIELDS[pointer]


def test_a_place_is_within_itself_and_what_holds_it() -> None:
    """Not within what only begins with the same letters."""
    assert is_within("/a", "/a")
    assert is_within("/a/b/0", "/a")
    assert is_within("/a", "")
    assert not is_within("/ab", "/a")
    assert not is_within("/a", "/a/b")


# Test cases of RFC 7396, appendix A.
MERGES: list[tuple[Json, Json, Json]] = [
    ({"a": "b"}, {"a": "c"}, {"a": "c"}),
    ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
    ({"a": "b"}, {"a": None}, {}),
    ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
    ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
    ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
    ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
    ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
    (["a", "b"], ["c", "d"], ["c", "d"]),
    ({"a": "b"}, ["c"], ["c"]),
    ({"a": "foo"}, None, None),
    ({"a": "foo"}, "bar", "bar"),
    ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
    ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
    ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
]


@pytest.mark.parametrize(("document", "patch", "result"), MERGES)
def test_merge_patches_of_the_rfc(document: Json, patch: Json, result: Json) -> None:
    """As the RFC's appendix has them, and neither side is changed."""
    before = copy.deepcopy((document, patch))

    assert merged(document, patch) == result
    assert (document, patch) == before
