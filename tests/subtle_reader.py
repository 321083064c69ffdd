"""More clients with one flaw each: they misread what they are told, or tell it wrong; and the table of all flaws."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from http.client import HTTPConnection
from urllib.parse import unquote

from client_parts import Answer
from flawed_client import FLAWS, Client, Json, NoVideoError
from subtle_client import CLASSES, FOUND, flaw

_PREVIOUS = "http://localhost:1/files/the-previous-job/0/result_000.mp4?e=1"


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


ALL_FLAWS: Mapping[str, tuple[str, str]] = {**FLAWS, **FOUND}
"""Those of all tables: the rule that each breaks, and the name of a scenario in which that is seen."""


def client_with(name: str) -> type[Client]:
    """The client that has this flaw; those of the first table are one class."""
    return CLASSES.get(name, Client)
