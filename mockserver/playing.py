"""Faults played on a call: which one it meets, and what the fault makes of the answer.

The law: a fault stands behind the account (who has no key is told so) and before everything else. One that replaces the
answer lets nothing happen; all others let the call go its way first.
"""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

import orjson

from mockserver.directives import Directives
from mockserver.fault_rules import FaultRule
from mockserver.fault_turns import Luck, is_its_turn
from mockserver.faults import Fault
from mockserver.identity import draw, luck
from mockserver.messages import Answer, Delivery, Entry, HeaderList
from mockserver.tasks import Task, state_of
from mockserver.turn import Turn
from specs.pointers import Json

FAULT_HEADER = b"x-understudy-fault"
NOT_FOUND, REGRESS = "not_found_polls", "regress"
# The journal's status where no answer was made.
NO_ANSWER = 0
_RETRY_SECONDS = 1
_GATEWAY_STATUS = 502
_GARBLED = b"<garbled>"
# Which refusals sound like a status, the best first; whatever else has that status comes after them.
_SOUNDS_LIKE = (
    "service_unavailable",
    "rate_exceeded",
    "balance_empty",
    "key_invalid",
    "key_forbidden",
    "request_invalid",
    "task_unknown",
)
_EARLIER = {"done": "running", "failed": "running", "running": "queued"}


# Which


def choose(turn: Turn) -> Fault | None:
    """The fault that this call meets: the first rule that is for it and whose turn it is."""
    operation = turn.routed.operation
    seconds = (turn.now_ms - turn.clock.began_ms) / 1000
    chance = Luck(lambda of: _luck(turn, of)[0])
    for rule in (*turn.store.faults.rules(turn.account), *turn.world.scenario):
        if (
            rule.fault.webhook is None
            and rule.is_for(turn.vendor.name, operation.id, operation.role)
            and rule.account in (None, turn.account)
            and rule.is_now(seconds)
            and _is_its_turn(turn, rule, chance)
        ):
            return rule.fault
    return None


def _is_its_turn(turn: Turn, rule: FaultRule, chance: Luck) -> bool:
    # What a scenario says, it says to each account anew.
    counted_for = turn.account if rule in turn.world.scenario else ""
    return is_its_turn(rule, turn.store.faults, counted_for, chance)


def _luck(turn: Turn, of: str) -> tuple[float, float]:
    return luck(draw(turn.world.seed, f"{turn.account}\0{of}", turn.ordinal))


# What


def play(turn: Turn, fault: Fault, go_on: Callable[[Turn], Answer]) -> Answer:
    """The answer under a fault; `go_on` makes the one without."""
    turn.fault = fault
    if fault.close is not None:
        answer = Answer(NO_ANSWER, [(b"content-length", b"0")], b"")
    else:
        answer = _replaced(turn, fault) if fault.replaces else go_on(turn)
    if fault.garble:
        answer = _with_body(answer, _GARBLED + answer.body)
    answer.delivery = _delivery(turn, fault)
    if fault.only_marks and turn.routed.operation.role == "poll":
        # Only a poll in which it shows is one that the fault has made.
        turn.fault = None
    return answer


def label(turn: Turn, answer: Answer) -> None:
    """Names the fault in the answer, if one has made it."""
    name = turn.fault.name if turn.fault is not None else turn.marked
    if name is not None:
        answer.headers.append((FAULT_HEADER, name.encode()))


def _delivery(turn: Turn, fault: Fault) -> Delivery | None:
    jitter = fault.jitter_seconds * _luck(turn, "jitter")[1] if fault.jitter_seconds else 0.0
    ends = "close" if fault.lose_answer else fault.close
    delivery = Delivery(
        delay_seconds=fault.delay_seconds + jitter,
        ends=ends,
        cut_bytes=fault.cut_bytes,
        drip_seconds=fault.drip_seconds,
    )
    return delivery if delivery != Delivery() else None


def _with_body(answer: Answer, body: bytes) -> Answer:
    headers = [(name, value) for name, value in answer.headers if name != b"content-length"]
    return Answer(answer.status, [*headers, (b"content-length", b"%d" % len(body))], body)


