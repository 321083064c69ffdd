"""Rehearsal: a pack's operations played in every state and for every refusal, and each answer judged.

It asks the fake itself, not a model of it: whatever an answer breaks here, a client would have met.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from urllib.parse import quote, urlencode

import orjson

from mockserver.accounts import Limits
from mockserver.callback_contract import CallbackContract
from mockserver.fake import Fake, Settings
from mockserver.messages import Call, Headers
from mockserver.store import Bounds
from mockserver.tasks import Task
from specs.answers import AnswerContract
from specs.pack import Operation, Pack, Parameter
from specs.pointers import Json, finder, join, replaced
from specs.violations import Violation

_BASE = "http://127.0.0.1:8787"
_CROWDED = "rehearsal-crowded"
_NOBODY = "rehearsal-nobody"
_REASON = "A reason in free words"
_HOUR_MS = 3_600_000
_ODD_VALUES: tuple[Json, ...] = (None, "", " ", "odd", -1, 10**9, 0.5, True, [], [None], {}, {"odd": 1})
_ODD_TEXTS = ("", "odd", "-1", "999999999")
_OTHER_METHODS = ("DELETE", "PATCH", "PUT", "POST", "GET")


@dataclass(frozen=True, slots=True)
class Misfit:
    """An answer that its own contract refuses; `pointer` leads to its template in behaviour.yaml."""

    pointer: str
    problem: str


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """How many answers were played, and which of them don't fit."""

    answers: int
    misfits: tuple[Misfit, ...]


@dataclass(frozen=True, slots=True)
class _Scene:
    """One call, and what it is meant to bring about."""

    operation: Operation
    pointer: str
    words: str
    call: Call
    fake: Fake
    refused: bool = True


def rehearse(pack: Pack) -> Rehearsal:
    """Plays everything that the pack can answer."""
    stage = _Stage(pack)
    for operation in pack.operations.values():
        if operation.role == "submit":
            stage.submit(operation)
    for state, failure in _fates(pack):
        stage.bring_to(state, failure)
        stage.show(state, failure)
        stage.call_back(state, failure)
    for operation in pack.operations.values():
        for scene in stage.refusals(operation):
            stage.play(scene)
    stage.get_lost()
    return Rehearsal(stage.answers, tuple(stage.misfits.values()))


def _fates(pack: Pack) -> Iterator[tuple[str, str | None]]:
    yield from (("queued", None), ("running", None), ("done", None))
    for kind in (*pack.behaviour.failures.kinds, _REASON):
        yield "failed", kind


def _wall_ms() -> int:
    return 0


