"""What the tests about every vendor know of each: read out of its pack at run time, never written down here."""

from __future__ import annotations

import itertools
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from random import SystemRandom
from typing import Any
from urllib.parse import quote, urlencode

import specs
from mockserver.fake import Fake
from mockserver.messages import Answer, Call
from specs import Operation, Pack
from specs.pointers import join, removed, replaced, resolve
from specs.validation import compile_schema
from targets import make_fake

Json = Any
VENDORS = specs.names()
BASE = "http://fake"
_NUMBERS = itertools.count(1)


def fresh_key() -> str:
    """A key that no other test of this process uses."""
    return f"key-{os.getpid()}-{next(_NUMBERS)}"


def fresh_seed() -> int:
    """The seed of a run: another one each time, unless UNDERSTUDY_TEST_SEED names the one to replay."""
    named = os.environ.get("UNDERSTUDY_TEST_SEED")
    return int(named) if named else SystemRandom().getrandbits(32)


@lru_cache
def pack(vendor: str) -> Pack:
    """The vendor's pack."""
    return specs.load(vendor)


def spots(template: Json, placeholder: str, at: str = "") -> Iterator[str]:
    """Where a template of behaviour.yaml holds exactly this placeholder."""
    if template == placeholder:
        yield at
    elif isinstance(template, Mapping):
        for name, value in template.items():
            yield from spots(value, placeholder, at + join([name.removesuffix("?")]))
    elif isinstance(template, list):
        for index, value in enumerate(template):
            yield from spots(value, placeholder, f"{at}/{index}")


@dataclass(frozen=True, repr=False)
class Kind:
    """One kind of job at a vendor: how it is submitted, polled and, at some, listed."""

    pack: Pack
    submit: Operation
    poll: Operation
    listing: Operation | None
    id_at: str
    """Where the submit's answer says the id: the OpenAPI link from submit to poll."""

    @property
    def name(self) -> str:
        """For ids of tests."""
        return f"{self.pack.name}-{self.submit.id}"

    def __repr__(self) -> str:
        return self.name

    def _repr_pretty_(self, printer: Any, cycle: object) -> None:
        """Hypothesis asks for this when it tells what it drew: the whole pack would be told otherwise."""
        del cycle
        printer.text(self.name)

    @property
    def words(self) -> Mapping[str, str]:
        """The vendor's word for each of our states."""
        return self.pack.behaviour.lifecycle.words

    @property
    def examples(self) -> Mapping[str, Json]:
        """The named, valid bodies."""
        return self.submit.examples

    def spot(self, placeholder: str, state: str = "done") -> str | None:
        """Where a polled task says this; None where the vendor does not."""
        template = self.pack.behaviour.answers[self.poll.answer].bodies[state]
        return next(spots(template, placeholder), None)

    def poll_path(self, task_id: str) -> str:
        """Where a task is read."""
        if self.poll.id_location == "query":
            return f"{self.poll.path}?{urlencode({str(self.poll.id_name): task_id})}"
        return self.poll.path.replace(f"{{{self.poll.id_name}}}", quote(task_id, safe=""))

    def refused(self, *situations: str) -> set[int]:
        """The statuses that the vendor has for these situations, when a job is submitted or polled."""
        operations = (self.submit, self.poll)
        return {each.refusals[name].status for each in operations for name in situations if name in each.refusals}

    @property
    def unknown(self) -> set[int]:
        """The statuses of an id or a path that nobody has."""
        return self.refused("task_unknown", "route_unknown", "request_invalid")

    def broken_twice(self) -> tuple[Json, set[str]]:
        """A body with two values of the wrong type, and where they are."""
        places = {self.pack.behaviour.prompts[0], self.pack.behaviour.lifecycle.video_seconds}
        body = self.with_prompt("a cat")
        for place in places:
            body = replaced(body, place, {"not": "that"})
        return body, places

    def with_prompt(self, prompt: str) -> Json:
        """A valid body that carries this prompt."""
        pointer = self.pack.behaviour.prompts[0]
        body = next(each for each in self.examples.values() if isinstance(resolve(each, pointer), str))
        return replaced(body, pointer, prompt)

    def fresh(self, body: Json) -> Json:
        """The body without a client's own id, which an account may use once."""
        pointer = self.pack.behaviour.external_id
        return removed(body, pointer) if pointer else body

    def task_id(self, answer: Json) -> str:
        """The id that a submit answered with."""
        found = resolve(answer, self.id_at)
        assert isinstance(found, str), answer
        return found

    def word(self, answer: Json) -> str:
        """The vendor's word in the answer to a poll."""
        found = resolve(answer, self.spot("$task.status") or "")
        assert isinstance(found, str), answer
        return found

    def state(self, answer: Json) -> str:
        """Our state behind the vendor's word."""
        return next(state for state, word in self.words.items() if word == self.word(answer))


