"""Recorded traffic, one exchange after the other: HAR 1.2, JSON lines, VCR cassettes, and a fake's own journal.

A file may be larger than memory: HAR and JSON lines are read in pieces, and of a body that is longer than a limit only
its length is kept.
"""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from specs.documents import read_yaml
from specs.errors import PackError
from specs.pointers import Json

_PIECE_BYTES = 1 << 20
_ENTRY_BYTES_MAX = 64 << 20
_CASSETTE_BYTES_MAX = 100 << 20
_QUOTE, _BRACKET, _BRACE = b'"[{'
_OPENING, _CLOSING = frozenset(b"{["), frozenset(b"}]")
_GZIP = b"\x1f\x8b"
_LINES = (".jsonl", ".ndjson")
# The first member of a recorded exchange: in a HAR it is `log`, in a journal `requests`.
_LINE = re.compile(rb'\{\s*"(?:request|response|startedDateTime)"\s*:')
# What stands before a list of exchanges that is a member.
_NAME = re.compile(rb'"(?:entries|requests)"\s*:\s*$')
_NAME_BYTES_MAX = 200
_MATTERS = re.compile(rb'["{}\[\]]')


class RecordingError(Exception):
    """A file that can't be read as recorded traffic; says which, where and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """One recorded exchange; `status` is None where no answer was recorded, `seconds` where no instant was."""

    method: str
    url: str
    request_headers: tuple[tuple[str, str], ...]
    request_body: bytes
    status: int | None
    headers: tuple[tuple[str, str], ...]
    body: bytes | None
    """None: it was not recorded."""
    seconds: float | None


def read_recording(path: Path) -> Iterator[Recorded]:
    """The exchanges of a file in their order; RecordingError at what is none."""
    try:
        with path.open("rb") as stream:
            yield from _read(path, stream)
    except OSError as problem:
        message = f"{path} can't be read ({problem.strerror})"
        raise RecordingError(message) from None


def _read(path: Path, stream: BinaryIO) -> Iterator[Recorded]:
    head = stream.read(4096).lstrip(b"\xef\xbb\xbf \t\r\n")
    stream.seek(0)
    if not head:
        message = f"{path} is empty"
        raise RecordingError(message)
    if not head.startswith((b"{", b"[")):
        yield from _cassette(path)
        return
    if path.suffix in _LINES or _LINE.match(head) is not None:
        yield from _lines(path, stream)
    else:
        yield from _listed(path, stream)


# JSON lines


def _lines(path: Path, stream: BinaryIO) -> Iterator[Recorded]:
    for number, line in enumerate(stream, 1):
        if not line.strip() or len(line) > _ENTRY_BYTES_MAX:
            continue
        try:
            entry = orjson.loads(line)
        except orjson.JSONDecodeError as problem:
            message = f"{path}, line {number}, is no JSON ({problem})"
            raise RecordingError(message) from None
        yield _plain(path, f"line {number}", entry)


def _plain(path: Path, place: str, entry: Json) -> Recorded:
    """`{"request": {"method", "url", "headers", "body"}, "response": {"status", "headers", "body"}}`."""
    try:
        asked, answered = entry["request"], entry.get("response") or {}
        return Recorded(
            method=str(asked["method"]).upper(),
            url=str(asked["url"]),
            request_headers=_headers(asked.get("headers")),
            request_body=_content(asked.get("body")) or b"",
            status=_status(answered.get("status")),
            headers=_headers(answered.get("headers")),
            body=_content(answered.get("body")),
            seconds=None,
        )
    except (KeyError, TypeError, AttributeError) as problem:
        message = f"{path}, {place}, is no recorded exchange ({problem!r}); it has request and response"
        raise RecordingError(message) from None


def _status(value: Json) -> int | None:
    return value if isinstance(value, int) and value > 0 else None


def _headers(value: Json) -> tuple[tuple[str, str], ...]:
    """From an object, a list of pairs, or one of names and values; several values of a name are several headers."""
    if isinstance(value, Mapping):
        pairs = [(name, each) for name, values in value.items() for each in _several(values)]
    else:
        pairs = [
            (each["name"], each.get("value", "")) if isinstance(each, Mapping) else (each[0], each[1])
            for each in value or ()
        ]
    return tuple((str(name), str(each)) for name, each in pairs if not str(name).startswith(":"))


def _several(value: Json) -> list[Json]:
    return value if isinstance(value, list) else [value]


def _content(value: Json | bytes) -> bytes | None:
    """A body as it was sent: text as it is, a parsed value written again."""
    if value is None or isinstance(value, bytes):
        return value
    return value.encode("utf-8", "surrogatepass") if isinstance(value, str) else orjson.dumps(value)


# HAR, the journal, lists of exchanges: objects in a list inside of an object


def _listed(path: Path, stream: BinaryIO) -> Iterator[Recorded]:
    number = 0
    for number, text in enumerate(_objects(stream), 1):
        try:
            entry = orjson.loads(text)
        except orjson.JSONDecodeError as problem:
            message = f"{path}, entry {number}, is no JSON ({problem})"
            raise RecordingError(message) from None
        if "vendor" in entry and "at" in entry:
            yield _journal(entry)
        elif "startedDateTime" in entry:
            yield _har(path, number, entry)
        else:
            yield _plain(path, f"entry {number}", entry)
    if not number:
        message = f"{path} holds no recorded exchanges: it is no HAR, no journal and no JSON lines"
        raise RecordingError(message)


def _objects(stream: BinaryIO) -> Iterator[bytes]:
    """The objects with a `request` in them (of a journal: with a `vendor`), wherever they stand, one at a time.

    The text is cut at the braces of the objects in the first list that is met; braces in strings are none.
    """
    scanner = _Scanner()
    while piece := stream.read(_PIECE_BYTES):
        yield from scanner.feed(piece)


class _Scanner:
    """Finds whole objects in pieces of text; keeps no more than one of them."""

    def __init__(self) -> None:
        self._held = bytearray()
        self._depth = 0
        self._list_depth: int | None = None
        self._in_text = False
        self._escaped = False
        self._collecting = False
        self._begin = 0
        self._before = b""

    def feed(self, piece: bytes) -> Iterator[bytes]:
        """The objects that end in this piece."""
        self._begin, at = 0, 0
        while at < len(piece):
            if self._in_text:
                at = self._through_text(piece, at)
                continue
            byte = piece[at]
            if byte == _QUOTE:
                self._in_text = True
                at += 1
                continue
            if byte in _OPENING:
                self._open(piece, at)
            elif byte in _CLOSING and self._close():
                self._held += piece[self._begin : at + 1]
                yield bytes(self._held)
                self._held.clear()
            at = self._next(piece, at + 1)
        if self._collecting:
            self._held += piece[self._begin :]
        self._before = (self._before + piece)[-_NAME_BYTES_MAX:]

    def _open(self, piece: bytes, at: int) -> None:
        self._depth += 1
        is_list = piece[at] == _BRACKET
        if is_list and self._list_depth is None and self._is_entries(piece, at):
            self._list_depth = self._depth
        elif not is_list and self._list_depth is not None and self._depth == self._list_depth + 1:
            self._collecting, self._begin = True, at

    def _close(self) -> bool:
        """Whether an object that is wanted ends here."""
        self._depth -= 1
        if self._collecting and self._depth == self._list_depth:
            self._collecting = False
            return True
        if self._list_depth is not None and self._depth < self._list_depth:
            self._list_depth = None
        return False

    def _through_text(self, piece: bytes, at: int) -> int:
        """Behind the string that is open here, or at the end of the piece."""
        while at < len(piece):
            if self._escaped:
                self._escaped = False
                at += 1
                continue
            quote, escape = piece.find(b'"', at), piece.find(b"\\", at)
            if escape != -1 and (quote == -1 or escape < quote):
                self._escaped, at = True, escape + 1
            elif quote != -1:
                self._in_text = False
                return quote + 1
            else:
                return len(piece)
        return at

    def _next(self, piece: bytes, at: int) -> int:
        """The next byte that matters."""
        found = _MATTERS.search(piece, at)
        return found.start() if found is not None else len(piece)

    def _is_entries(self, piece: bytes, at: int) -> bool:
        """Whether a list that begins here holds exchanges: at the top, or under a name that says so."""
        before = self._before + piece[max(0, at - _NAME_BYTES_MAX) : at]
        return self._depth == 1 or _NAME.search(before[-_NAME_BYTES_MAX:]) is not None


def _har(path: Path, number: int, entry: Json) -> Recorded:
    try:
        asked, answered = entry["request"], entry["response"]
        return Recorded(
            method=str(asked["method"]).upper(),
            url=str(asked["url"]),
            request_headers=_headers(asked.get("headers")),
            request_body=_encoded(asked.get("postData") or {}) or b"",
            status=_status(answered.get("status")),
            headers=_headers(answered.get("headers")),
            body=_encoded(answered.get("content") or {}),
            seconds=_seconds(entry.get("startedDateTime")),
        )
    except (KeyError, TypeError, AttributeError) as problem:
        message = f"{path}, entry {number}, is no HAR entry ({problem!r})"
        raise RecordingError(message) from None


def _encoded(content: Mapping[str, Any]) -> bytes | None:
    text = content.get("text")
    if text is None:
        return None
    if content.get("encoding") == "base64":
        try:
            return base64.b64decode(text)
        except (binascii.Error, ValueError):
            return None
    return _content(text)


def _seconds(text: Json) -> float | None:
    try:
        return datetime.fromisoformat(str(text)).timestamp()
    except ValueError:
        return None


def _journal(entry: Mapping[str, Any]) -> Recorded:
    """A call out of a fake's journal; `/requests/{id}` gives bodies too."""
    return Recorded(
        method=str(entry.get("method", "")),
        url=str(entry.get("path", "")),
        request_headers=(("content-type", "application/json"), ("authorization", "Bearer recorded")),
        request_body=_content(entry.get("request")) or b"",
        status=_status(entry.get("status")),
        headers=(("content-type", "application/json"),),
        body=_content(entry.get("answer")),
        seconds=_seconds(entry.get("at")),
    )


