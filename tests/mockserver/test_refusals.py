"""Every refusal in a vendor's catalogue is reached by a call, with its status, its envelope and its headers."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from types import MappingProxyType

import jwt
import pytest

from mockserver.accounts import Limits
from mockserver.fake import Fake
from mockserver.messages import Answer, Call
from mockserver.store import Bounds
from properties.promised import BASE, KINDS, VENDORS, Desk, Kind, assert_promised, fresh_key, kinds, pack
from specs.pack import SITUATIONS
from specs.pointers import removed, replaced
from targets import make_fake

WALL_SECONDS = 1_800_000_000
LIMITED = {
    "poor": Limits(balance=2),
    "narrow": Limits(concurrency=2),
    "slow": Limits(rate=3),
}


def provided(vendor: str) -> Fake:
    """A fake with a few accounts that have limits."""
    return make_fake(vendor, limits=LIMITED)


def send(
    fake: Fake, kind: Kind, authorization: str | None, content: bytes | None, content_type: str = "application/json"
) -> Answer:
    """A submission as it is."""
    headers = {b"content-type": content_type.encode()}
    if authorization is not None:
        headers[b"authorization"] = authorization.encode()
    return fake.handle(fake.vendors[kind.pack.name], Call("POST", kind.submit.path, "", headers, content, BASE))[0]


def valid(kind: Kind) -> bytes:
    """A body that is taken."""
    return json.dumps(kind.with_prompt("a cat")).encode()


def with_key(key: str) -> Callable[[Kind], Answer]:
    """A valid submission under this key."""
    return lambda kind: send(provided(kind.pack.name), kind, f"Bearer {key}", valid(kind))


def with_body(
    change: Callable[[Kind], bytes | None], content_type: str = "application/json"
) -> Callable[[Kind], Answer]:
    """A submission of this body by an account in no trouble."""
    return lambda kind: send(provided(kind.pack.name), kind, "Bearer key", change(kind), content_type)


def elsewhere(method: str, path: str) -> Callable[[Kind], Answer]:
    """Another method, or another path."""
    return lambda kind: Desk(provided(kind.pack.name), kind.pack.name, "key").ask(method, path or kind.submit.path)


def too_many(key: str, allowed: int) -> Callable[[Kind], Answer]:
    """One submission more than the account may make."""

    def call(kind: Kind) -> Answer:
        desk = Desk(provided(kind.pack.name), kind.pack.name, key)
        for _ in range(allowed):
            assert desk.submit(kind, kind.with_prompt("a cat")).status < 300
        return desk.submit(kind, kind.with_prompt("a cat"))

    return call


def token(kind: Kind, **claims: int) -> Answer:
    """A submission under a JWT, where tokens may be JWTs."""
    account = pack(kind.pack.name).behaviour.authentication.jwt_account or "iss"
    text = jwt.encode({account: "me", **claims}, "a-secret-that-is-long-enough-for-hs256", "HS256")
    return send(provided(kind.pack.name), kind, f"Bearer {text}", valid(kind))


def model_body(kind: Kind, model: str | None) -> bytes:
    """A valid body but for its model."""
    step = kind.pack.behaviour.model
    assert step is not None
    body = kind.with_prompt("a cat")
    return json.dumps(removed(body, step.pointer) if model is None else replaced(body, step.pointer, model)).encode()


def full(kind: Kind) -> Answer:
    """A submission while everything that may be held is held, and unfinished."""
    fake = make_fake(kind.pack.name, bounds=Bounds(tasks=3))
    desk = Desk(fake, kind.pack.name, "key")
    for _ in range(3):
        assert desk.submit(kind, kind.with_prompt("[[stuck]]")).status < 300
    return desk.submit(kind, kind.with_prompt("one too many"))


PROVOKE: Mapping[str, Callable[[Kind], Answer]] = MappingProxyType(
    {
        "route_unknown": elsewhere("POST", "/nowhere"),
        "method_unknown": elsewhere("PATCH", ""),
        "key_missing": lambda kind: send(provided(kind.pack.name), kind, None, valid(kind)),
        "key_malformed": lambda kind: send(provided(kind.pack.name), kind, "Basic a2V5", valid(kind)),
        "key_invalid": with_key("mock-invalid"),
        "key_expired": with_key("mock-expired"),
        "key_not_yet_valid": lambda kind: token(kind, exp=WALL_SECONDS + 900, nbf=WALL_SECONDS + 60),
        "key_forbidden": with_key("mock-forbidden"),
        "body_too_large": with_body(lambda _: None),
        "content_type": with_body(valid, "text/plain"),
        "json_malformed": with_body(lambda _: b"{"),
        "model_missing": with_body(lambda kind: model_body(kind, None)),
        "model_unknown": with_body(lambda kind: model_body(kind, "no-such-model")),
        "request_invalid": with_body(lambda kind: json.dumps(kind.broken_twice()[0]).encode()),
        "balance_empty": too_many("poor", 2),
        "rate_exceeded": too_many("slow", 3),
        "concurrency_exceeded": too_many("narrow", 2),
        "content_rejected": with_body(lambda kind: json.dumps(kind.with_prompt("[[reject]]")).encode()),
        "task_unknown": lambda kind: Desk(provided(kind.pack.name), kind.pack.name, "key").poll(kind, "nobody"),
        "service_unavailable": full,
    }
)
CATALOGUE = [(kind, situation) for kind in KINDS for situation in kind.submit.refusals]


def test_every_situation_is_provoked_here() -> None:
    """A situation that is added needs a call that reaches it."""
    assert set(PROVOKE) == set(SITUATIONS)


@pytest.mark.parametrize(("kind", "situation"), CATALOGUE, ids=lambda value: getattr(value, "name", value))
def test_refusal_is_reached_and_documented(kind: Kind, situation: str) -> None:
    """The status of the catalogue, a body that the contract allows for it, no placeholder left in it, its headers."""
    operation = kind.poll if situation == "task_unknown" else kind.submit
    refusal = operation.refusals[situation]
    if situation == "content_type" and kind.pack.behaviour.content_type == "any":
        pytest.skip("this vendor reads every media type")

    answer = PROVOKE[situation](kind)

    assert answer.status == refusal.status
    off_the_map = situation in ("route_unknown", "method_unknown")
    said = assert_promised(kind.pack.name, None if off_the_map else operation.id, answer.status, answer.body)
    assert "$" not in json.dumps(said).replace("$.", "")
    headers = {name.decode(): value.decode() for name, value in answer.headers}
    assert {name.lower() for name in refusal.headers} <= headers.keys()
    assert all(headers[name.lower()] for name in refusal.headers)
    if "retry-after" in headers:
        assert int(headers["retry-after"]) >= 1


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_quota_comes_back(kind: Kind) -> None:
    """A rate after its second, a place when a task is over; a spent balance never, until the reset."""
    fake = provided(kind.pack.name)
    for key, allowed, wait in (("slow", 3, 1), ("narrow", 2, 1000)):
        desk = Desk(fake, kind.pack.name, key)
        for _ in range(2):
            statuses = [desk.submit(kind, kind.with_prompt("a cat")).status for _ in range(allowed + 1)]
            assert [status < 300 for status in statuses] == [True] * allowed + [False]
            fake.advance(wait, key)
    poor = Desk(fake, kind.pack.name, "poor")
    for expected in (True, True, False):
        assert (poor.submit(kind, kind.with_prompt("a cat")).status < 300) == expected
        fake.advance(10_000, "poor")
    fake.store.reset("poor")
    assert poor.submit(kind, kind.with_prompt("a cat")).status < 300


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_wait_that_is_told_is_long_enough(kind: Kind) -> None:
    """Whoever waits as long as Retry-After says is let in."""
    fake = provided(kind.pack.name)
    for key, allowed, situation in (("slow", 3, "rate_exceeded"), ("narrow", 2, "concurrency_exceeded")):
        if "Retry-After" not in kind.submit.refusals[situation].headers:
            continue
        desk = Desk(fake, kind.pack.name, key)
        for _ in range(allowed):
            desk.submit(kind, kind.with_prompt("a cat"))
        refused = desk.submit(kind, kind.with_prompt("a cat"))
        wait = int(dict(refused.headers)[b"retry-after"])
        fake.advance(wait, key)
        assert desk.submit(kind, kind.with_prompt("a cat")).status < 300


@pytest.mark.parametrize("vendor", VENDORS)
def test_refused_submission_costs_nothing(vendor: str) -> None:
    """What was refused for its body takes nothing from the balance and no place."""
    kind = kinds(vendor)[0]
    for key in ("poor", "narrow"):
        desk = Desk(provided(vendor), vendor, key)
        for _ in range(5):
            assert desk.submit(kind, []).status >= 400
        assert desk.submit(kind, kind.with_prompt("a cat")).status < 300


@pytest.mark.parametrize("vendor", VENDORS)
def test_troubled_accounts_are_in_trouble_everywhere(vendor: str) -> None:
    """Authentication is refused on a poll as on a submit; a key without balance may still read."""
    kind = kinds(vendor)[0]
    fake, body = provided(vendor), kind.with_prompt("a")
    for word in ("mock-invalid", "mock-expired", "mock-forbidden", "mock-throttled"):
        for answer in (
            Desk(fake, vendor, f"{word}-7").poll(kind, "nobody"),
            Desk(fake, vendor, word).submit(kind, body),
        ):
            situation = {"mock-throttled": "rate_exceeded"}.get(word, word.replace("mock-", "key_"))
            expected = kind.poll.refusals[situation].status
            assert answer.status == expected
    broke = Desk(fake, vendor, "mock-broke-" + fresh_key())
    assert broke.submit(kind, kind.with_prompt("a")).status == kind.submit.refusals["balance_empty"].status
    assert broke.poll(kind, "nobody").status == kind.poll.refusals["task_unknown"].status


@pytest.mark.parametrize("vendor", VENDORS)
def test_oldest_finished_task_makes_room(vendor: str) -> None:
    """Beyond its bound a store forgets what is over, never what is not; the forgotten task is unknown."""
    kind = kinds(vendor)[0]
    fake = make_fake(vendor, bounds=Bounds(tasks=3))
    desk = Desk(fake, vendor, "key")
    prompts = ("[[stuck]]", "[[slow:0]] first", "[[slow:0]] second")
    stuck, first, second = [
        kind.task_id(json.loads(desk.submit(kind, kind.with_prompt(prompt)).body)) for prompt in prompts
    ]
    fake.advance(60, "key")
    third = kind.task_id(json.loads(desk.submit(kind, kind.with_prompt("[[stuck]]")).body))

    assert {view.task.id for view in fake.tasks("key")} == {stuck, second, third}
    assert desk.poll(kind, first).status == kind.poll.refusals["task_unknown"].status
    assert desk.poll(kind, stuck).status == 200
