"""Exchanges with a vendor as a recording that may be kept: every key replaced, wherever it turns up.

The words that stand for keys are ones that fakes know how to answer: a recording can be played to a fake.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from urllib.parse import quote

import orjson

from contracts.drift.recordings import Recorded
from contracts.exchange import Exchange, HeaderLines
from specs.pointers import Json

KEY_WORD, BAD_KEY_WORD = "recorded-key", "mock-invalid-recorded"
_HIDDEN_CHARACTERS_MIN = 8
_HIDDEN_HEADERS = ("set-cookie", "cookie")
# What stands behind the question mark of a link in an answer is often what opens it.
_SIGNED = re.compile(rb"(https?://[^\s\"?\\<>]+)\?[^\s\"\\<>]*")


class Recorder:
    """Writes exchanges down without the run's keys, and as if they had been with the vendor's own host.

    So a recording is the same wherever the service was asked: behind a proxy, or under a path of its own.
    """

    def __init__(self, host: str, key: str, bad_key: str) -> None:
        self._base = f"https://{host}"
        words = ((bad_key, BAD_KEY_WORD), (key, KEY_WORD))
        forms = [(form, word) for secret, word in words for form in dict.fromkeys((secret, quote(secret)))]
        # Any sentence may hold a short one: it is hidden where keys stand, and there alone.
        long = [form for form, _ in forms if len(form) >= _HIDDEN_CHARACTERS_MIN]
        # All at once, longest first: a key may be a part of another one, or of the word that stands for one.
        self._secret = re.compile("|".join(re.escape(each) for each in sorted(long, key=len, reverse=True)) or r"(?!)")
        self._secret_bytes = re.compile(self._secret.pattern.encode())
        self._tokens = dict(forms)

    def recorded(self, exchange: Exchange) -> Recorded:
        """The exchange as any recording has it."""
        return Recorded(
            method=exchange.method,
            url=self._hidden(self._base + exchange.path + (f"?{exchange.query}" if exchange.query else "")),
            request_headers=self._headers(exchange.request_headers),
            request_body=self._bytes(exchange.request_body),
            status=exchange.status,
            headers=self._headers(exchange.headers),
            body=_SIGNED.sub(rb"\1", self._bytes(exchange.body)) if exchange.status is not None else None,
            seconds=exchange.sent_seconds,
        )

    def _hidden(self, text: str) -> str:
        return self._secret.sub(lambda found: self._tokens[found[0]], text)

    def _bytes(self, body: bytes) -> bytes:
        return self._secret_bytes.sub(lambda found: self._tokens[found[0].decode()].encode(), body)

    def _headers(self, lines: HeaderLines) -> HeaderLines:
        return tuple((name, self._header(value)) for name, value in lines if name.lower() not in _HIDDEN_HEADERS)

    def _header(self, value: str) -> str:
        return " ".join(self._tokens.get(word) or self._hidden(word) for word in value.split(" "))


def as_lines(recording: Iterable[Recorded]) -> bytes:
    """JSON lines, as `understudy drift traffic` reads them."""
    return b"".join(orjson.dumps(_line(each)) + b"\n" for each in recording)


def _line(recorded: Recorded) -> Mapping[str, Json]:
    request = {
        "method": recorded.method,
        "url": recorded.url,
        "headers": dict(recorded.request_headers),
        "body": _value(recorded.request_body) if recorded.request_body else None,
    }
    answer = {
        "status": recorded.status,
        "headers": dict(recorded.headers),
        "body": _value(recorded.body) if recorded.body is not None else None,
    }
    return {"request": request, "response": answer, "seconds": recorded.seconds}


def _value(body: bytes) -> Json:
    """JSON as a value; anything else as text."""
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        return body.decode("utf-8", "replace")
    # A text would be read again as a body that is text.
    return body.decode() if isinstance(value, str) else value
