"""Calls one Python callable for each line on stdin, and says on stdout what came of it; a script, run by its path.

Lines are JSON. In: `{"base_url", "api_key", "operation", "body"}`, and `{}` in answer to a skip. Out: `{"ready": true}`
or `{"problem"}` once; then `{"slept": seconds}` for each skip, and `{"returned"}` or `{"raised"}` for each call. What
the callable itself prints goes to stderr.
"""

from __future__ import annotations

import asyncio
import importlib
import importlib.util
import inspect
import json
import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO


def _sleeper(moved: Callable[[float], None]) -> Any:
    """The module beside this one, whatever stands in the way of importing it by name."""
    spec = importlib.util.spec_from_file_location("understudy_sleeping", Path(__file__).with_name("sleeping.py"))
    assert spec is not None  # noqa: S101 - it is a file
    assert spec.loader is not None  # noqa: S101 - as above
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    sleeper = module.Sleeper(moved)
    sleeper.install()
    return sleeper


class Channel:
    """Lines from and to whoever started this process; the callable gets neither end of it."""

    def __init__(self) -> None:
        self._heard: TextIO = os.fdopen(os.dup(0), encoding="utf-8")
        self._said: TextIO = os.fdopen(os.dup(1), "w", encoding="utf-8")
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(2, 1)

    def say(self, **members: Any) -> None:
        """One line."""
        self._said.write(json.dumps(members) + "\n")
        self._said.flush()

    def hear(self) -> dict[str, Any] | None:
        """One line; None when there are no more."""
        line = self._heard.readline()
        heard: dict[str, Any] | None = json.loads(line) if line else None
        return heard


def found(name: str) -> Callable[..., Any]:
    """The callable that `package.module:function` names; ValueError says why there is none."""
    module_name, colon, path = name.partition(":")
    if not colon or not module_name or not path:
        message = f"{name!r} names no callable; write package.module:function"
        raise ValueError(message)
    value: Any = importlib.import_module(module_name)
    for part in path.split("."):
        value = getattr(value, part)
    if not callable(value):
        message = f"{name!r} can't be called: it is {type(value).__name__}"
        raise TypeError(message)
    called: Callable[..., Any] = value
    return called


def called(function: Callable[..., Any], job: dict[str, Any]) -> dict[str, str]:
    """What comes of one call."""
    try:
        value = function(job["base_url"], job["api_key"], job["operation"], job["body"])
        if inspect.isawaitable(value):
            value = asyncio.run(_awaited(value))
    except KeyboardInterrupt:
        raise
    except BaseException as problem:  # noqa: BLE001 - whatever it raises is its way to say that it failed
        traceback.print_exc()
        return {"raised": f"{type(problem).__name__}: {problem}"}
    return {"returned": value if isinstance(value, str) else str(value)}


async def _awaited(value: Any) -> Any:
    return await value


def main() -> None:
    """Until there are no more lines."""
    channel = Channel()

    def moved(seconds: float) -> None:
        channel.say(slept=seconds)
        channel.hear()

    sys.path.insert(0, str(Path.cwd()))
    sleeper = _sleeper(moved)
    try:
        function = found(sys.argv[1])
    except Exception as problem:  # noqa: BLE001 - a module may fail in any way when it is imported
        channel.say(problem=f"{type(problem).__name__}: {problem}")
        return
    channel.say(ready=True)
    while (job := channel.hear()) is not None:
        sleeper.reset()
        came = called(function, job)
        sys.stdout.flush()
        sys.stderr.flush()
        channel.say(**came)


if __name__ == "__main__":
    main()
