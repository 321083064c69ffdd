"""How a webhook leaves: to exactly the address that was judged, no further, and never for long."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable
from typing import Any

import pytest

from mockserver.courier import Courier
from mockserver.letters import Webhook
from mockserver.mail import Outcome
from mockserver.targets import IS_OFF
from receivers import hang, receiving, status

Json = Any
BODY = '{"task": "ü"}'.encode()


def webhook(url: str, timeout_seconds: float = 20, **headers: str) -> Webhook:
    """One to this URL."""
    return Webhook(
        account="key",
        vendor="vendor",
        task_id="task-1",
        id="msg-1",
        url=url,
        event="done",
        attempt=1,
        at_ms=0,
        headers={"content-type": "application/json", **headers},
        body=BODY,
        timeout_seconds=timeout_seconds,
        signature_valid=None,
        fault=None,
    )


async def carry(url: str, policy: str = "loopback", timeout_seconds: float = 20) -> Outcome:
    """What comes of an attempt."""
    return await Courier(policy).carry(webhook(url, timeout_seconds))


Names = dict[str, list[str]]


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    """Names that lead to these addresses; no other name leads anywhere, and each is asked for once."""
    known: Names = {}

    def look_up(host: str, port: object, **_: object) -> list[Json]:
        if host in known:
            found = known.pop(host)
            return [(0, 0, 0, "", (address, port)) for address in found]
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return known


@pytest.mark.parametrize("policy", ["loopback", "any"])
async def test_what_is_sent(policy: str) -> None:
    """A POST with the very bytes and headers, to path and query as they are."""
    async with receiving(status(201)) as receiver:
        outcome = await Courier(policy).carry(webhook(f"{receiver.url}/a%2Fb/ü?x=1&y=%20#part", x_mark="1"))

    assert outcome == Outcome(201)
    (arrived,) = receiver.arrived
    assert (arrived.method, arrived.target, arrived.body) == ("POST", "/a%2Fb/%C3%BC?x=1&y=%20", BODY)
    assert arrived.headers["host"] == f"127.0.0.1:{receiver.port}"
    assert arrived.headers["content-type"] == "application/json"
    assert arrived.headers["content-length"] == str(len(BODY))
    assert arrived.headers["x_mark"] == "1"
    assert "authorization" not in arrived.headers


async def test_address_that_was_judged_is_the_one_that_is_called(names: Names) -> None:
    """The name is looked up once: what it leads to a moment later is nobody's business. The receiver hears the name."""
    async with receiving() as receiver:
        names["hook.example"] = ["127.0.0.1"]
        outcome = await carry(f"http://hook.example:{receiver.port}/")

    assert outcome == Outcome(204)
    assert receiver.arrived[0].headers["host"] == f"hook.example:{receiver.port}"


async def test_only_allowed_addresses_of_a_name_are_called(names: Names) -> None:
    """One of two is elsewhere: it is passed over."""
    async with receiving() as receiver:
        names["hook.example"] = ["10.0.0.1", "127.0.0.1"]

        assert await carry(f"http://hook.example:{receiver.port}/") == Outcome(204)


async def test_next_address_is_tried_when_nobody_listens_at_the_first(names: Names) -> None:
    """As for a name that has an IPv6 address beside its IPv4 one, where the receiver listens at one of them."""
    async with receiving() as receiver:
        names["hook.example"] = ["127.0.0.2", "127.0.0.1"]

        assert await carry(f"http://hook.example:{receiver.port}/") == Outcome(204)


