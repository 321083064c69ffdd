"""Faults as clients meet them, over a socket and without one: what each does to a call, and to its task."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable

import httpx
import pytest

from mockserver.faults import READERS
from properties.promised import KINDS, Kind
from targets import Json, Target

Connect = Callable[[str], Target]
NAME = "x-understudy-fault"
KIND = next(kind for kind in KINDS if kind.pack.name == "mulerouter")
every_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)


@pytest.fixture
def target(connect: Connect) -> Target:
    """A fresh account, on both edges."""
    return connect(KIND.pack.name)


def submit(target: Target, kind: Kind = KIND, **more: Json) -> httpx.Response:
    """One ordinary job."""
    return target.client.post(kind.submit.path, json=kind.fresh(kind.with_prompt("a cat")), **more)


def poll(target: Target, task_id: str, kind: Kind = KIND) -> httpx.Response:
    """What the vendor says of the task."""
    return target.client.get(kind.poll_path(task_id))


def word(target: Target, task_id: str) -> str:
    """The vendor's word for the task's state."""
    return KIND.word(poll(target, task_id).json())


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 413, 429, 451, 500, 502, 503, 504])
def test_a_status_comes_in_the_vendors_envelope_and_nothing_happens(target: Target, status: int) -> None:
    """Once, with the fault's name, in the shape of its other refusals; no task is made."""
    target.fault({"status": status}, operation="submit")
    answer = submit(target)

    assert (answer.status_code, answer.headers[NAME]) == (status, "status")
    assert "error_code" in answer.json() or "task_info" in answer.json()
    if "error_code" in answer.json():
        assert answer.json()["error_code"] == status
    assert target.tasks() == []
    assert submit(target).status_code == 202
    assert [call["fault"] for call in target.journal()] == ["status", None]


@every_kind
def test_every_vendor_has_words_for_an_outage(connect: Connect, kind: Kind) -> None:
    """503 and 429 sound like the vendor's own: its media type, and its own refusal's members."""
    target = connect(kind.pack.name)
    own = kind.pack.behaviour.refusals["service_unavailable"]
    target.fault({"status": 503}, operation=kind.submit.id)
    target.fault({"status": 429, "retry_after": 7}, operation=kind.submit.id)
    outage, throttled = submit(target, kind), submit(target, kind)

    assert (outage.status_code, outage.json().keys()) == (own.status, own.body.keys())
    assert (throttled.status_code, throttled.headers["retry-after"]) == (429, "7")
    assert throttled.headers["content-type"].startswith("application/json")


ALL: list[Json] = [
    *({"status": 503}, {"status": 418}, {"retry_after": 1}, {"html": True}),
    *({"delay_seconds": 0.01}, {"jitter_seconds": 0.01}, {"drip_seconds": 0.01}, {"garble": True}, {"truncate": 10**6}),
    *({"fail": True}, {"stuck": True}, {"slow_seconds": 9}, {"not_found_polls": 1}, {"regress": True}),
    *({"close": True}, {"reset": True}, {"lose_answer": True}, {"truncate": 1}),
]


@every_kind
def test_every_fault_is_played_at_every_vendor(connect: Connect, kind: Kind) -> None:
    """And named, in the answer if there is one, and in the journal."""
    target = connect(kind.pack.name)
    for fault in ALL:
        target.fault(fault, operation="submit")
    named: list[str | None] = []
    for _ in ALL:
        try:
            named.append(submit(target, kind).headers.get(NAME))
        except httpx.TransportError:
            named.append(None)

    names = [next(iter(fault)) for fault in ALL]
    assert {next(iter(fault)) for fault in ALL} == READERS.keys() - {"webhook", "late_seconds"}
    assert named == [*names[:-4], None, None, None, None]
    assert [call["fault"] for call in target.journal()] == names


@pytest.mark.parametrize("wait", ["Wed, 21 Oct 2026 07:28:00 GMT", 3])
def test_retry_after_alone_is_a_429(target: Target, wait: str | int) -> None:
    """In seconds or as a date."""
    target.fault({"retry_after": wait})
    answer = submit(target)

    assert (answer.status_code, answer.headers["retry-after"]) == (429, str(wait))


BREAKS: list[tuple[Json, type[httpx.TransportError]]] = [
    ({"close": True}, httpx.RemoteProtocolError),
    ({"reset": True}, httpx.ReadError),
    ({"lose_answer": True}, httpx.RemoteProtocolError),
    ({"truncate": 20}, httpx.RemoteProtocolError),
    ({"truncate": 0}, httpx.RemoteProtocolError),
]


