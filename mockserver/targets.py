"""Where webhooks may go: decided by the address that is connected to, never by the name that stands for it."""

from __future__ import annotations

import ipaddress

POLICIES = ("off", "loopback", "any")

IS_OFF = "webhooks are off (--callbacks off)"


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
