"""The admin edge, under `/__understudy`: health, clock, reset, requests, tasks, and pages of the contracts."""

from __future__ import annotations

import hmac
import math
from collections.abc import Awaitable, Callable, Iterator, Mapping
from html import escape
from pathlib import Path
from string import Template
from typing import Any, TypeAlias, TypeGuard

import orjson
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from mockserver.admin_faults import FaultCalls
from mockserver.admin_insight import InsightCalls
from mockserver.admin_reading import json_object, json_response, product_version
from mockserver.admin_snapshots import SnapshotCalls
from mockserver.admin_webhooks import WebhookCalls
from mockserver.clock import rfc3339
from mockserver.fake import Fake, TaskOverError, TaskView
from mockserver.messages import Entry
from mockserver.postman import Postman
from mockserver.problems import Problem, answer_http_error, answer_problem, answer_store_error, problem_response
from mockserver.store import StoreError
from mockserver.vendor import Vendor
from specs.pointers import Json

Endpoint: TypeAlias = Callable[[Request], Awaitable[Response]]

_VIEWER = Path(__file__).parent / "viewer"
_DOCUMENT = Path(__file__).parent / "admin.openapi.json"
_VIEWER_FILES = frozenset({"swagger-ui-bundle.js", "swagger-ui.css", "start.js"})
# A jump further than this leaves the calendar.
_ADVANCE_MAX_SECONDS = 100 * 365 * 24 * 3600
_LATEST_MS = 9000 * 365 * 24 * 3600 * 1000 - 1970 * 365 * 24 * 3600 * 1000
_LIMIT_MAX = 1_000_000


def _entry(entry: Entry) -> dict[str, Json]:
    return {
        "id": entry.id,
        "at": rfc3339(entry.at_ms),
        "key": entry.key,
        "vendor": entry.vendor,
        "operation": entry.operation,
        "method": entry.method,
        "path": entry.path,
        "status": entry.status,
        "task_id": entry.task_id,
        "violations": [violation.as_json() for violation in entry.violations],
        "fault": entry.fault,
    }


def _task(view: TaskView) -> dict[str, Json]:
    task = view.task
    return {
        "id": task.id,
        "vendor": task.vendor,
        "operation": task.operation,
        "status": view.status,
        "created_at": rfc3339(task.created_ms),
        "request": orjson.loads(task.request),
    }


def _limit(request: Request) -> int | None:
    text = request.query_params.get("limit")
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal() and int(text) <= _LIMIT_MAX):
        raise Problem(400, f"limit must be a whole number from 0 to {_LIMIT_MAX}, not {text[:40]!r}")
    return int(text)


def _is_advance(seconds: Json) -> TypeGuard[float]:
    if not isinstance(seconds, (int, float)) or isinstance(seconds, bool):
        return False
    return math.isfinite(seconds) and 0 <= seconds <= _ADVANCE_MAX_SECONDS


