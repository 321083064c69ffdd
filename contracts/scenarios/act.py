"""What a server does with one call of a client: answers, puts off, breaks, loses the answer; as data and in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Final, Literal, TypeAlias, get_args

Does: TypeAlias = Literal[
    "show",  # a submit: takes the job; a poll: tells the task's state
    "put-off",  # asks to come back later: 429 or 503
    "break",  # a server error
    "drop",  # ends the connection without an answer; a submit was carried out before
    "garble",  # an answer that says yes and can't be read
    "refuse",  # a documented refusal
    "refuse-inside",  # a refusal's body under the status of a yes
    "missing",  # a poll: as for a task that nobody knows
    "hang",  # no answer ever, and the connection stays
    "redirect",  # sends the client to another host
]
How: TypeAlias = Literal["", "close", "reset", "json", "html", "empty", "cut", "text", "short", "list", "member"]
SHOW: Final = "show"
PUT_OFF: Final = "put-off"
BREAK: Final = "break"
DROP: Final = "drop"
GARBLE: Final = "garble"
REFUSE: Final = "refuse"
REFUSE_INSIDE: Final = "refuse-inside"
MISSING: Final = "missing"
HANG: Final = "hang"
REDIRECT: Final = "redirect"
DOES = get_args(Does)
DONE, FAILED = "done", "failed"
TERMINAL = (DONE, FAILED)
THROTTLED, UNAVAILABLE = 429, 503
# From here on a slow answer counts as one that came too late for a client with ordinary patience.
LATE_SECONDS = 4.0
_ONE = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One thing that the server does, `times` in a row. Which members mean something depends on `does`.

    `how` is the manner: of `drop` close or reset; the body of `break` (json, html, empty); of `garble` what is wrong
    (`cut`: half of the JSON, `text`: a page, `empty`: nothing, `short`: fewer bytes than announced); of `show` with the
    state done, where the result is missing (`list`: an empty list, `member`: no member at all).
    """

    does: Does = "show"
    state: str = ""
    word: str = ""
    """Told in place of the state's word: one that the vendor does not document."""
    failure: str = ""
    """The pack's kind of failure."""
    status: int = 0
    retry_after: int | None = None
    """Seconds; None: no such header."""
    as_date: bool = False
    how: How = ""
    situation: str = ""
    seconds: float = 0.0
    """How long the answer takes."""
    made: bool = True
    """Whether a submit that is answered by an error was carried out all the same."""
    times: int = _ONE

    @property
    def is_terminal(self) -> bool:
        """Whether a poll tells that the task is over."""
        return self.does == SHOW and self.state in TERMINAL

    @property
    def is_refused_for_now(self) -> bool:
        """Whether it says that nothing was done, and to come back: 429, or 503 with Retry-After."""
        return self.does == PUT_OFF and (self.status == THROTTLED or self.retry_after is not None)

    @property
    def is_fault(self) -> bool:
        """Whether a poll is answered with nothing that can be used, though the task goes on."""
        return self.does in (PUT_OFF, BREAK, DROP, GARBLE)


FIELDS: Mapping[str, Any] = {each.name: each.default for each in fields(Act)}


def told(act: Act, role: str) -> str:
    """The act in words: `429, Retry-After 2`; `role` is submit or poll."""
    times = f" (x {act.times})" if act.times > _ONE else ""
    late = f", after {act.seconds:g} s" if act.seconds else ""
    return _WORDS[act.does](act, role) + late + times


def _show(act: Act, role: str) -> str:
    if role == "submit":
        return "ok"
    if act.word:
        return f'"{act.word}"'
    if act.state == FAILED and act.failure:
        return f"failed ({act.failure})"
    if act.how:
        return "done, with " + ("an empty list of results" if act.how == "list" else "no result")
    return act.state


def _put_off(act: Act, _: str) -> str:
    if act.retry_after is None:
        return f"{act.status}"
    return f"{act.status}, Retry-After {act.retry_after}{' as a date' if act.as_date else ''}"


def _break(act: Act, role: str) -> str:
    body = {"html": " with an HTML page", "empty": " without a body"}.get(act.how, "")
    done = "" if role != "submit" else ", the task was made" if act.made else ", no task was made"
    return f"{act.status}{body}{done}"


def _drop(act: Act, role: str) -> str:
    lost = "the connection is reset" if act.how == "reset" else "the connection ends without an answer"
    return f"the task is made, and {lost}" if role == "submit" else lost


def _garble(act: Act, role: str) -> str:
    wrong = {
        "cut": "half of the JSON",
        "text": "a page in place of JSON",
        "empty": "an empty body",
        "short": "fewer bytes than announced",
    }[act.how]
    return f"the task is made, and the answer is {wrong}" if role == "submit" else f"the yes is {wrong}"


_WORDS: Mapping[str, Callable[[Act, str], str]] = {
    SHOW: _show,
    PUT_OFF: _put_off,
    BREAK: _break,
    DROP: _drop,
    GARBLE: _garble,
    REFUSE: lambda act, _: f"refused ({act.situation})",
    REFUSE_INSIDE: lambda act, _: f"a refusal ({act.situation}) inside of a yes",
    MISSING: lambda _, __: "no such task",
    HANG: lambda _, __: "never answered",
    REDIRECT: lambda act, _: f"{act.status} to another host",
}
