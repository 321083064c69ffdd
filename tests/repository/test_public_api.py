"""A package's `__init__` is its contents page: it names what is public, all of it, in order."""

import importlib
import types
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = sorted(
    ".".join(path.parent.relative_to(ROOT).parts)
    for folder in ("contracts", "mockserver", "specs")
    for path in (ROOT / folder).rglob("__init__.py")
)


def public(module: types.ModuleType) -> set[str]:
    """The names that a package offers, its submodules left out."""
    return {
        name
        for name, value in vars(module).items()
        if not name.startswith("_") and not isinstance(value, types.ModuleType)
    }


def test_the_three_rooms_are_packages() -> None:
    """The import names that users are promised."""
    assert {"contracts", "mockserver", "specs"} <= set(PACKAGES)


@pytest.mark.parametrize("name", PACKAGES)
def test_contents_page_is_complete(name: str) -> None:
    """Each name listed can be had (deferred ones too), and each name that can be had is listed."""
    module = importlib.import_module(name)
    listed: list[str] = list(getattr(module, "__all__", []))

    absent = [entry for entry in listed if not hasattr(module, entry)]

    assert absent == []
    assert public(module) <= set(listed)


@pytest.mark.parametrize("name", PACKAGES)
def test_contents_page_is_sorted(name: str) -> None:
    """Constants, classes, functions, each by name: the order in which ruff sorts `__all__`."""
    listed: list[str] = list(getattr(importlib.import_module(name), "__all__", []))

    assert listed == sorted(set(listed), key=_rank)


def _rank(name: str) -> tuple[int, str]:
    """SHOUTED names first, then Capitals, then the rest."""
    if name.isupper() and len(name) > 1:
        return 0, name
    return (1, name) if name[:1].isupper() else (2, name)