class _Stage:
    """A fake with a clock that stands still, the tasks of every example, and what has been found."""

    def __init__(self, pack: Pack) -> None:
        self.pack = pack
        limits = MappingProxyType({_CROWDED: Limits(concurrency=0)})
        self.fake = Fake([pack], Settings(clock="manual", limits=limits), _wall_ms)
        self.full = Fake([pack], Settings(clock="manual", bounds=Bounds(tasks=0)), _wall_ms)
        self.contracts = {name: AnswerContract(operation) for name, operation in pack.operations.items()}
        self.callbacks = CallbackContract(self.fake.vendors[pack.name])
        self.tasks: dict[str, Task] = {}
        self.bodies: dict[str, Json] = {}
        self.answers = 0
        self.misfits: dict[tuple[str, str, str], Misfit] = {}

    def submit(self, operation: Operation) -> None:
        """Every valid example becomes a task of an account of its own."""
        for name, body in operation.examples.items():
            if operation.body is None or operation.body.judge(body)[1]:
                continue
            key = f"rehearsal-{operation.id}-{name}"
            words = f"example {name}"
            self.bodies.setdefault(operation.id, body)
            call = _call(operation, key, orjson.dumps(body))
            self.play(_Scene(operation, f"/answers/{operation.answer}", words, call, self.fake, refused=False))
            for task in self.fake.store.all_tasks(key):
                self.tasks[f"{operation.id}, {words}"] = task

    def bring_to(self, state: str, failure: str | None) -> None:
        """Rewrites every task's plan so that it is in this state now."""
        now_ms = self.fake.now_ms()
        began = now_ms if state == "queued" else now_ms - _HOUR_MS
        running_ms = now_ms + _HOUR_MS if state == "queued" else now_ms - _HOUR_MS // 2
        end_ms = now_ms if state in ("done", "failed") else now_ms + 2 * _HOUR_MS
        for task in self.tasks.values():
            plan = replace(task, created_ms=began, running_ms=running_ms, end_ms=end_ms, failure=failure)
            self.fake.store.replace_task(plan)

    def show(self, state: str, failure: str | None) -> None:
        """Reads every task by every operation that can see it."""
        fate = f"{state}: {failure}" if failure else state
        for operation in self.pack.operations.values():
            pointer = f"/answers/{operation.answer}"
            for name, task in self.tasks.items():
                if operation.role == "submit" or operation.tasks not in ("*", task.kind):
                    continue
                words = f"{name}, {fate}"
                for call in _reads(operation, task):
                    self.play(_Scene(operation, pointer, words, call, self.fake, refused=False))

    def call_back(self, state: str, failure: str | None) -> None:
        """What a client is told unasked in this state, about every task."""
        for name, task in self.tasks.items():
            for problem in self.callbacks.judge(task, state, failure):
                told = f"the callback about a task ({name}, {state}) {problem}"
                self.misfits.setdefault((task.operation, "/callbacks/body", problem), Misfit("/callbacks/body", told))

    def play(self, scene: _Scene) -> None:
        """One call; its answer is held against the operation's contract."""
        self.answers += 1
        vendor = scene.fake.vendors[self.pack.name]
        try:
            answer, entry = scene.fake.handle(vendor, scene.call)
        except Exception as problem:  # noqa: BLE001 - whatever a template can do wrong is what is looked for
            self._misfit(scene, f"can't be written ({type(problem).__name__}: {problem})")
            return
        if scene.words == "request_invalid" and not entry.violations:
            # Odd, but not against the contract: it is answered like any other.
            scene = replace(scene, pointer=f"/answers/{scene.operation.answer}", words="an odd call")
        if not scene.refused and answer.status != self.pack.behaviour.answers[scene.operation.answer].status:
            self._misfit(scene, f"is refused with {answer.status}")
        headers = {name.decode(): value.decode("latin-1") for name, value in answer.headers}
        for violation in self.contracts[scene.operation.id].judge(answer.status, headers, answer.body):
            self._misfit(scene, f"breaks its own contract ({answer.status}): {_told(violation)}")

    def _misfit(self, scene: _Scene, what: str) -> None:
        # The same fault in every example is one fault: the first one is told.
        key = scene.operation.id, scene.pointer, what
        problem = f"the answer of {scene.operation.id} ({scene.words}) {what}"
        self.misfits.setdefault(key, Misfit(scene.pointer, problem))

    def get_lost(self) -> None:
        """A path that does not exist: no operation is asked, so any operation's contract will do."""
        call = Call("GET", "/rehearsal/nowhere", "", _headers(_NOBODY), b"", _BASE)
        answer, _ = self.fake.handle(self.fake.vendors[self.pack.name], call)
        self.answers += 1
        headers = {name.decode(): value.decode("latin-1") for name, value in answer.headers}
        broken = [list(each.judge(answer.status, headers, answer.body)) for each in self.contracts.values()]
        if all(broken):
            pointer = "/refusals/route_unknown"
            problem = f"the answer to an unknown path breaks every operation's contract: {broken[0][0].message}"
            self.misfits.setdefault(("", pointer, problem), Misfit(pointer, problem))

    # What stands against a call

    def refusals(self, operation: Operation) -> Iterator[_Scene]:
        """Every refusal that the pipeline can reach at this operation, each brought about by a call."""
        good = self._good_call(operation)
        for situation, call in self._refused_calls(operation, good):
            yield self._refusal(operation, situation, call)
        if operation.role == "submit" and operation.id in self.bodies:
            yield replace(self._refusal(operation, "service_unavailable", good), fake=self.full)

    def _refusal(self, operation: Operation, situation: str, call: Call) -> _Scene:
        own = operation.refusals.get(situation) is not self.pack.behaviour.refusals.get(situation)
        pointer = f"/refusals/{situation}"
        return _Scene(operation, f"/operations/{operation.id}{pointer}" if own else pointer, situation, call, self.fake)

    def _good_call(self, operation: Operation) -> Call:
        body = self.bodies.get(operation.id)
        return _call(operation, _NOBODY, orjson.dumps(body) if operation.body is not None else b"", _NOBODY)

    def _refused_calls(self, operation: Operation, good: Call) -> Iterator[tuple[str, Call]]:
        yield "key_missing", replace(good, headers=_headers(None))
        yield (
            "key_malformed",
            replace(good, headers={**_headers(None), b"authorization": b"Basic cmVoZWFyc2Fs"}),
        )
        for situation, key in _troubled_keys(self.pack):
            yield situation, replace(good, headers=_headers(key))
        taken = {each.method for each in self.pack.operations.values() if each.path == operation.path}
        other = next(method for method in _OTHER_METHODS if method not in taken)
        yield "method_unknown", replace(good, method=other)
        if operation.role == "poll":
            yield "task_unknown", good
        for query in _odd_queries(operation):
            yield "request_invalid", replace(good, query=query)
        if operation.body is not None and operation.id in self.bodies:
            yield from self._refused_bodies(operation, good, self.bodies[operation.id])

    def _refused_bodies(self, operation: Operation, good: Call, body: Json) -> Iterator[tuple[str, Call]]:
        behaviour = self.pack.behaviour
        yield "body_too_large", replace(good, body=None)
        yield "json_malformed", replace(good, body=b"{")
        if behaviour.content_type != "any":
            yield "content_type", replace(good, headers=_headers(_NOBODY, b"text/plain"))
        for odd in _odd_bodies(operation, body):
            yield "request_invalid", replace(good, body=orjson.dumps(odd))
        if behaviour.model is not None:
            for situation, value in (("model_missing", ""), ("model_unknown", "rehearsal-model")):
                if situation in operation.refusals:
                    yield (
                        situation,
                        replace(good, body=orjson.dumps(replaced(body, behaviour.model.pointer, value))),
                    )
        if operation.role == "submit":
            yield "balance_empty", replace(good, headers=_headers("mock-broke"))
            yield "concurrency_exceeded", replace(good, headers=_headers(_CROWDED))
            for pointer in behaviour.prompts:
                for at, _ in finder(pointer)(body):
                    yield (
                        "content_rejected",
                        replace(good, body=orjson.dumps(replaced(body, at, "[[reject]]"))),
                    )


