"""MuleRouter by hand: a correct service in plain Starlette that shares no code with the fake, and bugs to switch on."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeAlias

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from references.callers import KEY, NobodyError, read_caller
from references.lives import DONE, FAILED, QUEUED, RUNNING, Life, Lives
from references.mulerouter.bodies import IMAGE, TEXT, BrokenError, Check
from references.seeding import NONE, Bugs
from references.wire import MalformedError, crash, crashing, read_json, told

Json: TypeAlias = Any

_BASE = "/vendors/klingai/v1/kling-v3/"
PATHS = {TEXT: _BASE + "text-to-video/generation", IMAGE: _BASE + "image-to-video/generation"}
_WAITS = 0.2
_NAMES = uuid.UUID("5a3c1f0e-7d0b-4d3a-9a56-0d7c8f1e2b34")


def _instant(seconds: float) -> str:
    """As the live service writes it: microseconds, and an offset in place of Z."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="microseconds")


class Reference:
    """The four operations, and how they say no."""

    def __init__(self, bugs: Bugs, clock: Callable[[], float], seconds: float) -> None:
        self.bugs = bugs
        self.lives = Lives(clock, seconds, _WAITS, bugs)

    # Operations

    async def submit(self, request: Request) -> Response:
        """A new task."""
        bugs, kind = self.bugs, IMAGE if request.url.path == PATHS[IMAGE] else TEXT
        account = KEY if "open-images" in bugs and kind == IMAGE else read_caller(request, bugs)
        body = await read_json(request, bugs)
        Check(body, kind, bugs).run()
        fails = "the scene fell apart" if "[[fail]]" in json.dumps(body) else ""
        life = self.lives.begin(Life("", account, kind, body, self.lives.clock(), fails), self.write_id)
        status = 200 if "submit-200" in bugs else 202
        if "images-201" in bugs and kind == IMAGE:
            status = 201
        return told(status, self.task(life, QUEUED, life.id))

    async def poll(self, request: Request) -> Response:
        """How a task stands."""
        bugs, task_id = self.bugs, request.path_params["task_id"]
        account = read_caller(request, bugs)
        crash(on="odd-id-500" in bugs and len(task_id) != len(str(_NAMES)))
        kind = IMAGE if request.url.path.startswith(PATHS[IMAGE]) else TEXT
        life = self.lives.find(account, kind, task_id)
        if life is None:
            return self.unknown(task_id)
        state = self.lives.state(life)
        if "failed-poll-400" in bugs and state == FAILED:
            return told(400, self.task(life, state, life.id))
        headers = {"content-type": "text/html"} if "poll-html" in bugs else {}
        shown = str(uuid.uuid5(_NAMES, life.id)) if "poll-tells-another-id" in bugs else life.id
        if "poll-tells-id-in-capitals" in bugs:
            shown = shown.upper()
        return told(202 if "poll-202" in bugs else 200, self.task(life, state, shown), headers)

    async def remove(self, request: Request) -> Response:
        """A seeded bug: nothing like it is documented."""
        self.lives.forget(request.path_params["task_id"])
        return Response(status_code=204)

    async def list(self, request: Request) -> Response:
        """A seeded bug: nothing like it is documented."""
        return told(200, [life.id for life in self.lives.of(read_caller(request, self.bugs), TEXT)])

    async def break_down(self, _: Request) -> Response:
        """A seeded bug: a method that nobody thought of."""
        return PlainTextResponse("Internal Server Error", 500)

    # What they tell

    def write_id(self, seed: str) -> str:
        """A UUID."""
        return f"task-{seed[:16]}" if "id-no-uuid" in self.bugs else str(uuid.uuid5(_NAMES, seed))

    def word(self, state: str) -> str:
        """The vendor's word."""
        words = {QUEUED: "pending", RUNNING: "processing", DONE: "completed", FAILED: "failed"}
        if "word-running" in self.bugs:
            words[RUNNING] = "running"
        if "word-succeeded" in self.bugs:
            words[DONE] = "succeeded"
        if "word-capital" in self.bugs:
            words[FAILED] = "Failed"
        return words[state]

    def task(self, life: Life, state: str, shown: str) -> Json:
        """The task as it is told, with a member that no page mentions."""
        bugs, is_over = self.bugs, state in (DONE, FAILED)
        created, updated = self.lives.created(life), self.lives.updated(life)
        if state == QUEUED and "updated-before-created" not in bugs:
            updated = created
        info: dict[str, Json] = {"id": shown, "status": self.word(state), "provider": "kling"}
        info |= {"created_at": _instant(created), "updated_at": _instant(updated)}
        if "created-epoch" in bugs:
            info["created_at"] = int(created * 1000)
        if "updated-without-zone" in bugs:
            info["updated_at"] = info["updated_at"].partition("+")[0]
        if "updated-missing" in bugs and is_over:
            del info["updated_at"]
        if "error-before-failure" in bugs and state != FAILED:
            info["error"] = None
        if state == FAILED and "failed-without-error" not in bugs:
            code = "3003" if "error-code-text" in bugs else 3003
            info["error"] = {"code": code, "title": "Not done", "detail": life.fails}
        told_task: dict[str, Json] = {"task_info": info}
        if "error-beside-task" in bugs and "error" in info:
            told_task["error"] = info.pop("error")
        return told_task | self.videos(life, state)

    def videos(self, life: Life, state: str) -> Json:
        """What a task that is done has, and no other."""
        bugs, url = self.bugs, self.lives.url(life)
        if "videos-missing" in bugs:
            return {}
        videos: list[Json] = [{"url": url}] if "videos-are-objects" in bugs else [url]
        if "videos-empty" in bugs:
            videos = []
        is_told = state == DONE
        if "videos-early" in bugs:
            is_told = state in (RUNNING, DONE)
        if "videos-on-failure" in bugs:
            is_told = state in (FAILED, DONE)
        if "videos-null-before" in bugs and not is_told:
            return {"videos": None}
        return {"videos": videos} if is_told else {}

    # How they say no

    def unknown(self, task_id: str) -> Response:
        """404 for a task that nobody has, or somebody else."""
        bugs = self.bugs
        crash(on="unknown-task-500" in bugs)
        if "unknown-task-200" in bugs:
            life = Life(str(uuid.uuid5(_NAMES, task_id)), "", TEXT, {}, self.lives.clock())
            return told(200, self.task(life, QUEUED, life.id))
        return self.problem(400 if "unknown-task-400" in bugs else 404, "no task goes by this id")

    def problem(self, status: int, detail: str) -> Response:
        """The envelope for everything that is not about a body."""
        if "problem-as-message" in self.bugs:
            return told(status, {"message": detail})
        code = str(status) if "problem-code-text" in self.bugs else status
        return told(
            status, {"error_code": code, "title": "No", "detail": detail, "trace": uuid.uuid5(_NAMES, detail).hex}
        )

    async def invalid(self, _: Request, broken: Exception) -> Response:
        """400 with a task that failed before it was one."""
        bugs, detail, now = self.bugs, str(broken), _instant(self.lives.clock())
        if "invalid-names-another" in bugs:
            detail = "negative_prompt: must be left out"
        if "invalid-as-detail" in bugs:
            return told(400, {"detail": [{"loc": ["body"], "msg": detail}]})
        error = {"code": 400, "title": "Invalid Request", "detail": detail}
        if "invalid-error-beside-task" in bugs:
            return told(400, {"task_info": {"id": self.write_id(now), "status": "failed"}, "error": error})
        if "invalid-without-title" in bugs:
            del error["title"]
        status = 422 if "invalid-422" in bugs else 400
        word = "rejected" if "invalid-rejected" in bugs else "failed"
        return told(status, {"task_info": {"id": self.write_id(now), "status": word, "error": error}})

    async def nobody(self, _: Request, problem: Exception) -> Response:
        """401."""
        if "unauthorized-text" in self.bugs:
            return PlainTextResponse("Unauthorized", 401)
        assert isinstance(problem, NobodyError)
        return self.problem(403 if "unauthorized-403" in self.bugs else 401, f"the key is {problem}")

    async def not_offered(self, request: Request, problem: Exception) -> Response:
        """404 or 405."""
        assert isinstance(problem, HTTPException)
        return self.problem(problem.status_code, f"{request.method} is not offered at {request.url.path}")


def create_reference(bugs: Bugs = NONE, *, clock: Callable[[], float] = time.time, seconds: float = 0.5) -> Starlette:
    """The service; `seconds` is what each task takes."""
    service = Reference(bugs, clock, seconds)
    routes = []
    for path in PATHS.values():
        routes.append(Route(path, crashing(service.submit), methods=["POST"]))
        routes.append(Route(path + "/{task_id}", crashing(service.poll), methods=["GET"]))
        if "delete-removes" in bugs:
            routes.append(Route(path + "/{task_id}", crashing(service.remove), methods=["DELETE"]))
        if "get-lists" in bugs:
            routes.append(Route(path, crashing(service.list), methods=["GET"]))
        if "put-500" in bugs:
            routes.append(Route(path, service.break_down, methods=["PUT", "PATCH"]))
        if "options-500" in bugs:
            routes.append(Route(path, service.break_down, methods=["OPTIONS"]))
    says_no: dict[Any, Any] = {BrokenError: service.invalid, MalformedError: service.invalid}
    says_no |= {NobodyError: service.nobody, HTTPException: service.not_offered}
    app = Starlette(routes=routes, exception_handlers=says_no)
    app.router.redirect_slashes = False
    return app
