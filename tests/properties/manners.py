"""What every answer to a bad call has in common, and that the fake lives on after it."""

from __future__ import annotations

import httpx

from properties.promised import Kind, assert_promised
from targets import Target


def assert_alive(target: Target, kind: Kind) -> None:
    """A valid job is still taken, and can be read."""
    answer = target.client.post(kind.submit.path, json=kind.with_prompt("still there"))
    assert answer.status_code < 300, answer.text
    assert target.client.get(kind.poll_path(kind.task_id(answer.json()))).status_code == 200


def judged(vendor: str, operation: str | None, answer: httpx.Response, what: str) -> int:
    """The answer's status, after it was compared with the contract; a 4xx or 2xx."""
    assert answer.status_code < 500, f"{what}: {answer.status_code} {answer.text[:300]}"
    if answer.request.method != "HEAD":
        assert_promised(vendor, operation, answer.status_code, answer.content)
        assert answer.headers["content-type"] == "application/json"
    return answer.status_code
