"""What the tests of drift share."""

from __future__ import annotations

import pytest

from drift_desk import Desk


@pytest.fixture(scope="session")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A pack with a page of each style, recorded once."""
    return Desk(tmp_path_factory.mktemp("desk"))
