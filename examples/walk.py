"""Follows one job at every vendor over a real socket: submit, polls, result, and one refusal.

    python3 run.py walk                    with a clock ten times faster than real
    python3 run.py walk --clock x100       a hundred times

No vendor is named in here: paths, bodies, words, and where an answer holds an id or an address are read from
the packs. All jobs run at the same time; the status is 0 when each ended in a video.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import sys
import textwrap
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import httpx

import specs
from mockserver.clock import ClockError, start_clock
from specs.pack import Operation, Pack
from specs.pointers import Json, join, replaced, resolve

ROOT = Path(__file__).resolve().parent.parent
WIDTH = 98
INDENT = " " * 7
START_SECONDS_MAX = 60
# A poll every 2.5 seconds of the vendor's time; the longest of the usual jobs takes a minute of it.
POLL_SECONDS = 2.5
POLL_WALL_SECONDS_MIN = 0.02
POLLS_MAX = 200
FIRST_BYTES = 1024
SECONDS_NOBODY_OFFERS = 99


class WalkError(Exception):
    """A vendor that doesn't do what its pack says."""


@dataclass(frozen=True, slots=True)
class Guide:
    """What a client has to know of a vendor, read from the pack."""

    pack: Pack
    submit: Operation
    poll: Operation
    id_pointer: str

    @property
    def body(self) -> Json:
        """A job, and nothing that need not be said."""
        return next(iter(self.submit.examples.values()))

    @property
    def refused_part(self) -> Json:
        """A member that makes the job one which the vendor doesn't take."""
        return replaced({}, self.pack.behaviour.lifecycle.video_seconds, SECONDS_NOBODY_OFFERS)

    def path(self, operation: Operation) -> str:
        """The operation's path at the fake."""
        return f"/{self.pack.name}{operation.path}"

    def poll_path(self, task_id: str) -> str:
        """The path that reads a task."""
        path, name = self.path(self.poll), self.poll.id_name
        if self.poll.id_location == "path":
            return path.replace(f"{{{name}}}", task_id)
        return f"{path}?{name}={task_id}"

    def said(self, placeholder: str, state: str, answer: Json) -> Json:
        """What the answer to a poll holds where the pack, in that state, puts the placeholder."""
        template = self.pack.behaviour.answers[self.poll.answer].bodies[state]
        return resolve(answer, next(places(template, placeholder)))


def places(template: Json, placeholder: str) -> Iterator[str]:
    """The pointers of a placeholder in a template."""
    if template == placeholder:
        yield ""
    members = dict(enumerate(template)) if isinstance(template, list) else template
    if isinstance(members, Mapping):
        for name, below in members.items():
            yield from (join([name]) + rest for rest in places(below, placeholder))


def read_guide(pack: Pack) -> Guide:
    """The first operation that submits, and the link from its answer to the poll."""
    submit = next(each for each in pack.operations.values() if each.role == "submit")
    link = next(link for response in submit.responses.values() for link in response.get("links", {}).values())
    (expression,) = link["parameters"].values()
    id_pointer = expression.removeprefix("$response.body#")
    return Guide(pack, submit, pack.operations[link["operationId"]], id_pointer)


@dataclass(slots=True)
class Story:
    """What happened at one vendor, line by line."""

    title: str
    lines: list[str] = field(default_factory=list)
    problem: str | None = None

    def asks(self, method: str, what: str, *, whole: bool = False) -> None:
        """A call; a path too long loses its beginning, an address stays whole so that it can be copied."""
        room = WIDTH - len(INDENT)
        self.lines.append(f"  {method:<4} {what if whole or len(what) <= room else '...' + what[3 - room :]}")

    def sends(self, body: Json) -> None:
        """A call's body."""
        text = json.dumps(body, ensure_ascii=False)
        self.lines += textwrap.wrap(text, WIDTH, initial_indent=INDENT, subsequent_indent=INDENT)

    def hears(self, status: int, said: str, seconds: float | None = None) -> None:
        """An answer, and how much of the vendor's time has passed since the job was submitted."""
        when = f"{seconds:7.1f} s" if seconds is not None else ""
        head = f"{INDENT}{status} {when:<9}  "
        self.lines += textwrap.wrap(said, WIDTH, initial_indent=head, subsequent_indent=" " * len(head))


