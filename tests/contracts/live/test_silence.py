"""What tells nothing is neither drift nor proof: no answer, a service out of order, an account that may not."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from contracts.drivers.target import read_target
from contracts.exchange import KEY, NOBODY, Exchange, Purpose
from contracts.judge import Promise
from contracts.live.silence import telling, unheard, why_silent
from live_service import NO_BODIES, Service, replayed
from mockserver.app import create_app
from properties.promised import pack

pytestmark = pytest.mark.usefixtures("pauses_leap")
Json = Any
PROMISE = Promise(pack("uniall"))
UNKNOWN = Purpose(expects="refused", words="an id that nobody was given", situation="task_unknown")
MODEL = Purpose(expects="refused", words="a model that nobody has", situation="model_unknown")
JOB = Purpose(expects="accepted", words="the cheapest job")


def answered(
    status: int | None, purpose: Purpose | None = JOB, account: str = KEY, operation: str = "createVideo"
) -> Exchange:
    """A request with this end."""
    return Exchange(
        number=1,
        operation=operation,
        method="POST",
        base="",
        path="/",
        status=status,
        purpose=purpose,
        account=account,
    )


@pytest.mark.parametrize("status", [None, 429, 500, 502, 503, 401, 403])
def test_a_job_that_was_not_looked_at_tells_nothing(status: int | None) -> None:
    """Lost, put off, out of order, or the account is to blame."""
    assert why_silent(PROMISE, answered(status))


@pytest.mark.parametrize(
    "exchange",
    [
        answered(200),
        answered(400),
        answered(418),
        answered(503, MODEL),
        answered(403, UNKNOWN, NOBODY, "getVideo"),
        answered(400, UNKNOWN, operation="getVideo"),
    ],
    ids=str,
)
def test_what_was_looked_at_tells_something(exchange: Exchange) -> None:
    """Also by a 503, where the contract refuses so; and what strangers are told is about the service."""
    assert why_silent(PROMISE, exchange) == ""


def test_what_was_put_off_and_asked_again_is_not_missed() -> None:
    """The driver takes its purpose away; the last word counts."""
    exchanges = [answered(429, None), answered(200)]
    assert unheard(PROMISE, exchanges) == []
    assert telling(PROMISE, exchanges) == [1]
    assert (
        len(unheard(PROMISE, [answered(500, Purpose(expects="accepted", words=str(each))) for each in range(9)])) == 4
    )


def fault(service: Service, said: Json, *, at_job: bool) -> None:
    """Whatever is asked goes wrong, or the first job that may be billed."""
    if at_job:
        session = service.session(1, about=NO_BODIES)
        operations = service.pack.operations
        free = sum(
            each.credentials == "key" and operations[each.operation].role == "submit" for each in session.probes.safe
        )
        service.fake.add_fault({"operation": "submit", "fault": said, "after": free})
    else:
        service.fake.add_fault({"fault": said, "times": "always"})


@pytest.mark.parametrize("said", [{"status": 500}, {"status": 503}])
@pytest.mark.parametrize("at_job", [True, False])
def test_a_service_that_is_out_of_order_has_not_changed(tmp_path: Path, said: Json, at_job: bool) -> None:  # noqa: FBT001 - a case
    """No finding, about the vendor or the fake; and it is said that it could not be checked."""
    service = Service(tmp_path, "uniall")
    fault(service, said, at_job=at_job)
    checked = service.check(1, about=NO_BODIES)
    assert checked.drifts == []
    assert replayed(checked, folder=tmp_path) == []
    assert unheard(checked.session.promise, checked.run.exchanges)
    assert checked.run.spent == 1


def test_a_job_that_is_put_off_is_sent_again_and_costs_once(tmp_path: Path) -> None:
    """A 429 makes no task, and is no answer that the fake would have to give."""
    service = Service(tmp_path, "uniall")
    fault(service, {"status": 429, "retry_after": 1}, at_job=True)
    checked = service.check(1, about=NO_BODIES)
    assert (checked.run.spent, service.tasks, checked.drifts) == (1, 1, [])
    assert replayed(checked, folder=tmp_path) == []
    assert unheard(checked.session.promise, checked.run.exchanges) == []


def test_a_free_call_that_is_taken_is_the_last(tmp_path: Path) -> None:
    """It may have been billed: it is in the ledger, and neither a call nor a job follows."""
    service = Service(tmp_path, "uniall")
    session = service.session(1)
    app, film = create_app(service.fake), next(iter(service.pack.operations["createVideo"].examples.values()))

    async def lax(scope: Any, receive: Any, send: Any) -> None:
        """Makes a film of anything."""

        async def another() -> Any:
            return {"type": "http.request", "body": json.dumps(film).encode()}

        await app(scope, another if scope["type"] == "http" and scope["method"] == "POST" else receive, send)

    session._target = read_target(lax)
    run = asyncio.run(session.go())
    assert "took what nobody could make a film of" in run.problem
    assert (run.spent, service.tasks, run.waiting) == (1, 1, 1)
