"""Where webhooks may go: what a URL means, and which addresses are allowed, whatever name stands for them."""

from __future__ import annotations

import ipaddress
import re
from base64 import b64encode
from typing import NamedTuple
from urllib.parse import SplitResult, quote, unquote, urlsplit

POLICIES = ("off", "loopback", "any")

IS_OFF = "webhooks are off (--callbacks off)"
_PORTS = {"http": 80, "https": 443}
_URL_MAX = 8 * 1024
# Blanks and controls: no URL has them, and a head of HTTP would take some of them for its own.
_UNFIT = re.compile(r"[\x00-\x20\x7f]")
_NAME = re.compile(r"[a-z0-9_](?:[a-z0-9._-]{0,252}[a-z0-9_.])?", re.ASCII)
_PATH_SAFE, _QUERY_SAFE = "/%:@!$&'()*+,;=~", "/?%:@!$&'()*+,;=~"


class TargetError(ValueError):
    """A URL that nothing can be sent to; the message says why."""


class Target(NamedTuple):
    """A URL taken apart, ready to be asked for by HTTP."""

    scheme: str
    host: str
    port: int
    authority: str
    """As the header Host has it."""
    path: str
    authorization: str | None


def read_target(url: str) -> Target:
    """The parts of an http or https URL; TargetError for whatever is none."""
    if len(url) > _URL_MAX:
        message = f"this URL is longer than {_URL_MAX} characters"
        raise TargetError(message)
    try:
        return _read(url)
    except ValueError:
        message = "this is no http or https URL"
        raise TargetError(message) from None


def _read(url: str) -> Target:
    parts = urlsplit(url)
    host, port = _host(parts), parts.port
    if _UNFIT.search(url) or parts.scheme not in _PORTS or port == 0:
        raise ValueError(url)
    shown = f"[{host}]" if ":" in host else host
    authority = shown if port is None else f"{shown}:{port}"
    path = quote(parts.path or "/", _PATH_SAFE)
    query = f"?{quote(parts.query, _QUERY_SAFE)}" if parts.query else ""
    return Target(parts.scheme, host, port or _PORTS[parts.scheme], authority, path + query, _authorization(parts))


def _host(parts: SplitResult) -> str:
    """The name in ASCII, or the address without its brackets; ValueError where there is none."""
    host = parts.hostname or ""
    if "[" in parts.netloc.rpartition("@")[2]:
        ipaddress.IPv6Address(host)
        return host
    name = host if host.isascii() else host.encode("idna").decode("ascii")
    if not _NAME.fullmatch(name):
        raise ValueError(host)
    return name


def _authorization(parts: SplitResult) -> str | None:
    """Name and password, the way HTTP has them."""
    if parts.username is None and parts.password is None:
        return None
    credentials = f"{unquote(parts.username or '')}:{unquote(parts.password or '')}"
    return "Basic " + b64encode(credentials.encode()).decode()


def is_loopback(address: str) -> bool:
    """Whether an IP address leads nowhere but to this machine; an IPv4 address inside an IPv6 one is what counts."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    return found.is_loopback


def allowed(policy: str, addresses: list[str]) -> list[str]:
    """Those of a name's addresses to which webhooks may go."""
    if policy == "any":
        return addresses
    return [address for address in addresses if policy == "loopback" and is_loopback(address)]


def refusal(host: str, addresses: list[str]) -> str:
    """Why nothing goes there."""
    shown = ", ".join(addresses[:3])
    where = shown if shown == host else f"{host} ({shown})"
    return f"{where} is not a loopback address; webhooks go there with --callbacks any"
