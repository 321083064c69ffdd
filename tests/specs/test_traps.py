"""Traps of YAML 1.1: bare values that are read otherwise are found, those that all agree on are not."""

import itertools
import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML
from ruamel.yaml.nodes import ScalarNode

from specs.sheets import Scalar, read_sheet
from specs.traps import _problem, read_as, trapped


@pytest.mark.parametrize(
    ("text", "reading"),
    [
        ("16:9", "the number 969"),
        ("1:1", "the number 61"),
        ("12:30:45", "the number 45045"),
        ("-1:30", "the number -90"),
        ("on", "true"),
        ("Off", "false"),
        ("YES", "true"),
        ("no", "false"),
        ("y", "true"),
        ("N", "false"),
        ("2026-11-21", "a date"),
        ("2026-01-01T00:00:00Z", "an instant"),
        ("2026-01-01 00:00:00.5 +01:00", "an instant"),
        ("010", "the number 8"),
        ("-017", "the number -15"),
        ("0b101", "the number 5"),
        ("1_000", "the number 1000"),
        ("0xff_ff", "the number 65535"),
        ("1_0.5", "the number 10.5"),
        ("0o17", "a string"),
        ("1e3", "a string"),
        ("1.5e3", "a string"),
        ("089", "a string"),
        ("=", "a default value"),
        ("0x_", "a number"),
        ("0b__", "a number"),
    ],
)
def test_trap_is_found(text: str, reading: str) -> None:
    """With what a reader of YAML 1.1 makes of it."""
    assert read_as(text) == reading


@pytest.mark.parametrize(
    "text",
    [
        *("", "~", "null", "true", "False", "0", "-1", "15", "0.5", "5.", "1.5e+3", "0x1F", ".inf"),
        *("std", "only", "offer", "nope", "yesterday", "v1:2x", "2026-11", "16/9", "1.2.3", "a_1"),
        *("127.0.0.1", "10s", "model-v1-6", "<<<a>>>"),
    ],
)
def test_what_all_agree_on_is_left_alone(text: str) -> None:
    """Nobody has to quote what is read alike."""
    assert read_as(text) is None


def found_in(text: str, folder: Path) -> list[tuple[int, str]]:
    """Line and words of what is found in a file."""
    file = folder / "x.yaml"
    file.write_text(text, encoding="utf-8")
    return [(flaw.line, flaw.problem) for flaw in trapped(read_sheet(file))]


@pytest.mark.parametrize("text", ['a: "16:9"', "a: '16:9'", "a: |\n  16:9\n", "a: >-\n  on\n"])
def test_quoted_and_block_text_is_safe(text: str, tmp_path: Path) -> None:
    """Only bare values are guessed at."""
    assert found_in(text, tmp_path) == []


def test_names_are_looked_at_too(tmp_path: Path) -> None:
    """A member `on` is true to others, and a member 200 has no name in JSON."""
    assert found_in("a:\n  on: 1\n  200: 2\n", tmp_path) == [
        (2, "bare on is true to readers of YAML 1.1"),
        (3, "the name 200 is not a string"),
    ]


def test_lists_and_lines_of_their_own(tmp_path: Path) -> None:
    """Wherever it stands, the line is the value's own."""
    assert found_in("a: [std,\n  16:9]\nb:\n- off\n", tmp_path) == [
        (2, "bare 16:9 is the number 969 to readers of YAML 1.1"),
        (4, "bare off is false to readers of YAML 1.1"),
    ]


@pytest.mark.parametrize("text", ["+_15", "08_", "-0x1F", "._5", "1_000", "0o_7"])
def test_number_of_our_reader_alone_is_a_trap(text: str, tmp_path: Path) -> None:
    """YAML 1.2 calls it a string: a pack that relies on either reading is refused."""
    ((line, problem),) = found_in(f"a: std\nb: {text}\n", tmp_path)

    assert line == 2
    assert problem.startswith(f"bare {text} is ")


def test_bare_values_are_what_yaml_1_2_says_or_traps() -> None:
    """Of every short text of digits, signs and underscores, by the reader that packs are read with."""
    resolver = YAML(typ="safe", pure=True).resolver
    texts = ("".join(letters) for size in (1, 2, 3, 4) for letters in itertools.product("01_.exo:+-", repeat=size))
    untold = []
    for text in texts:
        kind = str(resolver.resolve(ScalarNode, text, (True, False))).rpartition(":")[2]
        number = re.fullmatch(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)(e[-+]?[0-9]+)?|0x[0-9e]+|0o[01]+", text)
        scalar = Scalar("", 1, text, is_key=False, kind=kind)
        if (kind in ("int", "float")) != bool(number) and _problem(scalar) == "":
            untold.append((text, kind))

    assert untold == []


@pytest.mark.parametrize("text", [".inf", "-.INF", ".nan"])
def test_number_that_json_lacks_is_told(text: str, tmp_path: Path) -> None:
    """An answer could not carry it, nor can the cache."""
    assert found_in(f"a: {text}\n", tmp_path) == [(1, f"{text} is no number in JSON")]


def test_alias_is_told_once(tmp_path: Path) -> None:
    """What is written once is wrong once."""
    assert len(found_in("a: &x [on]\nb: *x\nc: *x\n", tmp_path)) == 1
