"""Mapping files: what they say of a gateway's members is read; what can't be meant is one clear line."""

from __future__ import annotations

from pathlib import Path

import pytest

import specs
from contracts.drivers.mapping import read_mapping
from contracts.errors import UsageError

FRONT, BACK = "uniall", "mulerouter"
SAMPLE = Path(__file__).parents[3] / "examples" / "gateways" / "mapping.yaml"


def test_the_sample_is_read() -> None:
    """Operations of both sides, and pointers."""
    found = read_mapping(SAMPLE, specs.load(FRONT), specs.load(BACK))
    assert found["createVideo"]["createImageToVideo"]["/image"] == "/first_frame"


def test_members_of_lists_are_known(tmp_path: Path) -> None:
    """Each by its number, or the list as it is."""
    path = tmp_path / "mapping.yaml"
    path.write_text(
        "createVideo: {createTextToVideo: {/extra_body/multi_prompt/1/prompt: /multi_prompt/1/prompt,"
        " /extra_body/multi_prompt: /multi_prompt}}",
        encoding="utf-8",
    )
    assert len(read_mapping(path, specs.load(FRONT), specs.load(BACK))["createVideo"]["createTextToVideo"]) == 2


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[]", "names no operation of uniall; there are createVideo"),
        ("makeVideo: {}", "uniall has no operation 'makeVideo' that submits"),
        ("createVideo: {}", "createVideo: it names no operation of mulerouter"),
        ("createVideo: {makeVideo: {/a: /b}}", "mulerouter has no operation 'makeVideo'"),
        ("createVideo: {createTextToVideo: {}}", "names no members"),
        ("createVideo: {createTextToVideo: {prompt: /prompt}}", "'prompt' is no pointer"),
        (
            "createVideo: {createTextToVideo: {/durration: /duration}}",
            "createVideo has no member /durration; did you mean",
        ),
        ("createVideo: {createTextToVideo: {/prompt: /aspectratio}}", "did you mean /aspect_ratio?"),
        ("createVideo: {createTextToVideo: {/prompt: /duration/0}}", "createTextToVideo has no member /duration/0"),
        ("createVideo: {createTextToVideo: {/prompt: /x}}", "createTextToVideo has no member /x; there are /aspect"),
        ("createVideo: {", "a mapping is like"),
    ],
)
def test_what_can_not_be_meant_is_one_line(tmp_path: Path, text: str, words: str) -> None:
    """The file, what is wrong, and what one is like."""
    path = tmp_path / "mapping.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError) as told:
        read_mapping(path, specs.load(FRONT), specs.load(BACK))
    assert words in str(told.value)
    assert str(path) in str(told.value)
