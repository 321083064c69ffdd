"""Sets up `.venv` from the lock, then runs one of the project's commands inside it.

Needs Python 3.11 or newer with venv and pip, nothing else:

    python3 run.py walk      start the fakes and follow one job at each vendor
    python3 run.py check     everything a change must pass
    python3 run.py setup     only the environment
    python3 run.py python -m pytest tests/specs -k duration

Words after the command are passed on to it. The environment is made anew when the lock or the
interpreter has changed. pip keeps whatever configuration it has.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - whoever calls it with an older one shall read why
    sys.exit(
        "run.py needs Python 3.11 or newer, and {} is {}.{}. Call it with a newer one, for "
        "example: python3.12 run.py".format(sys.executable, *sys.version_info[:2])
    )

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sysconfig
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
OLD = ROOT / ".venv-old"
LOCK = ROOT / "requirements.lock"
PROJECT = ROOT / "pyproject.toml"
# Written empty before anything else and filled last: no mark means that the folder is not ours, an
# empty one that we were interrupted.
MARK = VENV / "made-by-run"

# What each command hands to Python; `setup` hands it nothing and ends there.
COMMANDS = {
    "walk": [str(ROOT / "examples" / "walk.py")],
    "check": [str(ROOT / "tests" / "check.py")],
    "setup": [],
    "python": [],
}


def scripts_folder() -> Path:
    """Where the environment keeps its programs (`bin`, or `Scripts` on Windows)."""
    return Path(sysconfig.get_path("scripts", "venv", vars={"base": str(VENV)}))


def fingerprint(*parts: bytes) -> str:
    """A name for exactly these contents."""
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def prepare() -> None:
    """Leave an environment that holds the lock's versions and this project, making what is missing."""
    locked = fingerprint(LOCK.read_bytes(), f"{sys.version} {sys.base_prefix} {VENV}".encode())
    project = fingerprint(PROJECT.read_bytes())
    mark = MARK.read_text(encoding="utf-8").split() if MARK.is_file() else []
    if mark == [locked, project]:
        return
    if mark[:1] != [locked]:
        make_environment()
    pip_install("--no-deps", "--no-build-isolation", "-e", str(ROOT))
    MARK.write_text(f"{locked}\n{project}\n", encoding="utf-8")


def make_environment() -> None:
    """Replace our environment by a fresh one with the lock's versions."""
    if importlib.util.find_spec("ensurepip") is None:
        sys.exit(f"{sys.executable} lacks venv and pip. On Debian: apt-get install python3-venv")
    if VENV.exists() and not MARK.exists():
        sys.exit(f"{VENV} was not made by run.py. Move it away, or remove it, and call again.")
    print(f"run.py: making {VENV} (about a minute) ...", flush=True)
    # Moved before it is removed: an interrupted removal must not leave a folder without its mark.
    shutil.rmtree(OLD, ignore_errors=True)
    if VENV.exists():
        VENV.rename(OLD)
    VENV.mkdir()
    MARK.touch()
    shutil.rmtree(OLD, ignore_errors=True)
    venv.create(VENV, with_pip=True)
    pip_install("--require-hashes", "-r", str(LOCK))


def pip_install(*words: str) -> None:
    """Install into the environment; pip itself says what went wrong."""
    quietly = ["--quiet", "--no-input", "--disable-pip-version-check"]
    command = [str(scripts_folder() / "python"), "-m", "pip", "install", *quietly, *words]
    status = subprocess.call(command, stdin=subprocess.DEVNULL, cwd=ROOT)
    if status != 0:
        sys.exit(f"run.py: pip could not install {words[-1]} (status {status})")


def run(words: list[str]) -> int:
    """Run Python inside the environment as if it had been activated, and answer its status."""
    path = os.pathsep.join([str(scripts_folder()), os.environ.get("PATH", os.defpath)])
    environment = {**os.environ, "VIRTUAL_ENV": str(VENV), "PATH": path}
    environment.pop("PYTHONHOME", None)
    python = str(scripts_folder() / "python")
    if os.name == "posix":
        # In our place rather than below us: signals and the status need no passing on.
        os.execve(python, [python, *words], environment)  # noqa: S606 - no shell is the point
    return subprocess.call([python, *words], env=environment)


def main(words: list[str]) -> int:
    """Choose the command, see to the environment, run it."""
    if words[:1] in (["-h"], ["--help"]):
        print(__doc__)
        return 0
    if not words or words[0] not in COMMANDS:
        print(__doc__, file=sys.stderr)
        return 2
    prepare()
    if words[0] == "setup":
        return 0
    return run([*COMMANDS[words[0]], *words[1:]])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
