"""What made an answer, how many there were, and whether more are welcome."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from contracts.cli import main
from mockserver.app import create_app
from mockserver.explaining import looks_like
from mockserver.store import StoreError
from mockserver.transport import FakeTransport
from properties.promised import KINDS, Kind, kinds
from targets import Target, make_fake

Json = Any
KIND = kinds("mulerouter")[0]
every_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)


def told(target: Target, number: int = -1) -> Json:
    """The story of one of the account's calls."""
    return target.admin("GET", f"/requests/{target.journal()[number]['id']}")


@pytest.fixture
def target(connect: Any) -> Target:
    """A fresh account, on both edges."""
    got: Target = connect("mulerouter")
    return got


def test_a_broken_constraint_is_told_with_its_source(target: Target) -> None:
    """Which one, what it says, the document and its standing."""
    target.client.post(KIND.submit.path, json={"prompt": "a cat", "duration": 99})
    story = told(target)
    (broken,) = story["violations"]

    assert (story["operation"], story["situations"], story["status"]) == ("createTextToVideo", ["request_invalid"], 400)
    assert (broken["pointer"], broken["rule"], broken["standing"]) == ("/duration", "maximum", "documented")
    assert "Kling v3" in broken["source"]
    assert story["request"] == {"prompt": "a cat", "duration": 99}
    assert "99" in story["answer"]["task_info"]["error"]["detail"]


def test_a_state_is_told_with_the_plan_behind_it(target: Target) -> None:
    """The state that the answer showed then, not the one of now."""
    task_id = KIND.task_id(target.client.post(KIND.submit.path, json={"prompt": "a [[fail:mine]] cat"}).json())
    target.client.get(KIND.poll_path(task_id))
    target.advance(600)
    target.client.get(KIND.poll_path(task_id))

    assert [told(target, number)["state"] for number in (0, 1, 2)] == ["queued", "queued", "failed"]
    assert told(target)["task"]["failure"] == "mine"
    assert told(target)["task"]["call"] == 1
    assert told(target)["seed"] == 0


@pytest.mark.parametrize(
    ("key", "situation"),
    [("mock-expired", "key_expired"), ("mock-broke", "balance_empty"), ("mock-throttled", "rate_exceeded")],
)
def test_accounts_in_trouble_are_told_apart(key: str, situation: str) -> None:
    """By the words of the refusal."""
    fake = make_fake("mulerouter")
    with httpx.Client(transport=FakeTransport(fake), base_url="http://fake") as client:
        client.post(KIND.submit.path, json={"prompt": "a"}, headers={"Authorization": f"Bearer {key}"})
    story = fake.explain(fake.entries()[-1].id)

    assert story is not None
    assert story["situations"] == [situation]


@every_kind
def test_every_first_answer_is_recognised(connect: Any, kind: Kind) -> None:
    """At every vendor: a submit shows a queued task, an unknown task is refused as one."""
    target = connect(kind.pack.name)
    target.client.post(kind.submit.path, json=kind.fresh(kind.with_prompt("a cat")))
    target.client.get(kind.poll_path("0" * 18))

    assert told(target, 0)["state"] == "queued"
    assert told(target, 1)["situations"] == ["task_unknown"]


def test_an_unknown_call_is_told_the_nearest_ones(target: Target) -> None:
    """And what differs: a part of the path, the method, a slash too many."""
    target.client.post(KIND.submit.path.replace("kling-v3", "kling-v2"), json={})
    story = told(target)
    assert story["situations"] == ["route_unknown"]
    assert story["nearest"][0]["operation"] == "createTextToVideo"
    assert story["nearest"][0]["differs"] == ["part 4 of the path is 'kling-v3', not 'kling-v2'"]

    target.client.delete(KIND.submit.path)
    assert told(target)["situations"] == ["method_unknown"]
    assert told(target)["nearest"][0]["differs"] == ["the method is POST, not DELETE"]
    target.client.post(KIND.submit.path + "/", json={})
    assert "the path has no slash at its end" in told(target)["nearest"][0]["differs"]


def test_a_fault_is_told(target: Target) -> None:
    """By its name."""
    target.fault({"status": 503})
    target.client.post(KIND.submit.path, json={"prompt": "a"})

    assert (told(target)["fault"], told(target)["situations"]) == ("status", ["service_unavailable"])


TEMPLATES: list[tuple[Json, Json, bool]] = [
    ({"a": "$x", "b?": 1}, {"a": 5}, True),
    ({"a": "$x"}, {}, False),
    ({"a": "$x"}, {"a": 1, "c": 2}, False),
    ("no ${x} here", "no cat here", True),
    ("no ${x} here", "no cat there", False),
    ("$$5", "$5", True),
    ("$$5", "x5", False),
    ([1, "$x"], [1, None], True),
    ([1, "$x"], [1], False),
    (1, 1, True),
]


