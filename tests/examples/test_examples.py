"""The scripts in `examples/` do what their pages say, and the walk admits it when a vendor lets it down."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

import specs
from examples.walk import Guide, Story, Walk, read_guide, tell_all
from mockserver import Fake, Settings
from mockserver.app import create_app

ROOT = Path(__file__).resolve().parents[2]
COLUMNS = 100
Spoil = Callable[[httpx.Request, httpx.Response], httpx.Response]


def run(script: str, *words: str) -> subprocess.CompletedProcess[str]:
    """A script, run as a user runs it, also where the project is not installed."""
    return subprocess.run(
        [sys.executable, str(ROOT / "examples" / script), *words],
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )


class Spoiled(httpx.AsyncBaseTransport):
    """A fake whose answers are changed on their way."""

    def __init__(self, spoil: Spoil) -> None:
        fake = Fake([specs.load(name) for name in specs.names()], Settings(clock="polls"), wall_ms=lambda: 0)
        self._inner = httpx.ASGITransport(app=create_app(fake))
        self._spoil = spoil

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """What the fake answers, spoiled."""
        answer = await self._inner.handle_async_request(request)
        await answer.aread()
        return self._spoil(request, answer)


async def walk(guide: Guide, spoil: Spoil, key: str | None = None) -> Story:
    """One vendor's story over such a fake."""
    async with httpx.AsyncClient(transport=Spoiled(spoil), base_url="http://fake") as client:
        return await Walk(guide, client, 0, key).go()


def honest(_: httpx.Request, answer: httpx.Response) -> httpx.Response:
    """Nothing is changed."""
    return answer


def without_video(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
    """Results are pages."""
    if request.url.path.endswith(".mp4"):
        return httpx.Response(200, html="<p>The video</p>")
    return answer


def without_json(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
    """The vendor has broken down; the clock still answers."""
    return answer if "__understudy" in request.url.path else httpx.Response(500, text="oops")


def without_refusals(_: httpx.Request, answer: httpx.Response) -> httpx.Response:
    """What should be refused is taken."""
    return httpx.Response(200, content=answer.content) if answer.status_code == 400 else answer


@pytest.fixture(params=specs.names())
def guide(request: pytest.FixtureRequest) -> Guide:
    """What the walk knows of each vendor."""
    return read_guide(specs.load(request.param))


def test_walk_follows_a_job_at_each_vendor_to_its_video() -> None:
    """The first command of the README works, and its lines fit an ordinary terminal."""
    ran = run("walk.py", "--clock", "x100")
    titles = [specs.load(name).title for name in specs.names()]
    lines = ran.stdout.splitlines()

    assert (ran.returncode, ran.stderr) == (0, "")
    assert [line for line in lines if line in titles] == titles
    assert sum("video/mp4" in line for line in lines) == len(titles)
    assert max(map(len, lines)) <= COLUMNS


def test_walk_refuses_a_clock_that_does_not_move() -> None:
    """On it the walk would wait in vain."""
    ran = run("walk.py", "--clock", "manual")

    assert ran.returncode == 2
    assert "no job would ever end" in ran.stderr


async def test_walk_tells_the_words_of_each_state(guide: Guide) -> None:
    """The vendor's own words, in order; with this clock the first poll already finds the task at work."""
    words = guide.pack.behaviour.lifecycle.words

    story = await walk(guide, honest)
    told = [line.split()[3] for line in story.lines if "(poll " in line]

    assert story.problem is None
    assert told == [words["running"], words["done"]]


@pytest.mark.parametrize("spoil", [without_video, without_json, without_refusals])
async def test_walk_fails_where_a_vendor_does_not_keep_its_word(
    guide: Guide, spoil: Spoil, capsys: pytest.CaptureFixture[str]
) -> None:
    """A walk that always ended well would show nothing."""
    story = await walk(guide, spoil)

    assert story.problem
    assert tell_all([story], "polls") == 1
    assert f"FAILED: {story.problem}" in capsys.readouterr().out


async def test_walk_repeats_what_a_vendor_says_against_it(guide: Guide) -> None:
    """Whoever reads the story sees why it ended."""
    story = await walk(guide, honest, key="mock-broke")

    assert story.problem is not None
    assert str(guide.pack.behaviour.refusals["balance_empty"].status) in story.problem


def test_in_process_example_ends_one_job_well_and_one_badly() -> None:
    """No server, no waiting."""
    ran = run("in_process.py")
    done, failed, took = ran.stdout.splitlines()

    assert (ran.returncode, ran.stderr) == (0, "")
    assert done.startswith("pending -> processing -> completed -> http")
    assert failed.startswith("pending -> processing -> failed -> ")
    assert took.startswith("2 jobs in ")