@pytest.fixture
def forbidden_network(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Every connection that is tried."""
    tried: list[object] = []

    async def connect(self: object, sock: object, address: object) -> None:
        del self, sock
        tried.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(asyncio.SelectorEventLoop, "sock_connect", connect)
    return tried


NEVER = [
    ("http://10.0.0.1/", "10.0.0.1 is not a loopback address"),
    ("http://0.0.0.0:80/", "0.0.0.0 is not"),
    ("http://0/", "0 (0.0.0.0) is not"),
    ("http://169.254.169.254/latest/meta-data/", "169.254.169.254 is not"),
    ("http://0xa9fea9fe/", "169.254.169.254) is not"),
    ("http://[::]/", ":: is not"),
    ("http://[::ffff:10.0.0.1]:80/", "::ffff:10.0.0.1 is not"),
    ("http://[fe80::1]/", "fe80::1 is not"),
    ("http://127.0.0.1@10.0.0.1/", "10.0.0.1 is not"),
    ("http://10.0.0.1#@127.0.0.1/", "10.0.0.1 is not"),
    ("https://192.168.0.1:8443/x", "192.168.0.1 is not"),
    ("", "this is no http or https URL"),
    ("not a url", "this is no http or https URL"),
    ("/relative", "this is no http or https URL"),
    ("//127.0.0.1/", "this is no http or https URL"),
    ("ftp://127.0.0.1/", "this is no http or https URL"),
    ("file:///etc/passwd", "this is no http or https URL"),
    ("gopher://127.0.0.1:25/", "this is no http or https URL"),
    ("http://", "this is no http or https URL"),
    ("http:///path", "this is no http or https URL"),
    ("http://user@/", "this is no http or https URL"),
    ("http://127.0.0.1:0/", "this is no http or https URL"),
    ("http://127.0.0.1:65536/", "this is no http or https URL"),
    ("http://127.0.0.1:port/", "this is no http or https URL"),
    ("http://[::1/", "this is no http or https URL"),
    ("http://[v1.x]/", "this is no http or https URL"),
    ("http://127.0.0.1/\r\nHost: evil", "this is no http or https URL"),
    ("http://127.0.0.1/\0", "this is no http or https URL"),
    ("http://" + "a" * 70 + ".example/", ""),
    ("http://" + "x" * 8200, "this URL is longer than 8192 characters"),
    ("http://\u2028/", "this is no http or https URL"),
    ("http://127.0.0.1\\@10.0.0.1/", "10.0.0.1 is not"),
    ("http://10.0.0.1\\@127.0.0.1:x/", "this is no http or https URL"),
    ("http://a%2eb/", "this is no http or https URL"),
    ("http://a..b\u00ad/", "this is no http or https URL"),
]


@pytest.mark.parametrize(("url", "reason"), NEVER, ids=[str(number) for number in range(len(NEVER))])
async def test_where_nothing_is_sent(url: str, reason: str, forbidden_network: list[object]) -> None:
    """The reason is told, and no attempt will be made again; no connection is tried."""
    outcome = await carry(url)

    assert (outcome.status, outcome.is_final) == (None, True)
    assert reason in str(outcome.error)
    assert forbidden_network == []


@pytest.mark.parametrize("notation", ["127.1", "2130706433", "0x7f000001", "0177.0.0.1", "[::ffff:127.0.0.1]"])
async def test_notations_of_loopback(notation: str) -> None:
    """Whatever the system reads as a loopback address is one."""
    async with receiving() as receiver:
        assert await carry(f"http://{notation}:{receiver.port}/") == Outcome(204)


async def test_ipv6() -> None:
    """The brackets stay where they belong."""
    if not socket.has_ipv6:
        pytest.skip("this machine has no IPv6")
    try:
        async with receiving(host="::1") as receiver:
            assert await carry(f"{receiver.url}/") == Outcome(204)
            assert receiver.arrived[0].headers["host"] == f"[::1]:{receiver.port}"
    except OSError:
        pytest.skip("this machine has no IPv6 loopback address")


async def test_off_is_off(forbidden_network: list[object]) -> None:
    """Not even to this machine."""
    assert await carry("http://127.0.0.1:1/", policy="off") == Outcome(None, IS_OFF, is_final=True)
    assert forbidden_network == []


async def test_name_without_address(names: Names) -> None:
    """Where webhooks may go anywhere it may be known a moment later; a name of this machine is known at once."""
    del names
    outcome = await carry("http://nobody.example/", policy="any")
    assert outcome == Outcome(None, "nobody.example has no address (Name or service not known)", is_final=False)
    assert (await carry("http://nobody.example/")).is_final


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
async def test_redirects_are_not_followed(code: int) -> None:
    """Wherever they lead."""
    async with receiving() as other, receiving(status(code, f"Location: {other.url}/")) as receiver:
        assert await carry(receiver.url) == Outcome(code)
        assert len(receiver.arrived) == 1
        assert other.arrived == []


async def test_proxies_are_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment may name one for other programs."""
    async with receiving() as proxy, receiving() as receiver:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        assert await carry(receiver.url) == Outcome(204)
        assert proxy.arrived == []


async def test_credentials_of_the_url() -> None:
    """As a header, the way HTTP has it, and nowhere else."""
    async with receiving() as receiver:
        await carry(f"http://user:p%40ss@127.0.0.1:{receiver.port}/")

    (arrived,) = receiver.arrived
    assert arrived.headers["authorization"] == "Basic dXNlcjpwQHNz"
    assert arrived.headers["host"] == f"127.0.0.1:{receiver.port}"
    assert arrived.target == "/"


async def test_nobody_listens() -> None:
    """The attempt fails, and another may be made."""
    async with receiving() as receiver:
        url = receiver.url
    outcome = await carry(url)

    assert (outcome.status, outcome.is_final) == (None, False)
    assert str(outcome.error).startswith("no answer (")


async def test_receiver_that_never_answers() -> None:
    """Is waited for as long as the pack says."""
    async with receiving(hang) as receiver:
        assert await carry(receiver.url, timeout_seconds=0.2) == Outcome(None, "no answer in 0.2 s")


async def _drip(writer: asyncio.StreamWriter) -> None:
    for letter in b"HTTP/1.1 200 OK\r\n" * 1000:
        writer.write(bytes([letter]))
        await writer.drain()
        await asyncio.sleep(0.02)


async def test_receiver_that_answers_letter_by_letter() -> None:
    """Is not waited for any longer: it is the whole answer that counts, not each letter."""
    async with receiving(_drip) as receiver:
        assert await carry(receiver.url, timeout_seconds=0.3) == Outcome(None, "no answer in 0.3 s")


async def _pour(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        writer.write(bytes(64 * 1024))
        await writer.drain()


async def _stall(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 202 OK\r\nContent-Length: 10\r\n\r\nabc")
    await hang(writer)


@pytest.mark.parametrize(("reply", "code"), [(_pour, 200), (_stall, 202)], ids=["endless", "stalled"])
async def test_body_of_the_answer_makes_no_difference(reply: Callable[..., Any], code: int) -> None:
    """Only so much of it is read, and only for so long."""
    async with receiving(reply) as receiver:
        assert await carry(receiver.url) == Outcome(code)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"nonsense\r\n\r\n",
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/1.1 099 OK\r\n\r\n",
        b"HTTP/2 200\r\n\r\n",
        b"HTTP/1.1 200" + b"x" * 10**6,
        b"\x16\x03\x01\0",
        b"HTTP/1.1 100 Continue\r\n\r\n" * 20,
    ],
    ids=["nothing", "nonsense", "no status", "low status", "version", "endless line", "other protocol", "interim only"],
)
async def test_what_is_no_answer(answer: bytes) -> None:
    """Is told as none."""
    async with receiving(answer) as receiver:
        outcome = await carry(receiver.url)

    assert (outcome.status, outcome.is_final) == (None, False)
    assert str(outcome.error).startswith("no answer (")


@pytest.mark.parametrize("head", [b"", b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 103 Hints\r\nLink: a\r\n\r\n" * 2])
@pytest.mark.parametrize("line", [b"HTTP/1.1 202 Accepted\r\n\r\n", b"HTTP/1.0 202\r\n\r\n", b"HTTP/1.1 202\n\n"])
async def test_what_is_an_answer(head: bytes, line: bytes) -> None:
    """In either version, with a phrase or without one, behind interim answers or not."""
    async with receiving(head + line) as receiver:
        assert await carry(receiver.url) == Outcome(202)


async def test_encrypted_where_nobody_speaks_so() -> None:
    """And certificates are looked at: a receiver of this machine without a valid one is not believed."""

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 No\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(refuse, "127.0.0.1", 0)
    outcome = await carry(f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/")
    server.close()

    assert outcome.status is None
    assert "SSL" in str(outcome.error)


async def test_name_server_that_never_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Holds nobody up: neither the attempt beyond its time, nor another one."""
    released = threading.Event()

    def look_up(host: str, *_: object, **__: object) -> list[Json]:
        if host == "slow.example":
            released.wait(30)
        return [(0, 0, 0, "", ("127.0.0.1", 0))]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    courier = Courier("loopback")
    async with receiving() as receiver:
        slow = asyncio.create_task(courier.carry(webhook("http://slow.example/", 0.3)))
        assert await courier.carry(webhook(f"http://quick.example:{receiver.port}/")) == Outcome(204)
        assert await slow == Outcome(None, "no answer in 0.3 s")
    released.set()
