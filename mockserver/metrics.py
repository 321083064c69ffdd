"""What this process has answered, counted and written as Prometheus reads it; each label's values are bounded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TypeAlias

# Vendor, operation, status, fault: as many combinations as packs have operations, answers and faults.
Label: TypeAlias = tuple[str, str | None, int, str | None]
_ESCAPES = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})


def _text(value: str) -> str:
    return value.translate(_ESCAPES)


def write_metrics(calls: Counter[Label], deliveries: int | None, started_ms: int, version: str) -> str:
    """The text format, version 0.0.4; of several workers each tells its own. No deliveries: the store is away."""
    return "\n".join(_lines(calls, deliveries, started_ms, version)) + "\n"


def _lines(calls: Counter[Label], deliveries: int | None, started_ms: int, version: str) -> Iterator[str]:
    yield "# HELP understudy_info The version that answers."
    yield "# TYPE understudy_info gauge"
    yield f'understudy_info{{version="{_text(version)}"}} 1'
    yield "# HELP understudy_start_time_seconds When this process began to answer, in seconds since 1970."
    yield "# TYPE understudy_start_time_seconds gauge"
    yield f"understudy_start_time_seconds {started_ms / 1000:.3f}"
    yield "# HELP understudy_calls_total Calls to vendors that this process has answered; status 0 is no answer at all."
    yield "# TYPE understudy_calls_total counter"
    for (vendor, operation, status, fault), count in sorted(calls.items(), key=str):
        labels = {"vendor": vendor, "operation": operation or "", "status": str(status), "fault": fault or ""}
        written = ",".join(f'{name}="{_text(value)}"' for name, value in labels.items())
        yield f"understudy_calls_total{{{written}}} {count}"
    yield "# HELP understudy_store_up Whether the store can be reached, 1 or 0."
    yield "# TYPE understudy_store_up gauge"
    yield f"understudy_store_up {int(deliveries is not None)}"
    if deliveries is not None:
        yield "# HELP understudy_deliveries Attempts to deliver a webhook that are remembered."
        yield "# TYPE understudy_deliveries gauge"
        yield f"understudy_deliveries {deliveries}"
