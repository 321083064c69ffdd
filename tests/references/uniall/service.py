"""UniAll by hand: a correct service in plain Starlette that shares no code with the fake, and bugs to switch on."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable
from typing import Any, TypeAlias

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from references.callers import NobodyError, read_caller
from references.lives import DONE, FAILED, QUEUED, RUNNING, Life, Lives
from references.seeding import NONE, Bugs
from references.uniall.bodies import FaultyError, ModelError, check
from references.wire import MalformedError, MediaTypeError, crash, crashing, read_json, told

Json: TypeAlias = Any

SUBMIT, POLL = "/v1/video/generations", "/v1/videos"
_WAITS = 0.4
_NAMES = uuid.UUID("c1a7b6f0-3d52-4b57-8d4b-64a0f9f3a111")


class Reference:
    """The two operations, and how they say no."""

    def __init__(self, bugs: Bugs, clock: Callable[[], float], seconds: float) -> None:
        self.bugs = bugs
        self.lives = Lives(clock, seconds, _WAITS, bugs)

    # Operations

    async def submit(self, request: Request) -> Response:
        """A new job."""
        bugs = self.bugs
        account = read_caller(request, bugs)
        body = await read_json(request, bugs)
        check(body, bugs)
        fails = "the model gave up" if "[[fail]]" in json.dumps(body) else ""
        life = self.lives.begin(Life("", account, "video", body, self.lives.clock(), fails), self.write_id)
        job = self.job(life, RUNNING if "submit-in-progress" in bugs else QUEUED)
        if "submit-without-task-id" in bugs:
            del job["task_id"]
        if "submit-wrapped" in bugs:
            job = {"code": "success", "data": job}
        status = 202 if "submit-202" in bugs else 200
        return told(201 if "submit-201-with-image" in bugs and body.get("image") else status, job)

    async def poll(self, request: Request) -> Response:
        """How a job stands."""
        bugs, task_id = self.bugs, request.path_params["task_id"]
        account = read_caller(request, bugs)
        crash(on="odd-id-500" in bugs and not task_id.isalnum())
        life = self.lives.find(account, "video", task_id)
        if life is None:
            return self.unknown(task_id)
        state = self.lives.state(life)
        job = self.job(life, state)
        if "poll-tells-another-id" in bugs:
            job |= {"id": self.write_id(life.id), "task_id": self.write_id(life.id)}
        if "poll-ids-differ" in bugs:
            job["task_id"] = self.write_id(life.id)
        status = 202 if "unfinished-poll-202" in bugs and state in (QUEUED, RUNNING) else 200
        return told(500 if "failed-poll-500" in bugs and state == FAILED else status, job)

    async def cancel(self, request: Request) -> Response:
        """A seeded bug: nothing like it is documented."""
        self.lives.forget(request.path_params["task_id"])
        return told(200, {"id": request.path_params["task_id"], "deleted": True})

    async def break_down(self, _: Request) -> Response:
        """A seeded bug: a method that nobody thought of."""
        return PlainTextResponse("Internal Server Error", 500)

    # What they tell

    def write_id(self, seed: str) -> str:
        """As many letters and digits as it takes."""
        return f"vid{uuid.uuid5(_NAMES, seed).hex}"

    def word(self, state: str) -> str:
        """The vendor's word."""
        words = {QUEUED: "queued", RUNNING: "in_progress", DONE: "completed", FAILED: "failed"}
        if "word-processing" in self.bugs:
            words[RUNNING] = "processing"
        if "word-succeeded" in self.bugs:
            words[DONE] = "succeeded"
        if "word-error" in self.bugs:
            words[FAILED] = "error"
        return words[state]

    def progress(self, life: Life, state: str) -> Json:
        """In steps of a fifth."""
        bugs, part = self.bugs, self.lives.progress(life)
        progress: Json = {QUEUED: 0, DONE: 100}.get(state, int(part * 5) * 20 if part < 1 else 80)
        if "progress-falls" in bugs and state == RUNNING:
            progress = 90 - progress
        if "progress-100-early" in bugs and state == RUNNING and part > 0.6:
            progress = 100
        if "progress-99" in bugs and state == DONE:
            progress = 99
        if "progress-fraction" in bugs:
            progress = progress / 100
        if "progress-percent" in bugs:
            progress = f"{progress}%"
        if "progress-above-100" in bugs and state == RUNNING:
            progress += 100
        return progress

    def job(self, life: Life, state: str) -> dict[str, Json]:
        """The job as it is told; what is null elsewhere is left out."""
        bugs = self.bugs
        job = {"id": life.id, "task_id": life.id, "object": "video.generation.job", "status": self.word(state)}
        told_job: dict[str, Json] = {
            **job,
            "model": life.request.get("model", ""),
            "progress": self.progress(life, state),
        }
        told_job |= {"created_at": self.created(life), "prompt": life.request.get("prompt"), "queue": "fast"}
        if "object-video" in bugs:
            told_job["object"] = "video"
        if "model-upstream" in bugs:
            told_job["model"] = "kling-v3"
        if "model-missing" in bugs:
            del told_job["model"]
        if "progress-missing" in bugs and state != DONE:
            del told_job["progress"]
        if "ratio-default" in bugs:
            told_job["aspect_ratio"] = "16:9"
        elif "aspect_ratio" in life.request:
            told_job["aspect_ratio"] = life.request["aspect_ratio"]
        return told_job | self.end(life, state)

    def created(self, life: Life) -> Json:
        """Seconds since 1970."""
        created = self.lives.created(life)
        if "created-ms" in self.bugs:
            return int(created * 1000)
        return str(int(created)) if "created-text" in self.bugs else int(created)

    def end(self, life: Life, state: str) -> dict[str, Json]:
        """What a job has once it is over."""
        bugs, url = self.bugs, self.lives.url(life)
        end: dict[str, Json] = {}
        if (
            state == DONE
            or (state == RUNNING and "video-early" in bugs)
            or (state == FAILED and "video-on-failure" in bugs)
        ):
            end["video_url"] = [url] if "video-in-list" in bugs else url
        if "video-missing" in bugs:
            end.pop("video_url", None)
        if state == DONE and "video-only-in-result" in bugs:
            end = {"result": {"outputs": [url], "video_url": url}}
        if "result-early" in bugs and state != DONE:
            end["result"] = {"outputs": []}
        if state == FAILED:
            end["error"] = {"code": "task_failed", "message": life.fails}
        if state == FAILED and "error-is-text" in bugs:
            end["error"] = life.fails
        if state == FAILED and "error-without-message" in bugs:
            end["error"] = {"code": "task_failed"}
        if state == FAILED and "failed-without-error" in bugs:
            end["error"] = None
        if state != FAILED and "error-empty" in bugs:
            end["error"] = {"code": "", "message": ""}
        return end

    # How they say no

    def unknown(self, task_id: str) -> Response:
        """400 for a job that nobody has, or somebody else."""
        bugs = self.bugs
        crash(on="unknown-task-500" in bugs)
        if "unknown-task-200" in bugs:
            return told(200, self.job(Life(task_id, "", "video", {}, self.lives.clock()), QUEUED))
        if "unknown-task-as-error" in bugs:
            return self.front(400, "no such task")
        return self.jobs(404 if "unknown-task-404" in bugs else 400, "task_not_exist", "no such task")

    def front(self, status: int, message: str, code: str | None = None) -> Response:
        """The envelope of what stands before the jobs."""
        if "front-as-task" in self.bugs:
            return self.jobs(status, "refused", message)
        if "front-without-type" in self.bugs:
            return told(status, {"error": {"message": message, "code": code}})
        return told(status, {"error": {"message": message, "type": "gateway", "param": None, "code": code}})

    def jobs(self, status: int, code: str, message: str) -> Response:
        """The envelope of the part that handles jobs."""
        if "jobs-without-code" in self.bugs:
            return told(status, {"message": message, "data": None})
        if "jobs-code-number" in self.bugs:
            return told(status, {"code": status, "message": message, "data": None})
        return told(status, {"code": code, "message": message})

    async def faulty(self, _: Request, problem: Exception) -> Response:
        """400 for a body that is no job."""
        bugs, message = self.bugs, str(problem)
        if "faulty-names-another" in bugs:
            message = "aspect_ratio: not expected"
        if "faulty-200" in bugs:
            return told(200, {"code": "invalid_request", "message": message})
        if "faulty-text" in bugs:
            return PlainTextResponse(message, 400)
        if "faulty-as-error" in bugs:
            return told(400, {"error": message})
        # A service may be exact about media types: any status of the class will do.
        status = 415 if isinstance(problem, MediaTypeError) else 400
        return self.jobs(422 if "faulty-422" in bugs else status, "invalid_request", message)

    async def no_model(self, _: Request, problem: Exception) -> Response:
        """400 when none is named, 503 when nobody has it."""
        if str(problem):
            return self.front(
                400 if "model-unknown-400" in self.bugs else 503, f"nobody has {problem}", "model_not_found"
            )
        return self.front(503 if "model-missing-503" in self.bugs else 400, "which model?")

    async def nobody(self, _: Request, problem: Exception) -> Response:
        """401."""
        if "unauthorized-as-task" in self.bugs:
            return self.jobs(401, "access_denied", "who is calling?")
        return self.front(400 if "unauthorized-400" in self.bugs else 401, f"the key is {problem}")

    async def not_offered(self, request: Request, problem: Exception) -> Response:
        """404, and 405 with Allow for a path that exists."""
        assert isinstance(problem, HTTPException)
        answer = self.front(problem.status_code, f"no {request.method} {request.url.path}")
        answer.headers.update(problem.headers or {})
        return answer


def create_reference(bugs: Bugs = NONE, *, clock: Callable[[], float] = time.time, seconds: float = 0.5) -> Starlette:
    """The service; `seconds` is what each job takes."""
    service = Reference(bugs, clock, seconds)
    routes = [
        Route(SUBMIT, crashing(service.submit), methods=["POST"]),
        Route(POLL + "/{task_id}", crashing(service.poll), methods=["GET"]),
    ]
    if "delete-removes" in bugs:
        routes.append(Route(POLL + "/{task_id}", crashing(service.cancel), methods=["DELETE"]))
    if "put-500" in bugs:
        routes.append(Route(SUBMIT, service.break_down, methods=["PUT", "PATCH", "DELETE"]))
    if "post-task-500" in bugs:
        routes.append(Route(POLL + "/{task_id}", service.break_down, methods=["POST"]))
    says_no: dict[Any, Any] = {FaultyError: service.faulty, MalformedError: service.faulty}
    says_no |= {ModelError: service.no_model, NobodyError: service.nobody, HTTPException: service.not_offered}
    app = Starlette(routes=routes, exception_handlers=says_no)
    app.router.redirect_slashes = False
    return app
