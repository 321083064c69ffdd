"""The lock pins everything that the project asks for, by hash, and ties nobody to an index."""

import re
import tomllib
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
ENTRY = re.compile(r"^([a-z0-9-]+)==([^\s;]+)(.*(?:\n .*)*)", re.MULTILINE)
VERSIONS = {canonicalize_name(name): version for name, version, _ in ENTRY.findall(LOCK)}


def asked_for() -> list[Requirement]:
    """What `pyproject.toml` names: to run, to develop and to build."""
    texts = [
        *PROJECT["project"]["dependencies"],
        *PROJECT["dependency-groups"]["dev"],
        *PROJECT["build-system"]["requires"],
    ]
    return [Requirement(text) for text in texts]


def is_met(requirement: Requirement) -> bool:
    """Whether the lock pins it, at a version within its bounds."""
    version = VERSIONS.get(canonicalize_name(requirement.name))
    return version is not None and version in requirement.specifier


def test_lock_has_what_the_project_asks_for() -> None:
    """A changed dependency and an unchanged lock would test something else than is shipped."""
    unmet = [str(requirement) for requirement in asked_for() if not is_met(requirement)]

    assert unmet == []


def test_every_entry_has_hashes() -> None:
    """An entry without a hash would make pip refuse the whole file."""
    bare = [name for name, _, rest in ENTRY.findall(LOCK) if "--hash=sha256:" not in rest]

    assert VERSIONS
    assert bare == []


def test_lock_names_no_address() -> None:
    """Which index serves the files is for the configuration of whoever installs them."""
    assert re.findall(r"https?:|file:|git\+|--[a-z-]*(?:url|links)|(?<=@ )\S+", LOCK) == []
