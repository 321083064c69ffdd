"""A whole job without a socket: a client of httpx, a clock that is moved by hand, some milliseconds.

python3 run.py python examples/in_process.py
"""

import time

import httpx

import specs
from mockserver import Fake, Settings
from mockserver.transport import FakeTransport

VENDOR = "mulerouter"
PATH = f"http://fake/{VENDOR}/vendors/klingai/v1/kling-v3/text-to-video/generation"


def make_fake() -> Fake:
    """One vendor on a clock that stands still until it is moved."""
    return Fake([specs.load(VENDOR)], Settings(clock="manual"), wall_ms=lambda: time.time_ns() // 1_000_000)


def follow_job(fake: Fake, prompt: str) -> list[str]:
    """The vendor's word at the submit and after each half minute, then the video or what went wrong."""
    said = []
    with httpx.Client(transport=FakeTransport(fake), headers={"Authorization": "Bearer my-test"}) as client:
        task = client.post(PATH, json={"prompt": prompt}).raise_for_status().json()["task_info"]
        said.append(task["status"])
        while task["status"] not in ("completed", "failed"):
            fake.advance(30)
            answer = client.get(f"{PATH}/{task['id']}").raise_for_status().json()
            task = answer["task_info"]
            said.append(task["status"])
        said.append(task["error"]["detail"] if task["status"] == "failed" else answer["videos"][0])
    return said


def main() -> None:
    """One job that succeeds, one that is told to fail."""
    fake = make_fake()
    begun = time.perf_counter()
    for prompt in ("A lighthouse in a storm at dusk", "A lighthouse in a storm at dusk [[fail]]"):
        print(" -> ".join(follow_job(fake, prompt)))
    print(f"{len(fake.tasks())} jobs in {(time.perf_counter() - begun) * 1000:.0f} ms")


if __name__ == "__main__":
    main()
