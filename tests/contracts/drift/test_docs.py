"""`understudy drift docs`: pages that changed, pages that did not, and pages that can't be checked."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

import specs
from contracts.cli import main
from contracts.drift.docs import check_docs
from contracts.drift.pages import read_pages
from drift_pages import LIST

Json = Any
PAGE = LIST


@pytest.fixture
def acme(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Path:
    """A pack of one's own, with a page that was read once."""
    monkeypatch.chdir(tmp_path)
    assert main(["new", "acme"]) == 0
    (tmp_path / "page.txt").write_text(PAGE, encoding="utf-8")
    assert main(["drift", "docs", "./acme", "page.txt", "--record", "page"]) == 0
    capsys.readouterr()
    return tmp_path


def checked(folder: Path, text: str, *words: str) -> tuple[int, Json]:
    """The status of a check of this page, and its report."""
    (folder / "now.txt").write_text(text, encoding="utf-8")
    status = main(["drift", "docs", "./acme", "now.txt", "--json", "report.json", *words])
    return status, json.loads((folder / "report.json").read_text(encoding="utf-8"))


def test_an_unchanged_page_is_silent_and_says_how_much_was_read(acme: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Status 0, no finding, and proof that every known fact was found."""
    status, report = checked(acme, PAGE)

    assert (status, report["findings"]) == (0, [])
    (page,) = report["checked"]["pages"]
    assert page["recovered"] == page["known"] > 60
    assert page["unchanged"]
    assert f"{page['known']} of {page['known']} known facts found" in capsys.readouterr().out


def test_a_change_is_told_with_both_sides(acme: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What the page says now, what the contract has, where, of which kind; status 1."""
    text = PAGE.replace("length: 900", "length: 800").replace("auto,\nmanual", "auto,\nmanual,\nnone")
    status, report = checked(acme, text.replace("minutes\ninteger", "hours\ninteger"))
    found = {(each["kind"], each["pointer"]): each for each in report["findings"]}

    assert status == 1
    assert found.keys() == {
        ("limit-changed", "/story"),
        ("enum-changed", "/cut"),
        ("parameter-removed", "/minutes"),
        ("parameter-added", "/hours"),
    }
    assert (found["limit-changed", "/story"]["documented"], found["limit-changed", "/story"]["encoded"]) == (800, 900)
    assert {each["operation"] for each in report["findings"]} == {next(iter(specs.load("./acme").operations))}
    assert len({each["fingerprint"] for each in report["findings"]}) == 4
    assert "limit-changed" in capsys.readouterr().out


def test_both_bounds_of_a_range_are_one_finding(acme: Path) -> None:
    """With both by their names."""
    _, report = checked(acme, PAGE.replace("(2-30)", "(3-40)"))

    (found,) = report["findings"]
    assert (found["kind"], found["documented"]) == ("limit-changed", {"minimum": 3, "maximum": 40})


@pytest.mark.parametrize("text", ["", "Nothing here.", PAGE[:700], "<html><body>404</body></html>"])
def test_a_page_that_is_not_understood_is_never_all_right(
    acme: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    """Status 3, with how many of how many facts were found."""
    status, report = checked(acme, text)

    assert status == 3
    assert report["findings"] == []
    assert "of" in report["checked"]["pages"][0]["problem"]
    assert "could not check" in capsys.readouterr().out


def test_a_file_that_is_not_there_can_not_be_checked(acme: Path) -> None:
    """Nor can one that is no text, nor a vendor none of whose pages were read."""
    (acme / "binary").write_bytes(b"\0\1")
    assert main(["drift", "docs", "./acme", "absent.txt"]) == 3
    assert main(["drift", "docs", "./acme", "binary"]) == 3
    assert main(["drift", "docs", "kling", "page.txt"]) == 3


@pytest.mark.usefixtures("acme")
def test_words_that_make_no_sense_are_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """No file, two files to record, an operation that there is not."""
    assert main(["drift", "docs", "./acme"]) == 2
    assert main(["drift", "docs", "./acme", "page.txt", "page.txt", "--record", "x"]) == 2
    assert main(["drift", "docs", "./acme", "page.txt", "--record", "x", "--operation", "none"]) == 2
    assert capsys.readouterr().err.count("\n") == 3


def test_a_page_without_a_fact_is_not_recorded(acme: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file of something else, say; what was recorded of the vendor before stays as it is."""
    before = (acme / "acme" / "pages.yaml").read_bytes()
    Path("notes.txt").write_text("hello", encoding="utf-8")

    assert main(["drift", "docs", "./acme", "notes.txt", "--record", "page"]) == 2

    assert "nothing that a contract could be compared with is on this page" in capsys.readouterr().err
    assert (acme / "acme" / "pages.yaml").read_bytes() == before


@pytest.mark.parametrize("vendor", ["mulerouter", "powertokens", "myrouter", "uniall"])
def test_each_vendors_pages_are_recorded(vendor: str) -> None:
    """Facts and the operation that they belong to, for pages that sources.yaml knows."""
    pack = specs.load(vendor)
    documents = specs.sources.load_sources(pack.folder).documents
    for page in read_pages(pack):
        assert page.key in documents
        assert len(page.facts) > 30
        assert page.facts.values("", "endpoint") == list(page.endpoints) or page.anchors


def test_recorded_facts_agree_with_the_contract_where_both_speak() -> None:
    """A drift would say what the contract has: for the pages as they were read nothing has drifted."""
    for vendor in ("mulerouter", "powertokens", "myrouter", "uniall"):
        pack = specs.load(vendor)
        for page in read_pages(pack):
            for name in page.endpoints.values():
                assert name in pack.operations


class Shelf(ThreadingHTTPServer):
    """A vendor's site on loopback: pages by path, and how often it was asked."""

    def __init__(self) -> None:
        self.pages: dict[str, str] = {}
        self.asked: list[str] = []
        super().__init__(("127.0.0.1", 0), _Answers)


class _Answers(BaseHTTPRequestHandler):
    server: Shelf

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        body = self.server.pages.get(self.path, "").encode("utf-16")
        self.send_response(200 if body[2:] else 500)
        self.send_header("Content-Type", "text/plain; charset=utf-16")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Silent."""


@pytest.fixture
def shelf() -> Iterator[Shelf]:
    """A site that runs until the test ends."""
    with Shelf() as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def with_address(folder: Path, line: str) -> None:
    """The page's address in the pack's sources is this one."""
    sources = folder / "acme" / "sources.yaml"
    text = re.sub(r"    url: .*\n", line, sources.read_text(encoding="utf-8"), count=1)
    sources.write_text(text, encoding="utf-8")


def test_pages_are_fetched_from_their_addresses_once_a_day(
    acme: Path, shelf: Shelf, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Kept for a day, whatever the site says by then; afterwards a change is found, and a page that is gone is told."""
    url = f"http://127.0.0.1:{shelf.server_address[1]}/page"
    with_address(acme, f"    url: {url}\n")
    shelf.pages["/page"] = PAGE
    monkeypatch.setenv("XDG_CACHE_HOME", str(acme / "today"))
    assert main(["drift", "docs", "./acme", "--fetch"]) == 0
    shelf.pages["/page"] = PAGE.replace("(2-30)", "(2-40)")
    assert main(["drift", "docs", "./acme", "--fetch"]) == 0
    assert shelf.asked == ["/page"]

    monkeypatch.setenv("XDG_CACHE_HOME", str(acme / "tomorrow"))
    assert main(["drift", "docs", "./acme", "--fetch"]) == 1
    shelf.pages.clear()
    monkeypatch.setenv("XDG_CACHE_HOME", str(acme / "later"))
    capsys.readouterr()
    assert main(["drift", "docs", "./acme", "--fetch"]) == 3
    assert f"could not check {url}: it can't be fetched (answered 500)" in capsys.readouterr().out


def test_a_page_without_an_address_is_told(acme: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It can't be fetched, so it was not checked."""
    with_address(acme, "")
    assert main(["drift", "docs", "./acme", "--fetch", "page.txt"]) == 3
    assert "could not check page: sources.yaml has no address for it" in capsys.readouterr().out


def test_a_drift_counts_whatever_else_could_not_be_checked(acme: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Status 1, and both are told."""
    (acme / "now.txt").write_text(PAGE.replace("(2-30)", "(2-40)"), encoding="utf-8")

    assert main(["drift", "docs", "./acme", "absent.txt", "now.txt"]) == 1
    assert "could not check absent.txt" in capsys.readouterr().out


def test_a_page_about_something_else_is_not_this_page(acme: Path) -> None:
    """Members of the same names and types at another vendor's address: not checked, rather than all drifted."""
    other = PAGE.replace("films.example", "rival.example").replace("\nvideos\nOrder", "\nclips\nOrder")
    other = re.sub(r"\b(?:900|200|90|30|4|9)\b", "7", other.replace("v1/videos", "v1/clips"))
    other = other.replace("string", "number").replace("boolean", "string").replace("integer", "string")
    other = other.replace("auto", "on").replace("manual", "off").replace("\nrequired\n", "\n").replace(" | null", "")

    assert checked(acme, other)[0] == 3


def test_a_page_in_another_encoding_is_read(acme: Path) -> None:
    """UTF-16, as some browsers and editors save."""
    (acme / "wide.txt").write_text(PAGE, encoding="utf-16")

    assert main(["drift", "docs", "./acme", "wide.txt"]) == 0


def test_python_can_ask_too(acme: Path) -> None:
    """The verdict as values."""
    verdict = check_docs(specs.load("./acme"), [acme / "page.txt"])

    assert (verdict.drifts, verdict.unread) == ((), ())
