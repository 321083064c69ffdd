"""How long a connection may be idle: longer than clients keep one, so that no call meets a hang-up."""

from __future__ import annotations

import time
from contextlib import ExitStack

from mockserver import Fake, Settings
from mockserver.app import create_app
from mockserver.background import Background
from properties.processes import running
from properties.promised import VENDORS, pack
from properties.wire import Line

# What httpx keeps an idle connection for, and uvicorn too, unless told otherwise.
USUAL_SECONDS = 5
OURS, THEIRS = "/__understudy/health", "/v1/elsewhere"


def test_connection_outlives_what_clients_keep_of_it() -> None:
    """A call over a connection that was idle for six seconds is answered, by a server and by a fake in a program."""
    beside = Background(create_app(Fake([pack(VENDORS[0])], Settings(), wall_ms=lambda: 0)))
    with ExitStack() as end, running("--log", "off") as server:
        beside.start()
        end.callback(beside.stop)
        # One for each way through the server: our own paths, and the short one of vendors.
        lines = [(end.enter_context(Line(url)), path) for url in (server.url, beside.url) for path in (OURS, THEIRS)]
        for pause in (0, USUAL_SECONDS + 1):
            time.sleep(pause)  # noqa: TID251 - a client waits
            for line, path in lines:
                assert line.ask("GET", path) is not None, path
