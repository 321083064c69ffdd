"""`understudy serve`: the fakes on a socket, by uvicorn, until they are told to stop."""

from __future__ import annotations

import argparse
import asyncio
import gc
import ipaddress
import signal
import socket
import sys
import time
from pathlib import Path
from types import MappingProxyType
from urllib.parse import urlsplit

import uvicorn

import specs
from mockserver.accounts_file import AccountsFileError, read_accounts
from mockserver.app import create_app
from mockserver.calllog import STYLES, CallLog
from mockserver.clock import ClockError, start_clock
from mockserver.direct import direct_protocol
from mockserver.fake import BODY_MAX, Fake, Settings
from mockserver.store import StoreError
from mockserver.store.opening import open_store
from specs.errors import SpecError

USAGE_ERROR = 2
_DRAIN_SECONDS = 5
_PORT_MAX = 65535
# A call makes no cycles; looking for some after every 700 allocations is work for nothing.
_GC_THRESHOLDS = (20_000, 50, 100)


class ServeError(Exception):
    """Words of the call that can't be carried out."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The words of `understudy serve`."""
    parser.add_argument(
        "vendors",
        nargs="*",
        metavar="VENDOR | PATH",
        help="vendors by name, or folders with packs (default: all)",
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen at (default: %(default)s)")
    parser.add_argument("-p", "--port", type=_port, default=8787, help="0 picks a free one (default: %(default)s)")
    parser.add_argument(
        "--clock", default="x10", help="real, xN (N times faster), manual, polls (default: %(default)s)"
    )
    parser.add_argument(
        "--seed", type=int, default=0, help="same seed and calls, same ids and timings (default: %(default)s)"
    )
    parser.add_argument("--store", default="memory", help="memory, sqlite:PATH (default: %(default)s)")
    parser.add_argument("--workers", type=_positive, default=1, help="processes (default: %(default)s)")
    parser.add_argument(
        "--leniency", choices=("documented", "lenient"), default="documented", help="default: %(default)s"
    )
    parser.add_argument(
        "--accounts",
        type=Path,
        metavar="FILE",
        help="YAML or JSON: key -> secret, balance, concurrency, rate",
    )
    parser.add_argument(
        "--public-url",
        metavar="URL",
        help="base of the URLs that are handed out (default: the caller's host)",
    )
    parser.add_argument(
        "--max-body",
        type=_positive,
        default=BODY_MAX,
        metavar="BYTES",
        help="largest request (default: %(default)s)",
    )
    parser.add_argument(
        "--log", choices=STYLES, default="plain", help="how calls are logged on stderr (default: %(default)s)"
    )
    parser.add_argument("--no-directives", action="store_true", help="prompts choose nothing")
    parser.add_argument(
        "--admin-token", metavar="TOKEN", help="admin calls need it; required when --host is not loopback"
    )


def _port(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and int(text) <= _PORT_MAX):
        message = f"{text!r} is no port (0 to {_PORT_MAX})"
        raise argparse.ArgumentTypeError(message)
    return int(text)


def _positive(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and int(text) > 0):
        message = f"{text!r} is not a whole number of 1 or more"
        raise argparse.ArgumentTypeError(message)
    return int(text)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _check(arguments: argparse.Namespace) -> None:
    if not _is_loopback(arguments.host) and not arguments.admin_token:
        message = f"--host {arguments.host} can be reached from outside: give an --admin-token, or listen at 127.0.0.1"
        raise ServeError(message)
    if arguments.workers > 1 and arguments.store == "memory":
        message = (
            "--workers needs a store that processes share; --store memory is one process's own: use --store sqlite:PATH"
        )
        raise ServeError(message)
    if arguments.workers > 1:
        message = "--workers: more than one process is not built yet; leave it out"
        raise ServeError(message)
    if arguments.public_url is not None:
        parts = urlsplit(arguments.public_url)
        if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
            message = (
                f"--public-url {arguments.public_url!r} is no URL base; write something like https://fake.example:8787"
            )
            raise ServeError(message)


def wall_ms() -> int:
    """Wall time in milliseconds since 1970: the only clock that is read."""
    return time.time_ns() // 1_000_000


def create_fake(arguments: argparse.Namespace, log: CallLog | None) -> Fake:
    """The fake that the words ask for."""
    names = arguments.vendors or specs.names()
    packs = [specs.load(name, lenient=arguments.leniency == "lenient") for name in dict.fromkeys(names)]
    doubled = {pack.name for pack in packs if sum(other.name == pack.name for other in packs) > 1}
    if doubled:
        message = f"two packs are called {', '.join(sorted(doubled))}; rename a folder"
        raise ServeError(message)
    settings = Settings(
        clock=arguments.clock,
        seed=arguments.seed,
        limits=read_accounts(arguments.accounts) if arguments.accounts else MappingProxyType({}),
        directives=not arguments.no_directives,
        public_url=arguments.public_url.rstrip("/") if arguments.public_url else None,
        body_max=arguments.max_body,
    )
    say = log.say if log is not None else None
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
    """A server that says where it listens, once it answers."""

    def __init__(self, config: uvicorn.Config, url: str) -> None:
        super().__init__(config)
        self._url = url

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listens, then says so."""
        await super().startup(sockets)
        sys.stdout.write(f"understudy: listening on {self._url}\n")
        sys.stdout.flush()


def calm_collector() -> None:
    """What is loaded now lives until the end: the collector need not look at it again, nor look often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_GC_THRESHOLDS)


def _listen(fake: Fake, arguments: argparse.Namespace, log: CallLog | None) -> None:
    opened = open_socket(arguments.host, arguments.port)
    host = f"[{arguments.host}]" if ":" in arguments.host else arguments.host
    app = create_app(fake, admin_token=arguments.admin_token, log=log)
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        http=direct_protocol(app),
        lifespan="off",
        timeout_graceful_shutdown=_DRAIN_SECONDS,
    )
    server = Server(config, f"http://{host}:{opened.getsockname()[1]}")
    # uvicorn sends itself the signal again when it has drained: to be stopped is no failure.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None)
    calm_collector()
    with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
        runner.run(server.serve(sockets=[opened]))


def run(arguments: argparse.Namespace) -> int:
    """Serves until SIGTERM or SIGINT; 0 then, 2 when the words can't be carried out."""
    log = CallLog(sys.stderr, arguments.log) if arguments.log != "off" else None
    try:
        _check(arguments)
        fake = create_fake(arguments, log)
        try:
            _listen(fake, arguments, log)
        finally:
            fake.store.close()
            if log is not None:
                log.flush()
    except (ServeError, AccountsFileError, ClockError, SpecError, StoreError) as problem:
        # One line, also when the words of a library in it are several.
        sys.stderr.write(f"understudy serve: {' '.join(str(problem).split())}\n")
        return USAGE_ERROR
    return 0
