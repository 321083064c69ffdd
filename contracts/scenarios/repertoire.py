"""What a server may do to clients of one pack: its words, failures and refusals, and what its documents leave open."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from contracts.scenarios.act import TERMINAL
from specs.pack import Operation, Pack
from specs.pointers import Json
from specs.templates import placeholders
from specs.validation import compile_schema

# What a service may answer to a valid job of a valid account, in the order of what it costs to overlook.
_REFUSED_JOBS = (
    "balance_empty",
    "content_rejected",
    "request_invalid",
    "key_invalid",
    "key_expired",
    "key_forbidden",
    "model_unknown",
    "rate_exceeded",
    "concurrency_exceeded",
    "service_unavailable",
)
_REVOKED = ("key_expired", "key_invalid")
_INSIDE_SUBMIT = ("balance_empty", "concurrency_exceeded", "request_invalid")
_INSIDE_POLL = ("service_unavailable", "rate_exceeded", "task_unknown")
_RESULT = "result.url"
# Words for work that goes on; nobody could take one of them for an end.
_WORDS = ("preparing", "retrying", "post_processing", "paused", "dispatched")
# What it is not is told by a word for an end, so that who looks for parts of words finds one.
_NOT = "not_"
# All that a URL has a use for, what it can't carry as it is, and a letter of two bytes.
ODD = "v1/a b+c%2F&d=\u00e9?e#f;g@h,"


class Repertoire:
    """One pack, asked what a server could do."""

    def __init__(self, pack: Pack) -> None:
        self.pack = pack
        self.submits = tuple(each for each in pack.operations.values() if each.role == "submit" and each.examples)

    def poll_of(self, submit: Operation) -> Operation | None:
        """The operation that reads the tasks of a submit."""
        polls = [each for each in self.pack.operations.values() if each.role == "poll"]
        return next((each for each in polls if each.tasks in ("*", submit.tasks)), None)

    @property
    def failures(self) -> tuple[str, ...]:
        """The documented reasons for which a task fails."""
        return tuple(self.pack.behaviour.failures.kinds)

    @cached_property
    def words(self) -> tuple[str, ...]:
        """Words for states that the vendor does not have, in the manner of those that it has."""
        return tuple(word for word in map(self._worded, _WORDS) if word not in self._known)

    @cached_property
    def denials(self) -> tuple[str, ...]:
        """More such words: that the task is not done, that it has not failed."""
        words, prefix = self.pack.behaviour.lifecycle.words, _shared_prefix(self._known)
        return tuple(self._worded(_NOT + words[state].removeprefix(prefix)) for state in TERMINAL)

    @property
    def _known(self) -> tuple[str, ...]:
        return tuple(self.pack.behaviour.lifecycle.words.values())

    def _worded(self, word: str) -> str:
        is_upper = all(each.isupper() for each in self._known)
        return _shared_prefix(self._known) + (word.upper() if is_upper else word)

    def refusals(self, submit: Operation) -> Iterator[str]:
        """The situations in which the vendor refuses a job that keeps the contract."""
        for situation in _REFUSED_JOBS:
            if situation in submit.refusals and (situation != "model_unknown" or self.pack.behaviour.model):
                yield situation

    def revoked(self, submit: Operation) -> str | None:
        """The situation of a key that is taken back while the task runs."""
        return self._first(_REVOKED, self._poll_refusals(submit))

    def inside_submit(self, submit: Operation) -> str | None:
        """A refusal that could stand inside of a yes to a submit; None where both can't be mistaken for each other."""
        return self._inside(submit, _INSIDE_SUBMIT)

    def inside_poll(self, submit: Operation) -> str | None:
        """The same of a yes to a poll."""
        poll = self.poll_of(submit)
        return self._inside(poll, _INSIDE_POLL) if poll is not None else None

    def _inside(self, operation: Operation, situations: Iterable[str]) -> str | None:
        yes = self.pack.behaviour.answers[operation.answer].bodies["queued"]
        told = (name for name in situations if name in operation.refusals)
        return next((name for name in told if _is_of_one_envelope(yes, operation.refusals[name].body)), None)

    def _poll_refusals(self, submit: Operation) -> Mapping[str, object]:
        poll = self.poll_of(submit)
        return poll.refusals if poll is not None else {}

    @staticmethod
    def _first(situations: Iterable[str], known: Mapping[str, object]) -> str | None:
        return next((name for name in situations if name in known), None)

    @property
    def has_forms_of_instants(self) -> bool:
        """Whether instants are written in a form of which there are several."""
        return self.pack.behaviour.times.startswith("rfc3339")

    def has_list_of_results(self, submit: Operation) -> bool:
        """Whether results stand in a list, which could hold more than one."""
        poll = self.poll_of(submit)
        return poll is not None and _lists(self.pack.behaviour.answers[poll.answer].bodies["done"])

    def may_have_odd_ids(self, submit: Operation) -> bool:
        """Whether nothing is promised about how ids are written."""
        poll = self.poll_of(submit)
        schemas = [each.schema for each in poll.parameters if each.name == poll.id_name] if poll is not None else []
        return bool(schemas) and all(compile_schema(schema).is_valid(ODD) for schema in schemas)


def _shared_prefix(words: tuple[str, ...]) -> str:
    first = words[0]
    shared = next((at for at, letters in enumerate(zip(*words, strict=False)) if len(set(letters)) > 1), len(first))
    return first[: first[:shared].rfind("_") + 1]


def _is_of_one_envelope(yes: Json, no: Json) -> bool:
    """Whether a member with a fixed value tells a yes from a no: `code: 0` from `code: 1303`."""
    if not (isinstance(yes, Mapping) and isinstance(no, Mapping)):
        return False
    return any(_is_fixed(value) and _is_fixed(no.get(name)) and value != no[name] for name, value in yes.items())


def _is_fixed(value: Json) -> bool:
    return isinstance(value, (str, int)) and not list(placeholders(value))


def _lists(template: Json) -> bool:
    if isinstance(template, list):
        return _RESULT in placeholders(template) or any(map(_lists, template))
    return isinstance(template, Mapping) and any(map(_lists, template.values()))
