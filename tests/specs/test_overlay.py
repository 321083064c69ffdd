"""Overlays: what each action changes in a pack, for which vendor a file is meant, and how a bad one is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import specs
from broken_packs import Workshop
from specs.errors import PackError
from specs.overlay_file import idle_everywhere, names_meant, read_overlay
from specs.pointers import resolve

Json = Any
HEAD = {"overlay": "1.0.0", "info": {"title": "Another", "version": "1"}}
ORDER = "$.openapi.components.schemas.VideoRequest"
SUBMIT = "$.openapi.paths['/v1/videos'].post"
# Where the same stands once the references are resolved.
IN_SUBMIT = "/paths/~1v1~1videos/post/requestBody/content/application~1json/schema"
IN_ERRORS = "/paths/~1v1~1videos~1{id}/get/responses/401/content/application~1json/schema"


def overlay(folder: Path, *actions: Json, **members: Json) -> Path:
    """An overlay file with these actions."""
    file = folder / "some.overlay.json"
    file.write_text(json.dumps({**HEAD, **members, "actions": list(actions)}), encoding="utf-8")
    return file


def update(target: str, value: Json) -> Json:
    """An action that brings something."""
    return {"target": target, "update": value}


def remove(target: str) -> Json:
    """An action that takes away."""
    return {"target": target, "remove": True}


# Action, where to look in the document, what is there then.
CHANGES: list[tuple[Json, str, Json]] = [
    (update(f"{ORDER}.properties.duration", {"maximum": 10}), f"{IN_SUBMIT}/properties/duration/maximum", 10),
    (update(f"{ORDER}.properties.duration", {"maximum": 10}), f"{IN_SUBMIT}/properties/duration/minimum", 3),
    (update(f"{ORDER}.properties", {"hue": {"type": "integer"}}), f"{IN_SUBMIT}/properties/hue", {"type": "integer"}),
    (update(f"{ORDER}.properties.mode.enum", "max"), f"{IN_SUBMIT}/properties/mode/enum", ["std", "pro", "max"]),
    (update(f"{ORDER}.properties.mode", {"enum": ["max"]}), f"{IN_SUBMIT}/properties/mode/enum", ["std", "pro", "max"]),
    (update(f"{ORDER}.properties.mode.default", "pro"), f"{IN_SUBMIT}/properties/mode/default", "pro"),
    (remove(f"{ORDER}.properties.mode"), f"{IN_SUBMIT}/properties/mode", None),
    (remove(f"{ORDER}.properties.mode.enum[0]"), f"{IN_SUBMIT}/properties/mode/enum", ["pro"]),
    (remove(f"{ORDER}.properties.mode.enum[*]"), f"{IN_SUBMIT}/properties/mode/enum", []),
    (remove(f"{ORDER}.x-rules[?@.kind=='sum-equals']"), f"{IN_SUBMIT}/x-rules", []),
    (update("$..properties.duration", {"maximum": 9}), f"{IN_SUBMIT}/properties/duration/maximum", 9),
    (
        update(f"{SUBMIT}.requestBody.content.*.schema.properties.mode", {"default": "pro"}),
        f"{IN_SUBMIT}/properties/mode/default",
        "pro",
    ),
    (update(f"{SUBMIT}..schema.properties.mode", {"default": "pro"}), f"{IN_SUBMIT}/properties/mode/default", "pro"),
    (update(f"{SUBMIT}.responses['401']", {"x-a": 1}), "/paths/~1v1~1videos/post/responses/401/x-a", 1),
    (update(f"{SUBMIT}.responses['401']", {"x-a": 1}), "/paths/~1v1~1videos/post/responses/403/x-a", None),
    (update(f"{SUBMIT}.responses['401']", {"x-a": 1}), "/components/responses/Error/x-a", None),
    (update(f"{SUBMIT}.responses['401'].content.*.schema", {"maxProperties": 1}), f"{IN_ERRORS}/maxProperties", None),
    (update("$.openapi.components.schemas.Error", {"maxProperties": 1}), f"{IN_ERRORS}/maxProperties", 1),
    (
        update(f"{SUBMIT}.responses['401']", {"$ref": "#/components/responses/TooMany"}),
        "/paths/~1v1~1videos/post/responses/401/headers/Retry-After/required",
        True,
    ),
    (update("$", {"openapi": {"info": {"title": "Other"}}}), "/info", {"title": "Other", "version": "1"}),
    ({"target": f"{ORDER}.properties.mode", "remove": True, "update": {"a": 1}}, f"{IN_SUBMIT}/properties/mode", None),
]


@pytest.mark.parametrize(("action", "pointer", "there"), CHANGES, ids=range(len(CHANGES)))
def test_an_action_changes_what_it_selects(pack: Workshop, action: Json, pointer: str, there: Json) -> None:
    """And nothing else; a target behind a reference changes that one place."""
    laid = specs.load(pack.folder, overlay=overlay(pack.folder, action))

    assert resolve(laid.openapi, pointer) == there
    assert laid.idle == ()
    assert specs.load(pack.folder).openapi != laid.openapi


def test_behaviour_is_changed_too(pack: Workshop) -> None:
    """Words, durations, refusals: the pack as the fake plays it."""
    laid = specs.load(
        pack.folder,
        overlay=overlay(
            pack.folder,
            update("$.behaviour.lifecycle.words", {"done": "finished"}),
            update("$.behaviour.refusals[?@.status==402]", {"status": 499}),
            update("$.mine.behaviour.result", {"expires_seconds": 60}),
        ),
    )

    assert laid.behaviour.lifecycle.words["done"] == "finished"
    assert laid.behaviour.refusals["balance_empty"].status == 499
    assert laid.behaviour.result.expires_seconds == 60
    assert specs.load(pack.folder).behaviour.lifecycle.words["done"] == "succeeded"


def test_actions_build_on_one_another(pack: Workshop) -> None:
    """What one has taken away, the next can bring anew; that is how an array is replaced."""
    mode = f"{ORDER}.properties.mode"
    laid = specs.load(
        pack.folder, overlay=overlay(pack.folder, remove(f"{mode}.enum"), update(mode, {"enum": ["std", "one"]}))
    )

    assert resolve(laid.openapi, f"{IN_SUBMIT}/properties/mode/enum") == ["std", "one"]


def test_an_operation_may_be_taken_out_of_the_promise_alone(pack: Workshop) -> None:
    """What behaviour.yaml says of it is then of no matter: an overlaid pack need not be consistent."""
    laid = specs.load(pack.folder, overlay=overlay(pack.folder, remove("$.openapi.paths['/v1/videos/{id}']")))

    assert list(laid.operations) == ["createVideo"]


def test_a_target_that_is_nowhere_changes_nothing_and_is_told(pack: Workshop) -> None:
    """As the standard has it; the cache remembers it."""
    file = overlay(pack.folder, remove("$.paths"), update("$.openapi.info", {"x-a": 1}), remove("$.openapi..nothing"))
    for _ in range(2):
        assert specs.load(pack.folder, overlay=file).idle == ("/actions/0: $.paths", "/actions/2: $.openapi..nothing")


def test_another_overlay_is_another_pack_in_the_cache(pack: Workshop) -> None:
    """Same file, other content; and the pack without one stays as it was."""
    found = [
        specs.load(pack.folder, overlay=overlay(pack.folder, update(f"{ORDER}.properties.duration", {"maximum": most})))
        for most in (9, 8)
    ]

    assert [resolve(each.openapi, f"{IN_SUBMIT}/properties/duration/maximum") for each in found] == [9, 8]
    assert resolve(specs.load(pack.folder).openapi, f"{IN_SUBMIT}/properties/duration/maximum") == 15


BAD: list[tuple[Json, str, str]] = [
    ([], "", "is no overlay"),
    ({"overlay": "1.0.0"}, "/info", "title"),
    ({**HEAD, "overlay": "2.0.0", "actions": []}, "/overlay", "'2.0.0'"),
    ({**HEAD, "overlay": 1.0, "actions": []}, "", "is no overlay"),
    (HEAD, "/actions", "list"),
    ({**HEAD, "actions": []}, "/actions", "list"),
    ({**HEAD, "action": []}, "/action", "'action'"),
    ({**HEAD, "actions": [remove("$.a")], "extends": 1}, "/extends", "text"),
    ({**HEAD, "actions": [{"remove": True}]}, "/actions/0", "target"),
    ({**HEAD, "actions": [{"target": "$.openapi"}]}, "/actions/0", "changes nothing"),
    ({**HEAD, "actions": [{"target": "$.a", "remove": "yes"}]}, "/actions/0/remove", "neither"),
    ({**HEAD, "actions": [{"target": "$.a", "copy": "$.b"}]}, "/actions/0/copy", "'copy'"),
    ({**HEAD, "actions": [remove("$.a["), remove("$.b")]}, "/actions/0/target", "JSONPath"),
    ({**HEAD, "actions": [remove("$.a"), remove("a.b")]}, "/actions/1/target", "JSONPath"),
    ({**HEAD, "actions": [update("$.openapi.info", 1)]}, "/actions/0/update", "object"),
    ({**HEAD, "actions": [update("$.openapi.info.title", {})]}, "/actions/0/update", "plain value"),
    ({**HEAD, "actions": [remove("$")]}, "/actions/0", "half"),
    ({**HEAD, "actions": [remove("$.openapi")]}, "/actions/0", "half"),
    ({**HEAD, "actions": [remove("$.mine")]}, "/actions/0", "half"),
    ({**HEAD, "actions": [update("$", {"paths": {}})]}, "/actions/0", "'paths'"),
]


@pytest.mark.parametrize(("value", "place", "told"), BAD, ids=range(len(BAD)))
def test_a_bad_overlay_is_refused_with_file_and_place(pack: Workshop, value: Json, place: str, told: str) -> None:
    """And with the way out."""
    file = pack.folder / "bad.json"
    file.write_text(json.dumps(value), encoding="utf-8")
    with pytest.raises(PackError) as caught:
        specs.load(pack.folder, overlay=file)

    assert (caught.value.file, caught.value.place) == (str(file), place)
    assert told in caught.value.problem
    assert caught.value.way_out


@pytest.mark.parametrize("text", ["overlay: [", "\ta", None])
def test_what_can_not_be_read_is_refused(tmp_path: Path, text: str | None) -> None:
    """Broken YAML, and a file that is not there."""
    file = tmp_path / "some.yaml"
    if text is not None:
        file.write_text(text, encoding="utf-8")
    with pytest.raises(PackError, match=r"some\.yaml"):
        read_overlay(file)


@pytest.mark.parametrize(
    ("action", "place"),
    [
        (update("$.behaviour.lifecycle.words", {"done": 3}), "/lifecycle/words/done"),
        (remove("$.behaviour.lifecycle"), ""),
        (update("$.behaviour.operations.getVideo", {"answer": "none"}), "/operations/getVideo/answer"),
        (update(f"{ORDER}.properties.duration", {"maximum": "ten"}), "/paths/~1v1~1videos/post"),
        (remove("$.openapi.paths"), "/paths"),
    ],
)
def test_a_pack_that_can_not_be_used_any_more_names_both_files(pack: Workshop, action: Json, place: str) -> None:
    """Where it broke, and under which overlay."""
    file = overlay(pack.folder, action)
    with pytest.raises(PackError) as caught:
        specs.load(pack.folder, overlay=file)

    assert caught.value.place == place
    assert caught.value.file.endswith(f"yaml under {file}")


SERVED = ["kling", "uniall"]
MEANT: list[tuple[list[str], Json, list[Json], list[str]]] = [
    (["kling"], {}, [remove("$.openapi.info")], ["kling"]),
    (["kling"], {"extends": "https://elsewhere.example/a.yaml"}, [remove("$.openapi.info")], ["kling"]),
    (SERVED, {"extends": "uniall"}, [remove("$.openapi.info")], ["uniall"]),
    (SERVED, {"extends": "../specs/uniall/openapi.yaml"}, [remove("$.openapi.info")], ["uniall"]),
    (SERVED, {}, [remove("$.kling.openapi.info"), remove("$['uniall'].openapi.info")], SERVED),
    (SERVED, {}, [remove("$.*.openapi.info"), remove("$..info")], SERVED),
]


@pytest.mark.parametrize(("served", "members", "actions", "meant"), MEANT, ids=range(len(MEANT)))
def test_it_is_known_for_which_vendor_a_file_is(
    tmp_path: Path, served: list[str], members: Json, actions: list[Json], meant: list[str]
) -> None:
    """The only one; the one that it extends; or whichever its targets name."""
    assert names_meant(read_overlay(overlay(tmp_path, *actions, **members)), served) == meant


@pytest.mark.parametrize(("members", "place"), [({}, "/actions/0/target"), ({"extends": "mulerouter"}, "/extends")])
def test_a_file_that_could_be_for_several_is_refused(tmp_path: Path, members: Json, place: str) -> None:
    """The names are told, and how to say which."""
    read = read_overlay(overlay(tmp_path, remove("$.openapi.info"), **members))
    with pytest.raises(PackError) as caught:
        names_meant(read, SERVED)

    assert caught.value.place == place
    assert "kling, uniall" in str(caught.value)


def test_of_several_vendors_each_is_changed_by_the_targets_that_name_it(tmp_path: Path) -> None:
    """An action is idle only when it found nothing anywhere."""
    words = {"lifecycle": {"words": {"done": "finished"}}}
    read = read_overlay(overlay(tmp_path, update("$.kling.behaviour", words), remove("$.acme.openapi.info")))
    packs = [specs.load(name, overlay=read) for name in SERVED]

    assert [pack.behaviour.lifecycle.words["done"] for pack in packs] == ["finished", "completed"]
    assert idle_everywhere(packs) == ["/actions/1: $.acme.openapi.info"]
