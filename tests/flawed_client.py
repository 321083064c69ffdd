"""A client that does everything right, but for the one thing that its name says: for the judge of clients to find.

Each is a callable for `--call flawed_client:named.NAME`, and speaks MuleRouter's protocol. `correct` has no flaw.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote, urlsplit

Json = Any
_ROOT = "/vendors/klingai/v1/kling-v3"
_PATHS = {
    "createTextToVideo": f"{_ROOT}/text-to-video/generation",
    "createImageToVideo": f"{_ROOT}/image-to-video/generation",
}
_PATIENCE, _CALL_SECONDS, _PAUSE = 14.0, 3.0, 0.1
FLAWS: Mapping[str, str] = {
    "correct": "",
    "drops_base_path": "request.documented",
    "slash_too_many": "request.documented",
    "duration_as_text": "request.valid",
    "no_content_type": "",
    "polls_wrong_kind": "request.task",
    "drops_sound": "job.as-asked",
    "trims_prompt": "job.as-asked",
    "adds_mode": "job.as-asked",
    "no_key_on_polls": "credentials.sent",
    "lower_case_bearer": "credentials.scheme",
    "key_in_url": "credentials.url",
    "follows_with_key": "credentials.elsewhere",
    "fetches_result_with_key": "credentials.elsewhere",
    "prints_key": "credentials.printed",
    "retries_lost_submit": "submit.unknown-outcome",
    "retries_failed_submit": "submit.unknown-outcome",
    "resubmits_when_not_found": "submit.once",
    "ignores_retry_after": "pace.retry-after",
    "ignores_retry_after_dates": "pace.retry-after",
    "busy": "pace.busy",
    "polls_after_end": "pace.after-end",
    "gives_up_on_502": "outcome.completed",
    "gives_up_on_reset": "outcome.completed",
    "gives_up_on_bad_json": "outcome.completed",
    "gives_up_when_not_found": "outcome.completed",
    "gives_up_when_put_off": "outcome.completed",
    "chokes_on_unknown_members": "outcome.completed",
    "chokes_on_null": "outcome.completed",
    "chokes_on_other_instants": "outcome.completed",
    "finds_urls_by_pattern": "outcome.url",
    "unknown_word_is_the_end": "outcome.url",
    "unknown_word_is_a_failure": "outcome.completed",
    "prints_more_behind_the_url": "outcome.url",
    "failed_is_fine": "outcome.failed",
    "done_is_enough": "outcome.failed",
    "url_and_failure": "outcome.both",
    "never_gives_up": "run.ends",
    "polls_failed_for_ever": "run.ends",
    "no_timeout": "run.ends",
    "sends_nothing": "run.starts",
    "floods": "run.flood",
}


class Failed(Exception):
    """There is no video."""


class Client:
    """One job of one client."""

    def __init__(self, flaw: str, base_url: str, key: str) -> None:
        parts = urlsplit(base_url)
        self.flaw = flaw
        self.host = parts.netloc
        self.prefix = "" if flaw == "drops_base_path" else parts.path
        self.key = key
        self.until = time.monotonic() + _PATIENCE

    def do(self, operation: str, body: Json) -> str:
        """The URL of the video."""
        if self.flaw == "sends_nothing":
            message = "no module named settings"
            raise Failed(message)
        path = self.prefix + _PATHS[operation] + ("/" if self.flaw == "slash_too_many" else "")
        while True:
            task_id = self.submit(path, self.spoilt(body))
            poll = path.replace("text", "image") if self.flaw == "polls_wrong_kind" else path
            url = self.wait(f"{poll}/{quote(task_id, safe='')}")
            if url is not None:
                return self.told(url)

    def spoilt(self, body: Json) -> Json:
        """The job as it is sent."""
        body = dict(body)
        if self.flaw == "duration_as_text" and "duration" in body:
            body["duration"] = str(body["duration"])
        if self.flaw == "drops_sound":
            body.pop("sound", None)
        if self.flaw == "adds_mode" and "mode" not in body:
            body["mode"] = "pro"
        if self.flaw == "trims_prompt" and isinstance(body.get("prompt"), str):
            body["prompt"] = body["prompt"][:200]
        return body

    def told(self, url: str) -> str:
        """What is printed in the end."""
        if self.flaw == "fetches_result_with_key":
            self.call("GET", url)
        if self.flaw == "prints_more_behind_the_url":
            return f"{url}\nfinished"
        if self.flaw == "url_and_failure":
            print(url)
            raise SystemExit(1)
        return url

    # Submitting

    def submit(self, path: str, body: Json) -> str:
        while True:
            answer = self.call("POST", path, body)
            lost = answer is None and self.flaw == "retries_lost_submit"
            broken = answer is not None and answer.status >= 500 and self.flaw == "retries_failed_submit"
            put_off = answer is not None and (answer.status == 429 or (answer.status == 503 and answer.retry_after))
            if not (lost or broken or put_off):
                break
            self.pause(answer)
        if answer is None or not 200 <= answer.status < 300:
            message = f"refused or lost: {answer.status if answer else 'no answer'}"
            raise Failed(message)
        try:
            return str(json.loads(answer.body)["task_info"]["id"])
        except (ValueError, KeyError, TypeError) as problem:
            message = "no id"
            raise Failed(message) from problem

    # Polling

    def wait(self, path: str) -> str | None:
        missing = 0
        if self.flaw == "floods":
            while True:
                self.call("GET", path)
        while True:
            answer = self.call("GET", path)
            missing += answer is not None and answer.status == 404
            if answer is not None and answer.status == 404 and self.flaw == "resubmits_when_not_found":
                return None
            self.check(answer, missing)
            url = self.read(answer)
            if url is not None:
                if self.flaw == "polls_after_end":
                    self.call("GET", path)
                return url
            self.pause(answer)

    def check(self, answer: Answer | None, missing: int) -> None:
        """Ends what goes on for too long, and what a flaw can't live with."""
        flaw = self.flaw
        gives_up = (
            (flaw == "gives_up_on_reset" and answer is None)
            or (flaw == "gives_up_on_502" and answer is not None and answer.status == 502)
            or (flaw == "gives_up_when_put_off" and answer is not None and answer.status == 429)
            or (flaw == "gives_up_when_not_found" and missing)
            or missing > 4
            or (answer is not None and answer.status in (401, 403, 302))
        )
        if gives_up:
            message = f"gave up: {answer.status if answer else 'no answer'}"
            raise Failed(message)

    def read(self, answer: Answer | None) -> str | None:
        """The URL, once there is one."""
        if answer is None or answer.status != 200:
            return None
        if self.flaw == "finds_urls_by_pattern" and b'"status":"completed"' in answer.body:
            return answer.body.rpartition(b'"videos":["')[2].partition(b'"')[0].decode()
        try:
            value = json.loads(answer.body)
            word = value["task_info"]["status"]
        except (ValueError, KeyError, TypeError) as problem:
            if self.flaw == "gives_up_on_bad_json":
                raise Failed(str(problem)) from problem
            return None
        self.choke(value)
        return self.by_word(word, value)

    def by_word(self, word: str, value: Json) -> str | None:
        known = ("pending", "processing", "completed", "failed")
        if word == "completed":
            videos = value.get("videos") or []
            if not videos and self.flaw != "done_is_enough":
                message = "no video"
                raise Failed(message)
            return videos[0] if videos else "done"
        if word == "failed" and self.flaw == "failed_is_fine":
            return "it failed"
        if word == "failed" and self.flaw != "polls_failed_for_ever":
            message = "it failed"
            raise Failed(message)
        if word not in known and self.flaw == "unknown_word_is_the_end":
            return str(value.get("videos"))
        if word not in known and self.flaw == "unknown_word_is_a_failure":
            message = f"unknown status {word}"
            raise Failed(message)
        return None

    def choke(self, value: Json) -> None:
        info = value["task_info"]
        if self.flaw == "chokes_on_unknown_members" and set(info) - {
            "id",
            "status",
            "created_at",
            "updated_at",
            "error",
        }:
            message = "unexpected member"
            raise Failed(message)
        if self.flaw == "chokes_on_null" and None in info.values():
            message = "null"
            raise Failed(message)
        if self.flaw == "chokes_on_other_instants":
            datetime.strptime(info["created_at"], "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)

    def pause(self, answer: Answer | None) -> None:
        seconds = _PAUSE
        if answer is not None and answer.retry_after and self.flaw != "ignores_retry_after":
            seconds = self.asked(answer.retry_after)
        if self.flaw == "busy":
            return
        endless = self.flaw in ("never_gives_up", "polls_failed_for_ever")
        if time.monotonic() + seconds > self.until and not endless:
            message = "gave up waiting"
            raise Failed(message)
        time.sleep(seconds)  # noqa: TID251 - a client waits

    def asked(self, text: str) -> float:
        if text.isdecimal():
            return float(text)
        if self.flaw == "ignores_retry_after_dates":
            return _PAUSE
        return max(_PAUSE, (parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds())

    # HTTP

    def call(self, method: str, path: str, body: Json = None) -> Answer | None:
        """The answer; None when there is none."""
        if self.flaw == "busy" and time.monotonic() > self.until:
            message = "gave up waiting"
            raise Failed(message)
        host = self.host
        if "://" in path:
            parts = urlsplit(path)
            host, path = parts.netloc, parts.path + (f"?{parts.query}" if parts.query else "")
        if self.flaw == "key_in_url":
            path += f"?key={self.key}"
        if self.flaw == "prints_key":
            print("calling with", self.key)
        connection = HTTPConnection(host, timeout=None if self.flaw == "no_timeout" else _CALL_SECONDS)
        try:
            connection.request(method, path, json.dumps(body) if body is not None else None, dict(self.headers(method)))
            got = connection.getresponse()
            answer = Answer(
                got.status, got.read(), got.headers.get("Retry-After") or "", got.headers.get("Location") or ""
            )
        except (OSError, HTTPException):
            return None
        finally:
            connection.close()
        if answer.location and self.flaw == "follows_with_key":
            return self.call(method, answer.location, body)
        return answer

    def headers(self, method: str) -> Iterator[tuple[str, str]]:
        if not (self.flaw == "no_key_on_polls" and method == "GET"):
            yield "Authorization", f"{'bearer' if self.flaw == 'lower_case_bearer' else 'Bearer'} {self.key}"
        if method == "POST" and self.flaw != "no_content_type":
            yield "Content-Type", "application/json"


class Answer:
    """What came back."""

    def __init__(self, status: int, body: bytes, retry_after: str, location: str) -> None:
        self.status = status
        self.body = body
        self.retry_after = retry_after
        self.location = location


def _named(flaw: str) -> Callable[[str, str, str, Json], str]:
    def call(base_url: str, api_key: str, operation: str, body: Json) -> str:
        return Client(flaw, base_url, api_key).do(operation, body)

    return call


named = SimpleNamespace(**{flaw: _named(flaw) for flaw in FLAWS})


def main() -> int:
    """As a command: the flaw is its argument."""
    job = json.loads(Path(os.environ["UNDERSTUDY_REQUEST"]).read_text(encoding="utf-8"))
    call = getattr(named, sys.argv[1] if len(sys.argv) > 1 else "correct")
    try:
        print(call(os.environ["UNDERSTUDY_BASE_URL"], os.environ["UNDERSTUDY_API_KEY"], job["operation"], job["body"]))
    except Failed as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
