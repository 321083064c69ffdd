"""A report is written whole or not at all, and an error names the path and the way out."""

import json
import os
from pathlib import Path

import pytest

from contracts.report import ReportError, check_destinations, write_reports
from verdict_samples import BROKEN, KEPT


def test_each_report_that_is_asked_for_is_written(here: Path) -> None:
    """And no other; nothing else is left lying about."""
    write_reports(BROKEN, json=here / "a.json", html=str(here / "a.html"))

    assert sorted(path.name for path in here.iterdir()) == ["a.html", "a.json"]
    assert json.loads((here / "a.json").read_text(encoding="utf-8"))["vendor"] == "acme"


def test_a_path_is_relative_to_where_one_is(here: Path) -> None:
    """As people type it."""
    write_reports(BROKEN, junit="junit.xml")

    assert (here / "junit.xml").is_file()


def test_an_older_report_is_replaced(here: Path) -> None:
    """Also behind a link, which stays one."""
    (here / "real.json").write_text("old", encoding="utf-8")
    (here / "link.json").symlink_to("real.json")

    write_reports(KEPT, json=here / "link.json")

    assert (here / "link.json").is_symlink()
    assert json.loads((here / "real.json").read_text(encoding="utf-8"))["findings"] == []


def test_what_is_no_file_is_written_to(here: Path) -> None:
    """`--json /dev/stdout` must not become a file. A pipe of our own stands for it: a device could be lost."""
    pipe = here / "pipe"
    os.mkfifo(pipe)
    end = os.open(pipe, os.O_RDWR | os.O_NONBLOCK)

    write_reports(KEPT, json=pipe)

    assert pipe.is_fifo()
    assert json.loads(os.read(end, 1 << 16))["vendor"] == "acme"
    os.close(end)


def test_a_missing_folder_is_named(here: Path) -> None:
    """One line, with the way out; the other reports are written all the same."""
    missing = here / "none" / "a.json"

    with pytest.raises(ReportError) as raised:
        write_reports(BROKEN, json=missing, junit=here / "a.xml")

    assert str(raised.value) == (
        f"{missing}: there is no folder {missing.parent}; make it first; the report was not written"
    )
    assert (here / "a.xml").is_file()


def test_a_full_disk_leaves_the_older_report(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a report is worse than yesterday's."""
    path = here / "a.json"
    path.write_text("old", encoding="utf-8")

    def full(self: Path, content: bytes) -> int:
        with self.open("wb") as stream:
            stream.write(content[:10])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(ReportError) as raised:
        write_reports(BROKEN, json=path)

    assert str(raised.value) == f"{path}: No space left on device; the report was not written"
    assert [each.name for each in here.iterdir()] == ["a.json"]
    assert path.read_text(encoding="utf-8") == "old"


def test_destinations_are_checked_before_the_run(here: Path) -> None:
    """Nobody waits for a run whose report has nowhere to go; nothing is written by asking."""
    check_destinations(here / "a.json", None, str(here / "b.html"))
    file = here.parent / "file"
    file.touch()

    for path, reason in (
        (here, "is a folder; give the path of a file in it"),
        (file / "a", f"{file} is no folder; name another one"),
        (here / "none" / "a", f"there is no folder {here / 'none'}; make it first"),
        (here / ("x" * 300), "File name too long"),
    ):
        with pytest.raises(ReportError) as raised:
            check_destinations(path)
        assert str(raised.value) == f"{path}: {reason}"
    assert list(here.iterdir()) == []


def test_two_reports_do_not_share_a_file(here: Path) -> None:
    """The second would overwrite the first."""
    path = here / "report"

    with pytest.raises(ReportError, match="two reports can't share one file"):
        check_destinations(path, str(path))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_of_somebody_else_is_named(here: Path) -> None:
    """Before the run as well."""
    here.chmod(0o500)

    with pytest.raises(ReportError, match="no permission to write to"):
        check_destinations(here / "a.json")
