"""`understudy serve --overlay FILE`: a fake that has drifted on purpose, and what is said of an overlay that fails."""

from __future__ import annotations

import argparse
import io
import json
from pathlib import Path
from typing import Any

import httpx
import pytest

import specs
from contracts.cli import main
from mockserver.calllog import CallLog
from mockserver.fake import Fake
from mockserver.serve import add_arguments, create_fake
from mockserver.transport import FakeTransport

Json = Any
DRIFTED = """
overlay: 1.0.0
info: {title: As if the vendor had changed, version: 1.0.0}
actions:
  - target: $.openapi.paths['/v1/videos/text2video'].post.requestBody.content.*.schema.properties.duration
    update: {enum: ["25"]}
  - target: $.behaviour.lifecycle.words
    update: {queued: waiting}
  - target: $.behaviour.refusals.balance_empty
    update: {status: 402}
  - target: $.openapi.paths['/v1/videos/image2video/{id}']
    remove: true
"""
PATH = "http://fake/kling/v1/videos/"


def served(folder: Path, text: str, *words: str) -> tuple[Fake, str]:
    """The fake that these words make, and what was logged meanwhile."""
    file = folder / "drifted.overlay.yaml"
    file.write_text(text, encoding="utf-8")
    parser, log = argparse.ArgumentParser(), io.StringIO()
    add_arguments(parser)
    fake = create_fake(parser.parse_args([*words, "--clock", "polls", "--overlay", str(file)]), CallLog(log, "plain"))
    return fake, log.getvalue()


def test_a_fake_with_an_overlay_keeps_the_changed_contract(tmp_path: Path) -> None:
    """It takes what it refused, says other words and statuses, and has forgotten an operation."""
    fake, log = served(tmp_path, DRIFTED, "kling")
    order = {"model_name": "kling-v3", "prompt": "a cat", "duration": "25"}
    with httpx.Client(transport=FakeTransport(fake)) as web:
        mine, broke = ({"Authorization": f"Bearer {key}"} for key in ("mine", "mock-broke-1"))
        taken = web.post(PATH + "text2video", json=order, headers=mine)
        refused = web.post(PATH + "text2video", json=order, headers=broke)
        gone = web.get(PATH + "image2video/1", headers=mine)

    assert (taken.status_code, taken.json()["data"]["task_status"]) == (200, "waiting")
    assert refused.status_code == 402
    assert gone.status_code == 404
    assert log == ""


def test_an_overlay_for_one_of_several_names_it(tmp_path: Path) -> None:
    """The others are as they are."""
    fake, _ = served(tmp_path, "extends: kling" + DRIFTED)
    words = {pack.name: pack.behaviour.lifecycle.words["queued"] for pack in map(specs.load, specs.names())}

    assert {vendor.pack.name: vendor.pack.behaviour.lifecycle.words["queued"] for vendor in fake.vendors.values()} == {
        **words,
        "kling": "waiting",
    }


def test_a_target_that_is_nowhere_is_a_line_in_the_log(tmp_path: Path) -> None:
    """The server starts all the same."""
    text = DRIFTED + "  - {target: $.openapi.nothing, remove: true}\n"
    _, log = served(tmp_path, text, "kling")

    assert log.count("\n") == 1
    assert "/actions/4: $.openapi.nothing" in log


@pytest.mark.parametrize(
    ("words", "text", "told"),
    [
        ([], DRIFTED, "extends: kling"),
        (["kling"], "overlay: 1.0.0", "/info"),
        (["kling"], DRIFTED.replace("{queued: waiting}", "{queued: 3}"), "/lifecycle/words/queued"),
    ],
)
def test_an_overlay_that_can_not_be_used_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], text: str, told: str
) -> None:
    """Status 2, with file, place and the way out."""
    file = tmp_path / "bad.yaml"
    file.write_text(text, encoding="utf-8")

    assert main(["serve", *words, "--port", "0", "--overlay", str(file)]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert str(file) in said
    assert told in said


def test_an_overlay_in_json_is_read_too(tmp_path: Path) -> None:
    """The same document in another form."""
    overlay = {
        "overlay": "1.0.0",
        "info": {"title": "a", "version": "1"},
        "actions": [{"target": "$.behaviour", "update": {"title": "Another"}}],
    }
    fake, _ = served(tmp_path, json.dumps(overlay), "uniall")

    assert [vendor.pack.title for vendor in fake.vendors.values()] == ["Another"]