class Walk:
    """One job on its way, with a key of its own: so the ids are the same in every run."""

    def __init__(
        self, guide: Guide, client: httpx.AsyncClient, interval_seconds: float, key: str | None = None
    ) -> None:
        self.guide = guide
        self.client = client
        self.headers = {"Authorization": f"Bearer {key or 'walk-' + guide.pack.name}"}
        self.interval_seconds = interval_seconds
        self.story = Story(guide.pack.title)
        self.began = 0.0

    async def go(self) -> Story:
        """The whole way, or as far as it went."""
        try:
            task_id = await self.submit()
            await self.fetch(await self.poll(task_id))
            await self.be_refused()
        except WalkError as problem:
            self.story.problem = str(problem)
        except (httpx.HTTPError, ValueError) as problem:
            self.story.problem = f"{type(problem).__name__}: {problem}"
        return self.story

    async def instant(self) -> float:
        """The fake's clock."""
        answer = await self.client.get("/__understudy/clock")
        return datetime.fromisoformat(answer.json()["now"]).timestamp()

    async def submit(self) -> str:
        """The job is handed in; the id of its task comes back."""
        path = self.guide.path(self.guide.submit)
        self.story.asks("POST", path)
        self.story.sends(self.guide.body)
        self.began = await self.instant()
        answer = await self.client.post(path, json=self.guide.body, headers=self.headers)
        task_id = resolve(answer.json(), self.guide.id_pointer)
        if not answer.is_success or not isinstance(task_id, str):
            message = f"the submit was answered {answer.status_code}: {answer.text}"
            raise WalkError(message)
        self.story.hears(answer.status_code, f"task {task_id}", 0)
        return task_id

    async def poll(self, task_id: str) -> str:
        """The task is read until it is done; the address of its video comes back."""
        words = self.guide.pack.behaviour.lifecycle.words
        path, last = self.guide.poll_path(task_id), None
        self.story.asks("GET", path)
        for count in range(1, POLLS_MAX + 1):
            answer = await self.client.get(path, headers=self.headers)
            word = self.guide.said("$task.status", "queued", answer.json())
            if word != last:
                said = f"{word}  (poll {count})"
                self.story.hears(answer.status_code, said, await self.instant() - self.began)
                last = word
            if word == words["done"]:
                return str(self.guide.said("$result.url", "done", answer.json()))
            if word not in (words["queued"], words["running"]):
                message = f"the poll was answered {answer.status_code}: {answer.text}"
                raise WalkError(message)
            await asyncio.sleep(self.interval_seconds)
        message = f"the task was still {last} after {POLLS_MAX} polls"
        raise WalkError(message)

    async def fetch(self, url: str) -> None:
        """The video's first bytes, which say what it is."""
        self.story.asks("GET", url, whole=True)
        answer = await self.client.get(url, headers={"Range": f"bytes=0-{FIRST_BYTES - 1}"})
        kind = answer.headers.get("content-type")
        size = answer.headers.get("content-range", "").rpartition("/")[2] or "?"
        self.story.hears(answer.status_code, f"{kind}, {size} bytes; the first {len(answer.content)} read")
        # An MP4 names itself in its fifth to eighth byte.
        if not answer.is_success or kind != "video/mp4" or answer.content[4:8] != b"ftyp":
            message = "the result is no video/mp4"
            raise WalkError(message)

    async def be_refused(self) -> None:
        """The same job with a member that breaks the contract: the vendor says which."""
        path, part = self.guide.path(self.guide.submit), self.guide.refused_part
        self.story.asks("POST", f"the same with {json.dumps(part)}")
        answer = await self.client.post(path, json={**self.guide.body, **part}, headers=self.headers)
        refusal = self.guide.pack.behaviour.refusals["request_invalid"]
        said = str(resolve(answer.json(), next(places(refusal.body, "$violation.message"))))
        self.story.hears(answer.status_code, said)
        if answer.status_code != refusal.status or next(iter(part)) not in said:
            message = f"{refusal.status} and the name of the member were promised"
            raise WalkError(message)


@asynccontextmanager
async def serving(clock: str) -> AsyncIterator[str]:
    """`understudy serve` with all vendors on a free port, and its address."""
    words = ["serve", "--port", "0", "--clock", clock, "--log", "off"]
    command = [sys.executable, "-m", "contracts.cli", *words]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE, cwd=ROOT)
    assert process.stdout is not None  # noqa: S101 - it was asked for
    try:
        line = (await asyncio.wait_for(process.stdout.readline(), START_SECONDS_MAX)).decode()
        found = re.search(r"listening on (\S+)", line)
        if found is None:
            message = f"`understudy serve` did not start; it said {line!r}"
            raise WalkError(message)
        print(f"$ understudy {' '.join(words)}\n{line}")
        print(
            "Each answer: its status, the seconds of the vendor's time since the submit, what it said.\n",
            flush=True,
        )
        yield found[1]
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


def tell(story: Story) -> None:
    """One vendor's story on the terminal."""
    print("\n".join([story.title, *story.lines]))
    if story.problem:
        print(f"  FAILED: {story.problem}")
    print(flush=True)


def poll_interval(clock: str) -> float:
    """Real seconds between polls; hardly any where the polls themselves move the task."""
    rate = start_clock(clock, 0).rate
    return max(POLL_WALL_SECONDS_MIN, POLL_SECONDS / rate if rate else 0)


async def walk_all(clock: str) -> list[Story]:
    """Every vendor's job, all at the same time."""
    guides = [read_guide(specs.load(name)) for name in specs.names()]
    # `trust_env`: loopback is reached without whatever proxy the environment names.
    async with (
        serving(clock) as url,
        httpx.AsyncClient(base_url=url, timeout=30, trust_env=False) as client,
    ):
        return await asyncio.gather(*(Walk(guide, client, poll_interval(clock)).go() for guide in guides))


def tell_all(stories: list[Story], clock: str) -> int:
    """All stories and the sum of them: 0 when all went well."""
    for story in stories:
        tell(story)
    failed = [story.title for story in stories if story.problem]
    if failed or not stories:
        print(f"walk: failed at {', '.join(failed) or 'the start, there is no vendor'}")
        return 1
    print(f"walk: {len(stories)} vendors, {len(stories)} jobs, {len(stories)} videos, with the clock {clock}")
    return 0


def clock_that_moves(text: str) -> str:
    """A `--clock` on which a job can end by itself."""
    try:
        start_clock(text, 0)
    except ClockError as problem:
        raise argparse.ArgumentTypeError(str(problem)) from None
    if text == "manual":
        message = "on a manual clock no job would ever end"
        raise argparse.ArgumentTypeError(message)
    return text


def main() -> int:
    """0 when every vendor's job ended in a video."""
    as_written = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(prog="run.py walk", description=__doc__, formatter_class=as_written)
    parser.add_argument("--clock", type=clock_that_moves, default="x10", help="real, xN, polls (%(default)s)")
    clock = parser.parse_args().clock
    try:
        return tell_all(asyncio.run(walk_all(clock)), clock)
    except WalkError as problem:
        print(f"walk: {problem}", file=sys.stderr)
    except TimeoutError:
        print(f"walk: `understudy serve` said nothing for {START_SECONDS_MAX} s", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
