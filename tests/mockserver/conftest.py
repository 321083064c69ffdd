"""The admin API as the tests of the fake ask for it: on both edges."""

from collections.abc import AsyncIterator

import pytest

from properties.administration import Admin, administered


@pytest.fixture(params=["in-process", "socket"])
async def admin(request: pytest.FixtureRequest) -> AsyncIterator[Admin]:
    """The admin API on both edges; others use the same fake, so tests keep to their own account."""
    name = "server_url" if request.param == "socket" else "shared_fake"
    async with administered(request.getfixturevalue(name)) as admin:
        yield admin
