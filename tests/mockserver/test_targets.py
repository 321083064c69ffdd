"""Where webhooks may go: by the address, whatever name or notation leads to it."""

from __future__ import annotations

import pytest

from mockserver.targets import allowed, is_loopback, refusal

LOOPBACK = ["127.0.0.1", "127.0.0.2", "127.255.255.254", "::1", "::ffff:127.0.0.1", "::ffff:7f00:1"]
ELSEWHERE = [
    "0.0.0.0",  # noqa: S104 - as an address to send to it leads to this machine by another way
    "10.0.0.1",
    "100.64.0.1",
    "126.255.255.255",
    "128.0.0.1",
    "169.254.169.254",
    "172.16.0.1",
    "192.168.0.1",
    "192.0.2.1",
    "224.0.0.1",
    "255.255.255.255",
    "8.8.8.8",
    "::",
    "::2",
    "::127.0.0.1",
    "::ffff:0.0.0.0",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
    "2001:db8::1",
    "fc00::1",
    "fe80::1",
    "fe80::1%1",
    "fd00:ec2::254",
    "ff02::1",
    "",
    "localhost",
    "127.1",
]


@pytest.mark.parametrize("address", LOOPBACK)
def test_loopback_addresses(address: str) -> None:
    """Those that lead nowhere but to this machine, also inside of an IPv6 address."""
    assert is_loopback(address)


@pytest.mark.parametrize("address", ELSEWHERE)
def test_all_others_are_elsewhere(address: str) -> None:
    """Private networks, metadata services, unspecified addresses, translations; and what is no address."""
    assert not is_loopback(address)


def test_policies() -> None:
    """`off` lets nothing through, `loopback` what it says, `any` everything, each address by itself."""
    mixed = ["10.0.0.1", "127.0.0.1", "::1"]

    assert allowed("off", mixed) == []
    assert allowed("loopback", mixed) == ["127.0.0.1", "::1"]
    assert allowed("any", mixed) == mixed
    assert allowed("loopback", ["10.0.0.1"]) == []


def test_refusal_names_the_address_and_the_way_out() -> None:
    """And the name that led there, if it was one."""
    way_out = "is not a loopback address; webhooks go there with --callbacks any"

    assert refusal("10.0.0.1", ["10.0.0.1"]) == f"10.0.0.1 {way_out}"
    assert refusal("hook.example", ["10.0.0.1", "10.0.0.2"]) == f"hook.example (10.0.0.1, 10.0.0.2) {way_out}"
