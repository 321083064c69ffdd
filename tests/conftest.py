"""What every test stands on: how Hypothesis behaves, and on which event loop async tests run."""

import gc
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from importlib.util import find_spec

import pytest
from hypothesis import HealthCheck, settings

from leaping import leaping
from mockserver import Fake
from redis_server import RedisServer, need_redis
from targets import Target, in_process, make_fake, over_socket, serving

# A hundred servers are started here: each would compile the whole project anew where its bytecode isn't kept.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# httpx looks for it at each call of an application: where it is not installed, all of the path would be searched anew.
if find_spec("sniffio") is None:
    sys.modules["sniffio"] = None  # type: ignore[assignment]  # Python's own way to say that there is none

# Time limits for a single example measure the machine, not us: no profile has one.
# Seeds differ from run to run on purpose; a failure prints the blob that replays it.
settings.register_profile("dev", deadline=None, print_blob=True)
settings.register_profile(
    "ci",
    deadline=None,
    derandomize=False,
    print_blob=True,
    # A shared machine is slow now and then; that is no defect of a strategy.
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("thorough", settings.get_profile("ci"), max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if "CI" in os.environ else "dev"))


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Twenty thousand tests and all modules stay to the end: the garbage collector need not look at them again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """The server runs on asyncio, so the tests do."""
    return "asyncio"


@pytest.fixture
def pauses_leap() -> Iterator[None]:
    """Pauses take no time: for tests of which all, service included, is in their own process."""
    with leaping():
        yield


@pytest.fixture(scope="session")
def server_url() -> Iterator[str]:
    """One server with all vendors and a clock that stands still; accounts keep the tests apart."""
    with serving("--clock", "manual") as url:
        yield url


@pytest.fixture(scope="session")
def shared_fake() -> Fake:
    """The same without a socket."""
    return make_fake()


@pytest.fixture(params=["in-process", "socket"])
def connect(request: pytest.FixtureRequest) -> Iterator[Callable[[str], Target]]:
    """A function from a vendor's name to a fresh account there; every test that asks for it runs on both edges."""
    with ExitStack() as stack:
        if request.param == "socket":
            url = request.getfixturevalue("server_url")
            yield lambda vendor: stack.enter_context(over_socket(url, vendor))
        else:
            fake = request.getfixturevalue("shared_fake")
            yield lambda vendor: stack.enter_context(in_process(fake, vendor))


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """One Redis server for all tests of this process, who take a namespace each; skips where there is none."""
    need_redis()
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    yield server
    server.stop()