def _replaced(turn: Turn, fault: Fault) -> Answer:
    status = fault.status or _GATEWAY_STATUS
    answer = _page(status) if fault.html else _refusal(turn, fault, status)
    if fault.retry_after is not None:
        kept = [(name, value) for name, value in answer.headers if name != b"retry-after"]
        answer.headers[:] = [*kept, (b"retry-after", fault.retry_after.encode())]
    return answer


def _page(status: int) -> Answer:
    """What a proxy in front of the service says, which knows nothing of its envelope."""
    title = f"{status} {_phrase(status)}"
    text = f"<html><head><title>{title}</title></head><body><h1>{title}</h1><hr>proxy</body></html>\n".encode()
    headers: HeaderList = [(b"content-type", b"text/html"), (b"content-length", b"%d" % len(text))]
    return Answer(status, headers, text)


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Error"


def _refusal(turn: Turn, fault: Fault, status: int) -> Answer:
    """The status in the vendor's own voice: by the refusal that has it, else by the one for an unavailable service."""
    known = turn.routed.refusals
    wanted = [name for name in (*_SOUNDS_LIKE, *known) if name in known and known[name].status == status]
    numeric = fault.retry_after is not None and fault.retry_after.isdecimal()
    turn.retry_after_seconds = int(fault.retry_after or 0) if numeric else _RETRY_SECONDS
    if wanted:
        return known[wanted[0]].write(turn)
    answer = known["service_unavailable"].write(turn)
    body = _told_again(orjson.loads(answer.body), answer.status, status)
    answer = _with_body(answer, orjson.dumps(body))
    answer.status = status
    return answer


def _told_again(value: Json, old: int, new: int) -> Json:
    """A body with another status in place of its own, number and phrase."""
    if isinstance(value, dict):
        return {name: _told_again(each, old, new) for name, each in value.items()}
    if isinstance(value, list):
        return [_told_again(each, old, new) for each in value]
    if value == old and not isinstance(value, bool):
        return new
    return _phrase(new) if value == _phrase(old) else value


# What becomes of tasks


def chosen_fate(fault: Fault | None, directives: Directives) -> Directives:
    """What becomes of a new task: the prompt's own words count for more."""
    if fault is None or not (fault.fail or fault.stuck or fault.slow_seconds is not None):
        return directives
    slow = directives.slow_seconds
    return directives._replace(
        fail=directives.fail or fault.fail,
        stuck=directives.stuck or fault.stuck,
        slow_seconds=fault.slow_seconds if slow is None else slow,
    )


def mark_task(turn: Turn, task: Task) -> None:
    """Leaves on a task, new or just polled, what the fault does to its polls from now on."""
    fault, shelf = turn.fault, turn.store.faults
    if fault is not None and fault.not_found_polls:
        shelf.mark(task.account, task.vendor, task.id, NOT_FOUND, fault.not_found_polls)
    if fault is not None and fault.regress:
        shelf.mark(task.account, task.vendor, task.id, REGRESS, 1)


def is_hidden(turn: Turn, task: Task) -> bool:
    """Whether this poll of the task is answered as if there were no such task."""
    if not turn.store.faults.take_mark(task.account, task.vendor, task.id, NOT_FOUND):
        return False
    turn.marked = NOT_FOUND
    return True


def shown_state(turn: Turn, task: Task, before: str, state: str) -> str:
    """The state that the poll shows: once, one before the state that the client knows of.

    `before` is the state before this poll, `state` the one that it would show.
    """
    if not turn.store.faults.take_mark(task.account, task.vendor, task.id, REGRESS):
        return state
    earlier = _EARLIER.get(before if turn.by_polls else _seen_state(turn, task))
    if earlier is None:
        # The client has seen nothing that could go back yet: a later poll will find the mark.
        turn.store.faults.mark(task.account, task.vendor, task.id, REGRESS, 1)
        return state
    turn.marked = REGRESS
    return earlier


def _seen_state(turn: Turn, task: Task) -> str:
    """The state that the account's last poll of the task has shown; the first one, if it never asked.

    Looks through the journal, so it is asked about a task with a mark only.
    """
    seen = (entry for entry in reversed(turn.store.entries(turn.account, task.vendor, None)) if _showed(entry, task))
    last = next(seen, None)
    return state_of(task, last.at_ms, by_polls=False) if last is not None else "queued"


def _showed(entry: Entry, task: Task) -> bool:
    return entry.task_id == task.id and entry.operation != task.operation and entry.fault != REGRESS
