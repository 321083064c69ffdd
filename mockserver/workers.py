"""Several processes at one socket: started, watched, replaced when one dies, and ended together.

The parent answers no calls. A worker that finds its parent gone ends too.
"""

from __future__ import annotations

import multiprocessing
import signal
import threading
import time
from collections.abc import Callable, Iterable
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnContext, SpawnProcess
from typing import Any, TypeAlias

# What a worker's process runs: the words it is given, and the function by which it says that it answers.
Work: TypeAlias = Callable[..., None]
Say: TypeAlias = Callable[[str], None]

# How long workers may take to end before they are made to.
_END_SECONDS = 10
# The pause before another try, when a new worker ended before it answered: twice as long each time, up to the most.
_PAUSE_SECONDS, _PAUSE_MAX_SECONDS = 0.5, 8.0


class WorkerFailedError(Exception):
    """A worker ended before all of the first ones answered; `status` is its exit status."""

    def __init__(self, status: int) -> None:
        self.status = status
        super().__init__(f"a worker ended with {_ending(status)} before it answered")


class Worker:
    """One process, and the pipe by which it says that it answers."""

    def __init__(self, context: SpawnContext, work: Work, words: tuple[Any, ...]) -> None:
        self.answers = False
        self.ready, theirs = context.Pipe(duplex=False)
        self.process: SpawnProcess = context.Process(target=_run, args=(work, words, theirs), daemon=False)
        self.process.start()
        theirs.close()

    def listen(self) -> None:
        """Takes note of what it says; a pipe that ends says nothing more."""
        try:
            self.ready.recv_bytes()
            self.answers = True
        except (EOFError, OSError):
            pass
        self.ready.close()

    @property
    def watched(self) -> Iterable[Any]:
        """What to wait for."""
        return (self.process.sentinel,) if self.ready.closed else (self.process.sentinel, self.ready)

    @property
    def status(self) -> int | None:
        """The exit status; negative for a signal, None while it runs."""
        return self.process.exitcode


class Workers:
    """`count` processes that run `work(*words, say_ready)`; `say` hears when one is replaced."""

    def __init__(self, count: int, work: Work, words: tuple[Any, ...], say: Say) -> None:
        # A fresh interpreter for each: nothing that the parent has open is shared by accident.
        self._context = multiprocessing.get_context("spawn")
        self._work, self._words, self._say = work, words, say
        self._count = count
        self._workers: list[Worker] = []
        self._pause = _PAUSE_SECONDS
        self._wake, self._waker = self._context.Pipe(duplex=False)
        self._stopping = False

    def stop(self, *_: object) -> None:
        """From a signal or another thread: lets `run` end."""
        self._stopping = True
        self._waker.send_bytes(b"stop")

    def run(self, on_ready: Callable[[], None]) -> None:
        """Until `stop`; `on_ready` is called once, when all answer. WorkerFailedError before that."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self.stop)
        try:
            self._workers = [self._start() for _ in range(self._count)]
            if self._await_first():
                on_ready()
            while not self._stopping:
                self._watch(None)
                self._replace()
        finally:
            self._end()

    def _start(self) -> Worker:
        return Worker(self._context, self._work, self._words)

    def _await_first(self) -> bool:
        while not self._stopping and not all(worker.answers for worker in self._workers):
            self._watch(None)
            gone = next((worker.status for worker in self._workers if worker.status is not None), None)
            if gone is not None and not self._stopping:
                raise WorkerFailedError(gone)
        return not self._stopping

    def _watch(self, seconds: float | None) -> None:
        """Waits until one says something or ends, or somebody says stop."""
        happened = wait([self._wake, *(each for worker in self._workers for each in worker.watched)], seconds)
        for worker in self._workers:
            if worker.ready in happened:
                worker.listen()

    def _replace(self) -> None:
        for worker in [worker for worker in self._workers if worker.status is not None]:
            self._workers.remove(worker)
            if self._stopping:
                return
            self._say(f"a worker ended with {_ending(worker.status or 0)}; another one takes its place")
            if worker.answers:
                self._pause = _PAUSE_SECONDS
            else:
                self._rest()
            if not self._stopping:
                self._workers.append(self._start())

    def _rest(self) -> None:
        """Before another try of what has just failed; the others are not watched meanwhile, but they go on."""
        self._wake.poll(self._pause)
        self._pause = min(self._pause * 2, _PAUSE_MAX_SECONDS)

    def _end(self) -> None:
        for worker in self._workers:
            worker.process.terminate()
        until = time.monotonic() + _END_SECONDS
        for worker in self._workers:
            worker.process.join(max(0, until - time.monotonic()))
            if worker.status is None:
                worker.process.kill()
                worker.process.join()


def _ending(status: int) -> str:
    return f"signal {-status}" if status < 0 else f"status {status}"


def _run(work: Work, words: tuple[Any, ...], ready: Connection) -> None:
    """In the worker's process."""

    def say_ready() -> None:
        ready.send_bytes(b"ready")
        ready.close()

    threading.Thread(target=_end_with_parent, daemon=True).start()
    work(*words, say_ready)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        signal.raise_signal(signal.SIGTERM)
