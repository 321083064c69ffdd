"""Where a page says that an operation is: method, path, host, and the status that it answers with."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from contracts.drift.facts import Statement

_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})
_ONE_LINE = re.compile(r"^(GET|POST|PUT|PATCH|DELETE|HEAD) ?\x1f? ?((?:https?://[^\s/]+)?/[^\s?]*)$")
_SEGMENT = re.compile(r"[\w.{}:-]+")
_REQUEST = re.compile(r"(?:--request|-X) ['\"]?([A-Z]+)")
_URL = re.compile(r"https?://[^\s'\"\\]+")
_TEMPLATE = re.compile(r"\{[A-Z_]+\}(/[^\s'\"\\]*)")
_STATUS = re.compile(r"^([1-5]\d\d)\s*(?:-|\x1f)?\s*(application/[\w+.-]+)?$")
_IN_PROSE = re.compile(r"\b(?:via|to|at|endpoint:?|path:?) (/(?:[\w.{}:-]+/)+[\w.{}:-]+)")


def endpoints(lines: Sequence[str]) -> Iterator[Statement]:
    """Every endpoint, host and status that the lines state."""
    for number, line in enumerate(lines):
        if line in _METHODS:
            path = _path_below(lines[number + 1 :])
            if path:
                yield Statement("", "endpoint", f"{line} {path}")
        match = _ONE_LINE.fullmatch(line)
        if match is not None:
            yield from _address(match[1], match[2])
        if "curl" in line:
            yield from _curl(lines[number : number + 2])
        match = _STATUS.fullmatch(line)
        if match is not None and match[2]:
            yield Statement("", "status", match[1])
            yield Statement("", "media", match[2])
        for found in _IN_PROSE.finditer(line):
            yield Statement("", "endpoint", f"POST {found[1].rstrip('.')}")


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


def _address(method: str, address: str) -> Iterator[Statement]:
    parts = urlsplit(address)
    if parts.netloc:
        yield Statement("", "host", parts.netloc)
    yield Statement("", "endpoint", f"{method} {parts.path}")


def _curl(lines: Sequence[str]) -> Iterator[Statement]:
    text = " ".join(lines)
    method = _REQUEST.search(text)
    if method is None:
        # A call for an example's id: its path is told elsewhere.
        return
    url, template = _URL.search(text), _TEMPLATE.search(text)
    if url is not None:
        yield from _address(method[1], url[0])
    elif template is not None:
        yield Statement("", "endpoint", f"{method[1]} {template[1]}")