# Cassettes


def _cassette(path: Path) -> Iterator[Recorded]:
    if path.stat().st_size > _CASSETTE_BYTES_MAX:
        message = (
            f"{path} is larger than {_CASSETTE_BYTES_MAX >> 20} MiB, which a cassette may have; record a HAR instead"
        )
        raise RecordingError(message)
    try:
        document = read_yaml(path)
    except PackError as problem:
        message = f"{path} is no recorded traffic: {problem.problem}"
        raise RecordingError(message) from None
    interactions = document.get("interactions") if isinstance(document, dict) else None
    if not isinstance(interactions, list):
        message = f"{path} is no recorded traffic: a cassette has `interactions`"
        raise RecordingError(message)
    for number, each in enumerate(interactions, 1):
        try:
            asked, answered = each["request"], each["response"]
            entry = {
                "request": {**asked, "url": asked.get("uri", asked.get("url")), "body": _taped(asked.get("body"))},
                "response": {**answered, "status": _code(answered["status"]), "body": _taped(answered.get("body"))},
            }
        except (KeyError, TypeError, AttributeError) as problem:
            message = f"{path}, interaction {number}, is none ({problem!r})"
            raise RecordingError(message) from None
        yield _plain(path, f"interaction {number}", entry)


def _taped(body: Json) -> Json:
    """The text of a taped body; bytes that are no text stand in Base64."""
    if isinstance(body, Mapping):
        text = {"text": body.get("base64_string"), "encoding": "base64"}
        body = body["string"] if "string" in body else _encoded(text)
    return _unpacked(body) if isinstance(body, bytes) and body.startswith(_GZIP) else body


def _unpacked(body: bytes) -> bytes:
    """What a cassette kept as it came over the wire; as it is where it can't be read, or is beyond the limit."""
    try:
        opened = zlib.decompressobj(wbits=31)
        text = opened.decompress(body, _ENTRY_BYTES_MAX)
    except zlib.error:
        return body
    return text if opened.eof else body


def _code(status: Json) -> Json:
    return status.get("code") if isinstance(status, Mapping) else status