@pytest.mark.parametrize(("template", "value", "alike"), TEMPLATES, ids=range(len(TEMPLATES)))
def test_a_template_looks_like_what_it_became(template: Json, value: Json, alike: bool) -> None:  # noqa: FBT001 - a row
    """Members that may be dropped may be absent; placeholders stand for anything."""
    assert looks_like(template, value) == alike


def test_explain_tells_a_call_in_lines(server_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Of a running fake; one that is not in its journal, or a fake that is not there, is said in one line."""
    with httpx.Client(base_url=server_url, headers={"Authorization": "Bearer explained"}) as client:
        client.post("/mulerouter" + KIND.submit.path, json={"prompt": "a cat", "duration": 99})
        (call,) = client.get("/__understudy/requests?key=explained").json()["requests"]
    assert main(["explain", call["id"], "--url", server_url]) == 0
    said = capsys.readouterr().out
    assert "breaks    /duration maximum: duration must be at most 15, not 99" in said
    assert "because   request_invalid" in said

    assert main(["explain", "0" * 8 + "-0000" * 3 + "-" + "0" * 12, "--url", server_url]) == 2
    capsys.readouterr()
    assert main(["explain", call["id"], "--url", "http://127.0.0.1:1"]) == 3
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("understudy explain: no fake answers at http://127.0.0.1:1 (")


async def _ask(app: Any, path: str) -> httpx.Response:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://fake") as client:
        return await client.get("/__understudy" + path)


def test_metrics_count_what_was_answered() -> None:
    """By vendor, operation, status and fault, in the text format."""
    fake = make_fake("mulerouter")
    with httpx.Client(transport=FakeTransport(fake), base_url="http://fake") as client:
        client.headers["Authorization"] = "Bearer a"
        for _ in range(2):
            client.post(KIND.submit.path, json={"prompt": "a"})
        client.get("/nowhere")
    answer = asyncio.run(_ask(create_app(fake), "/metrics"))
    lines = answer.text.splitlines()

    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    row = 'understudy_calls_total{vendor="mulerouter",operation="%s",status="%d",fault=""} %d'
    assert row % ("createTextToVideo", 202, 2) in lines
    assert row % ("", 404, 1) in lines
    assert all(line.startswith(("#", "understudy_")) for line in lines)


def test_readiness_ends_before_the_server_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """503 while it drains and while the store is away; 200 again when that is back."""
    fake = make_fake("mulerouter")
    app = create_app(fake)
    assert asyncio.run(_ask(app, "/ready")).json() == {"status": "ready"}

    def away() -> None:
        message = "the store is away"
        raise StoreError(message)

    with monkeypatch.context() as patch:
        patch.setattr(fake.store, "clock", away)
        assert asyncio.run(_ask(app, "/ready")).status_code == 503
    app.draining = True
    ending = asyncio.run(_ask(app, "/ready"))
    assert (ending.status_code, ending.headers["content-type"]) == (503, "application/problem+json")


def test_a_store_that_fails_calls_is_asked_again_before_more_are_welcome(monkeypatch: pytest.MonkeyPatch) -> None:
    """It may still be read, as a file is that another program has locked; metrics say so, and go on."""
    fake = make_fake("mulerouter")
    app = create_app(fake)

    def locked(account: str) -> None:
        raise StoreError(account)

    with httpx.Client(transport=FakeTransport(fake), base_url="http://fake") as client:
        client.headers["Authorization"] = "Bearer a"
        with monkeypatch.context() as patch:
            patch.setattr(fake.store, "open_call", locked)
            assert asyncio.run(_ask(app, "/ready")).status_code == 200
            client.post(KIND.submit.path, json={"prompt": "a"})
            assert asyncio.run(_ask(app, "/ready")).status_code == 503
            away = asyncio.run(_ask(app, "/metrics"))
    assert asyncio.run(_ask(app, "/ready")).status_code == 200
    back = asyncio.run(_ask(app, "/metrics"))

    assert "understudy_store_up 0" in away.text.splitlines()
    assert 'operation="createTextToVideo",status="503",fault=""} 1' in away.text
    assert "understudy_store_up 1" in back.text.splitlines()
    assert fake.entries() == []
    assert fake.store.account_clock("").ordinal == 0


def test_a_store_that_is_away_makes_the_vendor_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    """In its own envelope; nothing is lost when it is back."""
    fake = make_fake("mulerouter")

    def away(account: str) -> None:
        raise StoreError(account)

    with httpx.Client(transport=FakeTransport(fake), base_url="http://fake") as client:
        client.headers["Authorization"] = "Bearer a"
        with monkeypatch.context() as patch:
            patch.setattr(fake.store, "open_call", away)
            gone = client.post(KIND.submit.path, json={"prompt": "a"})
        assert client.post(KIND.submit.path, json={"prompt": "a"}).status_code == 202

    assert (gone.status_code, gone.json()["error_code"]) == (503, 503)
    assert len(fake.tasks()) == 1
