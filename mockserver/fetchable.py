"""Media of a request: which of its URLs no vendor could fetch."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import ip_address
from urllib.parse import urlsplit

from specs.pack import Media
from specs.pointers import Finder, Json


def _is_private(host: str) -> bool:
    if host == "localhost" or host.endswith((".localhost", ".local", ".internal")):
        return True
    try:
        return not ip_address(host).is_global
    except ValueError:
        return False


def can_be_fetched(url: str, says: Media) -> bool:
    """Whether a service outside could fetch the URL, as the pack sees it."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").rstrip(".")
    except ValueError:
        return False
    if says.private and (parts.scheme not in ("http", "https") or not host or _is_private(host)):
        return False
    return not any(host.endswith(ending) for ending in says.failing_hosts)


def unfetchable(body: Json, finders: Iterable[Finder], says: Media) -> bool:
    """Whether the request names media that can't be fetched. Unless `private` only URLs count."""
    for find in finders:
        for _, value in find(body):
            looks = isinstance(value, str) and value != "" and (says.private or "://" in value[:40])
            if looks and not can_be_fetched(value, says):
                return True
    return False
