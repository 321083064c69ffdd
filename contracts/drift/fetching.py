"""A vendor's own pages, fetched: politely, one after the other, and kept for a day."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import httpx

from specs.documents import cache_folder

_KEPT_SECONDS = 24 * 3600
_TIMEOUT_SECONDS = 20
_BYTES_MAX = 20_000_000
_HEADERS = {"User-Agent": "understudy-drift", "Accept": "text/html, text/markdown, text/plain"}


@dataclass(frozen=True, slots=True)
class Fetched:
    """A page at an address: the file that it is kept in, or why it could not be had."""

    url: str
    file: Path | None
    problem: str = ""


def fetch(urls: Iterable[str], folder: Path | None = None) -> list[Fetched]:
    """The pages, in the order of their addresses; one that can't be had hinders no other."""
    kept = (folder or cache_folder()) / "pages"
    kept.mkdir(parents=True, exist_ok=True)
    with httpx.Client(headers=_HEADERS, timeout=_TIMEOUT_SECONDS, follow_redirects=True) as client:
        return [_fetched(client, url, kept) for url in urls]


def _fetched(client: httpx.Client, url: str, kept: Path) -> Fetched:
    file = kept / (sha256(url.encode()).hexdigest()[:32] + ".page")
    if file.is_file() and time.time() - file.stat().st_mtime < _KEPT_SECONDS:
        return Fetched(url, file)
    try:
        with client.stream("GET", url) as answer:
            return _written(answer, url, file)
    except (httpx.HTTPError, httpx.InvalidURL) as problem:
        return Fetched(url, None, f"it can't be fetched ({type(problem).__name__}: {problem})")


def _written(answer: httpx.Response, url: str, file: Path) -> Fetched:
    """The answer as a file in UTF-8, if it is a page and no flood."""
    if not answer.is_success:
        return Fetched(url, None, f"it can't be fetched (answered {answer.status_code})")
    text, size = "", 0
    for part in answer.iter_text():
        text, size = text + part, size + len(part)
        if size > _BYTES_MAX:
            return Fetched(url, None, f"it can't be fetched (more than {_BYTES_MAX} characters)")
    file.write_text(text, encoding="utf-8")
    return Fetched(url, file)
