"""The clients of `examples/clients`, and those on its page: nothing is found at them in scenarios that tell most."""

from __future__ import annotations

import asyncio
import re
import shutil
import sys
from functools import cache
from pathlib import Path

import pytest

import specs
from contracts.drivers.clients.assignment import Client
from contracts.drivers.clients.callable import CallableClient
from contracts.drivers.clients.command import CommandClient
from contracts.drivers.clients.performing import Stage
from contracts.judge import Promise
from contracts.judge.clients import judge_client
from contracts.scenarios import Scenario
from contracts.scenarios.plan import Plan

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "examples" / "clients" / "README.md").read_text(encoding="utf-8")
SCENARIOS = {
    "nothing unusual",
    "a poll: 502 with an HTML page",
    "a poll: 429, Retry-After 2 as a date",
    "a poll: the yes is fewer bytes than announced",
    "a poll is sent to another host",
    "three faults in a row, then three more",
    "the task is not found by the first two polls",
    "the submit: 503, Retry-After 2",
    "the submit: the task is made, and the connection ends without an answer",
    "the submit is refused (balance_empty)",
    "fails (default)",
    "a word that nobody documents, first",
    "ids that need percent-encoding",
    "JSON with escapes",
    "optional members are null",
    "several results",
    "done without a result",
}
# At a time; more would not be faster.
TOGETHER = 8
# What reads dates in bash is GNU's.
NEEDED = {"python": (), "js": ("node",), "bash": ("bash", "curl", "jq", "stdbuf")}
RUNNERS = {"python": sys.executable, "js": "node", "bash": "bash"}


@cache
def scenarios(name: str) -> list[Scenario]:
    """Those of a vendor's plan; the jobs of the first ones are the plain runs'."""
    plan = Plan(specs.load(name), 0, 0, 30)
    return [each for each in (*plan.plain, *plan.others) if each.name in SCENARIOS]


async def found(name: str, client: Client) -> list[str]:
    """What the judge has to say of the client, scenario by scenario."""
    promise, places = Promise(specs.load(name)), asyncio.Semaphore(TOGETHER)
    stage = Stage(promise, client, 0, 60)

    async def play(scenario: Scenario) -> list[str]:
        async with places:
            judged = judge_client(await stage.perform(scenario), promise)
        steps = ((rule, step) for rule, steps in judged.items() for step in steps if step is not None)
        return [f"{scenario.name}: {rule}: {step.message}" for rule, step in steps]

    await client.start()
    try:
        told = await asyncio.gather(*map(play, scenarios(name)))
    finally:
        await client.stop()
    return [line for lines in told for line in lines]


def test_scenarios_are_those_of_a_plan() -> None:
    """None of them has been renamed."""
    assert {each.name for each in scenarios("uniall")} == SCENARIOS


@pytest.mark.parametrize("language", NEEDED)
async def test_client_on_the_page_keeps_every_law(language: str, tmp_path: Path) -> None:
    """As printed: copied into a file and run."""
    missing = [program for program in NEEDED[language] if shutil.which(program) is None]
    if missing:
        pytest.skip(f"needs {', '.join(missing)}")
    code = re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)[0]
    file = tmp_path / f"client.{'mjs' if language == 'js' else language}"
    file.write_text(code, encoding="utf-8")

    assert await found("uniall", CommandClient([RUNNERS[language], str(file)])) == []


# All five are tried by benchmarks/clients.py: its pauses are real ones.
async def test_client_in_javascript_keeps_every_law(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the one in Python does, with the vendor whose ids, words and signs are the least like the others'."""
    if shutil.which("node") is None:
        pytest.skip("needs node")
    monkeypatch.setenv("VENDOR", "kling")

    assert await found("kling", CommandClient(["node", str(ROOT / "examples" / "clients" / "client.mjs")])) == []


@pytest.mark.parametrize("name", specs.names())
async def test_client_of_the_folder_keeps_every_law(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With each vendor."""
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("VENDOR", name)

    assert await found(name, CallableClient("examples.clients.client:make_video")) == []
