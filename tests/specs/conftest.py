"""What the tests of packs share: a copy to break, and a cache of their own."""

from pathlib import Path

import pytest

from broken_packs import Workshop, open_workshop


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Broken packs do not end up in the cache of whoever runs the tests."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def pack(tmp_path: Path) -> Workshop:
    """A sound pack."""
    return open_workshop(tmp_path)
