"""The admin edge's part about webhooks: the log of deliveries."""

from __future__ import annotations

import orjson
from starlette.requests import Request
from starlette.responses import Response

from mockserver.clock import rfc3339
from mockserver.fake import Fake
from mockserver.store import Attempt
from specs.pointers import Json


class WebhookCalls:
    """The endpoints; each is about all accounts, or with `?key=` about one."""

    def __init__(self, fake: Fake) -> None:
        self._fake = fake

    async def deliveries(self, request: Request) -> Response:
        """Every attempt, newest last."""
        log = self._fake.deliveries(request.query_params.get("key"))
        return Response(orjson.dumps({"deliveries": [_delivery(each) for each in log]}), media_type="application/json")


def _delivery(delivery: Attempt) -> dict[str, Json]:
    return {
        "task_id": delivery.task_id,
        "url": delivery.url,
        "event": delivery.event,
        "attempt": delivery.attempt,
        "at": rfc3339(delivery.at_ms),
        "status": delivery.status,
        "signature_valid": delivery.signature_valid,
        "id": delivery.id,
        "error": delivery.error,
        "fault": delivery.fault,
    }
