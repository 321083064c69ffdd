"""The time of one run: as it passes, and as far as it was moved because a callable's sleeps take none."""

from __future__ import annotations

import time
from dataclasses import dataclass, field


@dataclass(slots=True)
class RunClock:
    """Begins when it is made."""

    skipped: float = 0.0
    """Seconds by which it was moved."""
    _began: float = field(default_factory=time.monotonic)

    def now(self) -> float:
        """Seconds since it began."""
        return time.monotonic() - self._began + self.skipped

    def wall(self) -> float:
        """Seconds since 1970."""
        return time.time() + self.skipped

    def real(self) -> float:
        """Seconds that have really passed."""
        return time.monotonic() - self._began
