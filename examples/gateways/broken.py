"""The same gateway with mistakes of the kind that a gateway's own tests seldom look for: something for a judge to find.

    python -m examples.gateways.broken --bug any-account --upstream http://127.0.0.1:8787/mulerouter --key any-key

Without `--bug` it has all of them.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from types import MappingProxyType

from examples.gateways import app, contract
from examples.gateways.jobs import Job, Jobs, Json


def _any_account() -> None:
    """Whoever knows an id reads the job, whosever it is."""

    def find(self: Jobs, account: str, job_id: str) -> Job | None:
        del account
        return self._jobs.get(job_id)

    Jobs.find = find  # type: ignore[method-assign]


def _long_videos() -> None:
    """Sixteen seconds are taken, and then paid for, where fifteen are offered."""
    contract.SECONDS_MAX = 16


def _hasty_result() -> None:
    """A job that still runs already names an address, at which nothing is yet."""
    tell = Job.told

    def told(self: Job) -> Json:
        answer = tell(self)
        if self.status == "in_progress":
            answer["video_url"] = "https://cdn.example/soon.mp4"
        return answer

    Job.told = told  # type: ignore[method-assign]


BUGS: Mapping[str, Callable[[], None]] = MappingProxyType(
    {"any-account": _any_account, "long-videos": _long_videos, "hasty-result": _hasty_result}
)


def main() -> None:
    """Plants the bugs that are named, then serves."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--bug", action="append", choices=list(BUGS))
    words, rest = parser.parse_known_args()
    for bug in words.bug or BUGS:
        BUGS[bug]()
    sys.argv[1:] = rest
    app.main()


if __name__ == "__main__":
    main()
