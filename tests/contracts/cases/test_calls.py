"""Cases about the call itself: who calls, which task, which method, which text is a parameter."""

from __future__ import annotations

import base64
import json
import re
from random import Random

import pytest

from case_books import VENDORS, book, pack
from contracts.cases.calls import fresh_id, has_neighbours, is_near
from contracts.cases.parameters import parameter_cases
from specs.catalogue import constraints
from specs.pack import Parameter, TaskId

every_vendor = pytest.mark.parametrize("vendor", VENDORS)


@every_vendor
def test_every_operation_is_asked_by_nobody(vendor: str) -> None:
    """Without a key, with an empty header, with nothing behind the scheme, under other schemes, with a bad key."""
    for operation in pack(vendor).operations.values():
        refused = [case for case in book(vendor).cases if case.operation == operation.id and case.law == "account.key"]
        said = {(case.credentials, case.authorization) for case in refused}

        assert {("missing", None), ("empty", ""), ("empty", "Bearer"), ("bad", None)} <= said
        assert {("malformed", "Basic {key}"), ("malformed", "Token {key}")} <= said
        assert {case.situation for case in refused} >= {"key_missing", "key_malformed", "key_invalid"}
        # Everything else about the call is right, but where it shows that nothing else is looked at first.
        others = [case for case in refused if case.task is not None or case.raw is not None]
        assert {case.credentials for case in others} == ({"missing", "bad"} if operation.role != "list" else set())


@every_vendor
def test_key_without_a_scheme_is_only_sent_where_it_is_refused(vendor: str) -> None:
    """Some vendors are known to take it: there it is sent in neither direction."""
    raw = [case for case in book(vendor).cases if case.authorization == "{key}"]

    assert bool(raw) is not pack(vendor).behaviour.authentication.raw_key


@every_vendor
def test_key_that_is_nearly_the_accounts_sees_none_of_its_tasks(vendor: str) -> None:
    """It is nobody's, or another account's; a key of which nobody can tell has no such neighbours."""
    near = [case for case in book(vendor).cases if is_near(case)]
    polls = {each.id for each in pack(vendor).operations.values() if each.role == "poll"}

    assert {(case.operation, case.credentials) for case in near} == {
        (name, credentials) for name in polls for credentials in ("other-case", "longer", "shorter")
    }
    assert {(case.expects, case.law) for case in near} == {("refused", "account.key")}
    assert [has_neighbours(key) for key in ("sk-One", "0123", "aa.bb.cc")] == [True, False, False]


@every_vendor
def test_scheme_in_lower_case_is_to_be_taken(vendor: str) -> None:
    """HTTP says that schemes have no case: asked of every operation."""
    cases = [case for case in book(vendor).cases if case.law == "account.scheme"]

    assert {case.operation for case in cases} == set(pack(vendor).operations)
    assert {(case.expects, case.credentials, case.authorization) for case in cases} == {
        ("accepted", "lower-case", "bearer {key}")
    }


def test_token_that_is_over_names_the_vendors_claim() -> None:
    """Only where tokens are keys; it ended in 1970."""
    tokens = [case.authorization for case in book("acme").cases if case.situation == "key_expired"]
    header, claims, _ = str(tokens[0]).removeprefix("Bearer ").split(".")

    def read(part: str) -> dict[str, object]:
        return dict(json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))))

    assert read(header)["alg"] == "HS256"
    assert read(claims) == {"sub": "understudy", "exp": 1, "nbf": 0}
    assert [case for case in book("mulerouter").cases if case.situation == "key_expired"] == []


@every_vendor
def test_unknown_ids_look_like_the_vendors(vendor: str) -> None:
    """So that nothing but their being unknown is wrong; odd ones may be refused in any way, but by no crash."""
    unknown = [case for case in book(vendor).cases if case.situation == "task_unknown" and "nobody" in case.words]
    odd = [case for case in book(vendor).cases if case.words.startswith("an odd id")]

    assert len({case.task for case in unknown}) == len(unknown) >= 2
    assert {(case.expects, case.situation, case.law) for case in odd} == {("either", None, "robustness.survives")}
    assert {"..", "a/b", "\x00"} <= {case.task for case in odd}
    in_query = any(each.id_location == "query" for each in pack(vendor).operations.values())
    assert ("" in {case.task for case in odd}) is in_query


@pytest.mark.parametrize(
    ("says", "pattern"),
    [
        (TaskId("uuid", 0, ""), r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}"),
        (TaskId("digits", 18, ""), r"[1-9][0-9]{17}"),
        (TaskId("alnum", 32, "task_"), r"task_[0-9A-Za-z]{32}"),
    ],
)
def test_fresh_id_has_the_form(says: TaskId, pattern: str) -> None:
    """As the pack describes it."""
    made = [fresh_id(says, Random(seed)) for seed in range(20)]

    assert all(re.fullmatch(pattern, each) for each in made)
    assert len(set(made)) == 20


@every_vendor
def test_each_path_is_asked_with_every_other_method(vendor: str) -> None:
    """What is not offered is refused, also for a task that exists; HEAD and OPTIONS may be answered."""
    for path in {each.path for each in pack(vendor).operations.values()}:
        offered = {each.method for each in pack(vendor).operations.values() if each.path == path}
        on_path = [case for case in book(vendor).cases if pack(vendor).operations[case.operation].path == path]
        asked = {case.method: case.expects for case in on_path if case.method}

        assert asked.keys() == {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"} - offered
        assert {method for method, expects in asked.items() if expects == "either"} == {"HEAD", "OPTIONS"}
        assert all(case.body is not None for case in on_path if case.method in ("PUT", "PATCH", "POST"))


def asked(schema: dict[str, object], *, required: bool = False) -> dict[str, list[str | None]]:
    """The texts that are sent for one query parameter, by what is expected."""
    parameter = Parameter("page", "query", required, schema)
    operation = pack("acme").operations["listOrders"]._replace(parameters=(parameter,), page=None)
    found: dict[str, list[str | None]] = {"accepted": [], "refused": []}
    for case in parameter_cases(operation, constraints(operation)):
        found[case.expects].append(case.query.get("page"))
    return found


def test_parameters_are_asked_on_their_limits() -> None:
    """As the text that a URL carries; no number is written as a fraction."""
    assert asked({"type": "integer", "minimum": 1, "maximum": 500, "default": 30}) == {
        "accepted": ["1", "500"],
        "refused": ["many", "1.5", "true", "0", "-1", "-9", "501", "502", "510"],
    }
    assert asked({"type": "string", "enum": ["up", "down"]})["accepted"] == ["up", "down"]
    assert asked({"type": "string"}, required=True) == {"accepted": [], "refused": [None]}


def test_poll_may_leave_its_task_out() -> None:
    """Where the id is a query parameter that must be there."""
    (case,) = [case for case in book("myrouter").cases if case.without_task]

    assert (case.expects, case.situation, case.operation) == ("refused", "request_invalid", "getTaskResult")
