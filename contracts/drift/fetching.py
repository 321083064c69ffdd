"""A vendor's own pages, fetched: politely, one after the other, and kept for a day."""

from __future__ import annotations

import time
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

import httpx

from specs.documents import cache_folder

_KEPT_SECONDS = 24 * 3600
_TIMEOUT_SECONDS = 20
_BYTES_MAX = 20_000_000
_HEADERS = {"User-Agent": "understudy-drift", "Accept": "text/html, text/markdown, text/plain"}


class FetchError(Exception):
    """A page that could not be had; says which, and why."""


def fetch(urls: Iterable[str], folder: Path | None = None) -> list[Path]:
    """The pages as files, in their order; FetchError names the first one that can't be had."""
    kept = (folder or cache_folder()) / "pages"
    kept.mkdir(parents=True, exist_ok=True)
    with httpx.Client(headers=_HEADERS, timeout=_TIMEOUT_SECONDS, follow_redirects=True) as client:
        return [_fetched(client, url, kept) for url in urls]


def _fetched(client: httpx.Client, url: str, kept: Path) -> Path:
    file = kept / (sha256(url.encode()).hexdigest()[:32] + ".page")
    if file.is_file() and time.time() - file.stat().st_mtime < _KEPT_SECONDS:
        return file
    try:
        answer = client.get(url)
    except (httpx.HTTPError, httpx.InvalidURL) as problem:
        message = f"{url} can't be fetched ({type(problem).__name__}: {problem})"
        raise FetchError(message) from None
    if not answer.is_success or len(answer.content) > _BYTES_MAX:
        message = f"{url} can't be fetched (answered {answer.status_code}, {len(answer.content)} bytes)"
        raise FetchError(message)
    file.write_bytes(answer.content)
    return file
