"""Servers of a test's own, on either edge: for accounts files, other clocks, lenient mode, packs in a folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from targets import Target, in_process, make_fake, over_socket, serving

import specs
from mockserver import Fake, Settings
from mockserver.accounts_file import read_accounts

EDGES = ("in-process", "socket")


def use_key(target: Target, account: str, credential: str | None = None) -> Target:
    """The target as another account: `credential` is what is sent, where it is not the account itself."""
    target.key = account
    target.client = target.account(credential or account)
    return target


@contextmanager
def played(edge: str, pack: str | Path, *, clock: str = "manual", accounts: Path | None = None, lenient: bool = False) -> Iterator[Target]:
    """A server of its own, for what the shared one does not have."""
    with ExitStack() as stack:
        if edge == "in-process":
            limits = read_accounts(accounts) if accounts else {}
            loaded = specs.load(pack, lenient=lenient)
            fake = Fake([loaded], Settings(clock=clock, limits=limits), wall_ms=lambda: 1_800_000_000_000)
            yield stack.enter_context(in_process(fake, loaded.name))
            return
        words = [str(pack), "--clock", clock, "--leniency", "lenient" if lenient else "documented"]
        url = stack.enter_context(serving(*words, *(["--accounts", str(accounts)] if accounts else [])))
        yield stack.enter_context(over_socket(url, Path(pack).name))


@contextmanager
def small_bodies(edge: str, vendor: str, body_max: int) -> Iterator[Target]:
    """A server that reads no more than so many bytes."""
    with ExitStack() as stack:
        if edge == "in-process":
            yield stack.enter_context(in_process(make_fake(vendor, body_max=body_max), vendor))
            return
        url = stack.enter_context(serving(vendor, "--clock", "manual", "--max-body", str(body_max)))
        yield stack.enter_context(over_socket(url, vendor))
