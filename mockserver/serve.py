"""`understudy serve`: the fakes on a socket, by uvicorn, until they are told to stop."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import io
import ipaddress
import logging
import re
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterable
from functools import partial
from types import MappingProxyType
from typing import TextIO, cast

import uvicorn

import specs
from mockserver.accounts_file import AccountsFileError, read_accounts
from mockserver.app import App, create_app
from mockserver.calllog import CallLog
from mockserver.clock import ClockError, start_clock
from mockserver.direct import IDLE_SECONDS_MAX, DirectProtocol, direct_protocol
from mockserver.fake import Fake, Settings
from mockserver.scenario_file import ScenarioFileError, read_scenario
from mockserver.serve_options import PORT_MAX, Unsaid, add_arguments
from mockserver.snapshot_file import SnapshotFileError, load_snapshot
from mockserver.snapshot_reading import Snapshot
from mockserver.snapshots import Loading
from mockserver.store import StoreError
from mockserver.store.opening import open_store
from mockserver.store.protocol import HeldError
from specs.errors import SpecError
from specs.pack import Pack

__all__ = ["add_arguments", "run"]

USAGE_ERROR = 2
# How long calls may take to end, once the server is told to; and how long the end itself.
_DRAIN_SECONDS, _END_SECONDS = 0.5, 5
# Scheme, host, port, path: what can stand before a path in a URL, and nothing that would end up behind it.
_URL_BASE = re.compile(
    r"https?://(?:\[[0-9a-f:.]+\]|[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?)(?::(?P<port>\d{1,5}))?"
    r"(?:/(?:[\w.~!$&'()*+,;=:@/-]|%[0-9a-f]{2})*)?",
    re.ASCII | re.IGNORECASE,
)
# A call makes no cycles; looking for some after every 700 allocations is work for nothing.
_GC_THRESHOLDS = (20_000, 50, 100)


class ServeError(Exception):
    """Words of the call that can't be carried out."""


# Whatever the words of the call can be wrong about.
_BAD_WORDS = (
    *(ServeError, AccountsFileError, ScenarioFileError, SnapshotFileError),
    *(ClockError, SpecError, StoreError),
)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _check(arguments: argparse.Namespace) -> None:
    _check_token(arguments.admin_token)
    if not _is_loopback(arguments.host) and arguments.admin_token is None:
        message = f"--host {arguments.host} can be reached from outside: give an --admin-token, or listen at 127.0.0.1"
        raise ServeError(message)
    if arguments.workers > 1 and arguments.store == "memory":
        message = (
            f"--workers {arguments.workers} needs a store that processes share, and memory is each one's own: add "
            "--store sqlite:PATH or --store redis://HOST:PORT, or leave --workers out"
        )
        raise ServeError(message)
    if arguments.public_url is not None:
        _check_public_url(arguments.public_url)


def _check_token(token: str | None) -> None:
    if token is None or (token and token.isascii() and token.isprintable() and token == token.strip()):
        return
    message = (
        "--admin-token is empty, or no header can carry it: give ASCII characters without spaces around them, "
        "or leave it out for an admin API that is open"
    )
    raise ServeError(message)


def _check_public_url(url: str) -> None:
    found = _URL_BASE.fullmatch(url)
    if found is None or not 0 < int(found["port"] or 1) <= PORT_MAX:
        message = (
            f"--public-url {url!r} is no URL base: http or https, a host, where needed a port and a path, nothing "
            "else; write something like https://fake.example:8787"
        )
        raise ServeError(message)


def _check_together(packs: Iterable[Pack]) -> None:
    """A server tells vendors apart by name, and by host: no two may share one."""
    names, owners = set[str](), dict[str, str]()
    for pack in packs:
        if pack.name in names:
            message = f"two packs are called {pack.name}; rename a folder"
            raise ServeError(message)
        names.add(pack.name)
        for host in pack.behaviour.hosts:
            owner = owners.setdefault(host.lower(), pack.name)
            if owner != pack.name:
                message = (
                    f"{owner} and {pack.name} both have the host {host}, so a call to it could mean either; "
                    "change `hosts` in the behaviour.yaml of one, or serve them on two ports"
                )
                raise ServeError(message)


def wall_ms() -> int:
    """Wall time in milliseconds since 1970: the only clock that is read."""
    return time.time_ns() // 1_000_000


