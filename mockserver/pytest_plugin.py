"""The pytest plugin: the fixture `understudy` gives a test vendors, and fails it when their contract is broken.

```python
def test_my_client(understudy):
    vendor = understudy("VENDOR", clock="polls")
    my_client(base_url=vendor.url, api_key=vendor.key).generate(prompt="a cat")
    assert vendor.tasks[0].status == "completed"
```

Loading this module must cost next to nothing: pytest does it in every project where understudy is installed.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from mockserver.background import Background
    from mockserver.desks import Desks

MARKER = "understudy"
_DESKS: pytest.StashKey[list[Desks]] = pytest.StashKey()
_ENDING: pytest.StashKey[list[Background]] = pytest.StashKey()


def pytest_configure(config: pytest.Config) -> None:
    """Makes the marker known."""
    config.stash[_ENDING] = []
    config.addinivalue_line(
        "markers",
        f"{MARKER}(**options): defaults for the vendors that the test asks the fixture `understudy` for, such as "
        'clock="manual" or allow_violations=True',
    )


def pytest_unconfigure(config: pytest.Config) -> None:
    """No server outlives the session."""
    for server in config.stash[_ENDING]:
        server.stop()


def _open(place: str, defaults: dict[str, Any]) -> Desks:
    # Imported here for start-up: tests that ask for no vendor need no fake.
    from mockserver.desks import Desks, WishError

    try:
        return Desks(place, defaults)
    except WishError as problem:
        raise pytest.UsageError(str(problem)) from None


def _marked(node: pytest.Item | pytest.Collector) -> dict[str, Any]:
    """The options of the markers on a test, the nearest one last."""
    options: dict[str, Any] = {}
    for mark in reversed(list(node.iter_markers(MARKER))):
        if mark.args:
            message = f"{node.nodeid}: @pytest.mark.{MARKER} takes options by name, such as clock='manual'"
            raise pytest.UsageError(message)
        options |= mark.kwargs
    return options


@pytest.fixture
def understudy(request: pytest.FixtureRequest) -> Iterator[Desks]:
    """Fake vendors for this test: `understudy("VENDOR")` gives one with an account of the test's own."""
    desks = _open(request.node.nodeid, _marked(request.node))
    request.node.stash.setdefault(_DESKS, []).append(desks)
    yield desks
    request.config.stash[_ENDING] += desks.close()


@pytest.fixture(scope="session")
def understudy_session(request: pytest.FixtureRequest) -> Iterator[Desks]:
    """The same for a whole session: what its clients broke is told at the session's end."""
    worker = getattr(request.config, "workerinput", {}).get("workerid", "main")
    desks = _open(f"session {worker}", {})
    yield desks
    broken = desks.broken_promises()
    request.config.stash[_ENDING] += desks.close()
    if broken:
        pytest.fail(_told(broken), pytrace=False)


@pytest.fixture
def instant_sleep(understudy: Desks) -> Iterator[None]:
    """While it is asked for, `time.sleep` and `asyncio.sleep` of the code under test move the vendors' clocks instead.

    A job of five minutes is followed in milliseconds; `time.time` and `time.monotonic` move along.
    """
    understudy.sleep_instantly()
    yield
    understudy.sleep_really()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """A test passes only if every request of its clients kept the contract, also where nobody looked at the answer."""
    try:
        result = yield
    except BaseException:
        broken = _broken(item)
        if broken:
            item.add_report_section("call", MARKER, _told(broken))
        raise
    broken = _broken(item)
    if broken:
        pytest.fail(_told(broken), pytrace=False)
    return result


def _broken(item: pytest.Item) -> list[str]:
    return [line for desks in item.stash.get(_DESKS, []) for line in desks.broken_promises()]


def _told(broken: list[str]) -> str:
    lines = "\n".join(f"  {line}" for line in broken)
    return f"a request broke the vendor's contract:\n{lines}\n(allow it: understudy(..., allow_violations=True))"
