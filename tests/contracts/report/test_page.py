"""The page needs nothing but itself, runs only its own script, and leads from each failing row to its finding."""

import base64
import hashlib
import re
from dataclasses import replace
from typing import Any

import pytest

from contracts.finding import Verdict
from contracts.report.digest import digest
from contracts.report.page import html_report
from pages import Page
from verdict_samples import BROKEN, EXCHANGES, FINDINGS, KEPT, KEY_VALUE, SAMPLES

HOSTILE = (
    """</pre></details><script>alert(1)</script><img src=x onerror="alert(1)"> ' " & &amp; ]]> <!-- \x00\x1b\u202e"""
)
SHOWN = HOSTILE.replace("\x00", "\\x00").replace("\x1b", "\\x1b").replace("\u202e", "\\u202e")


def page(verdict: Verdict) -> Page:
    """The page, read strictly."""
    return Page(html_report(digest(verdict)))


@pytest.mark.parametrize("verdict", SAMPLES.values(), ids=list(SAMPLES))
def test_page_is_sound_and_whole(verdict: Verdict) -> None:
    """Well-formed, each id once, each link leads somewhere, nothing is loaded from anywhere."""
    found = page(verdict)
    ids = found.values("id")

    assert found.faults == []
    assert len(ids) == len(set(ids))
    assert {link for link in found.values("href") if link != "data:,"} <= {f"#{each}" for each in ids}
    assert "@import" not in found.text
    assert "url(" not in found.text


def test_only_its_own_script_and_style_are_let_in() -> None:
    """The page's policy names them by digest: even an escape that failed would not run."""
    content = html_report(digest(BROKEN)).decode()
    policy = next(value for value in page(BROKEN).values("content") if value.startswith("default-src"))

    for kind in ("style", "script"):
        (inside,) = re.findall(rf"<{kind}>(.*?)</{kind}>", content, re.DOTALL)
        own = base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{own}'" in policy
    assert policy.startswith("default-src 'none'; ")


def test_hostile_texts_are_only_read() -> None:
    """Whatever a service answers, and whatever stands in a pack: text."""
    exchange = replace(
        EXCHANGES[0],
        path="/" + HOSTILE,
        method=HOSTILE,
        trouble=HOSTILE,
        headers=((HOSTILE, HOSTILE),),
        body=HOSTILE.encode(),
    )
    finding = replace(FINDINGS[0], rule=HOSTILE, message=HOSTILE, source=HOSTILE, operation=HOSTILE, pointer=HOSTILE)
    texts: dict[str, Any] = dict.fromkeys(
        ("id", "operation", "pointer", "rule", "limit", "condition", "source", "note"), HOSTILE
    )
    row = replace(BROKEN.constraints[2], **texts)
    law = replace(BROKEN.laws[4], rule=HOSTILE, title=HOSTILE, note=HOSTILE)
    texts = dict.fromkeys(("vendor", "title", "target", "aborted", "began_at", "replay"), HOSTILE)
    verdict = replace(
        BROKEN,
        **texts,
        constraints=(row,),
        laws=(law,),
        findings=(finding,),
        exchanges=(exchange,),
    )

    found = page(verdict)

    assert found.faults == []
    assert (found.count("script"), found.count("img")) == (1, 0)
    assert found.texts.count(SHOWN) > 10


def test_verdict_stands_on_top() -> None:
    """Kept or broken, in which colour, how much was judged, and how to repeat it."""
    broken, kept = page(BROKEN), page(KEPT)

    assert ("header", {"class": "hero broken"}) in broken.elements
    assert ("header", {"class": "hero kept"}) in kept.elements
    assert broken.texts.index("The contract is broken") < broken.texts.index("Findings ")
    assert "3 errors and 1 warning at " in broken.texts
    assert "Nothing found at " in kept.texts
    for fact in ("acme", "7", "2026-05-04T12:30:00Z", "14.2", KEPT.replay):
        assert fact in kept.texts


@pytest.mark.parametrize(
    ("verdict", "headline"),
    [
        (replace(KEPT, aborted="the service is gone"), "The run did not come to its end"),
        (replace(KEPT, constraints=(), laws=()), "Nothing could be judged"),
    ],
)
def test_a_verdict_that_is_none_says_so(verdict: Verdict, headline: str) -> None:
    """Nothing found is not the same as kept."""
    assert headline in page(verdict).texts


def test_failing_rows_lead_to_their_findings() -> None:
    """And each row says what the filter asks."""
    found = page(BROKEN)
    states = [value for value in found.values("data-states") if " " in value or value == "untested"]

    links = {f"#finding-{number}" for number in (1, 2, 3, 4)}
    assert links <= set(found.values("href"))
    assert states.count("fails ok") == 3
    assert states.count("ok untested") == 1


def test_without_its_script_nothing_is_missing() -> None:
    """Filter and buttons are made by the script; what a reader needs is there without."""
    found = page(BROKEN)

    assert ("form", {"class": "filter", "hidden": None}) in found.elements
    assert found.count("button") == 0
    assert [attributes for name, attributes in found.elements if name == "tr" and "hidden" in attributes] == []


def test_bodies_are_laid_out() -> None:
    """JSON indented; a key that a service repeats is not there."""
    found = page(BROKEN)

    assert '{\n  "prompt": "xxx...x (2501 times)",\n  "mode": "std"\n}' in found.texts
    assert "(not UTF-8) <html><script>alert('…')</script>\\x1b[31m caf\\xe9" in found.texts
    assert KEY_VALUE not in found.text
