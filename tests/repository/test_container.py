"""The container files: nobody in particular runs it, only what the wheel needs goes in, and its words are ours."""

import argparse
import re
from pathlib import Path
from typing import Any

from mockserver import serve
from specs.documents import read_yaml

ROOT = Path(__file__).resolve().parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = read_yaml(ROOT / "compose.yaml")
FAKES = [service for service in COMPOSE["services"].values() if service["image"] == "understudy"]


def steps() -> list[tuple[str, str]]:
    """Each instruction of the Dockerfile with its words, comments left out."""
    text = re.sub(r"(?m)^#.*\n", "", DOCKERFILE).replace("\\\n", " ")
    return [(line.split()[0], line.partition(" ")[2]) for line in text.splitlines() if line.strip()]


def test_nobody_in_particular_runs_it() -> None:
    """From the last stage's user on, nothing goes back to root."""
    instructions = [name for name, _ in steps()]
    users = [words for name, words in steps() if name == "USER"]

    assert users == ["understudy"]
    assert instructions.index("USER") > len(instructions) - 1 - instructions[::-1].index("FROM")
    assert instructions.index("USER") < instructions.index("ENTRYPOINT")


def test_only_what_the_wheel_needs_goes_in() -> None:
    """What `.dockerignore` lets through is there, and is all that `pyproject.toml` speaks of."""
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").split("\n")
    let_through = {line[1:].rstrip("/") for line in lines if line.startswith("!")}

    assert "*" in lines
    assert [name for name in let_through if not (ROOT / name).exists()] == []
    assert {"contracts", "mockserver", "specs", "examples", "LICENSE", "README.md"} <= let_through
    assert not {"tests", ".git", ".venv"} & let_through


def test_versions_of_the_lock_are_read_out_of_it() -> None:
    """By the very expression of the Dockerfile."""
    wanted = re.search(r"sed -nE 's/(.*?)/\\1\\2/p' requirements\.lock", DOCKERFILE)
    assert wanted is not None
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    read = ["".join(filter(None, found.groups())) for found in re.finditer(f"(?m){wanted[1]}", lock)]

    assert len(read) == len(re.findall(r"(?m)^[a-z0-9]\S+==", lock)) > 50
    assert [entry for entry in read if "\\" in entry or "--hash" in entry] == []


def test_two_fakes_share_one_server() -> None:
    """Each word of theirs is one of `understudy serve`; the ports differ; the admin API is not open to the world."""
    parser = argparse.ArgumentParser()
    serve.add_arguments(parser)
    given = [parser.parse_args(fake["command"][1:]) for fake in FAKES]

    assert [fake["command"][0] for fake in FAKES] == ["serve", "serve"]
    assert {words.store for words in given} == {"redis://redis:6379/0"}
    assert {words.host for words in given} == {"0.0.0.0"}  # noqa: S104 - inside of a container
    assert all(words.admin_token.startswith("${UNDERSTUDY_ADMIN_TOKEN:?") for words in given)
    assert len({port for fake in FAKES for port in fake["ports"]}) == 2
    assert all(port.endswith(f":{given[0].port}") for fake in FAKES for port in fake["ports"])
    assert all(fake["depends_on"]["redis"]["condition"] == "service_healthy" for fake in FAKES)


def test_server_keeps_what_was_acknowledged() -> None:
    """On a volume, and where nobody outside can reach it."""
    redis = COMPOSE["services"]["redis"]

    assert redis["command"] == ["redis-server", "--appendonly", "yes"]
    assert redis["volumes"] == ["redis:/data"]
    assert "redis" in COMPOSE["volumes"]
    assert "ports" not in redis
