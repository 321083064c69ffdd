"""`understudy drift spec`: what each change of a promise means, for data that clients send and for data they get."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

import specs
from contracts.cli import main
from contracts.drift.drift import Drift
from contracts.drift.promises import classes
from contracts.drift.promises.classes import Change, Direction
from contracts.drift.promises.comparing import compare
from contracts.drift.promises.documents import Document, read_document
from contracts.drift.promises.shapes import Comparison

Json = Any
TEXT, NUMBER, WHOLE = {"type": "string"}, {"type": "number"}, {"type": "integer"}
ANY_WAY = {"type": ["string", "null"]}


TODAY = date(2026, 11, 26)


def changes(old: Json, new: Json, direction: Direction) -> list[Change]:
    """What is different between two schemas."""
    one, other = (Document(name, {"openapi": "3.1.0"}, None, Path(name)) for name in ("old", "new"))
    return Comparison(one, other).changes(old, new, direction)


def compared(old: str, new: str) -> list[Drift]:
    """What is different between two documents or packs."""
    return compare(read_document(old), read_document(new), TODAY)


def members(required: list[str] | None = None, **properties: Json) -> Json:
    """An object with these members."""
    return {"type": "object", "properties": properties, "required": required or []}


# Old, new, kind, what it means in a request, what in an answer; None where it is no change.
TABLE: list[tuple[Json, Json, str | None, str, str]] = [
    (TEXT, TEXT, None, "", ""),
    (TEXT, {**TEXT, "description": "words"}, None, "", ""),
    (TEXT, WHOLE, "type-changed", "breaking", "breaking"),
    (ANY_WAY, TEXT, "type-changed", "breaking", "compatible"),
    (TEXT, ANY_WAY, "type-changed", "compatible", "breaking"),
    (TEXT, {**TEXT, "nullable": True}, "type-changed", "compatible", "breaking"),
    (WHOLE, NUMBER, "type-changed", "compatible", "breaking"),
    (NUMBER, WHOLE, "type-changed", "breaking", "compatible"),
    ({}, TEXT, "type-changed", "breaking", "compatible"),
    ({"enum": ["a"]}, {"enum": ["a", "b"]}, "enum-changed", "compatible", "maybe"),
    ({"enum": ["a", "b"]}, {"enum": ["b"]}, "enum-changed", "breaking", "compatible"),
    ({"enum": ["a", "b"]}, {"enum": ["b", "a"]}, None, "", ""),
    (TEXT, {**TEXT, "enum": ["a"]}, "enum-changed", "breaking", "compatible"),
    ({**TEXT, "enum": ["a"]}, TEXT, "enum-changed", "compatible", "maybe"),
    ({"const": "a"}, {"const": "b"}, "enum-changed", "breaking", "breaking"),
    ({"maxLength": 5}, {"maxLength": 9}, "limit-changed", "compatible", "breaking"),
    ({"maxLength": 5}, {"maxLength": 3}, "limit-changed", "breaking", "compatible"),
    ({"minimum": 1}, {"minimum": 2}, "limit-changed", "breaking", "compatible"),
    ({"minimum": 1}, {"minimum": 0}, "limit-changed", "compatible", "breaking"),
    ({}, {"maxItems": 3}, "limit-changed", "maybe", "compatible"),
    ({"maxItems": 3}, {}, "limit-changed", "compatible", "breaking"),
    ({}, {"pattern": "a"}, "format-changed", "breaking", "compatible"),
    ({"format": "uuid"}, {}, "format-changed", "compatible", "breaking"),
    ({"format": "uuid"}, {"format": "uri"}, "format-changed", "breaking", "breaking"),
    ({"default": 1}, {"default": 2}, "default-changed", "compatible", "compatible"),
    ({}, {"additionalProperties": False}, "shape-changed", "breaking", "compatible"),
    ({"additionalProperties": False}, {}, "shape-changed", "compatible", "maybe"),
    ({}, {"not": TEXT}, "shape-changed", "breaking", "compatible"),
    ({"allOf": [TEXT]}, {"allOf": [TEXT, {"if": TEXT}]}, "shape-changed", "breaking", "compatible"),
    ({"anyOf": [TEXT, WHOLE]}, {"anyOf": [TEXT]}, "shape-changed", "breaking", "compatible"),
    ({"oneOf": [TEXT]}, {"oneOf": [TEXT, WHOLE]}, "shape-changed", "compatible", "breaking"),
    ({"allOf": [{"maxLength": 5}]}, {"allOf": [{"maxLength": 4}]}, "limit-changed", "breaking", "compatible"),
    ({"items": {"maxLength": 5}}, {"items": {"maxLength": 4}}, "limit-changed", "breaking", "compatible"),
    (members(["a"], a=TEXT), members(a=TEXT), "required-changed", "compatible", "breaking"),
    (members(a=TEXT), members(["a"], a=TEXT), "required-changed", "breaking", "compatible"),
    (members(a={"maxLength": 5}), members(a={"maxLength": 4}), "limit-changed", "breaking", "compatible"),
]


@pytest.mark.parametrize(("old", "new", "kind", "sent", "got"), TABLE, ids=range(len(TABLE)))
def test_a_change_means_this_for_whoever_sends_the_data(old: Json, new: Json, kind: str, sent: str, got: str) -> None:
    """One finding, of this kind, graded by direction."""
    requests, answers = list(changes(old, new, "request")), list(changes(old, new, "response"))

    assert {each.kind for each in [*requests, *answers]} == ({kind} if kind else set())
    assert [each.grade for each in requests[:1]] == ([sent] if kind else [])
    assert [each.grade for each in answers[:1]] == ([got] if kind else [])


SAME: list[tuple[Json, Json]] = [
    ({"const": "a"}, {"enum": ["a"]}),
    ({"type": ["null", "string"]}, {"type": ["string", "null"]}),
    ({"anyOf": [TEXT, {"type": "null"}]}, ANY_WAY),
    ({"oneOf": [TEXT]}, TEXT),
    ({"allOf": [TEXT]}, TEXT),
    ({"allOf": [TEXT, {"maxLength": 5}]}, {**TEXT, "maxLength": 5}),
    ({"allOf": [{"maxLength": 9}, {"maxLength": 5}]}, {"maxLength": 5}),
    ({"minLength": 0}, {}),
    (members(a=TEXT), {**members(a=TEXT), "additionalProperties": True}),
    ({"enum": ["a", "b"]}, {"enum": ["b", "a"]}),
    ({"minimum": 1, "exclusiveMinimum": True}, {"exclusiveMinimum": 1}),
    ({"maximum": 5}, {"maximum": 5.0}),
    (members(["a", "b"]), members(["b", "a"])),
]


@pytest.mark.parametrize(("one", "other"), SAME, ids=range(len(SAME)))
def test_what_lets_the_same_through_is_the_same(one: Json, other: Json) -> None:
    """However it is written, in both directions."""
    found = [change for pair in ((one, other), (other, one)) for change in changes(*pair, "request")]
    assert not found


COME_AND_GONE = [
    ("request", members(), members(a=TEXT), "parameter-added", "compatible"),
    ("request", members(), members(["a"], a=TEXT), "parameter-added", "breaking"),
    ("request", members(a=TEXT), members(), "parameter-removed", "maybe"),
    ("response", members(), members(a=TEXT), "field-added", "compatible"),
    ("response", members(a=TEXT), members(), "field-removed", "maybe"),
    ("response", members(["a"], a=TEXT), members(), "field-removed", "breaking"),
]


@pytest.mark.parametrize(("direction", "old", "new", "kind", "grade"), COME_AND_GONE, ids=range(len(COME_AND_GONE)))
def test_a_member_comes_or_goes(direction: Any, old: Json, new: Json, kind: str, grade: str) -> None:
    """Once, and not as a change of what is required besides."""
    (change,) = changes(old, new, direction)

    assert (change.kind, change.grade, change.pointer) == (kind, grade, "/a")


DOCUMENT: Json = {
    "openapi": "3.1.0",
    "info": {"title": "Films", "version": "1"},
    "servers": [{"url": "https://films.example"}],
    "security": [{"key": []}],
    "paths": {
        "/films": {
            "post": {
                "operationId": "order",
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Order"}}},
                },
                "responses": {
                    "201": {
                        "description": "taken",
                        "headers": {"Location": {"required": True, "schema": TEXT}},
                        "content": {"application/json": {"schema": members(["id"], id=TEXT)}},
                    },
                    "400": {"description": "not taken"},
                },
                "callbacks": {
                    "moved": {
                        "{$request.body#/to}": {
                            "post": {
                                "requestBody": {
                                    "content": {
                                        "application/json": {"schema": members(["state"], state={"enum": ["on"]})}
                                    }
                                }
                            }
                        }
                    }
                },
            }
        },
        "/films/{id}": {
            "get": {
                "operationId": "look",
                "parameters": [
                    {"name": "id", "in": "path", "required": True, "schema": TEXT},
                    {"name": "page", "in": "query", "schema": {"type": "integer", "default": 1}},
                ],
                "responses": {"200": {"description": "there"}},
            }
        },
    },
    "components": {"schemas": {"Order": members(["story"], story=TEXT)}},
}


def written(folder: Path, name: str, document: Json) -> str:
    """The document in a file."""
    file = folder / name
    with file.open("w", encoding="utf-8") as stream:
        YAML(typ="safe").dump(document, stream)
    return str(file)


def changed(**members_: Json) -> Json:
    """A copy of the document, changed at these places (`a__b` for /a/b)."""
    copy = json.loads(json.dumps(DOCUMENT))
    for place, value in members_.items():
        at, names = copy, place.split("__")
        for name in names[:-1]:
            at = at[name.replace("_films", "/films").replace("_id", "/{id}")]
        if value is None:
            del at[names[-1]]
        else:
            at[names[-1]] = value
    return copy


ORDER, LOOK = "paths__/films__post__", "paths__/films/{id}__get__"
CALLBACK = "paths__/films__post__callbacks__moved__{$request.body#/to}__post__requestBody__content"
STATES = {"application/json": {"schema": members(["state"], state={"enum": ["on", "off"]})}}
CHANGED: list[tuple[dict[str, Json], list[tuple[str, str, str | None]]]] = [
    ({}, []),
    ({"info__title": "Other", ORDER + "summary": "words"}, []),
    ({ORDER + "requestBody__required": False}, [("required-changed", "compatible", "order")]),
    ({ORDER + "requestBody": None}, [("parameter-removed", "breaking", "order")]),
    (
        {ORDER + "requestBody__content": {"text/plain": {}}},
        [("format-changed", "breaking", "order"), ("format-changed", "compatible", "order")],
    ),
    ({ORDER + "responses__201": None}, [("shape-changed", "breaking", "order")]),
    ({ORDER + "responses__400": None}, [("shape-changed", "compatible", "order")]),
    ({ORDER + "responses__429": {"description": "slowly"}}, [("status-added", "compatible", "order")]),
    ({ORDER + "responses__201__headers": {}}, [("field-removed", "breaking", "order")]),
    ({ORDER + "callbacks": {}}, [("endpoint-changed", "breaking", "order")]),
    ({CALLBACK: STATES}, [("enum-changed", "maybe", "order")]),
    (
        {LOOK + "parameters": DOCUMENT["paths"]["/films/{id}"]["get"]["parameters"][:1]},
        [("parameter-removed", "maybe", "look")],
    ),
    ({LOOK + "deprecated": True}, [("shape-changed", "compatible", "look")]),
    ({LOOK + "security": []}, [("shape-changed", "compatible", "look")]),
    (
        {LOOK + "security": [{"other": []}]},
        [("shape-changed", "breaking", "look"), ("shape-changed", "compatible", "look")],
    ),
    (
        {"security": [{"key": []}, {"other": []}]},
        [("shape-changed", "compatible", "order"), ("shape-changed", "compatible", "look")],
    ),
    (
        {"servers": [{"url": "https://film.example"}]},
        [("endpoint-changed", "maybe", None), ("endpoint-changed", "compatible", None)],
    ),
    ({"paths__/films/{id}": None}, [("endpoint-changed", "breaking", "look")]),
    ({"paths__/more": {"get": {"responses": {}}}}, [("endpoint-changed", "compatible", "GET /more")]),
    (
        {"components__schemas__Order": members(["story", "to"], story=TEXT, to=TEXT)},
        [("parameter-added", "breaking", "order")],
    ),
]


@pytest.mark.parametrize(("places", "wanted"), CHANGED, ids=range(len(CHANGED)))
def test_a_change_of_the_document_is_found_and_graded(
    tmp_path: Path, places: dict[str, Json], wanted: list[Any]
) -> None:
    """In requests, answers, security, callbacks, addresses; words are none."""
    old, new = written(tmp_path, "old.yaml", DOCUMENT), written(tmp_path, "new.yaml", changed(**places))
    found = compared(old, new)

    assert [(each.kind, each.grade, each.operation) for each in found] == wanted
    assert len({each.fingerprint for each in found}) == len(found)


def test_an_operation_that_moved_is_compared_where_it_is_now(tmp_path: Path) -> None:
    """Another path, other names of its parameters: one finding, and what else has changed."""
    new = changed()
    moved = new["paths"].pop("/films/{id}")
    moved["get"]["parameters"] = [{"name": "ticket", "in": "path", "required": True, "schema": TEXT}]
    new["paths"]["/orders/{ticket}"] = moved
    found = compared(written(tmp_path, "a.yaml", DOCUMENT), written(tmp_path, "b.yaml", new))

    assert [(each.kind, each.pointer) for each in found] == [("endpoint-changed", ""), ("parameter-removed", "?page")]
    assert found[0].documented == "GET /orders/{ticket}"


def test_the_order_of_things_and_references_say_nothing(tmp_path: Path) -> None:
    """The same promise written otherwise is the same promise."""
    new = json.loads(json.dumps(DOCUMENT, sort_keys=True))
    order = new["components"]["schemas"].pop("Order")
    new["paths"]["/films"]["post"]["requestBody"]["content"]["application/json"]["schema"] = order
    new["paths"] = dict(reversed(new["paths"].items()))

    assert compared(written(tmp_path, "a.yaml", DOCUMENT), written(tmp_path, "b.yaml", new)) == []


@pytest.mark.parametrize("vendor", specs.names())
def test_a_pack_is_no_other_than_itself(vendor: str) -> None:
    """Nothing is found."""
    assert compared(vendor, vendor) == []


def test_a_packs_behaviour_is_compared_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Words, refusals, times, and how long a task takes."""
    monkeypatch.chdir(tmp_path)
    assert main(["new", "one"]) == 0
    assert main(["new", "two"]) == 0
    file = tmp_path / "two" / "behaviour.yaml"
    behaviour = YAML(typ="safe").load(file.read_text(encoding="utf-8"))
    behaviour["lifecycle"]["words"]["done"] = "ready"
    behaviour["refusals"]["balance_empty"]["status"] = 499
    behaviour["lifecycle"]["seconds"]["queued"] = [7, 9]
    with file.open("w", encoding="utf-8") as stream:
        YAML(typ="safe").dump(behaviour, stream)
    found = compared("./one", "./two")

    assert {(each.kind, each.grade, each.pointer) for each in found} >= {
        ("status-added", "breaking", "/lifecycle/words/done"),
        ("status-added", "breaking", "/refusals/balance_empty/status"),
        ("limit-changed", "compatible", "/lifecycle/seconds/queued"),
    }


