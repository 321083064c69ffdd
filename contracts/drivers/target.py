"""Where the service under test is: a URL, or an ASGI application in this process; what can't be one is said at once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any, TypeAlias
from urllib.parse import SplitResult, urlsplit

from contracts.errors import UsageError

Message: TypeAlias = MutableMapping[str, Any]
ASGIApp: TypeAlias = Callable[
    [Message, Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]],
    Awaitable[None],
]


class NotReachedError(Exception):
    """The service can't be asked at all. The message says why."""


# The host that an application in this process is called by: nobody has it (RFC 2606).
IN_PROCESS = "http://in-process.test"


@dataclass(frozen=True, slots=True)
class Target:
    """A service: the base that documented paths are put behind, without a slash at its end."""

    base: str
    app: ASGIApp | None = None

    @property
    def is_near(self) -> bool:
        """Whether it is on this machine: no proxy leads there."""
        host = urlsplit(self.base).hostname or ""
        if self.app is not None or host == "localhost" or host.endswith(".localhost"):
            return True
        try:
            return ip_address(host).is_loopback
        except ValueError:
            return False

    def __str__(self) -> str:
        """For people."""
        return self.base if self.app is None else f"an application in this process, as {self.base}"


def read_target(target: str | ASGIApp, base_path: str = "") -> Target:
    """The service that a URL or an application is; `base_path` is put before every documented path.

    UsageError for a text that is no base of URLs.
    """
    path = "/" + base_path.strip("/") if base_path.strip("/") else ""
    if not isinstance(target, str):
        return Target(IN_PROCESS + path, target)
    _check(target)
    return Target(target.rstrip("/") + path)


def _check(url: str) -> None:
    parts = _split(url)
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname or any(map(str.isspace, url)):
        message = f"--url {url!r} is no URL of a service; write something like http://127.0.0.1:8787"
        raise UsageError(message)
    if parts.query or parts.fragment or url.endswith(("?", "#")):
        message = f"--url {url!r} has a query or a fragment; documented paths are put behind the URL: leave them out"
        raise UsageError(message)
    if parts.username is not None or parts.password is not None:
        message = "--url holds a name or a password; give the account with --key, anything else with --header"
        raise UsageError(message)


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        # A port that is none is noticed when it is read, not before.
        port = parts.port
    except ValueError:
        return None
    return parts if port != 0 else None