class Admin:
    """The endpoints; each is about all accounts, or with `?key=` about one."""

    def __init__(self, fake: Fake, prefix: str, postman: Postman | None) -> None:
        self.fake = fake
        self._postman = postman
        self._prefix = prefix
        self.contract: dict[str, Any] = orjson.loads(_DOCUMENT.read_bytes())

    async def index(self, request: Request) -> Response:
        """What there is to call and to read, for who has only the address."""
        del request
        calls = [
            {"method": method.upper(), "path": self._prefix + path, "summary": operation["summary"]}
            for path, methods in self.contract["paths"].items()
            for method, operation in methods.items()
        ]
        docs = {name: f"{self._prefix}/docs/{name}" for name in self.fake.vendors}
        document = f"{self._prefix}/openapi.json"
        return json_response({"version": product_version(), "document": document, "calls": calls, "docs": docs})

    async def health(self, request: Request) -> Response:
        """Alive, and which vendors it plays."""
        del request
        return json_response({"status": "ok", "version": product_version(), "vendors": list(self.fake.vendors)})

    async def read_clock(self, request: Request) -> Response:
        """Mode and instant."""
        return json_response(self.fake.clock(request.query_params.get("key")))

    async def move_clock(self, request: Request) -> Response:
        """Moves time forward."""
        body = await json_object(request, self.fake.settings.body_max, members=("advance_seconds",))
        seconds = body.get("advance_seconds")
        if not _is_advance(seconds):
            raise Problem(
                400,
                f"advance_seconds must be a number from 0 to {_ADVANCE_MAX_SECONDS}; time only moves forward",
            )
        key = request.query_params.get("key")
        if self.fake.now_ms(key) + seconds * 1000 > _LATEST_MS:
            raise Problem(400, "the clock can't go beyond the year 9000; reset, or start anew")
        self.fake.move(seconds, key)
        await self._settled(key)
        return json_response(self.fake.clock(key))

    async def reset(self, request: Request) -> Response:
        """Forgets."""
        self.fake.reset(request.query_params.get("key"))
        return Response(status_code=204)

    async def requests(self, request: Request) -> Response:
        """The journal, newest last."""
        query = request.query_params
        entries = self.fake.entries(query.get("key"), self._vendor(request), _limit(request))
        return json_response({"requests": [_entry(entry) for entry in entries]})

    async def tasks(self, request: Request) -> Response:
        """Every task, oldest first."""
        vendor = self._vendor(request)
        views = self.fake.tasks(request.query_params.get("key"))
        return json_response({"tasks": [_task(view) for view in views if vendor in (None, view.task.vendor)]})

    async def end_task(self, request: Request) -> Response:
        """Ends a task now, well or badly."""
        body = await json_object(request, self.fake.settings.body_max, members=("outcome", "reason"))
        outcome, reason = body.get("outcome"), body.get("reason")
        if outcome not in ("fail", "complete"):
            raise Problem(400, 'outcome must be "fail" or "complete"')
        if reason is not None and not isinstance(reason, str):
            raise Problem(400, "reason must be a string")
        task_id = request.path_params["id"]
        key = request.query_params.get("key")
        found = self.fake.find_tasks(task_id, key)
        if not found:
            raise Problem(404, f"there is no task {task_id!r}; GET /__understudy/tasks lists them")
        if len(found) > 1:
            raise Problem(409, f"{len(found)} accounts have a task {task_id!r}; say which is meant by ?key=")
        try:
            view = self.fake.end(found[0], (reason or "default") if outcome == "fail" else None)
        except TaskOverError as problem:
            raise Problem(409, str(problem)) from None
        await self._settled(found[0].account)
        return json_response(_task(view))

    async def _settled(self, account: str | None) -> None:
        """All webhooks that are due are delivered, or given up."""
        if self._postman is not None:
            await self._postman.settled(account)
        else:
            self.fake.settle()

    def _vendor(self, request: Request) -> str | None:
        vendor = request.query_params.get("vendor")
        if vendor is not None and vendor not in self.fake.vendors:
            raise Problem(400, f"no vendor {vendor!r} is served here; served: {', '.join(self.fake.vendors)}")
        return vendor

    async def document(self, request: Request) -> Response:
        """The OpenAPI document of this API."""
        del request
        return Response(_DOCUMENT.read_bytes(), media_type="application/json")

    async def docs_index(self, request: Request) -> Response:
        """Links to the vendors' pages."""
        del request
        links = "".join(
            f'<li><a href="docs/{name}">{vendor.pack.title}</a></li>' for name, vendor in self.fake.vendors.items()
        )
        return HTMLResponse(f"<!doctype html><title>understudy: contracts</title><h1>Contracts</h1><ul>{links}</ul>")

    async def docs_page(self, request: Request) -> Response:
        """The viewer, told which document to show."""
        vendor = self._named(request)
        page = Template((_VIEWER / "page.html").read_text(encoding="utf-8"))
        here = {
            "title": f"{vendor.pack.title}: contract",
            "viewer": "../viewer",
            "contract": f"{vendor.name}/openapi.json",
        }
        return HTMLResponse(page.substitute({name: escape(text) for name, text in here.items()}))

    async def vendor_document(self, request: Request) -> Response:
        """A vendor's OpenAPI document, its server being this fake."""
        vendor = self._named(request)
        base = str(request.base_url).rstrip("/")
        return json_response(
            {**vendor.pack.openapi, "servers": [{"url": f"{base}/{vendor.name}", "description": "this fake"}]}
        )

    async def viewer_file(self, request: Request) -> Response:
        """A file of the viewer."""
        name = request.path_params["name"]
        if name not in _VIEWER_FILES:
            raise Problem(404, f"the viewer has no file {name!r}")
        return FileResponse(_VIEWER / name, headers={"Cache-Control": "max-age=3600"})

    def _named(self, request: Request) -> Vendor:
        name = request.path_params["vendor"]
        if name not in self.fake.vendors:
            raise Problem(404, f"no vendor {name!r} is served here; served: {', '.join(self.fake.vendors)}")
        return self.fake.vendors[name]