def test_the_status_follows_the_gravest_class(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """1 when one reaches --fail-on, which is `maybe` unless said otherwise; the report has classes."""
    old = written(tmp_path, "old.yaml", DOCUMENT)
    new = written(tmp_path, "new.yaml", changed(**{ORDER + "responses__429": {"description": "slowly"}}))
    report = tmp_path / "report.json"

    assert main(["drift", "spec", old, new, "--json", str(report)]) == 0
    assert main(["drift", "spec", old, new, "--fail-on", "compatible"]) == 1
    told = json.loads(report.read_text(encoding="utf-8"))
    assert told["summary"] == {"breaking": 0, "maybe": 0, "compatible": 1}
    assert [each["class"] for each in told["findings"]] == ["compatible"]
    assert "0 breaking, 0 maybe, 1 compatible" in capsys.readouterr().out


@pytest.mark.parametrize("text", ["[]", "a: 1", "openapi: 3.1.0\npaths: []", "openapi: ["])
def test_what_is_no_document_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str) -> None:
    """One line that names the file."""
    file = tmp_path / "odd.yaml"
    file.write_text(text, encoding="utf-8")

    assert main(["drift", "spec", str(file), "kling"]) == 2
    assert str(file) in capsys.readouterr().err
    assert main(["drift", "spec", "kling", str(tmp_path / "absent.yaml")]) == 2


