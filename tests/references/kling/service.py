"""Kling by hand: a correct service in plain Starlette that shares no code with the fake, and bugs to switch on."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from hashlib import sha256
from typing import Any, TypeAlias

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from references.callers import KEY, NobodyError, read_caller
from references.kling.bodies import IMAGE, TEXT, InvalidError, ModelError, Reader
from references.kling.tokens import TokenError, read_token
from references.lives import DONE, FAILED, QUEUED, RUNNING, Life, Lives
from references.seeding import NONE, Bugs
from references.wire import MalformedError, crash, crashing, read_json, told

Json: TypeAlias = Any

PATHS = {TEXT: "/v1/videos/text2video", IMAGE: "/v1/videos/image2video"}
_WAITS = 0.0
_PAGES = {"pageNum": (1, 1000, 1), "pageSize": (1, 500, 30)}


def _kind(request: Request) -> str:
    return IMAGE if request.url.path.startswith(PATHS[IMAGE]) else TEXT


class Reference:
    """The six operations, and how they say no."""

    def __init__(self, bugs: Bugs, clock: Callable[[], float], seconds: float) -> None:
        self.bugs = bugs
        self.lives = Lives(clock, seconds, _WAITS, bugs)
        self._calls = 0

    def account(self, request: Request) -> str:
        """Whose call it is: by a key, or by a token that an account has signed."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and token.count(".") == 2:
            return read_token(token, self.lives.clock())
        return read_caller(request, self.bugs, blanks="")

    # Operations

    async def submit(self, request: Request) -> Response:
        """A new task."""
        bugs, kind = self.bugs, _kind(request)
        account = self.account(request)
        body = await read_json(request, bugs)
        Reader(body, kind, bugs).read()
        named = [life for each in PATHS for life in self.lives.of(account, each) if self.name(life)]
        if body.get("external_task_id") in map(self.name, named) and "external-id-reused" not in bugs:
            message = "external_task_id is in use"
            raise InvalidError(message)
        fails = "the scene was too dark" if "[[fail]]" in json.dumps(body) else ""
        life = self.lives.begin(Life("", account, kind, body, self.lives.clock(), fails), self.write_id)
        data = self.task(life, RUNNING if "submit-processing" in bugs else QUEUED, is_submit=True)
        status = 202 if "submit-202" in bugs else 200
        return self.envelope(201 if "images-201" in bugs and kind == IMAGE else status, data)

    async def poll(self, request: Request) -> Response:
        """A task, by its own id or by the caller's."""
        bugs, task_id, kind = self.bugs, request.path_params["id"], _kind(request)
        account = self.account(request)
        crash(on="odd-id-500" in bugs and not task_id.isascii())
        life = self.lives.find(account, kind, task_id) or self.named(account, kind, task_id)
        if life is None:
            return self.unknown(task_id)
        if "poll-creates" in bugs:
            self.lives.begin(Life("", account, kind, life.request, self.lives.clock()), self.write_id)
        state = self.lives.state(life)
        data = self.task(life, state)
        if "poll-tells-another-id" in bugs:
            data["task_id"] = self.write_id(life.id)
        if "failed-poll-code" in bugs and state == FAILED:
            return self.refusal(200, 1301, life.fails)
        return self.envelope(500 if "failed-poll-500" in bugs and state == FAILED else 200, data)

    def named(self, account: str, kind: str, name: str) -> Life | None:
        """The task to which a caller has given this id."""
        if "external-id-unknown" in self.bugs:
            return None
        accounts = [account, *([KEY] if "external-id-of-others" in self.bugs else [])]
        found = [life for each in accounts for life in self.lives.of(each, kind) if self.name(life) == name]
        return self.lives.find(found[0].account, kind, found[0].id) if found else None

    def name(self, life: Life) -> str:
        """The caller's id, empty when there is none."""
        return str(life.request.get("external_task_id", ""))

    async def list(self, request: Request) -> Response:
        """A page of tasks, the newest first."""
        bugs, kind = self.bugs, _kind(request)
        account = KEY if "open-lists" in bugs else self.account(request)
        number, size = (self.page(request, name) for name in _PAGES)
        kinds = tuple(PATHS) if "list-both-kinds" in bugs else (kind,)
        lives = [life for each in kinds for life in self.lives.of(account, each)]
        if "list-of-others" in bugs:
            lives = self.lives.all(kind)
        lives.reverse()
        first = 0 if "page-ignored" in bugs else (number - 1) * size
        page = lives[first:] if "page-size-ignored" in bugs else lives[first : first + size]
        states = {life.id: QUEUED if "list-stale" in bugs else self.lives.state(life) for life in page}
        tasks: Json = [self.task(life, states[life.id]) for life in page]
        return self.envelope(200, {"tasks": tasks} if "list-in-object" in bugs else tasks)

    def page(self, request: Request, name: str) -> int:
        """A number out of the query."""
        least, most, default = _PAGES[name]
        text = request.query_params.get(name, str(default))
        if "page-any" in self.bugs:
            return int(text) if text.isascii() and text.isdecimal() and int(text) > 0 else default
        if "page-0" in self.bugs and name == "pageNum":
            least = 0
        if "page-size-501" in self.bugs and name == "pageSize":
            most += 1
        is_number = text.isascii() and text.isdecimal() and len(text) < 9
        if not is_number or not least <= int(text) <= most:
            message = f"{name} must be from {least} to {most}"
            raise InvalidError(message)
        return max(1, int(text))

    async def break_down(self, _: Request) -> Response:
        """A seeded bug: a method that nobody thought of."""
        return PlainTextResponse("Internal Server Error", 500)

    async def remove(self, request: Request) -> Response:
        """A seeded bug: nothing like it is documented."""
        self.lives.forget(request.path_params["id"])
        return self.envelope(200, {})

    # What they tell

    def write_id(self, seed: str) -> str:
        """Letters and digits: no page promises more."""
        return f"kt{sha256(seed.encode()).hexdigest()[:24]}"

    def word(self, state: str) -> str:
        """The vendor's word; a task is at work from the first."""
        words = {QUEUED: "submitted", RUNNING: "processing", DONE: "succeed", FAILED: "failed"}
        if "word-succeeded" in self.bugs:
            words[DONE] = "succeeded"
        if "word-in-progress" in self.bugs:
            words[RUNNING] = "in_progress"
        if "word-error" in self.bugs:
            words[FAILED] = "error"
        return words[state]

    def milliseconds(self, seconds: float) -> Json:
        """Since 1970."""
        if "times-in-seconds" in self.bugs:
            return int(seconds)
        return str(int(seconds * 1000)) if "times-in-text" in self.bugs else int(seconds * 1000)

    def task(self, life: Life, state: str, *, is_submit: bool = False) -> dict[str, Json]:
        """The task as it is told."""
        bugs = self.bugs
        created, updated = self.lives.created(life), self.lives.updated(life)
        if is_submit and "updated-before-created" not in bugs:
            updated = created
        task: dict[str, Json] = {"task_id": life.id, "task_status": self.word(state), "task_info": self.info(life)}
        task |= {"created_at": self.milliseconds(created), "updated_at": self.milliseconds(updated)}
        if "times-differ" in bugs:
            task["updated_at"] = int(updated)
        if "updated-missing" in bugs:
            del task["updated_at"]
        if "task-info-missing" in bugs and not self.name(life):
            del task["task_info"]
        if "message-early" in bugs and state == RUNNING and not is_submit:
            task["task_status_msg"] = "at work"
        if state == FAILED and "failed-without-message" not in bugs:
            task["task_status_msg"] = "" if "message-empty" in bugs else life.fails
        return task | self.result(life, state, is_submit=is_submit)

    def info(self, life: Life) -> dict[str, Json]:
        """What a caller gave comes back."""
        name = self.name(life)
        if "external-id-not-told" in self.bugs:
            name = ""
        if "external-id-in-capitals" in self.bugs:
            name = name.upper()
        if "external-id-is-task-id" in self.bugs and name:
            name = life.id
        return {"external_task_id": name} if name else {}

    def result(self, life: Life, state: str, *, is_submit: bool) -> dict[str, Json]:
        """What a task that is done has, and no other."""
        bugs = self.bugs
        is_told = state == DONE or (state == FAILED and "result-on-failure" in bugs)
        if not is_told and not ("result-early" in bugs and not is_submit):
            return {"task_result": None} if "result-null-before" in bugs and not is_submit else {}
        video: dict[str, Json] = {"id": f"v{life.id}", "url": self.lives.url(life), "duration": "5.042", "fps": 24}
        if "video-without-id" in bugs:
            del video["id"]
        if "video-without-url" in bugs:
            del video["url"]
        if "video-duration-number" in bugs:
            video["duration"] = 5.042
        videos = [] if "videos-empty" in bugs else [video]
        if "result-missing" in bugs:
            return {}
        return {"task_result": {"videos": video if "videos-no-list" in bugs else videos}}

    def call_id(self) -> str:
        """Which call it was."""
        self._calls += 1
        return f"call-{self._calls}"

    def envelope(self, status: int, data: Json) -> Response:
        """Around every yes."""
        bugs = self.bugs
        whole = {"code": 0, "message": "ok", "request_id": self.call_id(), "data": data, "node": "r1"}
        if "code-200" in bugs:
            whole["code"] = 200
        if "code-text" in bugs:
            whole["code"] = "0"
        if "call-id-missing" in bugs:
            del whole["request_id"]
        return told(status, data if "no-envelope" in bugs else whole)

    # How they say no

    def refusal(self, status: int, code: int, message: str) -> Response:
        """Around every no."""
        bugs = self.bugs
        if "refusal-200" in bugs and status < 500:
            status = 200
        if "refusal-as-error" in bugs:
            return told(status, {"error": {"message": message, "code": code}})
        whole = {"code": code, "message": message, "request_id": self.call_id()}
        if "refusal-code-http" in bugs:
            whole["code"] = status
        if "refusal-without-message" in bugs:
            whole["message"] = ""
        return told(status, whole)

    def unknown(self, task_id: str) -> Response:
        """404 for a task that nobody has, or somebody else."""
        bugs = self.bugs
        crash(on="unknown-task-500" in bugs)
        if "unknown-task-200" in bugs:
            return self.envelope(200, self.task(Life(task_id, "", TEXT, {}, self.lives.clock()), QUEUED))
        if "unknown-task-null" in bugs:
            return self.envelope(200, None)
        return self.refusal(400 if "unknown-task-400" in bugs else 404, 1203, "no task has this id")

    async def invalid(self, _: Request, problem: Exception) -> Response:
        """400 for what is no job."""
        bugs, message = self.bugs, str(problem)
        if "invalid-names-another" in bugs:
            message = "negative_prompt must not be given"
        code = 1200 if isinstance(problem, MalformedError) else 1201
        return self.refusal(
            422 if "invalid-422" in bugs else 400, 1000 if "invalid-code-1000" in bugs else code, message
        )

    async def no_model(self, _: Request, problem: Exception) -> Response:
        """404 for a model that is not there."""
        return self.refusal(*((400, 1201) if "model-400" in self.bugs else (404, 1203)), f"model_name: no {problem}")

    async def nobody(self, _: Request, problem: Exception) -> Response:
        """401, with a code for each reason."""
        if "unauthorized-text" in self.bugs:
            return PlainTextResponse("Unauthorized", 401)
        code = problem.code if isinstance(problem, TokenError) else 1002
        if isinstance(problem, NobodyError) and problem.is_missing:
            code = 1001
        if "unauthorized-code-1203" in self.bugs:
            code = 1203
        return self.refusal(403 if "unauthorized-403" in self.bugs else 401, code, "who is calling?")

    async def not_offered(self, request: Request, problem: Exception) -> Response:
        """404 for both, each with its code."""
        assert isinstance(problem, HTTPException)
        return self.refusal(404, 1203 if problem.status_code == 404 else 1202, f"no {request.method} here")


def create_reference(bugs: Bugs = NONE, *, clock: Callable[[], float] = time.time, seconds: float = 0.5) -> Starlette:
    """The service; `seconds` is what each task takes."""
    service = Reference(bugs, clock, seconds)
    routes = []
    for path in PATHS.values():
        routes.append(Route(path, crashing(service.submit), methods=["POST"]))
        routes.append(Route(path, crashing(service.list), methods=["GET"]))
        routes.append(Route(path + "/{id}", crashing(service.poll), methods=["GET"]))
        if "delete-removes" in bugs:
            routes.append(Route(path + "/{id}", crashing(service.remove), methods=["DELETE"]))
        if "put-500" in bugs:
            routes.append(Route(path + "/{id}", service.break_down, methods=["PUT", "PATCH", "POST"]))
        if "head-500" in bugs:
            routes.insert(0, Route(path + "/{id}", service.break_down, methods=["HEAD"]))
    says_no: dict[Any, Any] = {InvalidError: service.invalid, MalformedError: service.invalid}
    says_no |= {ModelError: service.no_model, NobodyError: service.nobody, TokenError: service.nobody}
    app = Starlette(routes=routes, exception_handlers={**says_no, HTTPException: service.not_offered})
    app.router.redirect_slashes = False
    return app
