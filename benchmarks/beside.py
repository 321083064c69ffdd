"""`schemathesis run` at the same services with the same documents, by the checks that let the correct ones off.

Each run has a worker process to itself, which does nothing meanwhile but to serve the service.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeAlias

import uvicorn

import specs
from mutants.catalogue import Service, correct_services, mutants
from mutants.judging import SECONDS
from references.callers import KEY

Json: TypeAlias = Any

_SEED = "1"
_START_SECONDS_MAX = 10.0
# No `--max-time`: it is a time to spend, not a limit. Told 60 s, a run of 16 s lasts 61 s and finds the same.
_RUN_SECONDS_MAX = 900
# Which check finds which failure: its reports name the failures, its options the checks.
CHECKS: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("ServerError", "ContentTypeServerError"), "not_a_server_error"),
        "UndefinedStatusCode": "status_code_conformance",
        **dict.fromkeys(
            ("MissingContentType", "MalformedMediaType", "UndefinedContentType"), "content_type_conformance"
        ),
        "MissingHeaders": "response_headers_conformance",
        **dict.fromkeys(
            ("JsonSchemaError", "MalformedJson", "ContentDeserializationError", "DiscriminatorMismatch"),
            "response_schema_conformance",
        ),
        "AcceptedNegativeData": "negative_data_rejection",
        "RejectedPositiveData": "positive_data_acceptance",
        "MissingHeaderNotRejected": "missing_required_header",
        "UnsupportedMethodResponse": "unsupported_method",
        "AllowHeaderMismatch": "allow_header_conformance",
        "UseAfterFree": "use_after_free",
        "EnsureResourceAvailability": "ensure_resource_availability",
        "IgnoredAuth": "ignored_auth",
        "ObjectLevelAuthorizationViolation": "object_level_authorization",
    }
)


@dataclass(frozen=True, slots=True)
class Report:
    """What one run said: the checks that failed, how many requests it made, how long it took."""

    failed: frozenset[str]
    requests: int
    seconds: float
    aborted: str = ""
    """Why there is no report, if there is none."""


@contextmanager
def serving(service: Service) -> Iterator[str]:
    """The service on a free port of this machine, and its URL."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        config = uvicorn.Config(service.make(time.time, SECONDS), log_config=None, log_level="critical", lifespan="off")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
        thread.start()
        _wait(server)
        try:
            yield "http://{}:{}".format(*listening.getsockname())
        finally:
            server.should_exit = True
            thread.join()


def _wait(server: uvicorn.Server) -> None:
    until = time.monotonic() + _START_SECONDS_MAX
    pause = threading.Event()
    while not server.started and time.monotonic() < until:
        pause.wait(0.02)


def run_beside(name: str, without: Collection[str] = ()) -> Report:
    """One run against a fresh one of this service, by its id, with all checks but these."""
    service = correct_services().get(name) or mutants()[name]
    with tempfile.TemporaryDirectory() as folder, serving(service) as url:
        document = Path(folder) / "openapi.json"
        document.write_text(json.dumps(specs.load(service.vendor).openapi), encoding="utf-8")
        began = time.perf_counter()
        said = _run([str(document), "--url", url, *_without(without)], folder)
        seconds = time.perf_counter() - began
        found = "".join(path.read_text(encoding="utf-8") for path in Path(folder).glob("json-*.json"))
    try:
        return read_report(json.loads(found), seconds)
    except json.JSONDecodeError:
        # It may end before there is a file, or before there is anything in it.
        return Report(frozenset(), 0, seconds, f"no report, {said[-300:].strip() or 'nothing said'}")


def _without(checks: Collection[str]) -> list[str]:
    return ["--exclude-checks", ",".join(sorted(checks))] if checks else []


def _run(words: list[str], folder: str) -> str:
    """What it said, and its status; or that it came to no end."""
    words = [*words, "--header", f"Authorization: Bearer {KEY}", "--seed", _SEED, "--continue-on-failure"]
    words += ["--report", "json", "--report-dir", folder]
    command = [str(Path(sys.executable).with_name("schemathesis")), "run", *words]
    try:
        ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=_RUN_SECONDS_MAX, check=False)
    except subprocess.TimeoutExpired:
        return f"no end in {_RUN_SECONDS_MAX} s"
    return f"{ran.stdout}{ran.stderr}\nstatus {ran.returncode}"


def read_report(report: Json, seconds: float) -> Report:
    """What its file says: the checks behind the failures, and the requests."""
    failed = frozenset(CHECKS[failure["type"]] for failure in report["failures"])
    return Report(failed, report["test_cases"]["generated"], seconds)


def exemplary(vendors: Collection[str]) -> list[str]:
    """The services that are right and speak these vendors' APIs, by id: the fakes, the references and the gateway."""
    # Those that merely differ from the fakes would cost it more checks: they are left out, in its favour.
    services = (each for name, each in correct_services().items() if not name.startswith("variation/"))
    return [each.id for each in services if each.vendor in vendors]
