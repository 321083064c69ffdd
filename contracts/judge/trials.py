"""Rules about a gateway behind which something goes wrong: what its front makes of it, and how it goes on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from contracts.exchange import Exchange
from contracts.judge.clients import pace, submits
from contracts.judge.clients.record import ClientRecord
from contracts.judge.clients.ruling import ClientCheck
from contracts.judge.clients.run import Job, Run, Served
from contracts.judge.promise import Promise, is_yes
from contracts.judge.record import SUBMIT
from contracts.judge.sandwich import Check, Checks, Misfit, Sandwich, Trial
from specs.pack import Operation

TROUBLE, SUCCESS, RECOVERS = "upstream.trouble", "upstream.success", "upstream.recovers"
UNKNOWN, RETRY_AFTER, BUSY = "upstream.unknown-outcome", "upstream.retry-after", "upstream.busy"
_DONE = "done"
# What says that it is not the caller's fault, and in which situations the vendor says so.
_THROTTLED, _SERVER_ERRORS = 429, 500
# How programs in Python, on the JVM, in JavaScript, Go and .NET tell where they were, also as text within JSON.
_TRACE = re.compile(
    rb"Traceback \(most recent call last\)"
    rb"|File \\?\"[^\"]+\", line \d+"
    rb"|(?:\n|\\n)(?:\s|\\t)*at [\w.$<> ]+\([^()]*:\d+\)"
    rb"|goroutine \d+ \[running\]"
    rb"|(?:\n|\\n)(?:\s|\\t)*at [\w.<>]+\([^()]*\) in \S+:line \d+"
)
_NOT_NOW = ("rate_exceeded", "concurrency_exceeded", "service_unavailable")


# What the front makes of it


def _trouble(sandwich: Sandwich) -> Checks:
    """Whatever happens behind it, the front answers as it is documented to."""
    promise = sandwich.front.promise
    for trial in sandwich.trials:
        for each in trial.front:
            wrong = _wrong(promise, each, is_refusal=trial.is_refusal)
            kind = str(each.status)
            yield Misfit(f"{trial.words}: {wrong}", (each, *trial.back[:2]), kind=kind) if wrong else None
        if trial.gone:
            words = f"{trial.words}: then the gateway was gone ({trial.gone})"
            yield Misfit(words, (*trial.front[-1:], *trial.back[:2]), kind="gone")


def _wrong(promise: Promise, exchange: Exchange, *, is_refusal: bool) -> str:
    """What is wrong with an answer of the front; empty for what is documented."""
    operation, status = promise.route(exchange.method, exchange.path).operation, exchange.status
    if operation is None:
        return ""
    if status is None:
        return f"the front gives no answer to a {operation.role} ({exchange.trouble})"
    said = f"the front answers {status} to a valid {operation.role}"
    # What the provider refuses for what is in it, the caller may be told as a mistake.
    allowed = _documented(operation) if is_refusal and operation.role == SUBMIT else _statuses(promise, operation)
    if status not in allowed:
        fault = "what the provider refuses" if is_refusal else "what is not the caller's fault"
        return f"{said}; {_or(allowed)} is documented for {fault}"
    found = _shape(promise, operation, exchange, status) or _trace(exchange)
    return f"{said}, and {found}" if found else ""


def _or(statuses: frozenset[int]) -> str:
    return " or ".join(map(str, sorted(statuses)))


def _documented(operation: Operation) -> frozenset[int]:
    return frozenset(int(each) for each in operation.responses if each.isdecimal())


def _statuses(promise: Promise, operation: Operation) -> frozenset[int]:
    """The yes, and every documented no that does not blame the caller."""
    documented = _documented(operation)
    later = frozenset(each for each in documented if each == _THROTTLED or each >= _SERVER_ERRORS)
    return later | promise.refusal_statuses(operation, _NOT_NOW) | {promise.success_status(operation)}


def _shape(promise: Promise, operation: Operation, exchange: Exchange, status: int) -> str:
    if operation.response_schema(status) is None:
        return ""
    kind = (exchange.header("content-type") or "").partition(";")[0].strip().lower()
    if not kind.endswith("json"):
        return f"says that it is {kind or 'nothing'}, not application/json"
    headers = {name.lower(): value for name, value in exchange.headers}
    found = next(iter(promise.answers(operation).judge(status, headers, exchange.body)), None)
    return found.message if found is not None else ""


def _trace(exchange: Exchange) -> str:
    found = None if is_yes(exchange.status) else _TRACE.search(exchange.body)
    return f"shows a trace of the program ({found[0].decode(errors='replace').strip()})" if found else ""


def _success(sandwich: Sandwich) -> Checks:
    """Nothing is done at the front that was never made behind it."""
    if not _arrive(sandwich):
        return
    for trial in sandwich.trials:
        done = [each for each in trial.front if sandwich.front.promise.read(each).state == _DONE]
        if done and not trial.made:
            yield Misfit(f"{trial.words}: no task was made, and the job is done at the front", (*done[:1], *trial.back))
        else:
            yield None


def _arrive(sandwich: Sandwich) -> bool:
    """Whether jobs can be known behind the gateway at all."""
    return any(trial.back for trial in sandwich.trials)


# How it goes on


def _recovers(sandwich: Sandwich) -> Checks:
    """A job that the front has taken ends, as the task behind it does; what needs no taking is taken."""
    for trial in sandwich.trials:
        if trial.gone or not trial.front or trial.front[0].status is None:
            continue
        if is_yes(trial.front[0].status):
            yield _ended(sandwich, trial)
        elif trial.is_plain:
            words = f"{trial.words}: the front still answers {trial.front[0].status} when all is well again"
            yield Misfit(words, trial.front[:1], kind="refused")


def _ended(sandwich: Sandwich, trial: Trial) -> Misfit | None:
    promise = sandwich.front.promise
    looks = [(each, promise.read(each)) for each in trial.front]
    last = next(((each, seen) for each, seen in reversed(looks) if seen.state is not None), looks[0])
    waited = trial.front[-1].answered_seconds - trial.front[0].answered_seconds
    shown = (trial.front[-1], *trial.back[-2:])
    if not promise.is_terminal(last[1].word):
        words = f"{trial.words}: {waited:.0f} s after its submit the job is {_told(last[1].word, trial)}"
        return Misfit(words, shown, kind="open")
    is_done_behind = trial.made and all(sandwich.states.get(each) == _DONE for each in trial.made)
    if last[1].state == _DONE or not is_done_behind or not _was_heard(sandwich, trial):
        return None
    return Misfit(f"{trial.words}: the job is {last[1].word} at the front, and its task was done", shown, kind="failed")


def _told(word: object, trial: Trial) -> str:
    status = trial.front[-1].status
    if not is_yes(status):
        return f"answered {status or 'by nothing'} still"
    return f"{word} still" if word else "in no state that is known"


def _was_heard(sandwich: Sandwich, trial: Trial) -> bool:
    """Whether the gateway was told that there is a task."""
    promise = sandwich.back.promise
    said = [each for each in trial.back if _is_submit(promise, each)]
    return any(is_yes(each.status) and not each.trouble for each in said)


def _is_submit(promise: Promise, exchange: Exchange) -> bool:
    operation = promise.pack.operations.get(exchange.operation or "")
    return operation is not None and operation.role == SUBMIT


# How it behaves there: by the rules for clients


def _as_client(check: ClientCheck) -> Check:
    def judged(sandwich: Sandwich) -> Checks:
        for trial in sandwich.trials:
            record = ClientRecord(_run(trial), sandwich.back.promise)
            yield from _missteps(trial, check, record)

    return judged


def _run(trial: Trial) -> Run:
    # Which job it is does not matter: that it is one, does.
    return Run(served=tuple(Served(exchange=each) for each in trial.back), job=Job(operation="", body=None))


def _missteps(trial: Trial, check: ClientCheck, record: ClientRecord) -> Iterator[Misfit | None]:
    for step in check(record):
        if step is None:
            yield None
        else:
            message = step.message.replace("the client", "the gateway")
            shown = sorted((each.exchange for each in step.heard), key=lambda each: each.number)
            yield Misfit(f"{trial.words}: {message}", tuple(shown), kind=step.kind)


CHECKS: Mapping[str, Check] = MappingProxyType(
    {
        TROUBLE: _trouble,
        SUCCESS: _success,
        RECOVERS: _recovers,
        UNKNOWN: _as_client(submits.check_unknown),
        RETRY_AFTER: _as_client(pace.check_retry_after),
        BUSY: _as_client(pace.check_busy),
    }
)
"""By id, as `laws.toml` has them."""
