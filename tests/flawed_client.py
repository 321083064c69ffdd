"""A client that does everything right, but for the one thing that its name says: for the judge of clients to find.

Each is a callable for `--call flawed_client:named.NAME`, and speaks MuleRouter's protocol. `correct` has no flaw.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection, HTTPException
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote, urlsplit

from client_parts import Answer, Clock

Json = Any
_ROOT = "/vendors/klingai/v1/kling-v3"
_PATHS = {
    "createTextToVideo": f"{_ROOT}/text-to-video/generation",
    "createImageToVideo": f"{_ROOT}/image-to-video/generation",
}
_PATIENCE, _PAUSE = 14.0, 0.1
PLAIN, LOST = "nothing unusual", "the submit: the task is made, and the"
FLAWS: Mapping[str, tuple[str, str]] = {
    "correct": ("", PLAIN),
    "no_content_type": ("", PLAIN),
    "drops_base_path": ("request.documented", PLAIN),
    "slash_too_many": ("request.documented", PLAIN),
    "duration_as_text": ("request.valid", PLAIN),
    "polls_wrong_kind": ("request.task", PLAIN),
    "drops_sound": ("job.as-asked", PLAIN),
    "trims_prompt": ("job.as-asked", PLAIN),
    "adds_mode": ("job.as-asked", PLAIN),
    "no_key_on_polls": ("credentials.sent", PLAIN),
    "lower_case_bearer": ("credentials.scheme", PLAIN),
    "key_in_url": ("credentials.url", PLAIN),
    "follows_with_key": ("credentials.elsewhere", "a poll is sent to another host"),
    "fetches_result_with_key": ("credentials.elsewhere", PLAIN),
    "prints_key": ("credentials.printed", PLAIN),
    "retries_lost_submit": ("submit.unknown-outcome", f"{LOST} connection ends without an answer"),
    "retries_failed_submit": ("submit.unknown-outcome", "the submit: 500, the task was made"),
    "resubmits_when_not_found": ("submit.once", "the task is not found by the first poll"),
    "retries_unread_submit": ("submit.unknown-outcome", f"{LOST} answer is half of the JSON"),
    "submits_twice": ("submit.once", PLAIN),
    "caps_retry_after": ("pace.retry-after", "a poll: 429, Retry-After 2"),
    "ignores_retry_after": ("pace.retry-after", "a poll: 429, Retry-After 2"),
    "ignores_retry_after_dates": ("pace.retry-after", "a poll: 503, Retry-After 2 as a date"),
    "busy": ("pace.busy", "many polls"),
    "polls_after_end": ("pace.after-end", PLAIN),
    "gives_up_on_502": ("outcome.completed", "a poll: 502 with an HTML page"),
    "gives_up_on_reset": ("outcome.completed", "a poll: the connection is reset"),
    "gives_up_on_bad_json": ("outcome.completed", "a poll: the yes is half of the JSON"),
    "gives_up_when_not_found": ("outcome.completed", "the task is not found by the first poll"),
    "gives_up_at_the_third_fault": ("outcome.completed", "three server errors in a row"),
    "gives_up_after_twenty_polls": ("outcome.completed", "many polls"),
    "submits_again_but_once": ("outcome.completed", "the submit: 429, twice"),
    "gives_up_when_put_off": ("outcome.completed", "a poll: 429"),
    "chokes_on_unknown_members": ("outcome.completed", "members that nobody documents"),
    "chokes_on_null": ("outcome.completed", "optional members are null"),
    "chokes_on_other_instants": ("outcome.completed", "instants in another form (seconds)"),
    "finds_urls_by_pattern": ("outcome.url", "JSON with escapes"),
    "unknown_word_is_the_end": ("outcome.url", "a word that nobody documents, retrying"),
    "unknown_word_is_a_failure": ("outcome.completed", "a word that nobody documents, first"),
    "prints_more_behind_the_url": ("outcome.url", PLAIN),
    "drops_the_query": ("outcome.url", PLAIN),
    "refused_is_fine": ("outcome.failed", "the submit is refused (content_rejected)"),
    "impatience_is_fine": ("outcome.failed", "the task never ends"),
    "failed_is_fine": ("outcome.failed", "fails (moderation)"),
    "done_is_enough": ("outcome.failed", "done with an empty list of results"),
    "url_and_failure": ("outcome.both", PLAIN),
    "never_gives_up": ("run.ends", "the task never ends"),
    "polls_failed_for_ever": ("run.ends", "fails (default)"),
    "no_timeout": ("run.ends", "no poll is answered"),
    "sends_nothing": ("run.starts", PLAIN),
    "floods": ("run.flood", PLAIN),
}
"""Each flaw: the rule that it breaks, and the name of a scenario in which that is seen."""


class NoVideoError(Exception):
    """There is no video."""


class Client:
    """One job of one client."""

    def __init__(self, flaw: str, base_url: str, key: str, clock: Clock) -> None:
        parts = urlsplit(base_url)
        self.flaw = flaw
        self.clock = clock
        self.said = ""
        self.host = parts.netloc
        self.prefix = "" if flaw == "drops_base_path" else parts.path
        self.key = key
        self.until = clock.now() + _PATIENCE

    def do(self, operation: str, body: Json) -> str:
        """The URL of the video."""
        if self.flaw == "sends_nothing":
            message = "no module named settings"
            raise NoVideoError(message)
        path = self.prefix + _PATHS[operation] + ("/" if self.flaw == "slash_too_many" else "")
        if self.flaw == "submits_twice":
            self.submit(path, body)
        while True:
            task_id = self.submit(path, self.spoilt(body))
            if not task_id:
                return "refused"
            poll = path.replace("text", "image") if self.flaw == "polls_wrong_kind" else path
            url = self.wait(f"{poll}/{quote(task_id, safe='')}")
            if url is not None:
                return self.told(url)

    def say(self, text: str) -> None:
        """Prints a line."""
        self.said += text + "\n"

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
        if self.flaw == "drops_the_query":
            return url.partition("?")[0]
        if self.flaw == "prints_more_behind_the_url":
            return f"{url}\nfinished"
        if self.flaw == "url_and_failure":
            self.say(url)
            raise SystemExit(1)
        return url

    # Submitting

    def submit(self, path: str, body: Json) -> str:
        for tries in count(1):
            answer = self.call("POST", path, body)
            lost = answer is None and self.flaw == "retries_lost_submit"
            broken = answer is not None and answer.status >= 500 and self.flaw == "retries_failed_submit"
            put_off = answer is not None and (answer.status == 429 or (answer.status == 503 and answer.retry_after))
            if not (lost or broken or put_off) or (self.flaw == "submits_again_but_once" and tries > 1):
                break
            self.pause(answer)
        if answer is None or not 200 <= answer.status < 300:
            if self.flaw == "refused_is_fine" and answer is not None:
                return ""
            message = f"refused or lost: {answer.status if answer else 'no answer'}"
            raise NoVideoError(message)
        try:
            return str(json.loads(answer.body)["task_info"]["id"])
        except (ValueError, KeyError, TypeError) as problem:
            if self.flaw == "retries_unread_submit":
                return self.submit(path, body)
            message = "no id"
            raise NoVideoError(message) from problem

    # Polling

    def wait(self, path: str) -> str | None:
        missing = faults = 0
        if self.flaw == "floods":
            while True:
                self.call("GET", path)
        for polls in count(1):
            answer = self.call("GET", path)
            faults = faults + 1 if answer is None or answer.status >= 500 else 0
            self.count_up(faults, polls)
            missing += answer is not None and answer.status == 404
            if answer is not None and answer.status == 404 and self.flaw == "resubmits_when_not_found":
                return None
            self.check(answer, missing)
            url = self.read(answer)
            if url is not None:
                if self.flaw == "polls_after_end":
                    self.call("GET", path)
                return url
            if self.flaw == "impatience_is_fine" and self.clock.now() + _PAUSE > self.until:
                return "it takes long"
            self.pause(answer)
        return None

    def count_up(self, faults: int, polls: int) -> None:
        """Ends what a flaw has seen enough of."""
        enough = {"gives_up_at_the_third_fault": faults > 2, "gives_up_after_twenty_polls": polls > 20}
        if enough.get(self.flaw, False):
            message = f"gave up after {polls} polls"
            raise NoVideoError(message)

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
            raise NoVideoError(message)

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
                raise NoVideoError(str(problem)) from problem
            return None
        self.choke(value)
        return self.by_word(word, value)

    def by_word(self, word: str, value: Json) -> str | None:
        known = ("pending", "processing", "completed", "failed")
        if word == "completed":
            videos = value.get("videos") or []
            if not videos and self.flaw != "done_is_enough":
                message = "no video"
                raise NoVideoError(message)
            return videos[0] if videos else "done"
        if word == "failed" and self.flaw == "failed_is_fine":
            return "it failed"
        if word == "failed" and self.flaw != "polls_failed_for_ever":
            message = "it failed"
            raise NoVideoError(message)
        if word not in known and self.flaw == "unknown_word_is_the_end":
            return str(value.get("videos"))
        if word not in known and self.flaw == "unknown_word_is_a_failure":
            message = f"unknown status {word}"
            raise NoVideoError(message)
        return None

    def choke(self, value: Json) -> None:
        info = value["task_info"]
        known = {"id", "status", "created_at", "updated_at", "error"}
        if self.flaw == "chokes_on_unknown_members" and set(info) - known:
            message = "unexpected member"
            raise NoVideoError(message)
        if self.flaw == "chokes_on_null" and None in info.values():
            message = "null"
            raise NoVideoError(message)
        if self.flaw == "chokes_on_other_instants":
            datetime.strptime(info["created_at"], "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)

    def pause(self, answer: Answer | None) -> None:
        seconds = _PAUSE
        if answer is not None and answer.retry_after and self.flaw != "ignores_retry_after":
            seconds = self.asked(answer.retry_after)
        if self.flaw == "busy":
            return
        endless = self.flaw in ("never_gives_up", "polls_failed_for_ever")
        if self.clock.now() + seconds > self.until and not endless:
            message = "gave up waiting"
            raise NoVideoError(message)
        self.clock.sleep(seconds)

    def asked(self, text: str) -> float:
        if text.isdecimal():
            return min(float(text), 1.0) if self.flaw == "caps_retry_after" else float(text)
        if self.flaw == "ignores_retry_after_dates":
            return _PAUSE
        return max(_PAUSE, parsedate_to_datetime(text).timestamp() - self.clock.wall())

    # HTTP

    def call(self, method: str, path: str, body: Json = None) -> Answer | None:
        """The answer; None when there is none."""
        self.clock.check()
        if self.flaw == "busy" and self.clock.now() > self.until:
            message = "gave up waiting"
            raise NoVideoError(message)
        if self.flaw == "key_in_url":
            path += f"?key={self.key}"
        if self.flaw == "prints_key":
            self.say(f"calling with {self.key}")
        try:
            answer = self.ask(method, path, json.dumps(body) if body is not None else None)
        except TimeoutError:
            self.clock.waited()
            return None
        except (OSError, HTTPException):
            return None
        if answer.location and self.flaw == "follows_with_key":
            return self.call(method, answer.location, body)
        return answer

    def ask(self, method: str, path: str, text: str | None) -> Answer:
        """One request, at the vendor's host or at that of a URL."""
        host = self.host
        if "://" in path:
            parts = urlsplit(path)
            host, path = parts.netloc, parts.path + (f"?{parts.query}" if parts.query else "")
        connection = self.connect(host)
        try:
            connection.request(method, path, text, dict(self.headers(method)))
            got = connection.getresponse()
            told = (
                got.headers.get(name) or "" for name in ("Retry-After", "Location", "Content-Type", "Content-Length")
            )
            return Answer(got.status, got.read(), *told)
        finally:
            connection.close()

    def connect(self, host: str) -> HTTPConnection:
        """A connection for each call."""
        return HTTPConnection(host, timeout=None if self.flaw == "no_timeout" else self.clock.patience())

    def headers(self, method: str) -> Iterator[tuple[str, str]]:
        if not (self.flaw == "no_key_on_polls" and method == "GET"):
            yield "Authorization", f"{'bearer' if self.flaw == 'lower_case_bearer' else 'Bearer'} {self.key}"
        if method == "POST" and self.flaw != "no_content_type":
            yield "Content-Type", "application/json"


def _named(flaw: str) -> Callable[[str, str, str, Json], str]:
    def call(base_url: str, api_key: str, operation: str, body: Json) -> str:
        client = Client(flaw, base_url, api_key, Clock())
        try:
            return client.do(operation, body)
        finally:
            sys.stdout.write(client.said)

    return call


named = SimpleNamespace(**{flaw: _named(flaw) for flaw in FLAWS})


def main() -> int:
    """As a command: the flaw is its argument."""
    job = json.loads(Path(os.environ["UNDERSTUDY_REQUEST"]).read_text(encoding="utf-8"))
    call = getattr(named, sys.argv[1] if len(sys.argv) > 1 else "correct")
    try:
        url = call(os.environ["UNDERSTUDY_BASE_URL"], os.environ["UNDERSTUDY_API_KEY"], job["operation"], job["body"])
    except NoVideoError as problem:
        sys.stderr.write(f"{problem}\n")
        return 1
    sys.stdout.write(f"{url}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
