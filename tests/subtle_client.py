"""More clients with one flaw each, of kinds that reviews overlook: a class for each, told by its rule and scenario."""

from __future__ import annotations

import html
import json
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from http.client import HTTPConnection
from typing import Any
from urllib.parse import unquote

from flawed_client import FLAWS, LOST, PLAIN, Answer, Client, NoVideoError

Json = Any
_SLOW_SECONDS, _PREVIOUS = 1.0, "http://localhost:1/files/the-previous-job/0/result_000.mp4?e=1"
_FOUND: dict[str, tuple[str, str]] = {}
_CLASSES: dict[str, type[Client]] = {}


def flaw(rule: str, scenario: str = PLAIN) -> Callable[[type[Client]], type[Client]]:
    """Names a client by its flaw, with the rule that it breaks and a scenario in which that is seen."""

    def keep(client: type[Client]) -> type[Client]:
        name = re.sub(r"(?<!^)(?=[A-Z])", "_", client.__name__).lower()
        _FOUND[name], _CLASSES[name] = (rule, scenario), client
        return client

    return keep


def client_with(name: str) -> type[Client]:
    """The client that has this flaw; those of the other table are one class."""
    return _CLASSES.get(name, Client)


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

    _FOUND[name], _CLASSES[name] = ("job.as-asked", PLAIN), Spoils


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


# Surviving


@flaw("outcome.completed", "the submit: 429, Retry-After 2")
class NeverSubmitsAgain(Client):
    def submit(self, path: str, body: Json) -> str:
        self.pause = self.refuse  # type: ignore[method-assign]
        try:
            return super().submit(path, body)
        finally:
            del self.pause

    def refuse(self, answer: Answer | None) -> None:
        message = f"refused: {answer.status if answer else 'no answer'}"
        raise NoVideoError(message)


@flaw("outcome.completed")
class KnowsStatus200Alone(Client):
    def call(self, method: str, path: str, body: Json = None) -> Answer | None:
        answer = super().call(method, path, body)
        if method == "POST" and answer is not None and answer.status in (201, 202):
            answer.status = 500
        return answer


@flaw("outcome.completed", "a poll is answered slowly")
class GivesUpOnSlowPolls(Client):
    def call(self, method: str, path: str, body: Json = None) -> Answer | None:
        began = self.clock.now()
        answer = super().call(method, path, body)
        if method == "GET" and self.clock.now() - began > 1.4:
            message = "the poll timed out"
            raise NoVideoError(message)
        return answer


@flaw("outcome.completed", "headers that nobody documents")
class WantsTheExactMediaType(Client):
    def ask(self, method: str, path: str, text: str | None) -> Answer:
        answer = super().ask(method, path, text)
        if answer.status < 300 and answer.media_type != "application/json":
            answer.status = 500
        return answer


@flaw("outcome.completed", "chunked answers")
class NeedsALength(Client):
    def ask(self, method: str, path: str, text: str | None) -> Answer:
        answer = super().ask(method, path, text)
        return answer if answer.length else Answer(500, b"")


@flaw("outcome.completed", "a connection for each call")
class NeverConnectsAgain(Client):
    connection: _Kept | None = None

    def connect(self, host: str) -> HTTPConnection:
        if self.connection is None:
            self.connection = _Kept(host)
            self.connection.connect()
        return self.connection

    def do(self, operation: str, body: Json) -> str:
        try:
            return super().do(operation, body)
        finally:
            if self.connection is not None:
                HTTPConnection.close(self.connection)


class _Kept(HTTPConnection):
    """Stays as it is, whatever the server says."""

    auto_open = 0

    def close(self) -> None:
        pass


@flaw("outcome.completed", "several results")
class WantsOneResult(Client):
    def by_word(self, word: str, value: Json) -> str | None:
        if len(value.get("videos") or []) > 1:
            message = "what are the others?"
            raise NoVideoError(message)
        return super().by_word(word, value)


@flaw("outcome.completed", "optional members are null")
class TakesAnErrorOfNullForOne(Client):
    def by_word(self, word: str, value: Json) -> str | None:
        if "error" in value["task_info"]:
            message = "it has an error"
            raise NoVideoError(message)
        return super().by_word(word, value)


@flaw("outcome.completed", "the task is not found by the first two polls")
class LooksForItsTaskTwice(Client):
    def check(self, answer: Answer | None, missing: int) -> None:
        super().check(answer, 5 if missing > 1 else missing)


@flaw("outcome.completed", "a word that nobody documents, not_failed")
class FindsFailedInAWord(Client):
    def by_word(self, word: str, value: Json) -> str | None:
        return super().by_word("failed" if "fail" in word else word, value)


# Telling


@flaw("outcome.url", "a word that nobody documents, not_completed")
class FindsCompletedInAWord(Client):
    def by_word(self, word: str, value: Json) -> str | None:
        return super().by_word("completed" if "complete" in word else word, {"videos": ["soon"], **value})


@flaw("outcome.url", "members that nobody documents")
class TakesTheFirstUrl(Client):
    def by_word(self, word: str, value: Json) -> str | None:
        url = super().by_word(word, value)
        return re.findall(r'"(https?://[^"]+)"', json.dumps(value))[0] if url else None


@flaw("outcome.url")
class UnquotesTheUrl(Client):
    def told(self, url: str) -> str:
        return unquote(url)


@flaw("outcome.url")
class PrintsTheUrlOfAnotherJob(Client):
    def told(self, url: str) -> str:
        return _PREVIOUS if url else ""


@flaw("outcome.url")
class PrintsJson(Client):
    def told(self, url: str) -> str:
        return json.dumps({"url": url})


@flaw("outcome.url")
class PrintsNothing(Client):
    def told(self, url: str) -> str:
        return "" if url else "nothing"


class _EndsWell(Client):
    def do(self, operation: str, body: Json) -> str:
        try:
            return super().do(operation, body)
        except _WellError:
            return "nothing more to do"


class _WellError(Exception):
    """Something ended, and nobody says what."""


@flaw("outcome.failed", "the key is revoked")
class TakesLostAccessForAnEnd(_EndsWell):
    def check(self, answer: Answer | None, missing: int) -> None:
        if answer is not None and answer.status == 401:
            raise _WellError
        super().check(answer, missing)


@flaw("outcome.failed", "the task is never found")
class TakesAMissingTaskForAnEnd(_EndsWell):
    def check(self, answer: Answer | None, missing: int) -> None:
        if missing > 4:
            raise _WellError
        super().check(answer, missing)


@flaw("run.ends", "every submit: 429, Retry-After 1")
class SubmitsForEver(Client):
    def submit(self, path: str, body: Json) -> str:
        self.until = float("inf")
        try:
            return super().submit(path, body)
        finally:
            self.until = self.clock.now() + 14


SUBTLE_FLAWS: Mapping[str, tuple[str, str]] = _FOUND
ALL_FLAWS: Mapping[str, tuple[str, str]] = {**FLAWS, **SUBTLE_FLAWS}
"""Those of both tables."""
