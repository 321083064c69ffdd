"""`understudy new`: what it writes lints clean, loads under its name, and overwrites nothing."""

from pathlib import Path

import pytest

import specs
from contracts import cli
from mockserver.fake import Fake, Settings
from mockserver.messages import Call


def test_new_pack_is_sound(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Three files, no flaw, and the next steps as they can be typed."""
    assert cli.main(["new", "acme-video"]) == 0
    said = capsys.readouterr().out

    assert sorted(path.name for path in (here / "acme-video").iterdir()) == [
        "behaviour.yaml",
        "openapi.yaml",
        "sources.yaml",
    ]
    assert "  understudy lint ./acme-video " in said
    assert "  understudy serve ./acme-video " in said
    assert cli.main(["lint", "./acme-video"]) == 0


def test_new_pack_carries_its_name(here: Path) -> None:
    """Nothing of the sample's own name is left."""
    assert cli.main(["new", "acme"]) == 0

    assert specs.load(here / "acme").title == "acme"
    assert all("newvendor" not in path.read_text(encoding="utf-8") for path in (here / "acme").iterdir())


def test_new_pack_answers(here: Path) -> None:
    """A job is taken, and one that breaks the rule across members is not."""
    assert cli.main(["new", "acme"]) == 0
    fake = Fake([specs.load(here / "acme")], Settings(clock="manual"), lambda: 0)

    def submit(body: bytes) -> int:
        headers = {b"authorization": b"Bearer key", b"content-type": b"application/json"}
        call = Call("POST", "/v1/videos", "", headers, body, "http://127.0.0.1")
        return fake.handle(fake.vendors["acme"], call)[0].status

    assert submit(b'{"prompt": "a cat"}') == 202
    assert submit(b'{"scenes": [{"prompt": "a cat", "seconds": 5}]}') == 202
    assert submit(b'{"scenes": [{"prompt": "a cat", "seconds": 4}]}') == 422


def test_into_another_folder(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Which is made, if need be."""
    assert cli.main(["new", "acme", "--into", "packs/mine"]) == 0

    assert (here / "packs" / "mine" / "acme" / "openapi.yaml").is_file()
    assert "  understudy serve ./packs/mine/acme " in capsys.readouterr().out


@pytest.mark.parametrize("name", ["Acme", "1acme", "a b", "../acme", "", "acme/video"])
def test_name_that_cannot_be_one(name: str, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Refused in one line; nothing is written."""
    assert cli.main(["new", name]) == 2

    said = capsys.readouterr()
    assert said.err.startswith(f"understudy new: {name!r} can't be a vendor's name")
    assert said.err.count("\n") == 1
    assert list(here.iterdir()) == []


def test_name_of_a_shipped_vendor(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Two of a name would be mistaken for each other."""
    assert cli.main(["new", specs.names()[0]]) == 2
    assert "comes with understudy" in capsys.readouterr().err
    assert list(here.iterdir()) == []


def test_nothing_is_overwritten(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Neither a folder nor a file."""
    (here / "acme").mkdir()
    (here / "acme" / "openapi.yaml").write_text("mine", encoding="utf-8")
    (here / "beta").write_text("mine", encoding="utf-8")

    assert cli.main(["new", "acme"]) == 2
    assert cli.main(["new", "beta"]) == 2

    assert capsys.readouterr().err.count("is there already") == 2
    assert (here / "acme" / "openapi.yaml").read_text(encoding="utf-8") == "mine"
    assert [path.name for path in (here / "acme").iterdir()] == ["openapi.yaml"]


def test_place_that_cannot_be_written(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One line, no traceback."""
    (here / "file").write_text("", encoding="utf-8")

    assert cli.main(["new", "acme", "--into", "file"]) == 2
    assert capsys.readouterr().err.count("\n") == 1
