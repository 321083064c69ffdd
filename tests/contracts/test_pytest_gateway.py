"""The pytest entry: each side of each constraint, and each law, is an item that passes, fails or says why it can't."""

import subprocess
import sys
from pathlib import Path

import httpcore
import pytest

import contracts.drivers
import services
from broken_packs import OPENAPI, open_workshop

# The tests within the tests forget what they were the first to import: a library that is read twice is two libraries.
PRELOADED = (contracts.drivers, httpcore, services)

pytest_plugins = ["pytester"]

ROOT = Path(__file__).resolve().parents[2]
MODULE = """
from pathlib import Path

from contracts.pytest_gateway import gateway_tests
from services import quick_fake

HERE = Path(__file__).parent
test_gateway = gateway_tests(
    HERE / "mine", target=lambda: quick_fake(HERE / "{served}"), key="a-key", max_examples=0, only={only!r}
)
"""
BY_FIXTURE = """
from pathlib import Path

import pytest
from services import quick_fake

HERE = Path(__file__).parent

@pytest.fixture(scope="session")
def service():
    return quick_fake(HERE / "mine")

@pytest.mark.understudy_gateway(str(HERE / "mine"), key="a-key", max_examples=0, only=("enum",))
def test_gateway(understudy_gateway, service):
    understudy_gateway.check(lambda: service)
"""


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """Somebody's project, with a pack of their own beside the tests; it is no gateway of ours."""
    open_workshop(pytester.path)
    (pytester.path / "loose").mkdir()
    open_workshop(pytester.path / "loose").change(OPENAPI, "maximum: 15", "maximum: 16")
    monkeypatch.setenv("PYTHONPATH", f"{ROOT}:{ROOT / 'tests'}")
    pytester.syspathinsert(ROOT / "tests")
    # Where understudy is installed it would be loaded twice: once by its entry point, once by its name here.
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.makeini(
        "[pytest]\naddopts = -p contracts.pytest_gateway --strict-markers -p no:cacheprovider"
        " -W ignore::pytest.PytestAssertRewriteWarning"
    )
    return pytester


def write(
    project: pytest.Pytester, *, served: str = "mine", only: tuple[str, ...] = ("maximum", "lifecycle.first")
) -> None:
    """Their test module, about two constraints and a law."""
    project.makepyfile(MODULE.format(served=served, only=only))


def test_items_have_names(project: pytest.Pytester) -> None:
    """Constraints by id and side, laws by id, and whether the run came to its end; collecting sends nothing."""
    write(project)

    result = project.runpytest_inprocess("--collect-only", "-q")

    named = [line.partition("[")[2].removesuffix("]") for line in result.outlines if "::" in line]
    assert named[0] == "run"
    assert "createVideo:/duration:maximum:accepts" in named
    assert "createVideo:/duration:maximum:rejects" in named
    assert named[-1] == "lifecycle.first"
    assert {name.split(":")[2] for name in named if ":" in name} == {"maximum"}


def test_gateway_that_keeps_its_contract(project: pytest.Pytester) -> None:
    """Every item passes or is skipped with a reason, and the service is verified once."""
    write(project)

    result = project.runpytest_inprocess("-rs")

    outcomes = result.parseoutcomes()
    assert set(outcomes) <= {"passed", "skipped"}
    assert outcomes["passed"] >= 4
    assert result.duration < 20


def test_gateway_that_breaks_it(project: pytest.Pytester) -> None:
    """The side of the constraint fails, with the message and the line for the shell; all else passes."""
    write(project, served="loose/mine", only=("maximum", "minimum"))

    result = project.runpytest_inprocess()

    result.assert_outcomes(failed=1, passed=result.parseoutcomes()["passed"])
    result.stdout.fnmatch_lines(["*createVideo:/duration:maximum:rejects*", "*16*accepted with 202*", "*curl *"])
    assert "a-key" not in result.stdout.str()


def test_gateway_that_is_not_there(project: pytest.Pytester) -> None:
    """One item fails and says why; the others can't be told."""
    project.makepyfile(
        "from pathlib import Path\n"
        "from contracts.pytest_gateway import gateway_tests\n"
        "from services import nobody_there\n"
        "test_gateway = gateway_tests(\n"
        "    Path(__file__).parent / 'mine', target=nobody_there, key='k', max_examples=0, only=('maximum',)\n"
        ")\n"
    )

    result = project.runpytest_inprocess("-rs")

    outcomes = result.parseoutcomes()
    assert outcomes["failed"] == 1
    assert outcomes["skipped"] == 2
    result.stdout.fnmatch_lines(["*can't be reached*"])


def test_target_of_a_fixture(project: pytest.Pytester) -> None:
    """A service that only a fixture knows is given when the item runs."""
    project.makepyfile(BY_FIXTURE)

    outcomes = project.runpytest_inprocess().parseoutcomes()

    assert set(outcomes) == {"passed"}


ENTRY = "from contracts.pytest_gateway import gateway_tests\ntest_gateway = gateway_tests({}, target=str, key='k')"
MARKED = "import pytest\n@pytest.mark.understudy_gateway(target=str)\n"
TEST = "def test_gateway(understudy_gateway): ..."


@pytest.mark.parametrize(
    ("module", "why"),
    [
        (TEST, "say which one, with @pytest.mark.understudy_gateway"),
        (MARKED + TEST, "needs a vendor and a key"),
        (ENTRY.format("'nobody'"), "is neither a vendor nor a folder"),
        (ENTRY.format("'mine', only=('maximun',)"), "did you mean maximum"),
    ],
)
def test_what_cannot_be_meant(project: pytest.Pytester, module: str, why: str) -> None:
    """A clear error while tests are collected."""
    project.makepyfile(module)

    result = project.runpytest_inprocess()

    assert result.ret in (pytest.ExitCode.USAGE_ERROR, pytest.ExitCode.INTERRUPTED)
    result.stdout.no_fnmatch_line("*INTERNALERROR*")
    assert why in result.stdout.str() + result.stderr.str()


def test_several_processes_collect_the_same(project: pytest.Pytester) -> None:
    """pytest-xdist refuses to run when its processes disagree."""
    pytest.importorskip("xdist")
    write(project, only=("maximum",))

    outcomes = project.runpytest_subprocess(
        "-n", "2", "-p", "xdist", "-p", "no:schemathesis", "-p", "no:hypothesispytest"
    ).parseoutcomes()

    assert outcomes == {"passed": 3}


def test_plugin_costs_next_to_nothing() -> None:
    """It is loaded in every project where the distribution is installed."""
    script = (
        "import sys, contracts.pytest_gateway\n"
        "heavy = 'httpx', 'hypothesis', 'schemathesis', 'jsonschema_rs', 'specs'\n"
        "print([name for name in heavy if name in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True).stdout

    assert said == "[]\n"
