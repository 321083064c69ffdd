"""Targets: a URL that documented paths can be put behind, or an application; anything else is refused."""

from typing import Any

import pytest

from contracts.drivers.target import read_target
from contracts.errors import UsageError
from services import answering


@pytest.mark.parametrize(
    ("url", "base"),
    [
        ("http://127.0.0.1:8787", "http://127.0.0.1:8787"),
        ("http://127.0.0.1:8787/", "http://127.0.0.1:8787"),
        ("https://gateway.example/vendors/one/", "https://gateway.example/vendors/one"),
        ("http://[::1]:8787", "http://[::1]:8787"),
    ],
)
def test_base_has_no_slash_at_its_end(url: str, base: str) -> None:
    """A documented path begins with one."""
    assert read_target(url).base == base


@pytest.mark.parametrize("path", ["v1", "/v1", "/v1/"])
def test_base_path_stands_before_every_documented_path(path: str) -> None:
    """For URLs and applications alike."""
    assert read_target("http://127.0.0.1:1", path).base == "http://127.0.0.1:1/v1"
    assert read_target(answering(200), path).base.endswith(".test/v1")


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("127.0.0.1:8787", "is no URL of a service"),
        ("ftp://127.0.0.1", "is no URL of a service"),
        ("http://", "is no URL of a service"),
        ("http://host:0", "is no URL of a service"),
        ("http://host:port", "is no URL of a service"),
        ("http://[::1", "is no URL of a service"),
        ("http://a host", "is no URL of a service"),
        ("", "is no URL of a service"),
        ("http://host/?a=1", "query or a fragment"),
        ("http://host/#top", "query or a fragment"),
        ("http://host/?", "query or a fragment"),
        ("http://me:secret@host", "--key"),
    ],
)
def test_what_is_no_base_is_refused(url: str, why: str) -> None:
    """In one line, and never with a password in it."""
    with pytest.raises(UsageError, match=why) as caught:
        read_target(url)

    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("target", "is_near"),
    [
        ("http://127.0.0.1:1", True),
        ("http://[::1]:1", True),
        ("http://localhost", True),
        ("http://api.localhost", True),
        ("http://10.0.0.1", False),
        ("https://gateway.example", False),
        (answering(200), True),
    ],
)
def test_near_is_what_no_proxy_leads_to(target: Any, *, is_near: bool) -> None:
    """This machine, that is."""
    assert read_target(target).is_near is is_near
