"""Time that passes in an instant: who sleeps moves on at once, and every clock it looks at has moved with it.

Only the program under test is meant. Servers of ours, the standard library, test runners and HTTP libraries go by the
real time: their waits are about sockets and threads, not about vendors.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable
from types import FrameType, ModuleType
from typing import Any

from mockserver.background import is_server_thread

# Besides the standard library: whoever waits for the machine.
_REAL = frozenset(
    {"_pytest", "anyio", "execnet", "httpcore", "httptools", "httpx", "hypothesis", "mockserver", "pluggy"}
    | {"pytest", "sniffio", "trio", "uvicorn", "uvloop", "xdist"}
)
_CLOCKS = ("time", "monotonic", "perf_counter")
_NANO_CLOCKS = ("time_ns", "monotonic_ns", "perf_counter_ns")
_NANOS = 1_000_000_000


def _is_machinery(frame: FrameType | None) -> bool:
    """Whether the code in this frame goes by the real time."""
    name = frame.f_globals.get("__name__", "") if frame is not None else ""
    package = str(name).partition(".")[0]
    return package in _REAL or (package in sys.stdlib_module_names and package != "__main__")


class InstantTime:
    """While it is installed, sleeping costs nothing. `on_sleep` hears of each sleep, in seconds."""

    def __init__(self, on_sleep: Callable[[float], None]) -> None:
        self.slept_seconds = 0.0
        self._on_sleep = on_sleep
        self._real_sleep, self._real_async_sleep = time.sleep, asyncio.sleep  # noqa: TID251 - to stand in for it
        self._undo: list[tuple[ModuleType, str, Any]] = []

    def install(self) -> None:
        """Takes the place of the sleeps and clocks, under whatever name a module that is loaded knows them."""
        stand_ins: dict[int, Any] = {
            id(self._real_sleep): self._sleep,
            id(self._real_async_sleep): self._async_sleep,
            **{id(getattr(time, name)): self._clock(getattr(time, name), 1) for name in _CLOCKS},
            **{id(getattr(time, name)): self._clock(getattr(time, name), _NANOS) for name in _NANO_CLOCKS},
        }
        for module in list(sys.modules.values()):
            # What stands among the modules may be anything: libraries put stand-ins of their own there.
            if type(module) is ModuleType and not self._is_spared(module):
                self._replace_in(module, stand_ins)

    @staticmethod
    def _is_spared(module: ModuleType) -> bool:
        package = module.__name__.partition(".")[0]
        # `time` and `asyncio` themselves are where everybody who imports later will look.
        if module in (time, asyncio):
            return False
        return package in _REAL or package in sys.stdlib_module_names

    def _replace_in(self, module: ModuleType, stand_ins: dict[int, Any]) -> None:
        for name, value in list(vars(module).items()):
            stand_in = stand_ins.get(id(value))
            if stand_in is not None:
                self._undo.append((module, name, value))
                setattr(module, name, stand_in)

    def uninstall(self) -> None:
        """Puts everything back."""
        while self._undo:
            module, name, value = self._undo.pop()
            setattr(module, name, value)

    def _pass(self, seconds: float) -> None:
        if seconds > 0:
            self.slept_seconds += seconds
            self._on_sleep(seconds)

    def _sleep(self, seconds: float, /) -> None:
        if seconds < 0 or is_server_thread() or _is_machinery(sys._getframe(1)):  # noqa: SLF001 - who asks decides
            self._real_sleep(seconds)
        else:
            self._pass(seconds)

    async def _async_sleep(self, delay: float, result: Any = None) -> Any:
        if is_server_thread():
            return await self._real_async_sleep(delay, result)
        self._pass(delay)
        # Others get their turn, as in any sleep.
        return await self._real_async_sleep(0, result)

    def _clock(self, real: Callable[[], Any], per_second: int) -> Callable[[], Any]:
        def clock() -> Any:
            if is_server_thread() or _is_machinery(sys._getframe(1)):  # noqa: SLF001 - who asks decides
                return real()
            slept = self.slept_seconds * per_second
            return real() + (slept if per_second == 1 else int(slept))

        return clock
