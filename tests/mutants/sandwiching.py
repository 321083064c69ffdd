"""Puts the sample gateway, right or wrong, between the judge and a fake of its provider: on sockets, or near."""

from __future__ import annotations

import io
import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from unittest.mock import patch

import httpx
from starlette.types import ASGIApp

import specs
from contracts import cli
from contracts.drivers.mapping import read_mapping
from contracts.drivers.settings import Settings, bad_key_of
from contracts.drivers.target import read_target
from contracts.drivers.troubling import Troubling
from contracts.drivers.upstream import Front, Upstream
from contracts.finding import Verdict
from examples.gateways.app import create_gateway
from leaping import leaping, monotonic_seconds, wall_seconds
from mockserver.transport import AsyncFakeTransport
from mutants.sandwich_rows import Row
from services import on_socket

FRONT, BACK = "uniall", "mulerouter"
MAPPING = Path(__file__).resolve().parents[2] / "examples" / "gateways" / "mapping.yaml"
_KEY, _OTHER = "sk-one", "sk-two"
_DEADLINE_SECONDS = 15.0
_POLL_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Told:
    """What one run of the command said."""

    status: int
    rules: tuple[str, ...]
    """Of its findings, the same one once."""
    messages: tuple[str, ...]
    requests: int
    submissions: int
    seconds: float


def free_port() -> int:
    """One at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as opened:
        return int(opened.getsockname()[1])


@contextmanager
def gateway(row: Row | None, port: int) -> Iterator[str]:
    """The sample gateway, with this mistake if there is one, in front of that port."""
    planted = row.planted() if row is not None else nullcontext()
    with planted, on_socket(create_gateway(f"http://127.0.0.1:{port}", "own-key")) as running:
        yield running.url


@contextmanager
def near_gateway(row: Row | None, upstream: Upstream) -> Iterator[ASGIApp]:
    """The same within this process, and its provider too: what is on sockets when it waits leaps here."""
    planted = row.planted() if row is not None else nullcontext()
    client = httpx.AsyncClient(transport=AsyncFakeTransport(upstream._fake))
    clocks = (
        patch("contracts.drivers.hearing.time", SimpleNamespace(monotonic=monotonic_seconds)),
        patch("examples.gateways.app._now", lambda: int(wall_seconds())),
    )
    with planted, leaping(), clocks[0], clocks[1]:
        yield create_gateway(f"http://provider/{BACK}", "own-key", client)


def troubled(row: Row | None = None, *, on_sockets: bool = False, seed: int = 0) -> Verdict:
    """What is said after the jobs that meet trouble, and those alone."""
    port, pack, back = free_port(), specs.load(FRONT), specs.load(BACK)
    front = Front(pack, (_KEY, _OTHER), read_mapping(MAPPING, pack, back))
    settings = Settings(
        key=_KEY, bad_key=bad_key_of(seed), deadline=_DEADLINE_SECONDS, timeout=20.0, poll_interval=_POLL_SECONDS
    )
    with ExitStack() as stack:
        upstream = Upstream(back, port, front)
        if on_sockets:
            stack.enter_context(upstream)
            target = read_target(stack.enter_context(gateway(row, port)))
        else:
            # Its server has nobody to answer, and is not even started.
            stack.callback(upstream._server.stop)
            target = read_target(stack.enter_context(near_gateway(row, upstream)))
        session = Troubling(pack, target, settings, upstream).run_here()
        nothing = Verdict(
            vendor=FRONT,
            title=pack.title,
            target=str(target),
            seed=seed,
            constraints=(),
            laws=(),
            findings=(),
            exchanges=(),
            submissions=0,
            seconds=0.0,
            began_seconds=session.began_seconds,
        )
        return upstream.judged(nothing, session)


def verified(row: Row | None = None, seed: int = 0, *more: str) -> Told:
    """What `understudy verify gateway --upstream` says."""
    port = free_port()
    with TemporaryDirectory() as folder, gateway(row, port) as url:
        report = Path(folder) / "verdict.json"
        words = ["verify", "gateway", FRONT, "--url", url, "--key", _KEY, "--other-key", _OTHER, "--bad-key", "nobody"]
        words += ["--upstream", BACK, "--upstream-port", str(port), "--mapping", str(MAPPING), "--seed", str(seed)]
        words += ["--deadline", f"{_DEADLINE_SECONDS:g}", "--json", str(report), *more]
        with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()) as errors:
            status = cli.main(words)
        if not report.exists():
            raise AssertionError(errors.getvalue())
        told = json.loads(report.read_text())
    findings, summary = told["findings"], told["summary"]
    return Told(
        status,
        tuple(dict.fromkeys(each["rule"] for each in findings)),
        tuple(f"{each['rule']}: {each['message']}" for each in findings),
        summary["requests"],
        told["run"]["submissions"],
        summary["seconds"],
    )