def _link(operation: Operation) -> tuple[str, str]:
    """The operation that the submit's first link leads to, and where the id is found."""
    for response in operation.responses.values():
        for link in response.get("links", {}).values():
            expression = next(iter(link["parameters"].values()))
            return link["operationId"], expression.removeprefix("$response.body#")
    message = f"{operation.id} links to no poll"
    raise LookupError(message)


def kinds(vendor: str) -> list[Kind]:
    """Every kind of job of a vendor."""
    operations = pack(vendor).operations
    found = []
    for submit in operations.values():
        if submit.role == "submit":
            poll, id_at = _link(submit)
            lists = [each for each in operations.values() if each.role == "list" and each.tasks == submit.tasks]
            found.append(Kind(pack(vendor), submit, operations[poll], lists[0] if lists else None, id_at))
    return found


KINDS = [kind for vendor in VENDORS for kind in kinds(vendor)]
OPERATIONS = [(vendor, name) for vendor in VENDORS for name in pack(vendor).operations]


@lru_cache(maxsize=512)
def _validator(vendor: str, operation: str | None, status: int) -> Any:
    operations = pack(vendor).operations
    candidates = [operations[operation]] if operation else list(operations.values())
    schemas = [schema for each in candidates if (schema := each.response_schema(status)) is not None]
    return compile_schema({"anyOf": schemas}) if schemas else None


def assert_promised(vendor: str, operation: str | None, status: int, body: bytes) -> Json:
    """An answer has a documented status and keeps that status's schema; without an operation, any operation's."""
    validator = _validator(vendor, operation, status)
    assert validator is not None, f"{vendor} {operation or 'nowhere'} documents no {status}: {body[:300]!r}"
    said = json.loads(body)
    problems = [error.message for error in validator.iter_errors(said)]
    assert not problems, f"{vendor} {operation or ''} {status}: {problems[:3]} in {body[:300]!r}"
    return said


@lru_cache
def lasting_fake(vendor: str) -> Fake:
    """A fake of this vendor for many tests: what they do to it, they do under keys of their own."""
    return make_fake(vendor)


class Desk:
    """A client of one vendor that calls the core itself: no HTTP library between the test and the answer."""

    def __init__(self, fake: Fake, vendor: str, key: str) -> None:
        self.fake = fake
        self.vendor = vendor
        self.key = key

    def ask(self, method: str, path: str, body: Json = None) -> Answer:
        """The vendor's answer."""
        content = b"" if body is None else json.dumps(body).encode()
        return self.send(method, path, content, "application/json")

    def send(self, method: str, path: str, content: bytes, content_type: str) -> Answer:
        """The vendor's answer to these very bytes."""
        headers = {b"authorization": f"Bearer {self.key}".encode("latin-1"), b"content-type": content_type.encode()}
        plain, _, query = path.partition("?")
        call = Call(method, plain, query, headers, content, BASE)
        return self.fake.handle(self.fake.vendors[self.vendor], call)[0]

    def submit(self, kind: Kind, body: Json) -> Answer:
        """Submits a job."""
        return self.ask("POST", kind.submit.path, body)

    def poll(self, kind: Kind, task_id: str) -> Answer:
        """Reads a task."""
        return self.ask("GET", kind.poll_path(task_id))
