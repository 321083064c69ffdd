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
from types import MappingProxyType
from typing import TextIO, cast

import uvicorn

import specs
from mockserver.accounts_file import AccountsFileError, read_accounts
from mockserver.app import App, create_app
from mockserver.calllog import CallLog
from mockserver.clock import ClockError, start_clock
from mockserver.direct import DirectProtocol, direct_protocol
from mockserver.fake import Fake, Settings
from mockserver.scenario_file import ScenarioFileError, read_scenario
from mockserver.serve_options import PORT_MAX, add_arguments
from mockserver.store import StoreError
from mockserver.store.opening import open_store
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
    if arguments.workers > 1:
        message = (
            f"--workers {arguments.workers}: more than one process is not possible yet, whatever the --store; leave "
            "it out, or start servers on several ports, all with the same --store sqlite:PATH"
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
    wanted = dict.fromkeys(arguments.vendors or specs.names())
    lenient = arguments.leniency == "lenient"
    if arguments.overlay is None:
        return [specs.load(each, lenient=lenient) for each in wanted]
    # Imported here for start-up: few servers have an overlay.
    from specs.overlay_file import idle_everywhere, names_meant, read_overlay

    overlay = read_overlay(arguments.overlay)
    names = {each: specs.find_folder(each).name for each in wanted}
    meant = names_meant(overlay, list(names.values()))
    packs = [
        specs.load(each, lenient=lenient, overlay=overlay if name in meant else None) for each, name in names.items()
    ]
    for action in idle_everywhere([pack for pack in packs if pack.name in meant]):
        if say is not None:
            say(f"{overlay.file}: {action} is nowhere in the contract, so that nothing is changed by it")
    return packs


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
    """A server that says where it listens, once it answers, and ends soon."""

    def __init__(self, config: uvicorn.Config, url: str, app: App) -> None:
        super().__init__(config)
        self._url = url
        self._app = app

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listens, then says so."""
        await super().startup(sockets)
        self._app.postman.start()
        sys.stdout.write(f"understudy: listening on {self._url}\n")
        sys.stdout.flush()

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
    """What is loaded now lives until the end: the collector need not look at it again, nor look often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_GC_THRESHOLDS)


def _listen(fake: Fake, arguments: argparse.Namespace, log: CallLog | None) -> None:
    opened = open_socket(arguments.host, arguments.port)
    host = f"[{arguments.host}]" if ":" in arguments.host else arguments.host
    app = create_app(fake, admin_token=arguments.admin_token, log=log, callbacks=arguments.callbacks)
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        http=direct_protocol(app),
        ws="none",
        lifespan="off",
        timeout_graceful_shutdown=_END_SECONDS,
    )
    server = Server(config, f"http://{host}:{opened.getsockname()[1]}", app)
    # uvicorn sends itself the signal again when it has drained: to be stopped is no failure.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None)
    calm_collector()
    with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
        runner.run(server.serve(sockets=[opened]))


def run(arguments: argparse.Namespace) -> int:
    """Serves until SIGTERM or SIGINT; 0 then, 2 when the words can't be carried out."""
    log = CallLog(cast("TextIO", _Stderr()), arguments.log) if arguments.log != "off" else None
    logging.getLogger("understudy").disabled = log is None
    try:
        _check(arguments)
        fake = create_fake(arguments, log)
        try:
            _listen(fake, arguments, log)
        finally:
            fake.store.close()
            if log is not None:
                log.flush()
    except (ServeError, AccountsFileError, ScenarioFileError, ClockError, SpecError, StoreError) as problem:
        # One line, also when the words of a library in it are several.
        _Stderr().write(f"understudy serve: {' '.join(str(problem).split())}\n")
        return USAGE_ERROR
    return 0