class TokenGuard:
    """Lets calls through that carry the token; only health and readiness are open."""

    def __init__(self, app: ASGIApp, token: str, prefix: str) -> None:
        self._app = app
        self._wanted = token.encode()
        self._open = frozenset({f"{prefix}/health", f"{prefix}/ready"})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes on, or answers 401."""
        scheme, _, sent = dict(scope.get("headers", [])).get(b"authorization", b"").partition(b" ")
        known = scheme.lower() == b"bearer" and hmac.compare_digest(sent.strip(), self._wanted)
        if known or scope.get("path", "") in self._open:
            await self._app(scope, receive, send)
            return
        refusal = problem_response(
            401, "admin calls and pages need the header Authorization: Bearer TOKEN with the token of --admin-token"
        )
        await refusal(scope, receive, send)


def _documented_queries(contract: Mapping[str, Any], path: str, method: str) -> frozenset[str]:
    """The names of the query parameters that a call has, by the API's own document."""
    shared = contract["components"]["parameters"]
    listed = contract["paths"][path][method.lower()].get("parameters", [])
    parameters = [shared[each["$ref"].rpartition("/")[2]] if "$ref" in each else each for each in listed]
    return frozenset(each["name"] for each in parameters if each["in"] == "query")


def _strict(endpoint: Endpoint, known: frozenset[str]) -> Endpoint:
    """The endpoint, for calls whose query is understood: `?kye=` must not be a call about all accounts."""

    async def call(request: Request) -> Response:
        names = [name for name, _ in request.query_params.multi_items()]
        listed = ", ".join(f"?{name}=" for name in sorted(known)) or "none"
        for name in names:
            if name not in known:
                raise Problem(400, f"there is no parameter {name[:40]!r} here; known: {listed}")
            if names.count(name) > 1:
                raise Problem(400, f"?{name}= is given more than once; which one counts?")
        if request.query_params.get("key") == "":
            raise Problem(400, "?key= names no account; leave it out to mean all of them")
        return await endpoint(request)

    return call


def _calls(admin: Admin, insight: InsightCalls) -> Iterator[Route]:
    faults = FaultCalls(admin.fake)
    snapshots = SnapshotCalls(admin.fake)
    webhooks = WebhookCalls(admin.fake)
    calls: tuple[tuple[str, str, Endpoint], ...] = (
        ("GET", "/clock", admin.read_clock),
        ("POST", "/clock", admin.move_clock),
        ("POST", "/reset", admin.reset),
        ("GET", "/requests", admin.requests),
        ("GET", "/requests/{id}", insight.explain),
        ("GET", "/tasks", admin.tasks),
        ("POST", "/tasks/{id}", admin.end_task),
        ("GET", "/faults", faults.show),
        ("POST", "/faults", faults.add),
        ("GET", "/scenario.schema.json", faults.schema),
        ("DELETE", "/faults", faults.drop_all),
        ("DELETE", "/faults/{id}", faults.drop),
        ("GET", "/snapshot", snapshots.take),
        ("PUT", "/snapshot", snapshots.put),
        ("POST", "/fork", snapshots.fork),
        ("GET", "/webhooks", webhooks.deliveries),
    )
    for method, path, endpoint in calls:
        known = _documented_queries(admin.contract, path, method)
        yield Route(path, _strict(endpoint, known), methods=[method])


def create_admin(
    fake: Fake,
    token: str | None,
    prefix: str,
    postman: Postman | None = None,
    is_draining: Callable[[], bool] = lambda: False,
) -> ASGIApp:
    """The admin API and the pages, under the prefix."""
    admin = Admin(fake, prefix, postman)
    insight = InsightCalls(fake, is_draining)
    pages = [
        Route("/", admin.index, methods=["GET"]),
        Route("/health", admin.health, methods=["GET"]),
        Route("/ready", insight.ready, methods=["GET"]),
        Route("/metrics", insight.metrics, methods=["GET"]),
        Route("/openapi.json", admin.document, methods=["GET"]),
        Route("/docs", admin.docs_index, methods=["GET"]),
        Route("/docs/{vendor}", admin.docs_page, methods=["GET"]),
        Route("/docs/{vendor}/openapi.json", admin.vendor_document, methods=["GET"]),
        Route("/viewer/{name}", admin.viewer_file, methods=["GET"]),
    ]
    app = Starlette(
        routes=[Route(prefix, admin.index, methods=["GET"]), Mount(prefix, routes=[*pages, *_calls(admin, insight)])],
        exception_handlers={Problem: answer_problem, HTTPException: answer_http_error, StoreError: answer_store_error},
    )
    return TokenGuard(app, token, prefix) if token is not None else app
