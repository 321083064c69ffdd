"""The admin edge's calls about faults: add one, list them, take them back."""

from __future__ import annotations

from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from mockserver.admin_reading import json_object, json_response
from mockserver.fake import Fake
from mockserver.fault_rules import FaultRule
from mockserver.faults import FaultError
from mockserver.problems import Problem
from mockserver.store import StoreFullError
from mockserver.store.sealing import label_of
from specs.pointers import Json

_SCENARIO_SCHEMA = Path(__file__).parent / "scenario.schema.json"


class FaultCalls:
    """The endpoints; each is about all accounts, or with `?key=` about one."""

    def __init__(self, fake: Fake) -> None:
        self._fake = fake

    async def add(self, request: Request) -> Response:
        """Remembers a fault."""
        said = await json_object(request, self._fake.settings.body_max)
        try:
            rule_id = self._fake.add_fault(said, request.query_params.get("key"))
        except FaultError as problem:
            where = f"{problem.place}: " if problem.place else ""
            raise Problem(400, f"{where}{problem}") from None
        except StoreFullError as problem:
            raise Problem(409, str(problem)) from None
        return json_response({"id": rule_id}, 201)

    async def show(self, request: Request) -> Response:
        """Those that wait."""
        return json_response({"faults": [_rule(each) for each in self._fake.faults(request.query_params.get("key"))]})

    async def schema(self, request: Request) -> Response:
        """The JSON Schema of a scenario file."""
        del request
        return Response(_SCENARIO_SCHEMA.read_bytes(), media_type="application/schema+json")

    async def drop_all(self, request: Request) -> Response:
        """Forgets them."""
        self._fake.drop_faults(request.query_params.get("key"))
        return Response(status_code=204)

    async def drop(self, request: Request) -> Response:
        """Forgets one."""
        rule_id = request.path_params["id"]
        if not self._fake.drop_fault(rule_id, request.query_params.get("key")):
            raise Problem(404, f"there is no fault {rule_id[:40]!r} (any more); GET /__understudy/faults lists them")
        return Response(status_code=204)


def _rule(rule: FaultRule) -> dict[str, Json]:
    said = rule._replace(account=None).as_json()
    return {"id": said.pop("id"), "key": None if rule.account is None else label_of(rule.account), **said}
