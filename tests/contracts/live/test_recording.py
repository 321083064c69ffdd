"""A recording holds nothing that opens anything: no key, no cookie, no signature of a link."""

from __future__ import annotations

import orjson

from contracts.exchange import Exchange
from contracts.live.recording import BAD_KEY_WORD, KEY_WORD, Recorder, as_lines

KEY, BAD_KEY = "sk-secret-0123456789", "mock-invalid-9876543210"


def test_nothing_secret_is_kept() -> None:
    """Wherever it turns up: headers, query, bodies; the link itself stays one."""
    exchange = Exchange(
        number=1,
        operation="getVideo",
        method="GET",
        base="http://127.0.0.1:1",
        path="/v1/videos/task_1",
        query=f"k={KEY}",
        request_headers=(("Authorization", f"Bearer {KEY}"),),
        status=200,
        headers=(("Set-Cookie", "s=cookie-value"),),
        body=orjson.dumps({"url": "https://cdn.test/a.mp4?sig=open-sesame&e=1", "echo": [KEY, BAD_KEY], "next": "b?c"}),
    )
    text = as_lines([Recorder("api.test", KEY, BAD_KEY).recorded(exchange)]).decode()
    for secret in (KEY, BAD_KEY, "open-sesame", "cookie-value", "127.0.0.1"):
        assert secret not in text
    body = orjson.loads(text)["response"]["body"]
    assert (body["url"], body["next"]) == ("https://cdn.test/a.mp4", "b?c")


def test_a_key_may_be_part_of_the_word_for_another() -> None:
    """A trouble key of the fakes is, for one: who called stays known."""
    lines = (("Authorization", "Bearer nobody-0123456789"), ("Authorization", "Bearer mock-invalid"))
    exchange = Exchange(
        number=1,
        operation="getVideo",
        method="GET",
        base="http://127.0.0.1:1",
        path="/v1/videos/task_1",
        query="",
        request_headers=lines,
        status=401,
        headers=(),
        body=b"nobody-0123456789 is not mock-invalid",
    )

    recorded = Recorder("api.test", "mock-invalid", "nobody-0123456789").recorded(exchange)

    assert [value for _, value in recorded.request_headers] == [f"Bearer {BAD_KEY_WORD}", f"Bearer {KEY_WORD}"]
    assert recorded.body == f"{BAD_KEY_WORD} is not {KEY_WORD}".encode()