@pytest.mark.parametrize(("fault", "error"), BREAKS, ids=str)
def test_a_broken_connection_raises_what_httpx_raises(
    target: Target, fault: Json, error: type[httpx.TransportError]
) -> None:
    """The same error on both edges; `close` and `reset` let nothing happen, the others have made the task."""
    name = next(iter(fault))
    target.fault(fault)
    with pytest.raises(error):
        submit(target)

    assert len(target.tasks()) == (0 if name in ("close", "reset") else 1)
    assert [call["fault"] for call in target.journal()] == [name]
    assert submit(target).status_code == 202


def test_a_cut_body_is_the_beginning_of_the_whole_under_its_length(target: Target) -> None:
    """Twenty bytes come, and more are announced; a cut beyond the end cuts nothing."""
    target.fault({"truncate": 20})
    seen = b""

    def read() -> None:
        nonlocal seen
        with target.client.stream("POST", KIND.submit.path, json=KIND.with_prompt("a cat")) as answer:
            assert int(answer.headers["content-length"]) > 20
            for part in answer.iter_raw():
                seen += part

    with pytest.raises(httpx.RemoteProtocolError):
        read()
    assert seen == b'{"task_info":{"id":"'

    target.fault({"truncate": 100_000})
    assert submit(target).json()["task_info"]["status"] == "pending"


def test_garbage_is_no_json(target: Target) -> None:
    """With the status and media type of the answer that it was."""
    target.fault({"garble": True})
    answer = submit(target)

    assert (answer.status_code, answer.headers["content-type"]) == (202, "application/json")
    with pytest.raises(ValueError, match="Expecting value"):
        answer.json()
    assert len(target.tasks()) == 1


def test_a_proxys_page_is_html(target: Target) -> None:
    """502 unless a status says otherwise, and nothing happens behind it."""
    target.fault({"html": True}, operation="poll")
    target.fault({"html": True, "status": 503}, operation="poll")
    pages = [poll(target, "anything") for _ in range(2)]

    assert [page.status_code for page in pages] == [502, 503]
    assert all(page.headers["content-type"] == "text/html" and "<html>" in page.text for page in pages)


def test_a_late_answer_is_late_in_wall_time(target: Target) -> None:
    """So much later, with a little luck on top; and a client that waits less times out after its own time."""
    target.fault({"delay_seconds": 0.2, "jitter_seconds": 0.05}, times=2)
    begun = time.monotonic()
    answer = submit(target)
    assert time.monotonic() - begun >= 0.2
    assert (answer.status_code, answer.headers[NAME]) == (202, "delay_seconds")
    with pytest.raises(httpx.ReadTimeout):
        submit(target, timeout=0.05)

    assert len(target.tasks()) == 2


def test_a_dripping_body_comes_in_pieces(target: Target) -> None:
    """Whole in the end; a client whose patience is shorter than a pause gives up."""
    target.fault({"drip_seconds": 0.2})
    begun = time.monotonic()
    assert submit(target).json()["task_info"]["status"] == "pending"
    assert time.monotonic() - begun >= 0.18

    target.fault({"drip_seconds": 60})
    with pytest.raises(httpx.ReadTimeout):
        submit(target, timeout=0.2)


