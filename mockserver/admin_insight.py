"""The admin edge's calls for who wants to know more: what made an answer, metrics, and whether calls are welcome."""

from __future__ import annotations

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response

from mockserver.admin_reading import json_response, product_version
from mockserver.fake import Fake
from mockserver.metrics import write_metrics
from mockserver.problems import Problem
from mockserver.store import StoreError
from specs.pointers import Json

_METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class InsightCalls:
    """The endpoints; `is_draining` says whether the server is about to end."""

    def __init__(self, fake: Fake, is_draining: Callable[[], bool]) -> None:
        self._fake = fake
        self._is_draining = is_draining

    async def explain(self, request: Request) -> Response:
        """What made the answer to one call."""
        call_id = request.path_params["id"]
        told: Json = self._fake.explain(call_id, request.query_params.get("key"))
        if told is None:
            raise Problem(
                404,
                f"there is no call {call_id[:60]!r} in the journal (any more); GET /__understudy/requests lists them",
            )
        return json_response(told)

    async def metrics(self, request: Request) -> Response:
        """For Prometheus."""
        del request
        fake = self._fake
        text = write_metrics(fake.answered, self._deliveries(), fake.started_ms, product_version())
        return Response(text, headers={"content-type": _METRICS_TYPE})

    def _deliveries(self) -> int | None:
        """How many are remembered; None while the store is away, which is when metrics are read most."""
        try:
            self._fake.check_store()
            return len(self._fake.deliveries())
        except StoreError:
            return None

    async def ready(self, request: Request) -> Response:
        """Whether calls are welcome: not while the server drains, nor while its store is away."""
        del request
        if self._is_draining():
            raise Problem(503, "the server is about to end; ask another one")
        self._fake.check_store()
        return json_response({"status": "ready"})
