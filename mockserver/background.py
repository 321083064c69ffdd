"""A fake on a socket beside the caller's own program: a server in a thread, for as long as it is needed."""

from __future__ import annotations

import socket
import threading

import uvicorn

from mockserver.app import App
from mockserver.direct import IDLE_SECONDS_MAX, direct_protocol

_HOST = "127.0.0.1"
_STOP_SECONDS_MAX = 5.0
_NAME = "understudy-server"


class Background:
    """Listens from its making; answers once it is started. The kernel keeps calls that come in between."""

    def __init__(self, app: App, port: int = 0, host: str = _HOST) -> None:
        self._socket = socket.create_server((host, port))
        self.port: int = self._socket.getsockname()[1]
        self.url = f"http://{host}:{self.port}"
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            server_header=False,
            lifespan="off",
            ws="none",
            http=direct_protocol(app),
            timeout_keep_alive=IDLE_SECONDS_MAX,
            timeout_graceful_shutdown=1,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._socket]}, daemon=True, name=_NAME
        )

    def start(self) -> None:
        """Answers from now on."""
        self._thread.start()

    def end(self) -> None:
        """Ends in a moment, by itself."""
        self._server.should_exit = True

    def stop(self) -> None:
        """Ends, and has ended when this returns: within seconds, whatever clients do."""
        self.end()
        if self._thread.ident is not None:
            self._thread.join(_STOP_SECONDS_MAX)
        self._socket.close()


def is_server_thread() -> bool:
    """Whether this thread is one that answers: what the program under test may do to time is not for it."""
    return threading.current_thread().name == _NAME
