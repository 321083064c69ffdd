"""Fakes that answer wrongly: one thing in behaviour.yaml is changed, a status, an envelope, a word, a template."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

from mutants.changed_packs import GONE

Json: TypeAlias = Any


@dataclass(frozen=True, slots=True)
class Row:
    """One mutant: the pointer into behaviour.yaml, and what stands there."""

    id: str
    kind: str
    words: str
    at: str
    to: Json


_BAD = "/refusals/request_invalid"
_DATA, _DONE, _FAILED = "/answers/task/body/data", "/answers/task/when/done", "/answers/task/when/failed"
POWERTOKENS = [
    Row("invalid-422", "status", "a broken body is answered with 422", _BAD + "/status", 422),
    Row("invalid-500", "status", "a broken body is answered with 500", _BAD + "/status", 500),
    Row(
        "malformed-500",
        "robustness",
        "a body that is no JSON is answered with 500",
        "/refusals/json_malformed/status",
        500,
    ),
    Row("invalid-without-code", "envelope", "a broken body is answered without code", _BAD + "/body/code", GONE),
    Row("invalid-code-number", "envelope", "the code for a broken body is a number", _BAD + "/body/code", 1201),
    Row("unknown-404", "status", "an unknown task is answered with 404", "/refusals/task_unknown/status", 404),
    Row("unknown-200", "status", "an unknown task is answered with 200", "/refusals/task_unknown/status", 200),
    Row("no-key-403", "status", "a missing key is answered with 403", "/refusals/key_missing/status", 403),
    Row("bad-key-400", "status", "a wrong key is answered with 400", "/refusals/key_invalid/status", 400),
    Row(
        *(
            "no-key-as-task",
            "envelope",
            "a missing key is refused in the envelope of tasks",
            "/refusals/key_missing/body",
        ),
        {"code": "access_denied", "message": "Invalid token", "data": None},
    ),
    Row("model-404", "status", "an unknown model is answered with 404", "/refusals/model_unknown/status", 404),
    Row("any-type", "robustness", "takes any content type", "/content_type", "any"),
    Row("word-succeeded", "shape", "a finished task is called `succeeded`", "/lifecycle/words/done", "succeeded"),
    Row("word-running", "shape", "a task at work is called `running`", "/lifecycle/words/running", "running"),
    Row("word-queued", "shape", "a new task is called `queued`", "/lifecycle/words/queued", "queued"),
    Row("submit-202", "status", "a submit answers 202", "/answers/submitted/status", 202),
    Row("code-200", "envelope", "the code of a submit is 200", "/answers/submitted/body/code", 200),
    Row("submit-without-data", "shape", "a submit has no data", "/answers/submitted/body/data", GONE),
    Row("submit-without-id", "shape", "a submit has no task_id", "/answers/submitted/body/data/task_id", GONE),
    Row("poll-another-id", "ids", "a poll tells another id", _DATA + "/task_id", "task_${call.id}"),
    Row(
        "public-id-not-told",
        "echo",
        "external_task_id is another than was sent",
        _DATA + "/task_info/external_task_id",
        "$call.id",
    ),
    Row("created-moves", "timestamps", "created_at moves with updated_at", _DATA + "/created_at", "$task.updated_at"),
    Row("updated-frozen", "timestamps", "updated_at does not move", _DATA + "/updated_at", "$task.created_at"),
    Row("updated-now", "timestamps", "updated_at is the time of the poll", _DATA + "/updated_at", "$call.now"),
    Row("times-in-seconds", "timestamps", "times are in seconds", "/times", "epoch-s"),
    Row("times-in-text", "timestamps", "times are RFC 3339", "/times", "rfc3339-ms"),
    Row("videos-empty", "result", "a finished task has no videos", _DONE + "/data/task_result/videos", []),
    Row("result-missing", "result", "a finished task has no result", _DONE + "/data/task_result", GONE),
    Row(
        "url-relative", "result", "the video is a path", _DONE + "/data/task_result/videos/0/url", "/out/${task.id}.mp4"
    ),
    Row(
        "url-shared",
        "result",
        "every task has one video",
        _DONE + "/data/task_result/videos/0/url",
        "https://example.com/a.mp4",
    ),
    Row(
        *("url-moves", "result", "the video is elsewhere at each poll", _DONE + "/data/task_result/videos/0/url"),
        "${result.url}?call=${call.id}",
    ),
    Row(
        "video-duration-number",
        "shape",
        "a video's length is a number",
        _DONE + "/data/task_result/videos/0/duration",
        5,
    ),
    Row("failed-silent", "failure", "a failed task says no reason", _FAILED + "/data/task_status_msg", GONE),
    Row(
        "reason-early",
        "failure",
        "a task that has not failed has a reason",
        _DATA + "/task_status_msg",
        "so far so good",
    ),
    Row(
        *("result-early", "result", "every task has a result", _DATA + "/task_result"),
        {"videos": [{"id": "$result.id", "url": "$result.url", "duration": "5.042"}]},
    ),
]
_TASK = "/answers/task/body/task"
MYROUTER = [
    Row("unknown-200", "status", "an unknown task is answered with 200", "/refusals/task_unknown/status", 200),
    Row("unknown-400", "status", "an unknown task is answered with 400", "/refusals/task_unknown/status", 400),
    Row("no-key-400", "status", "a missing key is answered with 400", "/refusals/key_missing/status", 400),
    Row("other-scheme-403", "status", "another scheme is answered with 403", "/refusals/key_malformed/status", 403),
    Row("invalid-422", "status", "a broken body is answered with 422", _BAD + "/status", 422),
    Row("invalid-without-reason", "envelope", "a broken body is answered without reason", _BAD + "/body/reason", GONE),
    Row(
        "reason-in-words", "envelope", "the reason for a broken body is no name", _BAD + "/body/reason", "invalid body"
    ),
    Row("code-text", "envelope", "the code for an unknown task is text", "/refusals/task_unknown/body/code", "404"),
    Row("any-type", "robustness", "takes any content type", "/content_type", "any"),
    Row("poll-another-id", "ids", "a poll tells another id", _TASK + "/task_id", "$call.id"),
    Row("word-succeeded", "shape", "a task is SUCCEEDED at its end", "/lifecycle/words/done", "TASK_STATUS_SUCCEEDED"),
    Row(
        "word-lower-case",
        "shape",
        "a failed task's word is in lower case",
        "/lifecycle/words/failed",
        "task_status_failed",
    ),
    Row("progress-full", "progress", "progress is always 100", _TASK + "/progress_percent", 100),
    Row(
        "progress-falls",
        "progress",
        "progress is the time that is left",
        _TASK + "/progress_percent",
        "$task.eta_seconds",
    ),
    Row("progress-text", "shape", "progress is text", _TASK + "/progress_percent", "${task.progress}%"),
    Row(
        "videos-early",
        "result",
        "a task at work has a video",
        "/answers/task/body/videos",
        [{"video_url": "$result.url"}],
    ),
    Row("videos-missing", "result", "a finished task has no videos", _DONE + "/videos", GONE),
    Row(
        "video-named-url",
        "result",
        "a video has `url` in place of `video_url`",
        _DONE + "/videos/0",
        {"url": "$result.url"},
    ),
    Row("failed-silent", "failure", "a failed task says no reason", _FAILED + "/task/reason", ""),
    Row(
        "submit-wrapped",
        "envelope",
        "a submit's task is wrapped",
        "/answers/submitted/body",
        {"data": {"task_id": "$task.id"}},
    ),
    Row("submit-201", "status", "a submit answers 201", "/answers/submitted/status", 201),
]
MULEROUTER = [
    Row("id-no-uuid", "ids", "ids are no UUIDs", "/task_id", {"format": "alnum", "length": 24, "prefix": "task_"}),
    Row("error-code-text", "failure", "a failed task's code is text", "/failures/kinds/default/code", "3003"),
]
TABLES: list[tuple[str, list[Row]]] = [("powertokens", POWERTOKENS), ("myrouter", MYROUTER), ("mulerouter", MULEROUTER)]
