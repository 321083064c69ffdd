"""`understudy lint`: lines for people, JSON for programs, and the exit status that both can trust."""

import json
from pathlib import Path
from typing import Any

import pytest

from broken_packs import BEHAVIOUR, OPENAPI, SOURCES, Workshop, open_workshop
from contracts import cli


@pytest.fixture
def pack(here: Path) -> Workshop:
    """A sound pack where the person is."""
    return open_workshop(here)


def test_sound_pack_is_one_line_and_status_zero(pack: Workshop, capsys: pytest.CaptureFixture[str]) -> None:
    """With how much was looked at."""
    assert cli.main(["lint", str(pack.folder)]) == 0
    assert capsys.readouterr().out == "mine: 2 operations, 35 constraints, 3 examples, 228 answers: nothing found\n"


def test_flaws_are_lines_in_order_and_status_one(pack: Workshop, capsys: pytest.CaptureFixture[str]) -> None:
    """Documents and answers alike: file and line as seen from here, sorted, then the count."""
    pack.change(OPENAPI, "maximum: 15", "maximun: 15")
    pack.change(BEHAVIOUR, "done: {video_url: $result.url}", "done: {url: $result.url}")
    pack.change(SOURCES, "basis: [page]", "basis: [leaflet]")

    assert cli.main(["lint", "./mine"]) == 1

    lines = capsys.readouterr().out.splitlines()
    answers, limit, basis = (
        pack.line(file, text) for file, text in ((BEHAVIOUR, "  job:"), (OPENAPI, "maximun"), (SOURCES, "basis"))
    )
    assert lines[0].startswith(f"mine/behaviour.yaml:{answers}: the answer of getVideo (createVideo, example")
    assert lines[0].endswith(". Mend the template, or what openapi.yaml documents")
    assert lines[1:] == [
        f"mine/openapi.yaml:{limit}: nobody enforces maximun. Did you mean maximum?",
        f"mine/sources.yaml:{basis}: there is no document 'leaflet'. Add it under documents",
        "mine: 3 flaws",
    ]


def test_json_says_the_same(pack: Workshop, capsys: pytest.CaptureFixture[str]) -> None:
    """Kind, file, line, place, message, way out."""
    pack.change(OPENAPI, "maximum: 15", "maximun: 15")

    assert cli.main(["lint", "mine", "--json"]) == 1

    said = json.loads(capsys.readouterr().out)
    assert said["packs"] == [{"vendor": "mine", "operations": 2, "constraints": 34, "examples": 3, "answers": 228}]
    assert said["findings"] == [
        {
            "kind": "keyword",
            "file": str(pack.folder / OPENAPI),
            "line": pack.line(OPENAPI, "maximun"),
            "place": "/components/schemas/VideoRequest/properties/duration/maximun",
            "message": "nobody enforces maximun",
            "way_out": "Did you mean maximum?",
        }
    ]


OPTION = """
options:
  loud:
    why: another page shouts
    enabled: false
    merge: {behaviour: {lifecycle: {words: {done: DONE}}}}
"""


def test_option_is_rehearsed(pack: Workshop, capsys: pytest.CaptureFixture[str]) -> None:
    """What only an option answers is played too, and what it shares with the pack is not told twice."""
    pack.add(BEHAVIOUR, OPTION)

    assert cli.main(["lint", "mine"]) == 1

    lines = capsys.readouterr().out.splitlines()
    assert all("(with option loud)" in line for line in lines[:-1])
    assert '"succeeded", "failed" (with option loud).' in lines[0]


def test_template_that_names_nothing_is_a_flaw(pack: Workshop, capsys: pytest.CaptureFixture[str]) -> None:
    """The pack could not be served at all."""
    pack.change(BEHAVIOUR, "done: {video_url: $result.url}", "done: {video_url: $result.link}")

    assert cli.main(["lint", "mine"]) == 1

    lines = capsys.readouterr().out.splitlines()
    line = pack.line(BEHAVIOUR, "  job:")
    assert lines[0].startswith(f"mine/behaviour.yaml:{line}: $result.link names nothing")


def test_folder_without_a_pack_has_flaws(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It could be read; there is nothing in it."""
    (here / "empty").mkdir()

    assert cli.main(["lint", "empty"]) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "empty: 3 flaws"


def test_file_that_cannot_be_opened_is_status_three(
    pack: Workshop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not judged is neither sound nor broken."""
    opened = Path.open

    def refuse(self: Path, *words: Any, **named: Any) -> Any:
        if self.name == BEHAVIOUR:
            raise PermissionError(13, "Permission denied", str(self))
        return opened(self, *words, **named)

    monkeypatch.setattr(Path, "open", refuse)

    assert cli.main(["lint", "mine"]) == 3
    said = capsys.readouterr()
    assert said.err == f"understudy lint: {pack.folder / BEHAVIOUR}: can't be opened (Permission denied)\n"
    assert said.out == ""


def test_several_packs_are_judged_each(pack: Workshop, capsys: pytest.CaptureFixture[str]) -> None:
    """One bad pack makes the status, and hides no other."""
    other = open_workshop(pack.folder.parent / "second")
    other.change(OPENAPI, "maximum: 15", "maximun: 15").change(BEHAVIOUR, "hosts: [api.", "hosts: [second.")

    assert cli.main(["lint", "mine", "second/mine"]) == 1

    lines = capsys.readouterr().out.splitlines()
    assert lines[0].endswith(": nothing found")
    assert lines[-1] == "mine: 1 flaw"


def test_host_of_two_packs_is_a_flaw_of_the_later(pack: Workshop, capsys: pytest.CaptureFixture[str]) -> None:
    """Served together, one of them would never get its calls; which two it is depends on nothing but the words."""
    other = open_workshop(pack.folder.parent / "second")

    assert cli.main(["lint", "mine", "second/mine"]) == 1

    line = other.line(BEHAVIOUR, "hosts:")
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].endswith(": nothing found")
    assert lines[1] == (
        f"second/mine/behaviour.yaml:{line}: api.newvendor.example is a host of mine too. "
        "A call there reaches only one of them: serve them apart, or mend one"
    )
    assert lines[2:] == ["mine: 1 flaw"]


def test_pack_that_is_named_twice_is_judged_once(pack: Workshop, capsys: pytest.CaptureFixture[str]) -> None:
    """By whatever words: it does not take its own hosts."""
    assert cli.main(["lint", "mine", "./mine", str(pack.folder)]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 1


def test_nesting_without_end_is_a_flaw_of_the_pack(pack: Workshop, capsys: pytest.CaptureFixture[str]) -> None:
    """Not a stumble of the judge."""
    (pack.folder / OPENAPI).write_text("[" * 5000, encoding="utf-8")

    assert cli.main(["lint", "mine"]) == 1
    assert capsys.readouterr().out.splitlines() == [
        "mine/openapi.yaml: is nested more than 100 deep, or holds itself. Write it flatter",
        "mine: 1 flaw",
    ]


def test_judge_that_stumbles_is_status_three(
    pack: Workshop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A fault of ours is not mistaken for one of the pack, nor for its soundness."""

    def stumble(_: Path) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("contracts.commands.lint.lint", stumble)

    assert cli.main(["lint", str(pack.folder)]) == 3
    assert "lint itself failed (ZeroDivisionError" in capsys.readouterr().err
