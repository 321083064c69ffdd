"""A recording holds nothing that opens anything: no key, no cookie, no signature of a link."""

from __future__ import annotations

import orjson

from contracts.exchange import Exchange
from contracts.live.recording import Recorder, as_lines

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
