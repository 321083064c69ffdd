"""Recorded traffic is read exchange by exchange, in whichever form it was kept; what is none is said in one line."""

from __future__ import annotations

import base64
import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from contracts.drift import recordings
from contracts.drift.recordings import Recorded, RecordingError, read_recording

Json = Any
URL = "https://api.vendor.example/v1/jobs"
ASKED, SAID = {"prompt": 'a "{[" in it'}, {"id": "7", "note": '}] \\ {"'}
CASSETTE = f"""
interactions:
- request:
    body: '{json.dumps(ASKED)}'
    headers: {{authorization: [Bearer key-one], content-type: [application/json]}}
    method: POST
    uri: {URL}
  response:
    body: {{BODY}}
    headers: {{content-type: [application/json]}}
    status: {{code: 202, message: Accepted}}
version: 1
"""


def plain(**changes: Json) -> Json:
    """One exchange as a line."""
    headers = {"authorization": "Bearer key-one", "content-type": "application/json"}
    request = {"method": "POST", "url": URL, "headers": headers, "body": ASKED}
    return {"request": request, "response": {"status": 202, "headers": {}, "body": SAID}} | changes


def har_entry(text: str, **content: Json) -> Json:
    """One exchange as a HAR has it."""
    headers = [{"name": "authorization", "value": "Bearer key-one"}, {"name": ":path", "value": "/v1/jobs"}]
    request = {"method": "POST", "url": URL, "headers": headers, "postData": {"text": json.dumps(ASKED)}}
    response = {"status": 202, "headers": [], "content": {"text": text, **content}}
    return {"startedDateTime": "2026-11-26T10:00:00.500Z", "time": 5, "request": request, "response": response}


def har(*entries: Json) -> str:
    """A HAR with a page before its entries, whose own members look like what is searched."""
    pages = [{"id": "page", "title": '"entries": [{', "list": [{"request": 1}]}]
    return json.dumps({"log": {"version": "1.2", "pages": pages, "entries": list(entries)}}, indent=1)


def read(folder: Path, text: str, name: str = "traffic") -> list[Recorded]:
    """What a file with this text holds."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return list(read_recording(path))


def packed(opener: str = "!!binary ") -> str:
    """The answer as a cassette keeps it that was recorded compressed."""
    return opener + base64.b64encode(gzip.compress(json.dumps(SAID).encode())).decode()


FORMS = {
    "lines": (json.dumps(plain()) + "\n\n", "traffic.jsonl"),
    "lines, answer first": (json.dumps(dict(reversed(plain().items()))), "traffic"),
    "lines, bodies as text": (
        json.dumps(plain(response={"status": 202, "headers": [], "body": json.dumps(SAID)})),
        "traffic",
    ),
    "list": (json.dumps([plain()], indent=2), "traffic.json"),
    "har": (har(har_entry(json.dumps(SAID))), "traffic.har"),
    "har in base64": (har(har_entry(base64.b64encode(json.dumps(SAID).encode()).decode(), encoding="base64")), "x"),
    "cassette": (CASSETTE.replace("{BODY}", json.dumps({"string": json.dumps(SAID)})), "traffic.yaml"),
    "cassette, compressed": (CASSETTE.replace("{BODY}", "{string: " + packed() + "}"), "traffic.yaml"),
    "cassette in Base64": (CASSETTE.replace("{BODY}", "{base64_string: " + packed("") + "}"), "traffic.yaml"),
}


@pytest.mark.parametrize("form", FORMS)
def test_each_form_holds_the_same_exchange(tmp_path: Path, form: str) -> None:
    """Method, address, headers, status and both bodies arrive, whoever recorded them."""
    (recorded,) = read(tmp_path, *FORMS[form])
    assert (recorded.method, recorded.url, recorded.status) == ("POST", URL, 202)
    assert dict(recorded.request_headers)["authorization"] == "Bearer key-one"
    assert (json.loads(recorded.request_body), json.loads(recorded.body or b"")) == (ASKED, SAID)


@pytest.mark.parametrize("piece_bytes", [1, 7, 64])
def test_a_har_is_read_in_pieces_of_any_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, piece_bytes: int) -> None:
    """Strings with braces, quotes and escapes in them may be cut anywhere; entries stay whole and in order."""
    monkeypatch.setattr(recordings, "_PIECE_BYTES", piece_bytes)
    bodies = [json.dumps({**SAID, "number": number}) for number in range(5)]
    found = read(tmp_path, har(*map(har_entry, bodies)))
    assert [each.body for each in found] == [body.encode() for body in bodies]


def test_an_answer_that_was_not_recorded_is_none(tmp_path: Path) -> None:
    """No body is told from an empty one; no answer has no status."""
    lines = [plain(response={"status": 202, "headers": {}}), plain(response={"status": 202, "body": ""}), plain()]
    del lines[2]["response"]
    found = read(tmp_path, "\n".join(map(json.dumps, lines)))
    assert [(each.status, each.body) for each in found] == [(202, None), (202, b""), (None, None)]


def test_a_large_file_is_read_in_bounded_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Never more than one entry and one piece are held."""
    monkeypatch.setattr(recordings, "_PIECE_BYTES", 1000)
    path = tmp_path / "long.har"
    path.write_text(har(*[har_entry("x" * 500) for _ in range(200)]), encoding="utf-8")
    held = []
    original = recordings._Scanner.feed

    def feed(scanner: Any, piece: bytes) -> Any:
        yield from original(scanner, piece)
        held.append(len(scanner._held))

    monkeypatch.setattr(recordings._Scanner, "feed", feed)
    assert len(list(read_recording(path))) == 200
    assert max(held) < 3000


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        ("{", "holds no recorded exchanges"),
        ('{"request": {}\n', "line 1, is no JSON"),
        ('{"request": {"method": "GET"}}', "line 1, is no recorded exchange"),
        ('{"request": 5}', "line 1, is no recorded exchange"),
        ('{"response": null, "request": []}', "line 1, is no recorded exchange"),
        ('{"log": {"entries": []}}', "holds no recorded exchanges"),
        ('{"log": {"entries": [{"startedDateTime": "x", "request": 5, "response": 6}]}}', "entry 1, is no HAR entry"),
        ('[{"request": null}]', "entry 1, is no recorded exchange"),
        ("a: [", "is no recorded traffic"),
        ("hello", "a cassette has `interactions`"),
        ("interactions: [{request: 5}]", "interaction 1, is none"),
    ],
)
def test_what_is_no_recording_is_one_clear_line(tmp_path: Path, text: str, words: str) -> None:
    """The file, the place in it, and what is wrong."""
    with pytest.raises(RecordingError) as told:
        read(tmp_path, text)
    assert words in str(told.value)
    assert str(tmp_path) in str(told.value)
    assert "\n" not in str(told.value)


def test_a_missing_file_is_one_clear_line(tmp_path: Path) -> None:
    """A path where nothing is."""
    with pytest.raises(RecordingError, match="can't be read"):
        list(read_recording(tmp_path / "nowhere"))