def _told(violation: Violation) -> str:
    """The violation in words that name the member, which a condition alone does not."""
    named = not violation.pointer or violation.field in violation.message
    return violation.message if named else f"{violation.field}: {violation.message}"


def _headers(key: str | None, content_type: bytes = b"application/json") -> Headers:
    own = {b"authorization": f"Bearer {key}".encode()} if key is not None else {}
    return {**own, b"content-type": content_type}


def _troubled_keys(pack: Pack) -> Iterator[tuple[str, str]]:
    yield from (
        ("key_invalid", "mock-invalid"),
        ("key_expired", "mock-expired"),
        ("key_forbidden", "mock-forbidden"),
    )
    yield "rate_exceeded", "mock-throttled"
    claim = pack.behaviour.authentication.jwt_account
    if claim is not None:
        # Imported here for start-up, as where tokens are read.
        import jwt

        claims = {claim: _NOBODY, "exp": 2000, "nbf": 1000}
        yield "key_not_yet_valid", jwt.encode(claims, "rehearsal" * 4, algorithm="HS256")


def _odd_bodies(operation: Operation, body: Json) -> Iterator[Json]:
    """Bodies that break what can be broken at the top; one that is accepted is answered like a job."""
    yield from ([], {}, "odd", None, 1)
    schema = operation.body.schema if operation.body is not None else {}
    for name in schema.get("properties", {}):
        yield {member: value for member, value in body.items() if member != name}
        for value in _ODD_VALUES:
            yield replaced(body, join([name]), value)


def _odd_queries(operation: Operation) -> Iterator[str]:
    for parameter in operation.parameters:
        if parameter.location == "query" and parameter.name != operation.id_name:
            for text in _ODD_TEXTS:
                yield urlencode({**_query(operation, _NOBODY), parameter.name: text})
    if operation.id_location == "query":
        yield urlencode({name: text for name, text in _query(operation, "").items() if name != operation.id_name})


def _reads(operation: Operation, task: Task) -> Iterator[Call]:
    """The calls by which an operation shows the task."""
    yield _call(operation, task.account, b"", task.id)
    if operation.also_external and task.external:
        yield _call(operation, task.account, b"", task.external)
    if operation.page is not None:
        number, size = operation.page
        for page in ({number: "2"}, {size: "1"}):
            call = _call(operation, task.account, b"", task.id)
            yield replace(call, query=urlencode({**_query(operation, task.id), **page}))


def _call(operation: Operation, key: str, body: bytes, task_id: str = "") -> Call:
    values = {each.name: _sample(each) for each in operation.parameters if each.location == "path"}
    if operation.id_location == "path" and operation.id_name is not None:
        values[operation.id_name] = task_id
    path = operation.path
    for name, text in values.items():
        path = path.replace(f"{{{name}}}", quote(text, safe=""))
    return Call(operation.method, path, urlencode(_query(operation, task_id)), _headers(key), body, _BASE)


def _query(operation: Operation, task_id: str) -> Mapping[str, str]:
    """The parameters that must be there."""
    needed = [each for each in operation.parameters if each.location == "query" and each.required]
    query = {each.name: _sample(each) for each in needed}
    if operation.id_location == "query" and operation.id_name is not None:
        query[operation.id_name] = task_id
    return query


def _sample(parameter: Parameter) -> str:
    """A value that the parameter takes."""
    schema = parameter.schema
    listed = [*schema.get("examples", ()), *schema.get("enum", ())]
    values = [schema.get("default"), schema.get("const"), *listed, schema.get("minimum")]
    value = next((each for each in values if each is not None), 1 if schema.get("type") == "integer" else "x")
    return value if isinstance(value, str) else orjson.dumps(value).decode()
