"""From a case to a request: address, credentials, media type and bytes are those of the case, whatever they are."""

from typing import Any

import pytest

import specs
from contracts.cases.case import Case
from contracts.drivers.caller import Question
from contracts.drivers.composing import Composer, Keys
from contracts.exchange import KEY, NOBODY, OTHER
from specs.pack import Pack

KEYS = Keys(key="good", bad="wrong", other="second")


def pack_where(role: str, id_location: str | None = None) -> tuple[Pack, str]:
    """A shipped pack with an operation of this role, and that operation."""
    for name in specs.names():
        pack = specs.load(name)
        for each in pack.operations.values():
            if each.role == role and each.id_location == id_location:
                return pack, each.id
    raise AssertionError(role)


def question(role: str, id_location: str | None = None, given: str | None = None, **members: Any) -> Question:
    """What a case becomes; `given` is the task for a case that leaves it open."""
    pack, operation = pack_where(role, id_location)
    made = Case(**{"operation": operation, "expects": "accepted", "words": "a case", **members})
    return Composer(pack, KEYS, (("X-Trace", "1"),)).question(made, given)


def headers(asked: Question) -> dict[str, str]:
    """Its header lines."""
    return dict(asked.outgoing.headers)


def test_submit() -> None:
    """JSON in UTF-8 without blanks, the key, the extra headers, and the purpose."""
    asked = question("submit", body={"prompt": "海", "n": 1}, constraint="c", situation="s", also=("d",), law="l")

    assert asked.outgoing.method == "POST"
    assert asked.outgoing.content == '{"prompt":"海","n":1}'.encode()
    assert headers(asked) == {"Authorization": "Bearer good", "Content-Type": "application/json", "X-Trace": "1"}
    assert asked.is_submit
    assert asked.purpose is not None
    assert (asked.purpose.words, asked.purpose.constraint, asked.purpose.situation) == ("a case", "c", "s")
    assert (asked.purpose.law, asked.purpose.also) == ("l", ("d",))


def test_half_a_character_is_escaped() -> None:
    """UTF-8 has no bytes for it, and JSON has a way to write it."""
    assert question("submit", body={"prompt": "\ud800"}).outgoing.content == b'{"prompt":"\\ud800"}'


@pytest.mark.parametrize(
    ("members", "content", "kind"),
    [
        ({"raw": b"{ \xff"}, b"{ \xff", "application/json"),
        ({"raw": b""}, b"", "application/json"),
        ({"body": {}, "content_type": None}, b"{}", None),
        ({"body": {}, "content_type": "text/plain"}, b"{}", "text/plain"),
        ({"content_type": None}, None, None),
        ({}, None, None),
    ],
)
def test_body_and_media_type(members: dict[str, Any], content: bytes | None, kind: str | None) -> None:
    """As the case has them; without a body nothing is said about one."""
    asked = question("submit", **members)

    assert asked.outgoing.content == content
    assert headers(asked).get("Content-Type") == kind


def test_chunks_are_said() -> None:
    """The header is in the record, so that the line for a shell sends the same."""
    asked = question("submit", body={}, chunked=True)

    assert asked.outgoing.chunked
    assert headers(asked)["Transfer-Encoding"] == "chunked"


@pytest.mark.parametrize(
    ("members", "value", "account"),
    [
        ({}, "Bearer good", KEY),
        ({"credentials": "other"}, "Bearer second", OTHER),
        ({"credentials": "bad"}, "Bearer wrong", NOBODY),
        ({"credentials": "missing"}, None, NOBODY),
        ({"credentials": "empty"}, "Bearer", NOBODY),
        ({"credentials": "empty", "authorization": ""}, "", NOBODY),
        ({"credentials": "malformed"}, "Basic good", NOBODY),
        ({"credentials": "malformed", "authorization": "Token {key}"}, "Token good", NOBODY),
        ({"credentials": "lower-case"}, "bearer good", KEY),
    ],
)
def test_credentials(members: dict[str, Any], value: str | None, account: str) -> None:
    """Each kind of caller, and whose account that is."""
    asked = question("submit", body={}, **members)

    assert headers(asked).get("Authorization") == value
    assert asked.account == account


@pytest.mark.parametrize(
    ("task", "written"),
    [
        ("abc-1_2~3.4", "abc-1_2~3.4"),
        ("a/b", "a%2Fb"),
        ("..", "%2E%2E"),
        (".", "%2E"),
        ("\x00", "%00"),
        ("海", "%E6%B5%B7"),
        ("%", "%25"),
        ("a b", "a%20b"),
        ("x?y#z", "x%3Fy%23z"),
    ],
)
def test_task_in_the_path(task: str, written: str) -> None:
    """Encoded whole: it stays one segment, and leads nowhere else."""
    pack, operation = pack_where("poll", "path")
    before, _, after = pack.operations[operation].path.partition("{" + str(pack.operations[operation].id_name) + "}")

    assert question("poll", "path", given=task).outgoing.path == before + written + after
    assert question("poll", "path", "of another", task=task).outgoing.path == before + written + after


def test_task_in_the_query() -> None:
    """And none where the case leaves it out."""
    pack, operation = pack_where("poll", "query")
    name = pack.operations[operation].id_name

    assert question("poll", "query", "a&b=c").outgoing.query == f"{name}=a%26b%3Dc"
    assert question("poll", "query", None, without_task=True).outgoing.query == ""


def test_query_of_a_list() -> None:
    """As text."""
    assert question("list", query={"pageNum": "1", "x": "a b"}).outgoing.query == "pageNum=1&x=a%20b"


def test_other_method_belongs_to_no_operation() -> None:
    """What the path is documented for is something else."""
    asked = question("submit", method="DELETE")

    assert (asked.outgoing.method, asked.operation) == ("DELETE", None)
