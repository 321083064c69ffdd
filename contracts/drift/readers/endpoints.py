"""Where a page says that an operation is: method, path, host, and the status that it answers with."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from contracts.drift.readers.facts import CALLED, Statement
from contracts.drift.readers.lines import CELL, Line, runs_of_code

_METHOD = r"GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS"
_METHODS = frozenset(_METHOD.split("|"))
_ONE_LINE = re.compile(rf"^({_METHOD})(?:{CELL}| )+((?:https?://[^\s/]+)?/[^\s?]*)$")
_SEGMENT = re.compile(r"[\w.{}:-]+")
_PATH = r"/(?:[\w.{}:-]+/)+[\w.{}:-]*[\w}]"
_IN_PROSE = re.compile(rf"\b(?:via|to|at|endpoint:?|path:?|url:?)\s(?:({_METHOD})\s)?({_PATH})")
_SERVER = re.compile(r"\b(?:base ?urls?|servers?|hosts?|api endpoint)\b\W+(https?://[^\s/'\"]+)", re.IGNORECASE)
_MEDIA = r"(?:application|text|multipart|video|image|audio)/[\w.+-]+"
_STATUS = re.compile(rf"^(?:HTTP )?([1-5]\d\d)(?: ?(?:-|:|{CELL})? ?({_MEDIA}))?$")
_URL = re.compile(r"https?://[^\s'\"\\`)<>]+")
_TEMPLATE = re.compile(r"(?:\$?\{\{?\w+\}?\}|\$\w+|<[A-Z_]+>)(/[^\s'\"\\`)]*)")
# How programs name the method that they call with.
_CALLS = (
    re.compile(r"(?:--request|-X) ?['\"]?([A-Z]+)"),
    re.compile(r"\b(?:requests|httpx|axios|client|http|session)\.(get|post|put|patch|delete)\("),
    re.compile(rf"['\"]({_METHOD})['\"]"),
)
_FILE = re.compile(r"\.(?:mp4|mov|webm|png|jpe?g|webp|gif|html?|md|pdf|json|ya?ml)$", re.IGNORECASE)
_SENDS = re.compile(r"(?:^|\s)(?:--data\S*|-d)\b")


def endpoints(lines: Sequence[Line]) -> Iterator[Statement]:
    """Every endpoint, host and status that the lines state; sentences count where nothing else shows an endpoint."""
    shown = [each for number in range(len(lines)) for each in _shown(lines, number)]
    yield from shown
    for number, line in enumerate(lines):
        if line.kind != "code":
            yield from _status(lines, number)
            for server in _SERVER.finditer(line.text):
                yield Statement("", "host", urlsplit(server[1]).netloc, line.number)
    if not shown:
        yield from _in_sentences([line for line in lines if line.kind != "code"])
    for _, run in runs_of_code(lines):
        for command in _commands(run):
            yield from _called(command)


def _in_sentences(lines: Sequence[Line]) -> Iterator[Statement]:
    text = "\n".join(line.text for line in lines)
    for found in _IN_PROSE.finditer(text):
        number = lines[text.count("\n", 0, found.start())].number
        yield Statement("", "endpoint", f"{found[1] or 'POST'} {found[2]}", number)


def _shown(lines: Sequence[Line], number: int) -> Iterator[Statement]:
    """An endpoint that is shown as one, whatever it is divided into."""
    line = lines[number]
    if line.item in _METHODS:
        path = _path_below([each.text for each in lines[number + 1 :] if each.text])
        if path:
            yield Statement("", "endpoint", f"{line.item} {path}", line.number)
    # A path whose pieces were kept apart by blanks is one path.
    method, blank, path = line.item.partition(" ")
    match = _ONE_LINE.fullmatch(method + blank + re.sub(r" ?/ ?(?=[\w{])", "/", path))
    if match is not None:
        parts = urlsplit(match[2])
        if parts.netloc:
            yield Statement("", "host", parts.netloc, line.number)
        yield Statement("", "endpoint", f"{match[1]} {parts.path}", line.number)


def _path_below(lines: Sequence[str]) -> str:
    """A path that the page shows in pieces, a slash or a segment a line."""
    path, was_slash = "", False
    for line in lines:
        if line == "/" and not was_slash:
            path, was_slash = path + "/", True
        elif was_slash and _SEGMENT.fullmatch(line):
            path, was_slash = path + line, False
        elif not path and line.startswith("/") and " " not in line:
            return line
        else:
            break
    return path


def _status(lines: Sequence[Line], number: int) -> Iterator[Statement]:
    """A status with the media type of its answer, in one line or in two."""
    match = _STATUS.fullmatch(lines[number].text)
    if match is None:
        return
    below = next((each.text for each in lines[number + 1 : number + 3] if each.text), "")
    media = match[2] or (below if re.fullmatch(_MEDIA, below) else None)
    if media:
        yield Statement("", "status", match[1], lines[number].number)
        yield Statement("", "media", media, lines[number].number)


def _commands(run: Sequence[Line]) -> Iterator[list[Line]]:
    """An example that calls several times, call by call."""
    command: list[Line] = []
    for line in run:
        if line.text.startswith("curl") and command:
            yield command
            command = []
        command.append(line)
    yield command


def _called(command: Sequence[Line]) -> Iterator[Statement]:
    """What an example calls: the first address in it, where that is one of an API."""
    text = "\n".join(line.text for line in command)
    found = min(
        (match for match in (_URL.search(text), _TEMPLATE.search(text)) if match), key=lambda m: m.start(), default=None
    )
    if found is None or text.startswith(("{", "[")):
        return
    parts = urlsplit(found[0] if found.re is _URL else found[1])
    if not parts.path.strip("/") or _FILE.search(parts.path):
        return
    if parts.netloc:
        yield Statement("", "host", parts.netloc, command[0].number)
    yield Statement("", CALLED, f"{_method(text)} {parts.path}", command[0].number)


def _method(text: str) -> str:
    """The method that the example calls with; empty when it does not say."""
    said = next((match[1] for pattern in _CALLS if (match := pattern.search(text))), None)
    if said is not None:
        return said.upper()
    if text.startswith("curl"):
        return "POST" if _SENDS.search(text) else "GET"
    return ""


def same_place(one: str, other: str) -> bool:
    """Whether two endpoints are the same: a parameter of a path is any segment, a missing method any method."""
    (method, _, path), (other_method, _, other_path) = one.partition(" "), other.partition(" ")
    here, there = path.split("/"), other_path.split("/")
    return (
        (method == other_method or not method or not other_method)
        and len(here) == len(there)
        and all(a == b or "{" in a or "{" in b for a, b in zip(here, there, strict=True))
    )


def likeness(one: str, other: str) -> float:
    """How much two endpoints have in common, from 0 to 1."""
    here, there = re.split(r"[ /]+", one), re.split(r"[ /]+", other)
    shared = sum(1 for segment in here if segment in there)
    return shared / max(len(here), len(there))