def test_later_calls_of_a_connection_wait_for_a_late_answer(server_url: str) -> None:
    """Pipelined: answers come in the order of their questions."""
    headers = {"Authorization": "Bearer pipelining"}
    with httpx.Client(base_url=server_url, headers=headers) as client:
        rule = {"vendor": KIND.pack.name, "fault": {"delay_seconds": 0.2}}
        assert client.post("/__understudy/faults?key=pipelining", json=rule).status_code == 201
        port = client.base_url.port
    path = f"/{KIND.pack.name}{KIND.poll_path('nobody')}"
    one = f"GET {path}1 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer pipelining\r\n\r\n".encode()
    with socket.create_connection(("127.0.0.1", port or 80), timeout=20) as wire:
        wire.sendall(one + one.replace(b"nobody1", b"nobody2").replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        said = b"".join(iter(lambda: wire.recv(65536), b""))

    assert said.count(b"HTTP/1.1 404") == 2
    assert said.index(b"x-understudy-fault: delay_seconds") < said.rindex(b"HTTP/1.1 404")


# Tasks


@pytest.mark.parametrize("operation", ["submit", "poll"])
def test_a_task_is_unknown_for_so_many_polls(target: Target, operation: str) -> None:
    """Said of a submit it is about the new task, said of a poll about that one; the polls count as none."""
    target.fault({"not_found_polls": 2}, operation=operation)
    task_id = KIND.task_id(submit(target).json())
    answers = [poll(target, task_id) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [404, 404, 200]
    assert [answer.headers.get(NAME) for answer in answers] == ["not_found_polls", "not_found_polls", None]
    other = KIND.task_id(submit(target).json())
    assert poll(target, other).status_code == 200


def test_a_status_goes_back_once(target: Target) -> None:
    """Behind one that the client has seen; what it never saw can't go back."""
    target.fault({"regress": True}, operation="submit")
    task_id = KIND.task_id(submit(target).json())
    seen = [word(target, task_id)]
    target.advance(20)
    seen += [word(target, task_id) for _ in range(3)]
    assert seen == ["pending", "processing", "pending", "processing"]

    target.advance(600)
    assert word(target, task_id) == "completed"
    target.fault({"regress": True}, operation="poll")
    back = poll(target, task_id)
    assert (KIND.word(back.json()), back.headers[NAME], "videos" in back.json()) == ("processing", "regress", False)
    assert word(target, task_id) == "completed"


def test_a_submitted_task_fails_or_is_stuck_or_slow(target: Target) -> None:
    """As the prompt could have said; the prompt's own words count for more."""
    target.fault({"fail": "moderation"}, operation="submit")
    target.fault({"stuck": True}, operation="submit")
    target.fault({"slow_seconds": 1000}, operation="submit")
    failing, stuck, slow = (KIND.task_id(submit(target).json()) for _ in range(3))
    target.fault({"fail": True}, operation="submit")
    own = KIND.task_id(target.client.post(KIND.submit.path, json=KIND.with_prompt("[[fail:mine]] a")).json())
    target.advance(900)

    assert [word(target, each) for each in (failing, stuck, slow, own)] == ["failed", *["processing"] * 2, "failed"]
    assert poll(target, own).json()["task_info"]["error"]["detail"] == "mine"
    target.advance(200)
    assert [word(target, each) for each in (stuck, slow)] == ["processing", "completed"]


# Which calls


def test_the_nth_call_can_be_meant(target: Target) -> None:
    """`after` lets so many pass, `times` is how often; then all is well again, and the rule is gone."""
    target.fault({"status": 503}, operation="submit", after=1, times=2)
    statuses = []
    for _ in range(4):
        statuses.append(submit(target).status_code)
        statuses.append(poll(target, "nobody").status_code)

    assert statuses == [202, 404, 503, 404, 503, 404, 202, 404]
    assert target.admin("GET", "/faults") == {"faults": []}


NOT_OF_A_POLL: list[Json] = [
    {"stuck": True},
    {"fail": "mine"},
    {"slow_seconds": 5},
    {"delay_seconds": 0, "stuck": True},
]


@pytest.mark.parametrize("fault", NOT_OF_A_POLL, ids=str)
def test_a_rule_waits_for_a_call_that_its_fault_can_happen_to(target: Target, fault: Json) -> None:
    """What becomes of a task is decided at its submit: a poll before it neither uses the rule up nor names it."""
    target.fault(fault)
    passed, met = poll(target, "nobody"), submit(target)

    assert NAME not in passed.headers
    assert met.headers[NAME] == next(iter(fault))


def test_rules_are_played_one_after_the_other(target: Target) -> None:
    """A call meets one of them, the oldest whose turn it is."""
    for status in (500, 503):
        target.fault({"status": status}, operation="*")

    assert [submit(target).status_code for _ in range(3)] == [500, 503, 202]


def test_a_rule_is_for_a_time_on_the_clock(target: Target) -> None:
    """From an instant until before another, in seconds of the account's clock since it began."""
    target.fault({"status": 503}, times="always", from_seconds=10, until_seconds=20)
    statuses = []
    for _ in range(4):
        statuses.append(submit(target).status_code)
        target.advance(7)

    assert statuses == [202, 202, 503, 202]


def test_a_fault_can_be_taken_back(target: Target) -> None:
    """One by its id, or all of the account; one that is gone is unknown."""
    one, other = (target.fault({"status": 503}, times="always") for _ in range(2))
    target.admin("DELETE", f"/faults/{one}")
    listed = target.admin("GET", "/faults")["faults"]
    assert [(rule["id"], rule["vendor"], rule["times"]) for rule in listed] == [(other, KIND.pack.name, "always")]
    assert target.key not in str(listed)

    target.admin("DELETE", "/faults")
    assert submit(target).status_code == 202


def test_another_account_never_meets_it(connect: Connect) -> None:
    """`?key=` keeps a fault to one account, and a reset of that account forgets it."""
    mine, other = connect(KIND.pack.name), connect(KIND.pack.name)
    mine.fault({"status": 503}, times="always")

    assert submit(other).status_code == 202
    assert submit(mine).status_code == 503
    mine.admin("POST", "/reset")
    assert submit(mine).status_code == 202


def test_who_has_no_key_is_told_so_first(target: Target) -> None:
    """A fault stands behind the account: a refused key meets none, and uses none up."""
    target.fault({"status": 503})

    assert target.account("mock-invalid").post(KIND.submit.path, json={}).status_code == 401
    assert submit(target).status_code == 503
