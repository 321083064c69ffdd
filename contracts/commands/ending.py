"""A run that is told to end (SIGTERM) ends as it does on Ctrl-C: what it started ends too, what was heard is judged."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Ending:
    """Whether this process alone was told to end; Ctrl-C tells all that a terminal has started."""

    def __init__(self) -> None:
        self.is_alone = False

    def hear(self, number: int, frame: FrameType | None) -> None:
        """On SIGTERM: from now on as on Ctrl-C, whoever minds that."""
        del number
        self.is_alone = True
        minds = signal.getsignal(signal.SIGINT)
        if callable(minds):
            minds(signal.SIGINT, frame)
        else:
            # A shell starts what runs in the background deaf to Ctrl-C.
            raise KeyboardInterrupt


@contextmanager
def told_to_end() -> Iterator[Ending]:
    """While this lasts, SIGTERM does not end the process at once, or the commands that it runs would go on."""
    ending = Ending()
    if threading.current_thread() is not threading.main_thread():
        # Only the main thread may say who minds a signal.
        yield ending
        return
    before = signal.signal(signal.SIGTERM, ending.hear)
    try:
        yield ending
    finally:
        signal.signal(signal.SIGTERM, before)
