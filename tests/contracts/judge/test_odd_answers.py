"""Whatever a service answers, the judge judges it: no answer and no request is too odd to be read."""

import json
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import specs
from contracts.exchange import Conversation, Exchange, Purpose
from contracts.judge import Promise, constraint_rows, judge
from specs.pointers import Json

ACME = Path(__file__).parents[2] / "vendors" / "acme"
VENDORS = ["kling", "uniall", str(ACME)]
LAWS = ["", "account.isolation", "robustness.malformed", "robustness.survives", "lifecycle.failure", "no.such"]

NAMES = [
    *("id", "task_id", "ticket", "data", "order", "orders", "status", "stage", "task_status", "task_info", "error"),
    *("created_at", "updated_at", "placed", "moved", "progress", "video_url", "result", "task_result", "videos"),
    *("external_task_id", "model", "message", "code"),
]

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8)
HEADERS = [
    (),
    (("Content-Type", "application/json"),),
    (("retry-after", "soon"),),
    (("retry-after", "Mon, 01 Jan 99999999999999999999 00:00:00 GMT"),),
]
ids = st.sampled_from(["a", "b", "", 5, None])


@cache
def promise(vendor: str) -> Promise:
    """What a vendor promises, read once."""
    return Promise(specs.load(vendor))


def bodies(vendor: str) -> st.SearchStrategy[Json]:
    """JSON that looks a little like this vendor's answers."""
    pack = promise(vendor).pack
    words = st.sampled_from([*pack.behaviour.lifecycle.words.values(), "odd"])
    names = st.sampled_from(NAMES)
    leaves = scalars | words | ids | st.integers(10**9, 10**13) | st.just("https://a.example/1.mp4")
    return st.recursive(
        leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=6), max_leaves=12
    )


@st.composite
def exchanges(draw: st.DrawFn, vendor: str, number: int) -> Exchange:
    """One exchange with any operation, or near one."""
    operations = list(promise(vendor).pack.operations.values())
    operation = draw(st.sampled_from(operations))
    task = draw(st.sampled_from(["a", "b", "%2F", "c%20d"]))
    purpose = Purpose(
        expects=draw(st.sampled_from(["accepted", "refused", "either"])),
        words="anything",
        law=draw(st.sampled_from(LAWS)),
        constraint=draw(st.sampled_from([None, *list(promise(vendor).constraints)[:40], "no:such"])),
        situation=draw(st.sampled_from([None, "key_missing", "task_unknown", "model_unknown", "no_such"])),
    )
    sent = draw(st.sampled_from([b"", b"{", b"[]", b"null", *(json.dumps(each).encode() for each in EXAMPLES[vendor])]))
    content = draw(st.one_of(bodies(vendor).map(lambda body: json.dumps(body).encode()), st.binary(max_size=9)))
    return Exchange(
        number=number,
        operation=operation.id,
        method=draw(st.sampled_from([operation.method] * 4 + ["PUT", "HEAD"])),
        base="http://x",
        path=operation.path.replace(f"{{{operation.id_name}}}", task),
        query=draw(st.sampled_from(["", "pageNum=1&pageSize=2", "pageNum=x", f"task_id={task}", "%zz"])),
        request_headers=draw(st.sampled_from([(), (("content-type", "application/json"),), (("Authorization", ""),)])),
        request_body=sent,
        sent_seconds=float(number),
        answered_seconds=number + draw(st.sampled_from([0.1, 3.0])),
        status=draw(st.sampled_from([None, *operation_statuses(vendor), 200, 201, 202, 301, 418, 500, 503])),
        headers=draw(st.sampled_from(HEADERS)),
        body=content,
        account=draw(st.sampled_from(["key", "other", ""])),
        purpose=draw(st.sampled_from([None, purpose])),
    )


EXAMPLES = {
    name: [body for each in specs.load(name).operations.values() for body in each.examples.values()] for name in VENDORS
}


def operation_statuses(vendor: str) -> list[int]:
    """Every yes."""
    return sorted({promise(vendor).success_status(each) for each in promise(vendor).pack.operations.values()}) * 6


@pytest.mark.parametrize("vendor", VENDORS, ids=lambda name: Path(name).name)
@given(data=st.data())
@settings(max_examples=40)
def test_nothing_is_too_odd_to_be_judged(vendor: str, data: st.DataObject) -> None:
    """There is a judgement, with a law for each rule, and its findings name exchanges that there are."""
    count = data.draw(st.integers(1, 8))
    heard = Conversation(tuple(data.draw(exchanges(vendor, number)) for number in range(1, count + 1)))

    judgement = judge(heard, promise(vendor))
    rows = constraint_rows(judgement, promise(vendor), {})

    assert {number for each in judgement.findings for number in each.exchanges} <= heard.index.keys()
    assert all(each.message and each.exchanges for each in judgement.findings)
    assert len(rows) == len(promise(vendor).constraints)
    assert {law.outcome for law in judgement.laws} <= {"ok", "fails", "untested"}
