"""Whatever stands in a body, over both edges: a documented answer in the vendor's envelope, never a 5xx."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, TypeAlias

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from properties.manners import assert_alive, judged
from properties.promised import (
    KINDS,
    OPERATIONS,
    VENDORS,
    Desk,
    Kind,
    assert_promised,
    fresh_key,
    kinds,
    lasting_fake,
)
from specs.pointers import replaced
from targets import Target

Json = Any
Connect: TypeAlias = Callable[[str], Target]
DEEP = 10**5
JSON_TYPE = MappingProxyType({"Content-Type": "application/json"})
every_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
every_vendor = pytest.mark.parametrize("vendor", VENDORS)
every_operation = pytest.mark.parametrize(("vendor", "operation"), OPERATIONS)


def malformed(valid: bytes) -> Iterator[tuple[str, bytes]]:
    """Bodies that no service may take: no JSON, or no object."""
    for cut in sorted({round(len(valid) * part / 20) for part in range(20)}):
        yield f"truncated at {cut}", valid[:cut]
    for text in (
        b" ",
        b"null",
        b"true",
        b"1",
        b'"text"',
        b"[]",
        b"[{}]",
        b"{",
        b"}",
        b"{}}",
        b"'{}'",
        b"{prompt: a}",
        b"\x00",
    ):
        yield repr(text), text
    for tail in (b"x", b" {}", valid, b",", b"\x00", b"// done"):
        yield f"followed by {tail[:8]!r}", valid + tail
    yield "trailing comma", valid[:-1] + b",}"
    yield "comment", valid[:-1] + b"/* here */}"
    yield "byte order mark", b"\xef\xbb\xbf" + valid
    for encoding in ("utf-16", "utf-16-le", "utf-32", "utf-7"):
        yield encoding, (valid.decode() + " é").encode(encoding)
    for name, text in (
        ("latin-1", b"\xe9"),
        ("overlong", b"\xc0\xaf"),
        ("surrogate bytes", b"\xed\xa0\x80"),
        ("cut", b"\xf0\x9f\x98"),
    ):
        yield name, valid[:-1] + b', "note": "' + text + b'"}'
    for number in (b"NaN", b"Infinity", b"-Infinity", b"+1", b".5", b"01", b"0x10", b"1e"):
        yield f"number {number!r}", valid[:-1] + b', "note": ' + number + b"}"
    yield "lone surrogate", valid[:-1] + b', "note": "\\ud800"}'
    yield "control character", valid[:-1] + b', "note": "a\nb"}'
    yield "open arrays", b"[" * DEEP
    yield "open objects", b'{"a":' * DEEP
    yield "closed arrays", b"[" * DEEP + b"]" * DEEP


def awkward(valid: bytes) -> Iterator[tuple[str, bytes]]:
    """Bodies that a service may take or refuse, but must survive."""
    start = valid[:-1]
    yield "deep member", start + b', "note": ' + b"[" * DEEP + b"]" * DEEP + b"}"
    yield "deep objects", start + b', "note": ' + b'{"a":' * DEEP + b"1" + b"}" * DEEP + b"}"
    yield "deep enough to be read", start + b', "note": ' + b"[" * 900 + b"]" * 900 + b"}"
    yield "huge member", start + b', "note": "' + b"a" * 2_000_000 + b'"}'
    yield "huge name", start + b', "' + b"a" * 1_000_000 + b'": 1}'
    yield "many members", start + b"".join(b', "m%d": %d' % (each, each) for each in range(50_000)) + b"}"
    yield "same name twice", b"{" + start[1:] + b", " + valid[1:]
    yield "empty name", start + b', "": 1}'
    yield "nul", start + b', "note": "\\u0000"}'
    for number in (
        b"1" + b"0" * 400,
        b"-1" + b"0" * 400,
        b"1e400",
        b"1e-400",
        b"-0",
        b"0.1e1",
        b"1" * 5000,
        b"18446744073709551616",
    ):
        yield f"number {number[:12]!r}", start + b', "note": ' + number + b"}"
    yield "proto", start + b', "__proto__": {"a": 1}, "constructor": null}'
    yield "spaces", b"\n\t \r" + valid + b"\r\n" * 1000


def pointers(value: Json, at: str = "") -> Iterator[str]:
    """Every place inside a body."""
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, inner in members:
        yield f"{at}/{name}"
        yield from pointers(inner, f"{at}/{name}")


ODD_VALUES: tuple[Json, ...] = (
    *(
        10**400,
        -(10**400),
        1e308,
        -0.0,
        5e-324,
        2**63,
        2**64,
        "9" * 5000,
        "-1",
        "1e9",
        "0x1",
        "\x00",
        "a" * 300_000,
        "\U0010ffff",
        "١٢",
    ),
    *(
        "",
        " ",
        "true",
        None,
        True,
        False,
        [],
        [[]],
        {},
        {"a": {}},
        [None] * 1000,
        [{}] * 10,
        "http://",
        "data:image/png;base64,",
    ),
)


def members_out_of_range(kind: Kind) -> Iterator[tuple[str, Json]]:
    """Each valid example with one value in it made odd: each place once, with each oddity."""
    met = set()
    for body in kind.examples.values():
        for at in pointers(body):
            for value in ODD_VALUES if at not in met else ():
                yield f"{at}={str(value)[:20]}", replaced(body, at, value)
            met.add(at)


@every_kind
def test_malformed_body_is_refused(connect: Connect, kind: Kind) -> None:
    """Truncated, not JSON, not UTF-8, no object: a 4xx in the envelope, a violation in the journal, no task."""
    target = connect(kind.pack.name)
    valid = json.dumps(kind.with_prompt("a cat")).encode()
    for what, body in malformed(valid):
        answer = target.client.post(kind.submit.path, content=body, headers=JSON_TYPE)
        assert 400 <= judged(kind.pack.name, kind.submit.id, answer, what) < 500, what

    assert target.tasks() == []
    assert all(entry["violations"] for entry in target.journal())
    assert_alive(target, kind)


@every_kind
def test_awkward_body_is_survived(connect: Connect, kind: Kind) -> None:
    """Deep, huge, doubled, beyond every number: taken or refused, never a crash."""
    target = connect(kind.pack.name)
    valid = json.dumps(kind.with_prompt("a cat")).encode()
    for what, body in awkward(valid):
        answer = target.client.post(kind.submit.path, content=body, headers=JSON_TYPE)
        status = judged(kind.pack.name, kind.submit.id, answer, what)
        if status < 300:
            poll = target.client.get(kind.poll_path(kind.task_id(answer.json())))
            assert judged(kind.pack.name, kind.poll.id, poll, f"poll after {what}") == 200

    assert len(target.tasks()) < 100
    assert_alive(target, kind)


@every_kind
def test_odd_values_of_documented_members_are_survived(kind: Kind) -> None:
    """Each documented member, made huge, empty, nested or of another type: a documented answer."""
    desk = Desk(lasting_fake(kind.pack.name), kind.pack.name, fresh_key())
    model = kind.pack.behaviour.model
    for what, body in members_out_of_range(kind):
        answer = desk.submit(kind, body)
        assert_promised(kind.pack.name, kind.submit.id, answer.status, answer.body)
        of_the_model = model is not None and what.startswith(model.pointer + "=")
        assert answer.status < 500 or of_the_model, what


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)
bodies = (
    st.binary(max_size=200) | st.text(max_size=100).map(str.encode) | values.map(lambda each: json.dumps(each).encode())
)


@every_vendor
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(body=bodies)
def test_any_bytes_are_answered(vendor: str, body: bytes) -> None:
    """No bytes that anybody could think of get anything but a documented 4xx."""
    for kind in kinds(vendor):
        answer = Desk(lasting_fake(vendor), vendor, "fuzz").send("POST", kind.submit.path, body, "application/json")
        assert 400 <= answer.status < 500
        assert_promised(vendor, kind.submit.id, answer.status, answer.body)


CONTENT_TYPES: Mapping[str, bool] = MappingProxyType(
    {
        "application/json": True,
        "APPLICATION/JSON": True,
        "application/json; charset=utf-8": True,
        'application/json;charset="utf-8"; x=y': True,
        "text/plain": False,
        "text/json": False,
        "application/xml": False,
        "application/x-www-form-urlencoded": False,
        "multipart/form-data": False,
        "application/json2": False,
        "application/merge-patch+json": False,
        "json": False,
        ";": False,
        "a/" * 5000: False,
    }
)


@every_kind
def test_content_type_decides_whether_a_body_is_read(connect: Connect, kind: Kind) -> None:
    """JSON by its media type, however written; another type is refused; a missing one as the pack says."""
    target = connect(kind.pack.name)
    body = json.dumps(kind.with_prompt("a cat"))
    taken = kind.pack.behaviour.content_type
    for media_type, is_json in CONTENT_TYPES.items():
        answer = target.client.post(kind.submit.path, content=body, headers={"Content-Type": media_type})
        status = judged(kind.pack.name, kind.submit.id, answer, media_type[:40])
        assert (status < 300) == (is_json or taken == "any" or (media_type == ";" and taken == "optional")), media_type[
            :40
        ]
    missing = target.client.post(kind.submit.path, content=body)
    assert "content-type" not in missing.request.headers
    assert (judged(kind.pack.name, kind.submit.id, missing, "missing") < 300) == (taken != "required")
    bytes_of_no_text = target.client.post(kind.submit.path, content=body, headers=[(b"Content-Type", b"\xff\xfe")])
    assert (judged(kind.pack.name, kind.submit.id, bytes_of_no_text, "no text") < 300) == (taken == "any")
    assert_alive(target, kind)
