"""Recorded traffic against a pack: what a vendor answered that the contract does not have, or refused to answer so.

Each exchange by itself, and the life of tasks across exchanges by the rules of the judge. Hosts that are not the
vendor's are listed, never guessed at; a stand-in at a loopback address counts where the path is the vendor's.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from hashlib import blake2b
from typing import NamedTuple
from urllib.parse import parse_qsl, urlsplit

import orjson

from contracts.drift.drift import Drift
from contracts.drift.known_members import Members, choices, type_of
from contracts.drift.recordings import Recorded
from contracts.exchange import Conversation, Exchange
from contracts.judge import Promise, judge
from contracts.judge.promise import is_yes
from specs.answers import Shape
from specs.pack import Operation, Pack
from specs.pointers import Json, resolve

# Judged together; of each task that is not over then, the last sight goes on into the next chunk.
_CHUNK = 2_000
_CARRIED_MAX = 20_000
_SHOWN_MAX = 50
_INDEX = re.compile(r"/\d+(?=/|$)")
# A part of a path that is the name of one thing: a UUID, a number, a long word with digits in it.
_ID = re.compile(r"/(?:[0-9a-fA-F-]{32,36}|\d+|(?=[^/]*\d)[\w-]{16,})(?=/|$)")
_LOOPBACK = re.compile(r"(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?::\d+)?")
_PARAMETER = re.compile(r"\{[^}]*\}")
_ALIKE_MIN = 0.8
_SECRETS_MAX, _SECRET_CHARACTERS_MIN = 1000, 6
_SECRET_NAME = re.compile(r"authorization|cookie|.*(?:key|token|secret|password).*", re.IGNORECASE)
# The judge's rules that need no purpose of the sender, about what one exchange alone can't show.
_LIVES = (
    *("lifecycle.order", "lifecycle.final", "lifecycle.created", "lifecycle.updated", "lifecycle.progress"),
    *("lifecycle.same-id", "lifecycle.unique-id", "lifecycle.unique-result", "shape.result", "shape.result-early"),
    *("shape.id", "shape.timestamp", "echo.request"),
)
_BY_RULE: Mapping[str, str] = {"shape.id": "format-changed", "shape.timestamp": "format-changed"}
_KINDS: Mapping[str, str] = {
    "type": "type-changed",
    "enum": "enum-changed",
    "const": "enum-changed",
    "required": "required-changed",
    "format": "format-changed",
    "pattern": "format-changed",
    "oneOf": "shape-changed",
    "anyOf": "shape-changed",
    "not": "shape-changed",
}


class Sighting(NamedTuple):
    """One drift as one exchange shows it."""

    kind: str
    at: str
    seen: Json
    promised: Json
    message: str


@dataclass(slots=True)
class TrafficVerdict:
    """What was found, and what was looked at."""

    vendor: str
    drifts: dict[str, Drift] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    """How often each finding was seen, by fingerprint."""
    judged: int = 0
    read: int = 0
    tasks: set[bytes] = field(default_factory=set)
    hosts: Counter[str] = field(default_factory=Counter)
    """Exchanges with hosts that are not the vendor's."""
    without_body: int = 0

    derived: set[str] = field(default_factory=set)
    """Fingerprints of what the judge found by looking at several exchanges."""

    shown: defaultdict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    """The first exchanges that show each finding, by their places among those that were judged."""

    def add(self, drift: Drift, number: int = 0, *, is_derived: bool = False) -> None:
        """One more sight of a drift, in the exchange with this number."""
        self.drifts.setdefault(drift.fingerprint, drift)
        self.counts[drift.fingerprint] += 1
        if number and len(self.shown[drift.fingerprint]) < _SHOWN_MAX:
            self.shown[drift.fingerprint].append(number)
        if is_derived:
            self.derived.add(drift.fingerprint)

    def forget_consequences(self) -> None:
        """A member whose type or format has changed tells no more about the life of its task."""
        plain = [each for name, each in self.drifts.items() if name not in self.derived]
        for name in self.derived & self.drifts.keys():
            if any(_is_about_the_same(self.drifts[name], each) for each in plain):
                del self.drifts[name], self.counts[name]


