"""The desks of one test, or of one session: opens them, moves their clocks when the test sleeps, closes them."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mockserver.accounts import Limits
from mockserver.accounts_file import wrong_with
from mockserver.background import Background
from mockserver.desk import VendorDesk, Wishes, key_of
from mockserver.instant import InstantTime
from mockserver.serve_options import LENIENCIES

_WALL_MS = time.time_ns


class WishError(TypeError):
    """Something was wished for that there is not."""


class Desks:
    """What the fixture `understudy` is: called with a vendor's name or a pack's folder, it gives a vendor."""

    def __init__(self, place: str, defaults: Mapping[str, Any]) -> None:
        self._place = place
        self._defaults = defaults
        self._open: list[VendorDesk] = []
        self._shift_ms = 0
        self._instant: InstantTime | None = None
        _known(defaults)

    def __call__(self, vendor: str | Path, /, **wishes: Any) -> VendorDesk:
        """A vendor with an account of the test's own; the wishes are the members of `Wishes`."""
        _known(wishes)
        wished = Wishes(**{**self._defaults, **wishes})
        _possible(wished)
        desk = VendorDesk(vendor, key_of(self._place, len(self._open)), wished, self._wall_ms)
        self._open.append(desk)
        return desk

    def _wall_ms(self) -> int:
        return _WALL_MS() // 1_000_000 + self._shift_ms

    def sleep_instantly(self) -> None:
        """From now on whoever sleeps in the test moves the clocks of all its vendors instead."""
        self._instant = InstantTime(self._pass)
        self._instant.install()

    def _pass(self, seconds: float) -> None:
        # Clocks that run go by the wall, which is moved for all; one that stands still is moved by hand.
        self._shift_ms += round(seconds * 1000)
        for desk in self._open:
            if desk.clock.mode == "manual":
                desk.clock.advance(seconds)
            else:
                desk.fake.settle()

    def sleep_really(self) -> None:
        """Sleeping is waiting again."""
        if self._instant is not None:
            self._instant.uninstall()

    def broken_promises(self) -> list[str]:
        """What the test's calls broke, vendor by vendor."""
        return [f"{desk.title}: {line}" for desk in self._open for line in desk.broken_promises()]

    def close(self) -> list[Background]:
        """Lets every server end; those that are still about to. Nobody waits for each of a thousand tests' servers."""
        self.sleep_really()
        return [server for desk in self._open if (server := desk.end_server()) is not None]


def _known(wishes: Mapping[str, Any]) -> None:
    for name in wishes:
        if name not in Wishes.names():
            message = f"there is no option {name!r} for a vendor; there are {', '.join(Wishes.names())}"
            raise WishError(message)


def _possible(wishes: Wishes) -> None:
    if wishes.leniency not in LENIENCIES:
        message = f"leniency must be {' or '.join(LENIENCIES)}, not {wishes.leniency!r}"
        raise WishError(message)
    own = [(name, name, getattr(wishes, name)) for name in Limits._fields]
    others = [
        (f"accounts[{key!r}][{name!r}]", name, value)
        for key, says in wishes.accounts.items()
        for name, value in says.items()
    ]
    for place, name, value in [*own, *others]:
        problem = wrong_with(name, value)
        if problem:
            message = f"{place}: {problem}"
            raise WishError(message)
