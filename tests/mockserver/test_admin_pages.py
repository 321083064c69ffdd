"""The pages of the vendors' contracts: whole, and with nothing in them from any other host."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import pytest
from openapi_spec_validator import validate

import specs
from properties.administration import PREFIX, PROBLEM, Admin
from properties.promised import KINDS, VENDORS

Json = Any
every_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)


FOREIGN = re.compile(r"""(?:https?:)?//[\w.-]+\.\w""")


@lru_cache
def linked() -> re.Pattern[str]:
    """What a page asks its browser to fetch."""
    return re.compile(r'(?:src|href|data-url)="([^"]*)"')


@pytest.mark.parametrize("vendor", VENDORS)
async def test_contract_page_is_whole_and_asks_no_other_host(admin: Admin, vendor: str) -> None:
    """Everything that the page links to is served from here, the contract among it, with this fake as its server."""
    page = await admin.client.get(f"{PREFIX}/docs/{vendor}")
    script = await admin.client.get(f"{PREFIX}/viewer/start.js")

    assert page.headers["content-type"].startswith("text/html")
    assert FOREIGN.findall(page.text) == FOREIGN.findall(script.text) == []
    for link in linked().findall(page.text):
        if link != "data:,":
            found = await admin.client.get(str(page.url.join(link)))
            assert found.status_code == 200, link
            assert found.content
    contract = (await admin.client.get(f"{PREFIX}/docs/{vendor}/openapi.json")).json()
    assert [server["url"] for server in contract["servers"]] == [str(page.url.join(f"/{vendor}"))]
    assert contract["paths"].keys() == specs.load(vendor).openapi["paths"].keys()
    validate(contract)


async def test_index_of_pages_links_to_every_vendor(admin: Admin) -> None:
    """One list, one link for each."""
    page = await admin.client.get(f"{PREFIX}/docs")

    for vendor in VENDORS:
        assert f'href="docs/{vendor}"' in page.text


@pytest.mark.parametrize(
    "path",
    ["/docs/nobody", "/docs/nobody/openapi.json", "/viewer/nothing.js", "/viewer/page.html", "/viewer/..%2fadmin.py"],
)
async def test_pages_that_do_not_exist_are_problems(admin: Admin, path: str) -> None:
    """Only what is meant to be shown is."""
    answer = await admin.client.get(PREFIX + path)

    assert answer.status_code == 404
    assert answer.headers["content-type"] == PROBLEM