def test_the_page_has_every_class() -> None:
    """The table of the folder's README is the table that grades."""
    page = (Path(classes.__file__).parent / "README.md").read_text(encoding="utf-8")
    for name, entry in classes.CLASSES.items():
        assert f"| `{name}` | {entry.words} | {entry.request} | {entry.response} |" in page


def test_accepted_changes_do_not_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A waiver sets one aside by its fingerprint; one of no use is a finding whatever --fail-on says."""
    monkeypatch.chdir(tmp_path)
    old, new = written(tmp_path, "a.yaml", DOCUMENT), written(tmp_path, "b.yaml", changed(**{LOOK + "security": []}))
    assert main(["drift", "spec", old, new, "--fail-on", "compatible", "--json", "found.json"]) == 1
    (finding,) = json.loads(Path("found.json").read_text(encoding="utf-8"))["findings"]
    entry = f'[[waivers]]\nfingerprint = "{finding["fingerprint"]}"\nrun = "drift spec"\nreason = "agreed"\n'
    Path("understudy.toml").write_text(entry + "expires = 9999-01-01\n", encoding="utf-8")
    assert main(["drift", "spec", old, new, "--fail-on", "compatible"]) == 0
    assert main(["drift", "spec", old, old, "--fail-on", "breaking"]) == 1
    assert "waiver-unused" in capsys.readouterr().out
