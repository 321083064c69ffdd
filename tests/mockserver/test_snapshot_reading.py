"""A document that is no snapshot, or not quite, is refused with its place and the way out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from mockserver.accounts import redact
from mockserver.snapshot_reading import SnapshotError, read_snapshot
from mockserver.store.sealing import digest_of
from mockserver.tasks import Task
from specs.pointers import removed, replaced

Json = Any

TASK: Mapping[str, Json] = {
    "id": "t-1",
    "vendor": "acme",
    "operation": "createVideo",
    "kind": "video",
    "created_at": "2026-01-01T00:00:00.000Z",
    "running_at": "2026-01-01T00:00:01Z",
    "ends_at": "2026-01-01T01:00:02+01:00",
    "request": {"prompt": "a cat"},
}
CALL: Mapping[str, Json] = {
    "id": "81997320-9651-4fe1-a3d4-350987ab5a79",
    "at": "2026-01-01T00:00:00.000Z",
    "vendor": "acme",
    "method": "GET",
    "path": "/",
    "status": 200,
}
DOCUMENT: Mapping[str, Json] = {
    "format": "understudy snapshot",
    "version": 1,
    "scope": "all",
    "clock": {"mode": "manual", "now": "2026-01-01T00:00:00.000Z"},
    "accounts": [{"key": "team-a", "tasks": [TASK], "requests": [CALL]}],
}
OWED: dict[str, Json] = {
    "account": {"key": "team-a"},
    "vendor": "acme",
    "task_id": "t-1",
    "due_at": None,
    "waiting": [],
    "told": 0,
    "attempt": 0,
}
AT = "/accounts/0"


def complaint(document: Json) -> str:
    """What is said of it."""
    with pytest.raises(SnapshotError) as caught:
        read_snapshot(document)
    return str(caught.value)


def test_little_is_needed_by_hand() -> None:
    """An account by its key; what is left out is as in a new one."""
    snapshot = read_snapshot(DOCUMENT)
    (account,) = snapshot.saved.accounts

    assert (account.account, account.ordinal, account.submissions) == ("team-a", 0, 1)
    begun = 1_767_225_600_000
    says = ("t-1", "team-a", "acme", "createVideo", "video", b'{"prompt":"a cat"}')
    assert account.tasks == ((0, Task(*says, begun, begun + 1000, begun + 2000, None, "", None, 0)),)
    assert account.entries[0][1].key == redact("team-a")
    assert (snapshot.mode, snapshot.now_ms, snapshot.of_all) == ("manual", begun, True)


@pytest.mark.parametrize("document", [{}, [], None, "x", {"version": 1}, {"format": "other"}])
def test_something_else_is_no_snapshot(document: Json) -> None:
    """Said before anything in it is looked at."""
    assert complaint(document).startswith('this is no snapshot, which would be an object with "format": "understudy')


@pytest.mark.parametrize(("version", "said"), [(2, "2"), (None, "null"), ("1", '"1"'), ([0] * 99, "[0, 0, 0")])
def test_snapshot_of_another_version_names_both(version: Json, said: str) -> None:
    """And two ways out."""
    words = complaint({**DOCUMENT, "version": version})

    assert words.startswith(f"/version: the snapshot is of version {said}")
    assert words.endswith("; load it with the understudy that took it, or take a new snapshot with this one")
    assert "this understudy reads version 1" in words


BROKEN: tuple[tuple[str, Json, str], ...] = (
    ("/clock/mode", "fast", "'fast' is no clock"),
    ("/clock/now", "yesterday", "must be a valid date-time"),
    ("/clock/now", "0000-01-01T00:00:00Z", "is not an instant"),
    ("/scope", "half", "must be one of"),
    ("/surplus", 1, "must not have surplus"),
    (f"{AT}/ordinal", -1, "must be at least 0"),
    (f"{AT}/ordinal", 2**60, "must be at most"),
    (f"{AT}/clock", {"mode": "x0"}, "'x0' is no clock"),
    (f"{AT}/digest", "00" * 16, "neither key nor digest, or both"),
    (f"{AT}/recent_calls", ["now"], "must be a valid date-time"),
    (f"{AT}/tasks/0/ends_at", "2026-01-01T00:00:00.999Z", "these instants go back"),
    (f"{AT}/tasks/0/running_at", "2025-12-31T23:59:59Z", "these instants go back"),
    (f"{AT}/tasks/0/request_text", "{}", "request is given too, and only one of them can be meant"),
    (f"{AT}/tasks/0/request", [], "must be an object"),
    (f"{AT}/tasks/1", {**removed(TASK, "/request"), "request_text": "[1"}, "must be there and a JSON object"),
    (f"{AT}/tasks/0/polls", 1.5, "must be an integer"),
    (f"{AT}/tasks/0/status", "done", "must not have status"),
    (f"{AT}/tasks/1", TASK, "another one has the same id at its vendor"),
    (f"{AT}/tasks/1", {**TASK, "id": "t-2", "created_at": 5}, "must be a string"),
    ("/faults", [{"account": None, "id": "fault-1", "fault": {"status": 5}}], "fault"),
    ("/faults", [{"account": None, "id": "one", "fault": {"close": True}}], "id must be like fault-1, not 'one'"),
    ("/faults", [{"account": None, "id": "fault-1", "fault": {"close": True}}] * 2, "another one has the same id"),
    ("/faults", [{"account": None, "mark": "regress"}], "only a rule can be for all accounts"),
    ("/faults", [{"account": {"key": "a"}, "counter": "met scenario-1"}], "count must be a whole number, 0 or more"),
    ("/faults", [{"account": {"digest": "0"}, "counter": "met scenario-1"}], "must match"),
    (f"{AT}/requests/0/id", "81997320", "must match"),
    (f"{AT}/requests/0/status", 99, "must be at least 100"),
    (f"{AT}/requests/0/body_base64", "!", "this is not base64"),
    ("/webhooks", [{"account": {"key": "a"}}], "vendor is missing, or is not what it should be"),
    ("/webhooks", [{"account": {"label": "a"}}], "neither key nor digest, or both"),
    ("/webhooks", [OWED | {"waiting": [{"state": "over"}]}], "what waits has a state, one of queued, running, done"),
    ("/webhooks", [OWED | {"due_at": "2026-13-01T00:00:00Z"}], "must be a valid date-time"),
    ("/webhooks", [OWED | {"told": True}], "told is missing, or is not what it should be"),
    ("/webhooks", [OWED, OWED], "another one has the same task"),
    ("/accounts/1", {"key": "team-a"}, "another one has the same account"),
    ("/accounts/1", {"digest": digest_of("team-a").hex()}, "another one has the same account"),
    ("/accounts/1", {"label": "team-b"}, "neither key nor digest, or both"),
)


@pytest.mark.parametrize(("at", "value", "said"), BROKEN, ids=lambda value: str(value)[:40])
def test_what_is_wrong_is_told_with_its_place(at: str, value: Json, said: str) -> None:
    """And with the way out."""
    document = replaced(DOCUMENT, at, value) if "/1" not in at else _with_second(at, value)
    words = complaint(document)

    parent = at.rpartition("/")[0]
    assert words.startswith((at, f"{parent}:", "the snapshot:" if not parent else at))
    assert said in words
    assert words.endswith("take it anew by GET /__understudy/snapshot")


def _with_second(at: str, value: Json) -> Json:
    parent = at.removesuffix("/1")
    held = DOCUMENT["accounts"] if parent == "/accounts" else DOCUMENT["accounts"][0]["tasks"]
    return replaced(DOCUMENT, parent, [*held, value])


@pytest.mark.parametrize("at", ["/clock", "/accounts", f"{AT}/tasks/0/id", f"{AT}/tasks/0/request", f"{AT}/key"])
def test_what_is_missing_is_told(at: str) -> None:
    """Where it should be."""
    words = complaint(removed(DOCUMENT, at))

    assert words.startswith(at if at != f"{AT}/key" else f"{AT}: ")


def test_client_ids_are_told_apart_by_vendor() -> None:
    """As the vendors do: two of one vendor's tasks may not carry the same."""
    second = {**TASK, "id": "t-2", "external_id": "mine"}
    third = {**TASK, "id": "t-3", "external_id": "mine", "vendor": "other"}
    read_snapshot(replaced(DOCUMENT, f"{AT}/tasks", [TASK, second, third]))

    words = complaint(replaced(DOCUMENT, f"{AT}/tasks", [second, {**third, "vendor": "acme"}]))
    assert words.startswith(f"{AT}/tasks/1: another one has the same external_id at its vendor")


@pytest.mark.parametrize("accounts", [[], [{"key": "a"}, {"key": "b"}]])
def test_snapshot_of_one_account_holds_one(accounts: Json) -> None:
    """Else nobody knows whom it is about."""
    document = {**DOCUMENT, "scope": "account", "accounts": accounts}

    assert complaint(document).startswith(f"/accounts: a snapshot of one account holds one, not {len(accounts)}")
