"""Whatever a client sends, over both edges: a documented answer in the vendor's envelope, never a 5xx, and life goes on."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, TypeAlias

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
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
    pack,
)
from targets import Target

from specs.pointers import replaced

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


ODD_VALUES = (
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


def assert_alive(target: Target, kind: Kind) -> None:
    """A valid job is still taken, and can be read."""
    answer = target.client.post(kind.submit.path, json=kind.with_prompt("still there"))
    assert answer.status_code < 300, answer.text
    assert target.client.get(kind.poll_path(kind.task_id(answer.json()))).status_code == 200


def judged(vendor: str, operation: str | None, answer: httpx.Response, what: str) -> int:
    """The answer's status, after it was compared with the contract; a 4xx or 2xx."""
    assert answer.status_code < 500, f"{what}: {answer.status_code} {answer.text[:300]}"
    if answer.request.method != "HEAD":
        assert_promised(vendor, operation, answer.status_code, answer.content)
        assert answer.headers["content-type"] == "application/json"
    return answer.status_code


@every_kind
def test_malformed_body_is_refused(connect: Connect, kind: Kind) -> None:
    """Truncated, not JSON, not UTF-8, no object: a 4xx in the vendor's envelope, a violation in the journal, no task."""
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


IDS = (
    *(
        "%2e%2e",
        "%2F",
        "%2f..%2f",
        "..%2F..%2Fetc%2Fpasswd",
        "%00",
        "%",
        "%zz",
        "%C3%28",
        "%ff",
        "%20",
        "+",
        "a b",
        "~",
    ),
    *(
        "null",
        "undefined",
        "0",
        "-1",
        "1e9",
        "{task_id}",
        "*",
        "$task.id",
        "a" * 10_000,
        "é",
        "任务",
        "\U0001f600",
        "%F0%9F%98%80",
    ),
    *("a;b", "a,b", "a:b", "a@b", "a%3Fb", "a%23b", "'", '"', "<script>", "..;/", "a%0d%0aX-Injected:%201"),
)


@every_kind
def test_odd_ids_are_unknown(connect: Connect, kind: Kind) -> None:
    """An id that nobody was given is unknown, however it is written; nothing of it gets into the headers."""
    target = connect(kind.pack.name)
    for odd in IDS:
        answer = target.client.get(kind.poll_path("ID").replace("ID", odd))
        assert judged(kind.pack.name, None, answer, odd[:40]) in (400, 404), odd[:40]
        assert "x-injected" not in answer.headers
    assert_alive(target, kind)


QUERIES = (
    *(
        "=",
        "&&&",
        "a",
        "%",
        "%ff=%ff",
        "%00=%00",
        "a=b=c",
        "\U0001f600=1",
        "a" * 20_000,
        "&".join(f"a{n}={n}" for n in range(500)),
    ),
    *("__proto__=1", ";", "?", "a[]=1&a[]=2", "+"),
)


@every_kind
def test_odd_queries_change_nothing(connect: Connect, kind: Kind) -> None:
    """Parameters that no page names are passed over."""
    target = connect(kind.pack.name)
    body = kind.with_prompt("a cat")
    for query in QUERIES:
        answer = target.client.post(f"{kind.submit.path}?{query}", json=body)
        assert judged(kind.pack.name, kind.submit.id, answer, query[:40]) < 300, query[:40]


ODD_NUMBERS = ("", "0", "-1", "abc", "1.5", "1e3", "９", "1" * 400, "%00", "null", "true", " 1", "1 ", "0x1", "[1]")


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.listing], ids=lambda kind: kind.name)
def test_odd_page_numbers_are_refused(connect: Connect, kind: Kind) -> None:
    """Pages are whole numbers within their range; anything else is refused and named."""
    target = connect(kind.pack.name)
    assert kind.listing is not None
    assert kind.listing.page is not None
    for name in kind.listing.page:
        for number in ODD_NUMBERS:
            answer = target.client.get(f"{kind.listing.path}?{name}={number}")
            assert judged(kind.pack.name, kind.listing.id, answer, f"{name}={number[:20]}") == 400, number
            assert target.journal()[-1]["violations"][0]["pointer"] == f"/{name}"
    assert target.client.get(kind.listing.path).status_code == 200


NO_KEYS = (b"", b"Bearer", b"Basic a2V5OmtleQ==", b"Digest x=y", b"Bearer a b c", b"\xff\xfe key")
KEYS = (
    b"Bearer " + b"k" * 60_000,
    "Bearer clé-é".encode(),
    b"Bearer \xff\xfe\xfd",
    b"bearer lower-case",
    b"BEARER upper-case",
    b"Bearer .",
    b"Bearer a.b",
)


@every_vendor
def test_odd_authorization_headers_are_judged(connect: Connect, vendor: str) -> None:
    """No key: 401 in the envelope, before anything else is looked at. An odd key: an account, or 401; always an answer."""
    target = connect(vendor)
    kind = kinds(vendor)[0]
    stranger = target.account(None)
    for header in NO_KEYS:
        for content in (json.dumps(kind.with_prompt("a")).encode(), b"{"):
            answer = stranger.post(
                kind.submit.path,
                content=content,
                headers=[(b"Authorization", header), (b"Content-Type", b"application/json")],
            )
            assert judged(vendor, kind.submit.id, answer, repr(header)) == 401, header
    for header in KEYS:
        answer = stranger.post(kind.submit.path, json=kind.with_prompt("a"), headers=[(b"Authorization", header)])
        assert judged(vendor, kind.submit.id, answer, repr(header[:40])) < 300, header[:40]
    doubled = stranger.post(
        kind.submit.path,
        json=kind.with_prompt("a"),
        headers=[("Authorization", "Bearer one"), ("Authorization", "Bearer two")],
    )
    judged(vendor, kind.submit.id, doubled, "two headers")
    assert_alive(target, kind)


@every_operation
def test_other_methods_are_refused(connect: Connect, vendor: str, operation: str) -> None:
    """A method that the path does not have is a 404 or 405 of the vendor's, with the methods that it has where it is a 405."""
    target = connect(vendor)
    path = pack(vendor).operations[operation].path.replace("{", "").replace("}", "")
    exist = {
        each.method for each in pack(vendor).operations.values() if each.path == pack(vendor).operations[operation].path
    }
    for method in {"HEAD", "OPTIONS", "DELETE", "PATCH", "PUT", "TRACE", "GET", "POST"} - exist:
        answer = target.client.request(method, path)
        assert judged(vendor, None, answer, method) in (404, 405), method
        if answer.status_code == 405:
            assert set(answer.headers["allow"].split(", ")) == exist
    assert target.tasks() == []


@every_vendor
def test_paths_of_nobody_are_refused_in_the_envelope(connect: Connect, vendor: str) -> None:
    """What is under a vendor's prefix is answered by the vendor."""
    target = connect(vendor)
    for path in ("/", "", "//", "/v1", "/nowhere", "/%00", "/" + "a" * 10_000, "/é", "/..%2f..%2f", "/.well-known/x"):
        answer = target.client.get(path)
        assert judged(vendor, None, answer, path[:40]) == 404, path[:40]
