"""Request targets with a scheme and a host in them, as proxies get them: they lead where their path does."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

import pytest

from properties.promised import KINDS, VENDORS, Kind, fresh_key, kinds, pack
from properties.wire import Line, Reply, head
from properties.wired_calls import path_of, promised, says, valid

every_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)


def got(reply: Reply | None) -> Reply:
    """An answer, whatever it is."""
    assert reply is not None, "hung up without an answer"
    return reply


def result_url(server_url: str, kind: Kind, target: str, host: str, key: str) -> str:
    """Where the video is of a task that was submitted at this target, with this Host beside it."""
    with Line(server_url) as line:
        line.send(head("POST", target, says(key, **{"Content-Length": str(len(valid(kind)))}), host) + valid(kind))
        task_id = kind.task_id(json.loads(promised(kind, line.read()).body))
        got(line.ask("POST", f"/__understudy/tasks/{task_id}", body=b'{"outcome": "complete"}'))
        poll = got(line.ask("GET", f"/{kind.pack.name}{kind.poll_path(task_id)}", says(key)))
    at = kind.spot("$result.url")
    assert at is not None
    found = json.loads(poll.body)
    for token in at.split("/")[1:]:
        found = found[int(token)] if isinstance(found, list) else found[token]
    return str(found)


def test_admin_calls_are_reached(server_url: str) -> None:
    """With the server's own host or any other, on one kept connection, with a query and with a body."""
    key = fresh_key()
    with Line(server_url) as line:
        for base in (server_url, "http://fake", "HTTP://FAKE:8787", "http://[::1]:8787", "https://user@fake"):
            health = got(line.ask("GET", f"{base}/__understudy/health"))
            assert json.loads(health.body)["vendors"] == VENDORS, base
            moved = got(line.ask("POST", f"{base}/__understudy/clock?key={key}", body=b'{"advance_seconds": 0}'))
            assert moved.status == 200, base


@every_kind
def test_videos_are_reached(server_url: str, kind: Kind) -> None:
    """A result URL as it stands is a target that works."""
    url = result_url(server_url, kind, path_of(kind), urlsplit(server_url).netloc, fresh_key())
    assert url.startswith(f"{server_url}/__media/")
    with Line(server_url) as line:
        reply = got(line.ask("GET", url))
    assert reply.status == 200
    assert reply.headers["content-type"] == "video/mp4"


@every_kind
def test_host_of_the_target_counts_for_more_than_the_header(server_url: str, kind: Kind) -> None:
    """The result is where the target says, with its port, whatever `Host` says."""
    for authority in ("fakes.example", "fakes.example:8787", "[::1]:8787"):
        target = f"http://{authority}{path_of(kind)}"
        url = result_url(server_url, kind, target, "elsewhere.example", fresh_key())
        assert url.startswith(f"http://{authority}/__media/")


@pytest.mark.parametrize("vendor", VENDORS)
def test_host_of_the_target_leads_where_the_header_would(server_url: str, vendor: str) -> None:
    """A call to a vendor's own host, sent by way of the fake, is that vendor's, whatever vendor `Host` names."""
    kind = kinds(vendor)[0]
    wrong = next(pack(name).behaviour.hosts[0] for name in VENDORS if name != vendor)
    for host in pack(vendor).behaviour.hosts:
        for authority in (host, f"{host}:80", host.upper()):
            by_header, by_target = fresh_key(), fresh_key()
            headers = {"Content-Length": str(len(valid(kind)))}
            with Line(server_url) as line:
                line.send(head("POST", kind.submit.path, says(by_header, **headers), authority) + valid(kind))
                assert got(line.read()).status < 300
                target = f"http://{authority}{kind.submit.path}"
                line.send(head("POST", target, says(by_target, **headers), wrong) + valid(kind))
                assert got(line.read()).status < 300, authority
            assert whose(server_url, by_target) == whose(server_url, by_header)


def whose(server_url: str, key: str) -> list[str]:
    """The vendors that this account has called."""
    with Line(server_url) as line:
        journal = got(line.ask("GET", f"/__understudy/requests?key={key}"))
    return [entry["vendor"] for entry in json.loads(journal.body)["requests"]]


def test_host_of_nobody_leads_to_nobody(server_url: str) -> None:
    """A target on a host that no vendor has is not answered by the vendor that `Host` names."""
    kind = KINDS[0]
    headers = says(fresh_key(), **{"Content-Length": str(len(valid(kind)))})
    with Line(server_url) as line:
        target = f"http://nobody.example{kind.submit.path}"
        line.send(head("POST", target, headers, pack(kind.pack.name).behaviour.hosts[0]) + valid(kind))
        assert got(line.read()).headers["content-type"] == "application/problem+json"


def test_target_without_a_path_is_the_root(server_url: str) -> None:
    """A host alone, or with a query, is nobody's path, and no failure."""
    with Line(server_url) as line:
        for target in ("http://fake", "http://fake?x=1", "http://fake/"):
            assert got(line.ask("GET", target)).status == 404, target
