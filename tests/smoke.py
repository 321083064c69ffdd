"""Builds the wheel, installs it outside the checkout, and uses it as a user would.

The fresh environment gets copies of the distributions that the wheel itself asks for, from the
environment we run in: no network, and a dependency that `pyproject.toml` forgot is missing here.
"""

import importlib.metadata
import json
import os
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
import threading
import urllib.request
import venv
from collections.abc import Iterator
from importlib.metadata import Distribution
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS_MAX = 60
STOP_SECONDS_MAX = 20


class SmokeError(Exception):
    """The installed product does not do what its users are told."""


def required(distribution: Distribution, extras: set[str]) -> Iterator[Requirement]:
    """What a distribution asks for here, on this system and with these extras."""
    for text in distribution.requires or []:
        requirement = Requirement(text)
        marker = requirement.marker
        if marker is None or any(marker.evaluate({"extra": extra}) for extra in {"", *extras}):
            yield requirement


def closure(distribution: Distribution) -> dict[str, Distribution]:
    """All that a distribution needs, directly or not, by name."""
    found: dict[str, Distribution] = {}
    asked: set[tuple[str, frozenset[str]]] = set()
    waiting = list(required(distribution, set()))
    while waiting:
        requirement = waiting.pop()
        key = (requirement.name, frozenset(requirement.extras))
        if key in asked:
            continue
        asked.add(key)
        found[requirement.name] = importlib.metadata.distribution(requirement.name)
        waiting.extend(required(found[requirement.name], requirement.extras))
    return found


def copy_files(distribution: Distribution, site: Path) -> None:
    """Copy one installed distribution, but for its programs, which nobody calls here."""
    for file in distribution.files or []:
        if ".." in file.parts or "__pycache__" in file.parts:
            continue
        target = site.joinpath(*file.parts)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(str(file.locate()), target)


def paths(environment: Path) -> dict[str, Path]:
    """The folders of a virtual environment."""
    variables = {"base": str(environment), "platbase": str(environment)}
    names = sysconfig.get_paths("venv", vars=variables)
    return {name: Path(path) for name, path in names.items()}


def install(environment: Path, folder: Path) -> Path:
    """Make the environment, and answer where its programs are."""
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    (wheel,) = folder.glob("*.whl")
    venv.create(environment)
    programs, site = paths(environment)["scripts"], paths(environment)["purelib"]
    pip = [sys.executable, "-m", "pip", "--python", str(programs / "python"), "--quiet"]
    subprocess.run([*pip, "install", "--no-deps", "--no-index", str(wheel)], check=True)
    (product,) = Distribution.discover(name="understudy", path=[str(site)])
    for distribution in closure(product).values():
        copy_files(distribution, site)
    subprocess.run([*pip, "check"], check=True)
    print(f"{wheel.name}: {wheel.stat().st_size / 1e6:.2f} MB, installed", flush=True)
    return programs


class Installed:
    """The command as a user has it: another folder, nothing of the checkout in reach."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self.command = str(programs / "understudy")
        self.folder = folder
        ours = {"PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV"}
        self.environment = {key: value for key, value in os.environ.items() if key not in ours}

    def say(self, *words: str) -> str:
        """What the command prints; it must succeed."""
        ran = subprocess.run(
            [self.command, *words],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            text=True,
            check=False,
        )
        if ran.returncode != 0:
            message = f"understudy {' '.join(words)}: status {ran.returncode}\n{ran.stdout}"
            raise SmokeError(message)
        print(f"understudy {' '.join(words)}: ok", flush=True)
        return ran.stdout

    def start(self, *words: str) -> subprocess.Popen[str]:
        """The command, running."""
        return subprocess.Popen(
            [self.command, *words],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            text=True,
        )


def check_vendors(installed: Installed) -> None:
    """Every pack of the checkout has come along inside the wheel."""
    said = installed.say("vendors")
    packs = sorted(path.parent.name for path in ROOT.glob("specs/*/openapi.yaml"))
    missing = [name for name in packs if name not in said]
    if missing or not packs:
        message = f"`understudy vendors` does not name {missing or 'any vendor'}:\n{said}"
        raise SmokeError(message)


def address(server: subprocess.Popen[str]) -> str:
    """Where the server says that it listens, its first promise."""
    patience = threading.Timer(START_SECONDS_MAX, server.kill)
    patience.start()
    try:
        for line in server.stdout or []:
            if line.startswith("understudy: listening on "):
                return line.split()[-1]
    finally:
        patience.cancel()
    message = f"`understudy serve` said no address within {START_SECONDS_MAX} s"
    raise SmokeError(message)


def check_serve(installed: Installed) -> None:
    """The server starts, answers, and ends on SIGTERM with status 0."""
    server = installed.start("serve", "-p", "0")
    try:
        url = f"{address(server)}/__understudy/health"
        with urllib.request.urlopen(url, timeout=START_SECONDS_MAX) as answer:  # noqa: S310 - ours
            health = json.load(answer)
        if health.get("status") != "ok" or not health.get("vendors"):
            message = f"{url} answered {health}"
            raise SmokeError(message)
        server.send_signal(signal.SIGTERM)
        status = server.wait(STOP_SECONDS_MAX)
    finally:
        server.kill()
        server.wait()
    if status != 0:
        message = f"`understudy serve` ended with status {status} on SIGTERM, not 0"
        raise SmokeError(message)
    print("understudy serve: ok", flush=True)


def main() -> int:
    """0 when the wheel works for a user."""
    with tempfile.TemporaryDirectory(prefix="understudy-smoke-") as name:
        folder = Path(name)
        try:
            installed = Installed(install(folder / "venv", folder), folder)
            check_vendors(installed)
            installed.say("lint")
            check_serve(installed)
            # Fakes, walk, a good gateway and a broken one, both judged: everything in one command.
            installed.say("demo", "--reports", str(folder / "reports"))
        except (SmokeError, subprocess.SubprocessError, OSError) as error:
            print(f"smoke: {error}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