class Traffic:
    """Judges exchanges of one vendor as they come; `hosts` are further ones that count as the vendor's."""

    def __init__(self, pack: Pack, hosts: Iterable[str] = ()) -> None:
        self._pack = pack
        self._promise = Promise(pack)
        self._hosts = {each.lower() for each in (*pack.behaviour.hosts, *hosts)}
        self._members = Members(pack)
        self._secrets: set[str] = set()
        self._chunk: list[Exchange] = []
        self._number = 0
        self.verdict = TrafficVerdict(pack.name)

    def judge_all(self, recording: Iterable[Recorded]) -> TrafficVerdict:
        """Everything that the recording shows."""
        for recorded in recording:
            self.verdict.read += 1
            self._see(recorded)
        self._live()
        self.verdict.forget_consequences()
        return self.verdict

    def _see(self, recorded: Recorded) -> None:
        parts = urlsplit(recorded.url)
        host = parts.netloc.rpartition("@")[2].lower()
        if host and not self._is_vendors(host, recorded.method, parts.path):
            if host in self.verdict.hosts or len(self.verdict.hosts) < _SHOWN_MAX:
                self.verdict.hosts[host] += 1
            return
        self._learn_secrets(recorded, parts.query)
        exchange = self._exchange(recorded, parts.path or "/", parts.query, f"{parts.scheme}://{host}" if host else "")
        self.verdict.judged += 1
        for drift in self._drifts(exchange, recorded):
            self.verdict.add(drift, self._number)
        self._chunk.append(exchange)
        if len(self._chunk) >= _CHUNK:
            self._live()

    def _is_vendors(self, host: str, method: str, path: str) -> bool:
        """Whether a host is the vendor's, or a stand-in for it on the machine that recorded, asked for a known path."""
        if host in self._hosts or host.partition(":")[0] in self._hosts:
            return True
        return _LOOPBACK.fullmatch(host) is not None and self._promise.route(method, path).operation is not None

    def _exchange(self, recorded: Recorded, path: str, query: str, base: str) -> Exchange:
        self._number += 1
        instant = recorded.seconds if recorded.seconds is not None else float(self._number)
        route = self._promise.route(recorded.method, path)
        operation = route.operation.id if route.operation is not None else None
        exchange = Exchange(
            number=self._number,
            operation=operation,
            method=recorded.method,
            base=base,
            path=path,
            query=query,
            request_headers=recorded.request_headers,
            request_body=recorded.request_body,
            sent_seconds=instant,
            answered_seconds=instant,
            status=recorded.status,
            headers=recorded.headers,
            body=recorded.body or b"",
            trouble="" if recorded.status is not None else "no answer was recorded",
            account=_account(recorded),
        )
        if recorded.body is None and recorded.status is not None:
            self.verdict.without_body += 1
        return exchange

    # One exchange

    def _drifts(self, exchange: Exchange, recorded: Recorded) -> Iterator[Drift]:
        operation = self._pack.operations.get(exchange.operation or "")
        if operation is None:
            yield from self._unknown(exchange)
        elif exchange.status is not None:
            yield from self._asked(exchange, operation)
            yield from self._answered(exchange, operation, has_body=recorded.body is not None)

    def _unknown(self, exchange: Exchange) -> Iterator[Drift]:
        if exchange.method in ("HEAD", "OPTIONS") or not is_yes(exchange.status):
            is_path_known = bool(self._promise.route(exchange.method, exchange.path).methods)
            if is_path_known or exchange.method in ("HEAD", "OPTIONS"):
                return
        place = f"{exchange.method} {_ID.sub('/*', exchange.path)}"
        message = (
            f"{place} was asked at the vendor's host and answered {exchange.status}; the contract has no such call"
        )
        yield self._drift(self._nearest(exchange), Sighting("endpoint-changed", "", place, None, message))

    def _nearest(self, exchange: Exchange) -> Operation | None:
        """The documented call that this one seems to have been."""
        path = _ID.sub("/*", exchange.path)[:300]
        scored = [
            (SequenceMatcher(None, path, _PARAMETER.sub("*", each.path)).ratio(), each.id)
            for each in self._pack.operations.values()
            if each.method == exchange.method
        ]
        best = max(scored, default=(0.0, ""))
        return self._pack.operations[best[1]] if best[0] >= _ALIKE_MIN else None

    def _asked(self, exchange: Exchange, operation: Operation) -> Iterator[Drift]:
        """Taken though it breaks the contract, or refused though it keeps it."""
        expected = self._promise.expect(exchange)
        if is_yes(exchange.status) and expected.verdict == "refused":
            for each in expected.violations[:1]:
                sent = resolve(_value(exchange.request_body), each.pointer)
                message = f"{each.message}; the vendor took it and answered {exchange.status}"
                kind = _KINDS.get(each.rule, "limit-changed")
                at = _INDEX.sub("/*", each.pointer)
                encoded = self._limit(operation, at, each.rule)
                yield self._drift(operation, Sighting(kind, at, sent, encoded, message))
        elif expected.verdict == "accepted" and exchange.status in self._refused_by_contract(operation):
            yield self.refused(exchange, operation)

    def _refused_by_contract(self, operation: Operation) -> frozenset[int]:
        """The statuses that say that a body is wrong, and nothing else."""
        others = self._promise.refusal_statuses(operation, ["task_unknown", "balance_empty", "content_rejected"])
        return self._promise.refusal_statuses(operation, ["request_invalid"]) - others

    def refused(self, exchange: Exchange, operation: Operation) -> Drift:
        """A request that keeps the contract, and was refused all the same: by the member that the refusal names."""
        answered = exchange.body.decode("utf-8", "replace")
        sent = _value(exchange.request_body)
        named = _named(answered, self._members.requested(operation))
        at = f"/{named.replace('.', '/')}" if named else ""
        kind = "required-changed" if named and resolve(sent, at) is None else "limit-changed"
        message = f"a request that keeps the contract was refused with {exchange.status}: {answered[:200]}"
        return self._drift(operation, Sighting(kind, at, resolve(sent, at) if named else None, None, message))

    def _limit(self, operation: Operation, at: str, keyword: str) -> Json:
        return next((each.limit for each in self._promise.constraints_at(operation.id, at, keyword)), None)

    def _answered(self, exchange: Exchange, operation: Operation, *, has_body: bool) -> Iterator[Drift]:
        status = exchange.status or 0
        if str(status) not in operation.responses:
            message = f"answered {status}, which the contract does not have for it"
            yield self._drift(
                operation, Sighting("status-added", "", str(status), sorted(operation.responses), message)
            )
            return
        schema = operation.response_schema(status)
        if not has_body or schema is None:
            return
        value = _value(exchange.body)
        if value is _NO_JSON:
            message = f"the answer {status} is no JSON"
            yield self._drift(operation, Sighting("format-changed", "", "no JSON", "application/json", message))
            return
        yield from self._misfits(operation, status, schema, value)
        for at, kind in self._members.unknown(operation, status, value):
            message = f"{at.rpartition('/')[2]} is in the answer {status} and not in the contract"
            yield self._drift(operation, Sighting("field-added", at, kind, None, message))

    def _misfits(self, operation: Operation, status: int, schema: Json, value: Json) -> Iterator[Drift]:
        """What the schema of the answer refuses, one thing for each place; after an unknown word, that alone."""
        found: dict[str, Drift] = {}
        for misfit in Shape(schema).judge(value):
            at = _INDEX.sub("/*", misfit.pointer)
            seen = resolve(value, misfit.pointer)
            kind = self._misfit_kind(operation, status, at, misfit.rule, seen)
            told = Sighting(kind, at, seen, None, f"in the answer {status}: {misfit.message}")
            if at not in found or kind == "type-changed":
                found[at] = self._drift(operation, told)
        words = [each for each in found.values() if each.kind == "status-added"]
        yield from words or found.values()

    def _misfit_kind(self, operation: Operation, status: int, at: str, rule: str, seen: Json) -> str:
        if rule == "required":
            return "field-removed"
        if rule not in ("enum", "const"):
            return _KINDS.get(rule, "limit-changed")
        if is_yes(status) and at in self._members.words(operation):
            return "status-added"
        promised = {type_of(each) for each in choices(operation.response_schema(status), at)}
        return "type-changed" if promised and type_of(seen) not in promised else "enum-changed"

    def _drift(self, operation: Operation | None, what: Sighting) -> Drift:
        name = operation.id if operation is not None else None
        seen = self._hidden(what.seen) if isinstance(what.seen, str) else what.seen
        # A value that is another each time would make each time another finding.
        is_told = what.kind in _TOLD and not isinstance(seen, (dict, list))
        where = f"{name or 'nowhere'} {what.at}".rstrip()
        return Drift(
            kind=what.kind,
            operation=name,
            pointer=self._hidden(what.at),
            documented=seen if is_told else type_of(seen),
            encoded=what.promised,
            message=self._hidden(f"{where}: {what.message}"),
        )

    def _learn_secrets(self, recorded: Recorded, query: str) -> None:
        """Keys, tokens and cookies of the request: none of them is told, wherever it turns up."""
        named = [(name, value) for name, value in recorded.request_headers if _SECRET_NAME.fullmatch(name)]
        named += [(name, value) for name, value in parse_qsl(query) if _SECRET_NAME.fullmatch(name)]
        for word in (word for _, value in named for word in re.split(r"[\s;,=]+", value)):
            if len(word) >= _SECRET_CHARACTERS_MIN and len(self._secrets) < _SECRETS_MAX:
                self._secrets.add(word)

    def _hidden(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, "…")
        return text

    # Many exchanges

    def _live(self) -> None:
        """What the judge has to say of the tasks in this chunk."""
        chunk, self._chunk = self._chunk, []
        if not chunk:
            return
        judgement = judge(Conversation(tuple(chunk)), self._promise, only=_LIVES, is_apart=True)
        for finding in judgement.findings:
            kind = _BY_RULE.get(finding.rule, "shape-changed")
            self.verdict.add(
                Drift(
                    kind=kind,
                    operation=finding.operation,
                    pointer=finding.pointer or "",
                    documented=finding.rule,
                    encoded=None,
                    message=self._hidden(f"{finding.operation} {finding.pointer or ''}: {finding.message}"),
                ),
                is_derived=True,
            )
        self._carry(chunk)

    def _carry(self, chunk: list[Exchange]) -> None:
        """The last sight of each task that was not over, for the chunk that follows."""
        last: dict[str, Exchange] = {}
        for exchange in chunk:
            seen = self._promise.read(exchange)
            if seen.task_id is None:
                continue
            self.verdict.tasks.add(blake2b(seen.task_id.encode(), digest_size=8).digest())
            last.pop(seen.task_id, None)
            last[seen.task_id] = exchange
        self._chunk = list(last.values())[-min(_CARRIED_MAX, _CHUNK // 2) :]


_TOLD = ("field-added", "endpoint-changed", "status-added", "enum-changed", "required-changed", "limit-changed")
_NO_JSON = object()


def _is_about_the_same(one: Drift, other: Drift) -> bool:
    """Whether both are about the same member, or one about what holds the other's."""
    left, right = (_INDEX.sub("/*", each.pointer or "") + "/" for each in (one, other))
    is_near = left.startswith(right) or right.startswith(left)
    return is_near and other.kind != "field-added" and other.pointer != ""


def _value(body: bytes) -> Json:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return _NO_JSON


def _account(recorded: Recorded) -> str:
    """Who asked: a mark that tells accounts apart and shows no key; empty for nobody."""
    key = next((value for name, value in recorded.request_headers if name.lower() == "authorization"), "")
    return blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest() if key.strip() else ""


def _named(answered: str, members: Iterable[str]) -> str:
    """The member of the request that a refusal names, the longest name first."""
    for name in sorted(members, key=len, reverse=True):
        if re.search(rf"(?<![\w.]){re.escape(name)}(?!\w)", answered):
            return name
    found = re.search(r"\b(?:field|parameter|member|param)s?:? [\"'`]?([a-z][a-z0-9_]*)", answered, re.IGNORECASE)
    missing = found or re.search(r"\b([a-z][a-z0-9_]*)[\"'`]? (?:is (?:required|missing)|must)", answered)
    return missing[1] if missing is not None else ""
