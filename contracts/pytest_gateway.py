"""A gateway's contract as tests of pytest: each side of each constraint, and each law, is an item with its own name.

```python
from contracts.pytest_gateway import gateway_tests

test_gateway = gateway_tests("VENDOR", target=create_app, key="a-key")
```

The service is verified once, when the first of the items runs; each item then tells its part of the verdict. Loading
this module must cost next to nothing: pytest does it in every project where understudy is installed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from contracts.drivers.target import ASGIApp
    from contracts.finding import Level, Outcome
    from contracts.report.digest import Digest, ToldFinding

FIXTURE = "understudy_gateway"
# The item that says whether the run came to its end.
RUN = "run"
_EXCHANGES_TOLD = 3


def gateway_tests(vendor: str, *, target: Any, key: str, **options: Any) -> Callable[..., None]:
    """A test function to assign to a name that pytest collects.

    `vendor` is a name or the folder of a pack; `target` a URL, or a function that returns a URL or an ASGI application;
    `options` are those of `contracts.drivers.verify`, and `fail_on` (`error` or `warning`).
    """

    @pytest.mark.understudy_gateway(vendor, target=target, key=key, **options)
    def test_gateway(understudy_gateway: Promised) -> None:
        understudy_gateway.check()

    return test_gateway


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to know about a service: a law, one side of a constraint, or whether the run came to its end."""

    name: str
    side: str = ""
    """`accepts` or `rejects` for a constraint, else empty."""

    @property
    def id(self) -> str:
        """As pytest shows it."""
        return f"{self.name}:{self.side}" if self.side else self.name


@dataclass
class Gateway:
    """What one marker says, and the verdict that its items share."""

    vendor: str
    key: str
    target: Any = None
    fail_on: Level = "error"
    options: dict[str, Any] = field(default_factory=dict)
    _told: Digest | None = None

    @cached_property
    def items(self) -> list[Item]:
        """Everything that a verdict will say, in its order; the same in every process."""
        # Imported here for start-up: other people's tests need no packs and no rules.
        import specs
        from contracts.drivers.verifying import nothing_judged
        from contracts.errors import UsageError
        from specs.errors import SpecError

        only, skip = (self.options.get(name, ()) for name in ("only", "skip"))
        try:
            constraints, laws = nothing_judged(specs.load(self.vendor), only, skip)
        except (SpecError, UsageError) as problem:
            raise pytest.UsageError(str(problem)) from None
        sides = [Item(row.id, side) for row in constraints for side in ("accepts", "rejects")]
        return [Item(RUN), *sides, *(Item(row.rule) for row in laws)]

    def told(self, target: Any) -> Digest:
        """The verdict; the first one who asks waits for it."""
        if self._told is None:
            # Imported here for start-up: collecting tests needs neither HTTP nor reports.
            from contracts.drivers import verify
            from contracts.report.digest import digest

            self._told = digest(verify(self.vendor, _resolved(target or self.target), key=self.key, **self.options))
        return self._told


def _resolved(target: Any) -> str | ASGIApp:
    return target if isinstance(target, str) else target()


@dataclass(frozen=True, slots=True)
class Promised:
    """What the fixture gives a test: one item of a gateway."""

    gateway: Gateway
    item: Item

    def check(self, target: Any = None) -> None:
        """Passes, fails with what was found, or skips with the reason why it could not be tested.

        `target`, for one that only a fixture knows, is a URL or a function that returns a URL or an ASGI application.
        """
        told = self.gateway.told(target)
        if self.item.name == RUN:
            if told.aborted:
                pytest.fail(told.aborted, pytrace=False)
            return
        outcome, level, note = self._row(told)
        if outcome == "untested":
            pytest.skip(told.aborted or note or "untested")
        if outcome == "fails":
            text = "\n\n".join(self._findings(told)) or "see the whole verdict: understudy verify gateway"
            if level == "warning" and self.gateway.fail_on == "error":
                pytest.xfail(text)
            pytest.fail(text, pytrace=False)

    def _row(self, told: Digest) -> tuple[Outcome, Level, str]:
        for row in told.constraints:
            if row.id == self.item.name:
                return row.accepts if self.item.side == "accepts" else row.rejects, "error", row.note
        for law in told.laws:
            if law.rule == self.item.name:
                return law.outcome, law.level, law.note
        return "untested", "error", "the verdict does not speak of it"

    def _findings(self, told: Digest) -> Iterator[str]:
        for each in told.findings:
            is_mine = each.constraint == self.item.name and each.side == self.item.side
            if is_mine if self.item.side else each.rule == self.item.name:
                yield _text(each)


def _text(finding: ToldFinding) -> str:
    lines = [finding.message]
    lines += [f"source: {finding.source}"] if finding.source else []
    return "\n".join([*lines, *(each.reproduce for each in finding.exchanges[:_EXCHANGES_TOLD])])


# Hooks


def pytest_configure(config: pytest.Config) -> None:
    """Makes the marker known."""
    config.addinivalue_line(
        "markers",
        f"{FIXTURE}(vendor, target, key, **options): the gateway that the fixture of this name is about, one item for"
        " each side of each constraint and for each law",
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One item for each thing to know, for tests that ask for the fixture."""
    if FIXTURE not in metafunc.fixturenames:
        return
    marker = metafunc.definition.get_closest_marker(FIXTURE)
    if marker is None:
        place = metafunc.definition.nodeid
        message = f"{place} asks for {FIXTURE}: say which one, with @pytest.mark.{FIXTURE}(VENDOR, target=..., key=...)"
        raise pytest.UsageError(message)
    gateway = _gateway(marker)
    metafunc.parametrize(
        FIXTURE, [Promised(gateway, item) for item in gateway.items], indirect=True, ids=lambda each: each.item.id
    )


def _gateway(marker: pytest.Mark) -> Gateway:
    options = dict(marker.kwargs)
    try:
        (vendor,) = marker.args
        own = {name: options.pop(name) for name in ("target", "fail_on") if name in options}
        return Gateway(vendor, options.pop("key"), **own, options=options)
    except (KeyError, ValueError):
        message = f"@pytest.mark.{FIXTURE} needs a vendor and a key: (VENDOR, target=..., key=...)"
        raise pytest.UsageError(message) from None


@pytest.fixture
def understudy_gateway(request: pytest.FixtureRequest) -> Promised:
    """One thing that the gateway of the marker must keep; `check()` says whether it does."""
    promised: Promised = request.param
    return promised
