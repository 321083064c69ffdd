"""Webhooks in tests of other people's clients: listed by the vendor of the fixture, taken by a function of the test."""

from __future__ import annotations

import time

import httpx
import pytest

from mockserver import Webhook
from mockserver.desks import Desks
from mockserver.signing import is_signed, signing_key
from webhook_desk import SECRET

PATH = "/v1/videos/text2video"
JOB = {"model_name": "kling-v3", "prompt": "a cat", "callback_url": "http://my.example/hook"}


def submit(client: httpx.Client) -> str:
    """A task's id."""
    answer = client.post(PATH, json=JOB)
    assert answer.is_success, answer.text
    return str(answer.json()["data"]["task_id"])


def client_of(vendor: object) -> httpx.Client:
    """Without a socket."""
    transport = vendor.transport()  # type: ignore[attr-defined]  # whatever the fixture gives
    headers = {"Authorization": f"Bearer {vendor.key}"}  # type: ignore[attr-defined]
    return httpx.Client(transport=transport, base_url="http://vendor", headers=headers)


def test_polls_fire_webhooks(understudy: Desks) -> None:
    """With the fixture's own clock: what a submit and each poll have caused is there when one looks."""
    vendor = understudy("kling")
    client = client_of(vendor)
    task_id = submit(client)
    assert [webhook.event for webhook in vendor.webhooks] == ["submitted"]

    for _ in range(3):
        client.get(f"{PATH}/{task_id}")

    assert [webhook["event"] for webhook in vendor.webhooks] == ["submitted", "processing", "succeed"]
    last = vendor.webhooks[-1]
    assert (last.task_id, last.status, last.attempt, last.url) == (task_id, 200, 1, "http://my.example/hook")
    assert last.body["task_result"]["videos"][0]["url"].startswith("http")


def test_clock_brings_webhooks(understudy: Desks) -> None:
    """Signed, where the account has a secret; forgotten by a reset."""
    vendor = understudy("kling", clock="manual", webhook_secret=SECRET)
    submit(client_of(vendor))
    vendor.clock.advance(1000)

    assert len(vendor.webhooks) == 3
    assert {webhook.signature_valid for webhook in vendor.webhooks} == {True}
    vendor.reset()
    assert vendor.webhooks == []


def test_function_takes_them(understudy: Desks) -> None:
    """Its status counts; it gets the very bytes that are signed."""
    seen: list[bool] = []

    def deliver(webhook: Webhook) -> int:
        name, seconds = webhook.headers["webhook-id"], int(webhook.headers["webhook-timestamp"])
        header = webhook.headers["webhook-signature"]
        seen.append(is_signed(signing_key(SECRET), name, seconds, webhook.body, header))
        return 204 if seen[-1] else 401

    vendor = understudy("kling", clock="manual", webhook_secret=SECRET, deliver=deliver)
    vendor.fault(webhook="forged")
    submit(client_of(vendor))
    vendor.clock.advance(1000)

    assert seen == [False, True, True, True]
    assert [webhook.status for webhook in vendor.webhooks] == [401, 204, 204, 204]
    assert [webhook.fault for webhook in vendor.webhooks] == ["forged", None, None, None]


def test_function_that_raises_fails_the_test(understudy: Desks) -> None:
    """An assertion in a receiver is an assertion of the test."""

    def deliver(webhook: Webhook) -> None:
        assert webhook.event == "done"

    vendor = understudy("kling", clock="manual", deliver=deliver)
    submit(client_of(vendor))
    with pytest.raises(AssertionError):
        vendor.clock.advance(1)
    vendor.reset()


def test_over_a_socket(understudy: Desks) -> None:
    """For clients that need one; the receiver may ask the server, and the clock waits for it."""
    states: list[str] = []

    def deliver(webhook: Webhook) -> None:
        answer = httpx.get(f"{vendor.url}{PATH}/{webhook.task_id}", headers=headers, trust_env=False)
        states.append(answer.json()["data"]["task_status"])

    vendor = understudy("kling", clock="manual", deliver=deliver)
    headers = {"Authorization": f"Bearer {vendor.key}"}
    with httpx.Client(base_url=vendor.url, headers=headers, trust_env=False) as client:
        submit(client)
        vendor.clock.advance(1000)

    assert [webhook.event for webhook in vendor.webhooks] == ["submitted", "processing", "succeed"]
    assert len(states) == 3
    assert states[-1] == "succeed"


@pytest.mark.usefixtures("instant_sleep")
@pytest.mark.parametrize("clock", ["manual", "real"])
def test_sleeping_brings_webhooks(understudy: Desks, clock: str) -> None:
    """A client that waits for them by sleeping has them when it wakes."""
    received: list[str] = []

    def deliver(webhook: Webhook) -> None:
        received.append(webhook.event)

    vendor = understudy("kling", clock=clock, deliver=deliver)
    submit(client_of(vendor))
    began = time.monotonic()
    while "succeed" not in received and time.monotonic() < began + 600:
        time.sleep(5)  # noqa: TID251 - it is what clients do

    assert received == ["submitted", "processing", "succeed"]
