"""`schemathesis run` at the same services with the same documents, by the checks that let the correct ones off."""

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

import uvicorn

import specs
from mutants.catalogue import Service, correct_services
from mutants.judging import SECONDS
from references.callers import KEY

_SEED = "1"
_START_SECONDS_MAX = 10.0
# No `--max-time`: it makes a run last as long, however little is left to try.
_RUN_SECONDS_MAX = 900
# Which check finds which failure: its reports name the failures, its options the checks.
_CHECKS: Mapping[str, str] = MappingProxyType(
    {
        "ServerError": "not_a_server_error",
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


@contextmanager
def serving(service: Service) -> Iterator[str]:
    """The service on a free port of this machine, and its URL."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        config = uvicorn.Config(service.make(time.time, SECONDS), log_config=None, lifespan="off")
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


def run_beside(service: Service) -> Report:
    """One run against a fresh one of this service, with all checks."""
    with tempfile.TemporaryDirectory() as folder, serving(service) as url:
        document = Path(folder) / "openapi.json"
        document.write_text(json.dumps(specs.load(service.vendor).openapi), encoding="utf-8")
        words = [str(document), "--url", url, "--header", f"Authorization: Bearer {KEY}", "--seed", _SEED]
        words += ["--report", "json", "--report-dir", folder, "--continue-on-failure"]
        command = [str(Path(sys.executable).with_name("schemathesis")), "run", *words]
        began = time.perf_counter()
        ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=_RUN_SECONDS_MAX, check=False)
        seconds = time.perf_counter() - began
        found = list(Path(folder).glob("json-*.json"))
        if not found:
            sys.exit(f"schemathesis left no report about {service.id}: {ran.stdout[-300:]}{ran.stderr[-300:]}")
        report = json.loads(found[0].read_text(encoding="utf-8"))
    failed = frozenset(_CHECKS[failure["type"]] for failure in report["failures"])
    return Report(failed, report["test_cases"]["generated"], seconds)


def exemplary(vendors: Collection[str]) -> list[str]:
    """The services that are right and speak these vendors' APIs, by id: the fakes, the references and the gateway."""
    # Those that merely differ from the fakes would cost it more checks: they are left out, in its favour.
    services = (each for name, each in correct_services().items() if not name.startswith("variation/"))
    return [each.id for each in services if each.vendor in vendors]
