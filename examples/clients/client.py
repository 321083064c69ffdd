"""A client of five vendors of videos: submits one job, waits for it, and says where the video is.

It stands for a client of yours. `make_video` is the whole of it; run as a program it does the job that
`UNDERSTUDY_REQUEST` names, prints the URL as its last line and ends with 0, or ends with 1 and says why.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx

Json = Any
# Everything together may take so long; a call alone, so long.
PATIENCE_SECONDS = float(os.environ.get("PATIENCE_SECONDS", "15"))
CALL_SECONDS = 5.0
PAUSE_SECONDS = 0.1
NOT_FOUND_MAX = 5


class VideoError(Exception):
    """There is no video, and won't be; the message says why."""


@dataclass(frozen=True)
class Api:
    """How one vendor is spoken to: where jobs go, where they are read, and where what stands in an answer."""

    submits: Mapping[str, str]
    poll: str
    task: Callable[[Json], Json]
    id_of: Callable[[Json], str]
    word: Callable[[Json], str]
    url: Callable[[Json], str]
    reason: Callable[[Json], Json]
    done: str
    failed: str
    unknown_status: int = 404


_KLING_STYLE: dict[str, Any] = {
    "task": lambda answer: answer["data"] if answer["code"] == 0 else None,
    "id_of": lambda task: task["task_id"],
    "word": lambda task: task["task_status"],
    "url": lambda task: task["task_result"]["videos"][0]["url"],
    "reason": lambda task: task.get("task_status_msg"),
    "done": "succeed",
    "failed": "failed",
}
_MULE = "/vendors/klingai/v1/kling-v3"
APIS: Mapping[str, Api] = {
    "mulerouter": Api(
        submits={
            "createTextToVideo": f"{_MULE}/text-to-video/generation",
            "createImageToVideo": f"{_MULE}/image-to-video/generation",
        },
        poll="{submit}/{id}",
        task=lambda answer: {**answer["task_info"], "videos": answer.get("videos")},
        id_of=lambda task: task["id"],
        word=lambda task: task["status"],
        url=lambda task: task["videos"][0],
        reason=lambda task: task.get("error"),
        done="completed",
        failed="failed",
    ),
    "kling": Api(
        submits={"createTextToVideo": "/v1/videos/text2video", "createImageToVideo": "/v1/videos/image2video"},
        poll="{submit}/{id}",
        **_KLING_STYLE,
    ),
    "powertokens": Api(
        submits={"createTextToVideo": "/kling/v1/videos/text2video"},
        poll="{submit}/{id}",
        unknown_status=400,
        **_KLING_STYLE,
    ),
    "myrouter": Api(
        submits={"createTextToVideo": "/v3/async/kling-v3.0-pro-t2v"},
        poll="/v3/async/task-result?task_id={id}",
        task=lambda answer: {
            "task_id": answer.get("task_id"),
            **(answer.get("task") or {}),
            "videos": answer.get("videos"),
        },
        id_of=lambda task: task["task_id"],
        word=lambda task: task["status"],
        url=lambda task: task["videos"][0]["video_url"],
        reason=lambda task: task.get("reason"),
        done="TASK_STATUS_SUCCEED",
        failed="TASK_STATUS_FAILED",
    ),
    "uniall": Api(
        submits={"createVideo": "/v1/video/generations"},
        poll="/v1/videos/{id}",
        task=lambda answer: answer,
        id_of=lambda task: task["id"],
        word=lambda task: task["status"],
        url=lambda task: task["video_url"],
        reason=lambda task: task.get("error"),
        done="completed",
        failed="failed",
        unknown_status=400,
    ),
}


class Patience:
    """How long is left of the time for everything."""

    def __init__(self, seconds: float) -> None:
        self._until = time.monotonic() + seconds

    def wait(self, seconds: float) -> None:
        """Pauses; VideoError when that would take too long."""
        if time.monotonic() + seconds > self._until:
            message = "gave up waiting"
            raise VideoError(message)
        time.sleep(seconds)  # noqa: TID251 - a client waits