def _packs(arguments: argparse.Namespace, say: Callable[[str], None] | None) -> list[Pack]:
    wanted = list(dict.fromkeys(arguments.vendors or specs.names()))
    lenient = arguments.leniency == "lenient"
    options = _options(wanted, arguments.option) if arguments.option else {}
    if arguments.overlay is None:
        return [specs.load(each, options=options.get(each, {}), lenient=lenient) for each in wanted]
    # Imported here for start-up: few servers have an overlay.
    from specs.overlay_file import idle_everywhere, names_meant, read_overlay

    overlay = read_overlay(arguments.overlay)
    names = {each: specs.find_folder(each).name for each in wanted}
    meant = names_meant(overlay, list(names.values()))
    packs = [
        specs.load(each, options=options.get(each, {}), lenient=lenient, overlay=overlay if name in meant else None)
        for each, name in names.items()
    ]
    for action in idle_everywhere([pack for pack in packs if pack.name in meant]):
        if say is not None:
            say(f"{overlay.file}: {action} is nowhere in the contract, so that nothing is changed by it")
    return packs


def _options(wanted: list[str], chosen: list[str]) -> dict[str, dict[str, bool]]:
    """Which options are on for whom: each at every vendor here that has it; ServeError when none has."""
    known = {each: specs.load(each).options for each in wanted}
    for name in chosen:
        if not any(name in options for options in known.values()):
            there = sorted({each for options in known.values() for each in options})
            message = f"--option {name} is known of no vendor here; there are {', '.join(there) or 'none'}"
            raise ServeError(message)
    return {each: {name: True for name in chosen if name in options} for each, options in known.items()}


def create_fake(arguments: argparse.Namespace, log: CallLog | None) -> Fake:
    """The fake that the words ask for."""
    say = log.say if log is not None else None
    packs = _packs(arguments, say)
    _check_together(packs)
    settings = Settings(
        clock=arguments.clock,
        seed=arguments.seed,
        limits=read_accounts(arguments.accounts) if arguments.accounts else MappingProxyType({}),
        directives=not arguments.no_directives,
        public_url=arguments.public_url.rstrip("/") if arguments.public_url else None,
        body_max=arguments.max_body,
        scenario=read_scenario(arguments.scenario, packs) if arguments.scenario else (),
    )
    store = open_store(arguments.store, start_clock(settings.clock, wall_ms()), settings.bounds, say)
    return Fake(packs, settings, wall_ms, store)


def open_socket(host: str, port: int) -> socket.socket:
    """A bound socket; ServeError when the address can't be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    opened = socket.socket(family, socket.SOCK_STREAM)
    try:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        opened.bind((host, port))
    except OSError as problem:
        opened.close()
        reason = problem.strerror or problem
        message = f"can't listen at {host} port {port}: {reason}; choose another with --port, or 0 for a free one"
        raise ServeError(message) from None
    return opened


class Server(uvicorn.Server):
    """A server that says when it answers, and ends soon."""

    def __init__(self, config: uvicorn.Config, app: App, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._app = app
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listens, then says so."""
        await super().startup(sockets)
        self._app.postman.start()
        self._on_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Lets calls end; a client that neither sends the rest of its call nor reads its answer is not waited for."""
        self._app.draining = True
        asyncio.get_running_loop().call_later(_DRAIN_SECONDS, self._hang_up)
        await self._app.postman.close()
        await super().shutdown(sockets)

    def _hang_up(self) -> None:
        for connection in list(self.server_state.connections):
            if isinstance(connection, DirectProtocol):
                connection.hang_up()


class _Stderr(io.TextIOBase):
    """Where log and complaints go: what can't be written there (a full disk, say) is lost, and nothing fails for it."""

    def write(self, text: str) -> int:
        """Always well."""
        with contextlib.suppress(OSError, ValueError):
            sys.stderr.write(text)
        return len(text)

    def flush(self) -> None:
        """Always well."""
        with contextlib.suppress(OSError, ValueError):
            sys.stderr.flush()


def calm_collector() -> None:
    """What is loaded now lives until the end: the collector need not look at it again, nor look often.

    Nor at all before: the little garbage of a start is not worth the search, which takes longer than reading all packs.
    """
    gc.freeze()
    gc.set_threshold(*_GC_THRESHOLDS)


