"""The client of `examples/clients` with one flaw, at vendors whose ids, words or members make it one: for `--call`."""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, NamedTuple
from unittest.mock import patch
from urllib.parse import quote, quote_plus

from examples.clients import client

Json = Any
ODD_IDS, PLAIN = "ids that need percent-encoding", "nothing unusual"


class Spoilt(NamedTuple):
    """A flaw: where it is one, the rule that it breaks, the scenario and the members of the job that show it."""

    vendor: str
    operation: str
    rule: str
    scenario: str
    job: Mapping[str, Json]
    quoted: Callable[..., str] = quote
    sent: Callable[[Json], Json] = lambda body: body
    api: Mapping[str, Json] = {}


def _single(value: Json) -> Json:
    return struct.unpack("f", struct.pack("f", value))[0] if isinstance(value, float) else value


_IDS: Mapping[str, tuple[Callable[..., str], str]] = {
    "leaves_ids_as_they_are": (lambda text, safe: text + safe, "request.documented"),
    "lets_slashes_through": (lambda text, safe: quote(text, safe="/" + safe), "request.documented"),
    "quotes_twice": (lambda text, safe: quote(quote(text, safe=safe), safe=safe), "request.task"),
    "writes_plus_for_blanks": (quote_plus, "request.task"),
}
_WORDS = {"prompt": "A quiet harbour"}
FLAWS: Mapping[str, Spoilt] = {
    **{
        name: Spoilt("uniall", "createVideo", rule, ODD_IDS, {}, quoted=quoted) for name, (quoted, rule) in _IDS.items()
    },
    "splits_the_query": Spoilt(
        "myrouter",
        "createTextToVideo",
        "request.task",
        ODD_IDS,
        {},
        quoted=lambda text, safe: quote(text, safe="&?#=" + safe),
    ),
    "drops_zeros": Spoilt(
        *("myrouter", "createTextToVideo", "job.as-asked", PLAIN),
        {**_WORDS, "cfg_scale": 0},
        sent=lambda body: {name: value for name, value in body.items() if value},
    ),
    "rounds_to_single": Spoilt(
        *("myrouter", "createTextToVideo", "job.as-asked", PLAIN),
        {**_WORDS, "cfg_scale": 0.7},
        sent=lambda body: {name: _single(value) for name, value in body.items()},
    ),
    "drops_the_callback": Spoilt(
        *("kling", "createTextToVideo", "job.as-asked", PLAIN),
        {**_WORDS, "callback_url": "https://example.com/called"},
        sent=lambda body: {name: value for name, value in body.items() if name != "callback_url"},
    ),
    "names_the_job_itself": Spoilt(
        *("kling", "createTextToVideo", "job.as-asked", PLAIN),
        {**_WORDS, "external_task_id": "order-4711-line-3"},
        sent=lambda body: {**body, "external_task_id": "mine"},
    ),
    "reads_pictures_as_texts": Spoilt(
        *("kling", "createImageToVideo", "request.task", PLAIN, {}), api={"poll": "/v1/videos/text2video/{id}"}
    ),
    "takes_400_for_an_end": Spoilt(
        *("uniall", "createVideo", "outcome.completed", "the task is not found by the first poll", {}),
        api={"unknown_status": 404},
    ),
    "takes_the_first_word_for_the_end": Spoilt(
        *("kling", "createTextToVideo", "outcome.completed", PLAIN, {}), api={"failed": "submitted"}
    ),
}


def _named(flaw: Spoilt) -> Callable[[str, str, str, Json], str]:
    def call(base_url: str, api_key: str, operation: str, body: Json) -> str:
        apis = {flaw.vendor: replace(client.APIS[flaw.vendor], **flaw.api)}
        with patch.object(client, "quote", flaw.quoted), patch.object(client, "APIS", apis):
            return client.make_video(base_url, api_key, operation, flaw.sent(body), flaw.vendor)

    return call


named = SimpleNamespace(**{name: _named(flaw) for name, flaw in FLAWS.items()})