def make_video(base_url: str, api_key: str, operation: str, body: Json, vendor: str = "") -> str:
    """Submits the job and waits for its video: the URL. VideoError when there is none."""
    api = APIS[vendor or os.environ["VENDOR"]]
    headers = {"Authorization": f"Bearer {api_key}"}
    patience = Patience(PATIENCE_SECONDS)
    with httpx.Client(headers=headers, timeout=CALL_SECONDS, follow_redirects=False) as client:
        submit = base_url.rstrip("/") + api.submits[operation]
        task_id = _submit(client, api, submit, body, patience)
        return _wait(client, api, _poll_url(api, base_url, submit, task_id), patience)


def _poll_url(api: Api, base_url: str, submit: str, task_id: str) -> str:
    made = api.poll.format(submit=submit, id=quote(task_id, safe=""))
    return made if made.startswith(submit) else base_url.rstrip("/") + made


def _submit(client: httpx.Client, api: Api, url: str, body: Json, patience: Patience) -> str:
    """The task's id. Only what surely made no task is sent again."""
    while True:
        try:
            answer = client.post(url, json=body)
        except httpx.HTTPError as problem:
            message = f"nobody knows whether the job was taken ({type(problem).__name__})"
            raise VideoError(message) from problem
        if answer.is_success:
            return _id(api, answer)
        if answer.status_code != httpx.codes.TOO_MANY_REQUESTS and not _is_put_off(answer):
            message = f"the job was refused or lost: {answer.status_code} {answer.text[:200]}"
            raise VideoError(message)
        patience.wait(_pause(answer))


def _id(api: Api, answer: httpx.Response) -> str:
    try:
        return str(api.id_of(api.task(answer.json())))
    except (ValueError, KeyError, TypeError) as problem:
        message = "the answer to the job can't be read"
        raise VideoError(message) from problem


def _is_put_off(answer: httpx.Response) -> bool:
    return answer.status_code == httpx.codes.SERVICE_UNAVAILABLE and "retry-after" in answer.headers


def _pause(answer: httpx.Response | None) -> float:
    """How long to wait after an answer: as it asks, else as usual."""
    asked = answer.headers.get("retry-after", "") if answer is not None else ""
    if asked.isdecimal():
        return float(asked)
    try:
        return max(PAUSE_SECONDS, (parsedate_to_datetime(asked) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError):
        return PAUSE_SECONDS


def _wait(client: httpx.Client, api: Api, url: str, patience: Patience) -> str:
    """Polls until the task is over: the URL of its video."""
    not_found = 0
    while True:
        answer = _get(client, url)
        task = _task(api, answer)
        if task is not None:
            word = api.word(task)
            if word == api.done:
                return _url(api, task)
            if word == api.failed:
                message = f"the job failed: {api.reason(task)}"
                raise VideoError(message)
        elif answer is not None and httpx.codes.is_client_error(answer.status_code):
            not_found += answer.status_code == api.unknown_status
            if not_found > NOT_FOUND_MAX or answer.status_code not in (api.unknown_status, 429):
                message = f"the task can't be read: {answer.status_code}"
                raise VideoError(message)
        patience.wait(_pause(answer))


def _get(client: httpx.Client, url: str) -> httpx.Response | None:
    try:
        return client.get(url)
    except httpx.HTTPError:
        # The task goes on; the next poll may tell.
        return None


def _task(api: Api, answer: httpx.Response | None) -> Json:
    """The task that an answer tells of; None when it tells of none."""
    if answer is None or not answer.is_success:
        return None
    try:
        task = api.task(answer.json())
        api.word(task)
    except (ValueError, KeyError, TypeError):
        return None
    return task


def _url(api: Api, task: Json) -> str:
    try:
        url = api.url(task)
    except (KeyError, IndexError, TypeError):
        url = None
    if not isinstance(url, str) or not url:
        message = "the job is done, and there is no video"
        raise VideoError(message)
    return url


def main() -> int:
    """Does the job of the environment; the exit status."""
    job = json.loads(Path(os.environ["UNDERSTUDY_REQUEST"]).read_text(encoding="utf-8"))
    base_url, api_key = os.environ["UNDERSTUDY_BASE_URL"], os.environ["UNDERSTUDY_API_KEY"]
    vendor = sys.argv[1] if len(sys.argv) > 1 else ""
    try:
        print(make_video(base_url, api_key, job["operation"], job["body"], vendor))
    except VideoError as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
