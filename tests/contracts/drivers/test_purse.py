"""The purse: an answer that says the account can't pay is told from every other refusal, for every vendor."""

import orjson
import pytest

import specs
from contracts.drivers.purse import Purse
from contracts.exchange import Exchange
from mockserver import Fake, Settings
from mockserver.accounts import Limits
from mockserver.messages import Answer, Call
from specs.pack import Pack

every_vendor = pytest.mark.parametrize("pack", [specs.load(name) for name in specs.names()], ids=lambda pack: pack.name)


def answered(pack: Pack, key: str, body: bytes | None = None, limits: Limits | None = None) -> Exchange:
    """A submit at the fake."""
    submit = next(each for each in pack.operations.values() if each.role == "submit")
    fake = Fake([pack], Settings(clock="manual", limits={key: limits} if limits else {}), lambda: 0)
    if body is None:
        body = orjson.dumps(next(iter(submit.examples.values())))
    headers = {b"authorization": f"Bearer {key}".encode(), b"content-type": b"application/json"}
    call = Call(submit.method, submit.path, "", headers, body, "http://127.0.0.1")
    answer: Answer = fake.handle(fake.vendors[pack.name], call)[0]
    return Exchange(
        number=1,
        operation=submit.id,
        method=submit.method,
        base="",
        path=submit.path,
        status=answer.status,
        body=answer.body,
    )


@every_vendor
def test_account_without_balance(pack: Pack) -> None:
    """It is said to have none."""
    assert Purse(pack).is_empty(answered(pack, "mock-broke"))
    assert Purse(pack).is_empty(answered(pack, "key", limits=Limits(balance=0)))


@every_vendor
@pytest.mark.parametrize("key", ["mock-invalid", "mock-expired", "mock-forbidden", "mock-throttled", "key"])
def test_any_other_trouble(pack: Pack, key: str) -> None:
    """Is another one, however alike the statuses are; a job that is taken is none."""
    assert not Purse(pack).is_empty(answered(pack, key))
    assert not Purse(pack).is_empty(answered(pack, key, b"{}"))
    assert not Purse(pack).is_empty(answered(pack, key, b"{"))