def _serve(
    fake: Fake, arguments: argparse.Namespace, opened: socket.socket, log: CallLog | None, on_ready: Callable[[], None]
) -> None:
    """Answers at the socket until it is told to stop."""
    app = create_app(fake, admin_token=arguments.admin_token, log=log, callbacks=arguments.callbacks)
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        http=direct_protocol(app),
        # uvloop lets one connection in at each turn: when a worker dies, the clients that come over from it would wait
        # for seconds behind all those that are there already.
        loop="asyncio" if arguments.workers > 1 else "auto",
        ws="none",
        lifespan="off",
        timeout_keep_alive=IDLE_SECONDS_MAX,
        timeout_graceful_shutdown=_END_SECONDS,
    )
    server = Server(config, app, on_ready)
    # uvicorn sends itself the signal again when it has drained: to be stopped is no failure.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None)
    calm_collector()
    with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
        runner.run(server.serve(sockets=[opened]))


def _url_of(opened: socket.socket, host: str) -> str:
    return f"http://{f'[{host}]' if ':' in host else host}:{opened.getsockname()[1]}"


def _say_listening(url: str) -> None:
    sys.stdout.write(f"understudy: listening on {url}\n")
    sys.stdout.flush()


def _load(fake: Fake, snapshot: Snapshot, base: str, log: CallLog | None) -> None:
    """Puts the snapshot into a store that remembers nothing; what remembers calls goes on as it is."""
    how = Loading(base=fake.settings.public_url or base, mode=fake.settings.clock, replace=False, as_whole=True)
    try:
        fake.load(snapshot, how)
    except HeldError as problem:
        if log is not None:
            log.say(f"{problem}: the store goes on with what it remembers, and the file of --load is not read into it")


def _open_log(arguments: argparse.Namespace) -> CallLog | None:
    log = CallLog(cast("TextIO", _Stderr()), arguments.log) if arguments.log != "off" else None
    logging.getLogger("understudy").disabled = log is None
    return log


def _complain(problem: Exception) -> int:
    # One line, also when the words of a library in it are several.
    _Stderr().write(f"understudy serve: {' '.join(str(problem).split())}\n")
    return USAGE_ERROR


def work(arguments: argparse.Namespace, opened: socket.socket, on_ready: Callable[[], None]) -> None:
    """One of several processes at a socket: what `--workers` starts."""
    log = _open_log(arguments)
    try:
        fake = create_fake(arguments, log)
    except _BAD_WORDS as problem:
        sys.exit(_complain(problem))
    try:
        _serve(fake, arguments, opened, log, on_ready)
    finally:
        fake.store.close()
        if log is not None:
            log.flush()


def _employ(arguments: argparse.Namespace, opened: socket.socket, log: CallLog | None, url: str) -> int:
    """Lets several processes answer at the socket; the exit status."""
    # Imported here for start-up: one process is what most ask for.
    from mockserver.workers import WorkerFailedError, Workers

    workers = Workers(arguments.workers, work, (arguments, opened), log.say if log is not None else _say_nothing)
    try:
        workers.run(partial(_say_listening, url))
    except WorkerFailedError as problem:
        # What is wrong with the words it has said itself.
        return USAGE_ERROR if problem.status == USAGE_ERROR else _complain(problem)
    return 0


def _say_nothing(_: str) -> None:
    pass


def _start(arguments: argparse.Namespace, log: CallLog | None) -> int:
    snapshot = load_snapshot(arguments.load) if arguments.load else None
    if snapshot is not None and isinstance(arguments.clock, Unsaid):
        arguments.clock = snapshot.mode
    fake = create_fake(arguments, log)
    try:
        with open_socket(arguments.host, arguments.port) as opened:
            url = _url_of(opened, arguments.host)
            if snapshot is not None:
                _load(fake, snapshot, url, log)
            if arguments.workers == 1:
                _serve(fake, arguments, opened, log, partial(_say_listening, url))
                return 0
            # Each worker opens the store by itself, and takes the clock that is in it by now.
            fake.store.close()
            return _employ(arguments, opened, log, url)
    finally:
        fake.store.close()
        if log is not None:
            log.flush()


def run(arguments: argparse.Namespace) -> int:
    """Serves until SIGTERM or SIGINT; 0 then, 2 when the words can't be carried out."""
    log = _open_log(arguments)
    try:
        _check(arguments)
        return _start(arguments, log)
    except _BAD_WORDS as problem:
        return _complain(problem)
