"""Ordinary calls as bytes on a socket, and what must hold after the odd ones."""

from __future__ import annotations

import json

import httpx

from properties.promised import Kind, assert_promised, fresh_key
from properties.wire import Line, Reply


def says(key: str, **more: str) -> dict[str, str]:
    """The headers of an ordinary call."""
    return {"Authorization": f"Bearer {key}", "Content-Type": "application/json", **more}


def path_of(kind: Kind) -> str:
    """Where a job is submitted on a server of all vendors."""
    return f"/{kind.pack.name}{kind.submit.path}"


def valid(kind: Kind) -> bytes:
    """A body that is taken."""
    return json.dumps(kind.with_prompt("a cat")).encode()


def task_count(url: str, key: str) -> int:
    """How many tasks the account has."""
    answer = httpx.get(f"{url}/__understudy/tasks", params={"key": key}, timeout=20)
    return len(answer.json()["tasks"])


def assert_alive(url: str, kind: Kind) -> None:
    """A new client is served."""
    with Line(url) as line:
        reply = line.ask("POST", path_of(kind), says(fresh_key()), valid(kind))
    assert reply is not None
    assert reply.status < 300, reply


def promised(kind: Kind, reply: Reply | None) -> Reply:
    """An answer of the vendor's, compared with the contract."""
    assert reply is not None, "hung up without an answer"
    assert reply.status < 500, reply
    assert_promised(kind.pack.name, kind.submit.id, reply.status, reply.body)
    return reply


def chunked(*parts: bytes) -> bytes:
    """The parts as chunks, and the end."""
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"
