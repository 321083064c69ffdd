"""More clients with one flaw each, of kinds that reviews overlook: those that send and submit what they should not."""

from __future__ import annotations

import html
import json
import re
import unicodedata
from collections.abc import Callable, Iterator
from typing import Any

from client_parts import Answer
from flawed_client import LOST, PLAIN, Client, NoVideoError

Json = Any
_SLOW_SECONDS, _PREVIOUS = 1.0, "http://localhost:1/files/the-previous-job/0/result_000.mp4?e=1"
FOUND: dict[str, tuple[str, str]] = {}
CLASSES: dict[str, type[Client]] = {}


def flaw(rule: str, scenario: str = PLAIN) -> Callable[[type[Client]], type[Client]]:
    """Names a client by its flaw, with the rule that it breaks and a scenario in which that is seen."""

    def keep(client: type[Client]) -> type[Client]:
        name = re.sub(r"(?<!^)(?=[A-Z])", "_", client.__name__).lower()
        FOUND[name], CLASSES[name] = (rule, scenario), client
        return client

    return keep


# Calls


@flaw("request.documented")
class DoublesSlash(Client):
    def do(self, operation: str, body: Json) -> str:
        self.prefix += "/"
        return super().do(operation, body)


@flaw("request.documented")
class PollsByPost(Client):
    def ask(self, method: str, path: str, text: str | None) -> Answer:
        return super().ask("POST" if method == "GET" else method, path, text or "{}")


@flaw("request.valid")
class EncodesTwice(Client):
    def ask(self, method: str, path: str, text: str | None) -> Answer:
        return super().ask(method, path, json.dumps(text) if text else text)


@flaw("request.valid")
class SendsTheEnvelope(Client):
    def spoilt(self, body: Json) -> Json:
        return {"operation": "create", "body": body}


@flaw("request.task")
class CutsTheId(Client):
    def submit(self, path: str, body: Json) -> str:
        return super().submit(path, body)[:32]


@flaw("request.task")
class PollsTheUpperCaseId(Client):
    def submit(self, path: str, body: Json) -> str:
        return super().submit(path, body).upper()


# The job


def _job_flaw(name: str, change: Callable[[str], str]) -> None:
    class Spoils(Client):
        def spoilt(self, body: Json) -> Json:
            return {**body, "prompt": change(body["prompt"])} if body.get("prompt") else body

    FOUND[name], CLASSES[name] = ("job.as-asked", PLAIN), Spoils


_job_flaw("normalises_unicode", lambda text: unicodedata.normalize("NFC", text))
_job_flaw("strips_prompt", str.strip)
_job_flaw("joins_lines", lambda text: " ".join(text.split(" ")).replace("\n", " "))
_job_flaw("lets_ascii_through", lambda text: text.encode("ascii", "ignore").decode() or "x")
_job_flaw("escapes_html", html.escape)
_job_flaw("cuts_at_two_thousand", lambda text: text[:2000])


@flaw("job.as-asked")
class AddsWhatItLikes(Client):
    def spoilt(self, body: Json) -> Json:
        return {"negative_prompt": "blurry, low quality", **body}


@flaw("job.as-asked")
class KeepsToTheDefaults(Client):
    def spoilt(self, body: Json) -> Json:
        return {name: value for name, value in body.items() if name != "duration"}


# The key


@flaw("credentials.sent")
class HasAnotherKey(Client):
    def headers(self, method: str) -> Iterator[tuple[str, str]]:
        yield from super().headers(method)
        self.key = "sk-the-key-of-the-settings"


@flaw("credentials.sent")
class NamesItsOwnHeader(Client):
    def headers(self, method: str) -> Iterator[tuple[str, str]]:
        for name, value in super().headers(method):
            yield ("X-Api-Key", self.key) if name == "Authorization" else (name, value)


@flaw("credentials.elsewhere", "the submit is sent to another host")
class FollowsTheSubmitWithKey(Client):
    def call(self, method: str, path: str, body: Json = None) -> Answer | None:
        answer = super().call(method, path, body)
        if answer is not None and answer.status == 307:
            return super().call(method, answer.location, body)
        return answer


@flaw("credentials.printed", "the submit is refused (key_invalid)")
class PrintsKeyWhenRefused(Client):
    def call(self, method: str, path: str, body: Json = None) -> Answer | None:
        answer = super().call(method, path, body)
        if answer is not None and answer.status == 401:
            self.say(f"refused: {dict(self.headers(method))}")
        return answer


# Submitting


@flaw("submit.unknown-outcome", "the submit is answered slowly")
class IsImpatientWithItsSubmit(Client):
    def ask(self, method: str, path: str, text: str | None) -> Answer:
        if method == "POST" and self.flaw:
            self.flaw = ""
            patience, self.clock.patience = self.clock.patience, lambda: _SLOW_SECONDS  # type: ignore[method-assign]
            try:
                return super().ask(method, path, text)
            except TimeoutError:
                pass
            finally:
                self.clock.patience = patience  # type: ignore[method-assign]
        return super().ask(method, path, text)


@flaw("submit.unknown-outcome", "the submit: 503")
class RetriesEvery503(Client):
    def call(self, method: str, path: str, body: Json = None) -> Answer | None:
        answer = super().call(method, path, body)
        while method == "POST" and answer is not None and answer.status == 503:
            self.pause(answer)
            answer = super().call(method, path, body)
        return answer


@flaw("submit.unknown-outcome", f"{LOST} connection is reset")
class RetriesResets(Client):
    def ask(self, method: str, path: str, text: str | None) -> Answer:
        try:
            return super().ask(method, path, text)
        except ConnectionResetError:
            return super().ask(method, path, text)


@flaw("submit.once", "fails (default)")
class SubmitsAFailedJobAgain(Client):
    def do(self, operation: str, body: Json) -> str:
        try:
            return super().do(operation, body)
        except NoVideoError as problem:
            if str(problem) != "it failed":
                raise
        return super().do(operation, body)


@flaw("submit.once", "three server errors in a row")
class StartsAfreshAfterErrors(Client):
    def wait(self, path: str) -> str | None:
        self.errors = 0
        return super().wait(path)

    def count_up(self, faults: int, polls: int) -> None:
        super().count_up(faults, polls)
        self.errors = faults

    def read(self, answer: Answer | None) -> str | None:
        if self.errors == 3:
            self.submit(*self.job)
        return super().read(answer)

    def submit(self, path: str, body: Json) -> str:
        self.job = path, body
        return super().submit(path, body)


# Pace


@flaw("pace.retry-after", "a poll: 429, Retry-After 2")
class SleepsMilliseconds(Client):
    def asked(self, text: str) -> float:
        return super().asked(text) / 1000 if text.isdecimal() else super().asked(text)


@flaw("pace.retry-after", "a poll: 503, Retry-After 2")
class HeedsRetryAfterOf429Alone(Client):
    def pause(self, answer: Answer | None) -> None:
        super().pause(answer if answer is not None and answer.status == 429 else None)


@flaw("pace.retry-after", "the submit: 429, Retry-After 2")
class HurriesWithItsSubmit(Client):
    def submit(self, path: str, body: Json) -> str:
        self.asked = lambda text: 0.1 * bool(text)  # type: ignore[method-assign]
        try:
            return super().submit(path, body)
        finally:
            del self.asked


@flaw("outcome.completed", "a poll: 503, Retry-After 2 as a date")
class ReadsDatesAsLocalTime(Client):
    def asked(self, text: str) -> float:
        return super().asked(text) + (0 if text.isdecimal() else 7200)
