"""What a pack says, as values: the promise (operations, schemas, answers) and the behaviour over time."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from specs.pointers import Json, merged
from specs.validation import BodyContract

STATES = ("queued", "running", "done", "failed")
SITUATIONS = (
    "route_unknown",
    "method_unknown",
    "key_missing",
    "key_malformed",
    "key_invalid",
    "key_expired",
    "key_not_yet_valid",
    "key_forbidden",
    "body_too_large",
    "content_type",
    "json_malformed",
    "model_missing",
    "model_unknown",
    "request_invalid",
    "balance_empty",
    "rate_exceeded",
    "concurrency_exceeded",
    "content_rejected",
    "task_unknown",
    "service_unavailable",
)


# What a pack that does not speak of them means: 720p, and a store that has forgotten.
_SIDE = 720
_EXPIRED: Mapping[str, Json] = MappingProxyType(
    {"status": 404, "content_type": "text/plain", "body": "The file does not exist any more.\n"}
)


class Refusal(NamedTuple):
    """How the vendor says no in one situation."""

    status: int
    body: Json
    headers: Mapping[str, str]
    alternatives: tuple[int, ...] = ()
    """Statuses that would be as right, because no document says which: the fake never sends them."""

    @property
    def statuses(self) -> frozenset[int]:
        """Every status that keeps the contract."""
        return frozenset((self.status, *self.alternatives))


class AnswerTemplate(NamedTuple):
    """A named answer: one body for each state, the base with that state's patch merged in."""

    status: int
    headers: Mapping[str, str]
    bodies: Mapping[str, Json]
    items: tuple[str, str] | None
    """For a list: which answer's body, at which pointer, makes one item."""


class Authentication(NamedTuple):
    """How a caller says who it is."""

    raw_key: bool
    strict_space: bool
    jwt_account: str | None
    """The claim that names the account, where tokens may be JWTs (HS256)."""


class ModelStep(NamedTuple):
    """The member that names the model, judged before all others."""

    pointer: str
    missing: str | None
    unknown: str


class Media(NamedTuple):
    """Media URLs of a request, and the hosts whose media can't be fetched."""

    members: tuple[str, ...]
    failing_hosts: tuple[str, ...]
    private: bool
    failure: str


class Lifecycle(NamedTuple):
    """The vendor's words, and how long each state lasts in seconds."""

    words: Mapping[str, str]
    queued_seconds: tuple[float, float]
    running_seconds: tuple[float, float]
    per_video_second: float
    video_seconds: str


class TaskId(NamedTuple):
    """How ids of tasks are written."""

    format: str
    length: int
    prefix: str


class Copy(NamedTuple):
    """A second file of the same video, with a watermark say, for those who ask for it."""

    name: str
    pointer: str
    values: tuple[Json, ...]


class Result(NamedTuple):
    """The video of a finished task: its file's name, how long it can be had, and what decides how it looks.

    `sides` are the pixels of the shorter side by the member at `side_pointer`, or one number under the empty text.
    """

    name: str
    expires_seconds: int
    expires_from: str
    expired: Expired
    side_pointer: str | None
    sides: Mapping[str, int]
    sound_pointer: str | None
    sound_values: tuple[Json, ...]
    copy_file: Copy | None


class Expired(NamedTuple):
    """What the vendor's storage answers for a video that it does not have any more."""

    status: int
    content_type: str
    body: str


class Failures(NamedTuple):
    """What failed tasks say: named kinds, and the member that a free-text reason replaces."""

    text: str
    kinds: Mapping[str, Mapping[str, Json]]


class Behaviour(NamedTuple):
    """behaviour.yaml, with options and leniency already merged in."""

    title: str
    hosts: tuple[str, ...]
    authentication: Authentication
    content_type: str
    model: ModelStep | None
    prompts: tuple[str, ...]
    media: Media | None
    external_id: str | None
    lifecycle: Lifecycle
    task_id: TaskId
    times: str
    result: Result
    answers: Mapping[str, AnswerTemplate]
    refusals: Mapping[str, Refusal]
    failures: Failures
    callbacks: Mapping[str, Json] | None


class Parameter(NamedTuple):
    """One query or path parameter."""

    name: str
    location: str
    required: bool
    schema: Json


class Operation(NamedTuple):
    """One operation: what it promises, and what part it plays in a task's life."""

    id: str
    method: str
    path: str
    role: str
    tasks: str
    answer: str
    summary: str
    body: BodyContract | None
    body_required: bool
    parameters: tuple[Parameter, ...]
    examples: Mapping[str, Json]
    responses: Mapping[str, Json]
    id_location: str | None
    id_name: str | None
    also_external: bool
    page: tuple[str, str] | None
    refusals: Mapping[str, Refusal]
    ratio: str | None = None
    """Pointer of the video's aspect ratio in the body, where a client may choose one."""
    frames: tuple[str, ...] = ()
    """Pointers of the pictures that the video takes its shape from, the first one that is there."""

    def response_schema(self, status: int) -> Json | None:
        """The schema of the JSON body that is promised for this status; None when no such answer is promised."""
        response = self.responses.get(str(status))
        if response is None:
            return None
        content = response.get("content", {}).get("application/json", {})
        return content.get("schema", True)


class Pack(NamedTuple):
    """A vendor: its name, its documents, and what they mean."""

    name: str
    folder: Path
    openapi: Json
    behaviour: Behaviour
    operations: Mapping[str, Operation]
    options: Mapping[str, bool]
    idle: tuple[str, ...] = ()
    """Actions of an overlay that found nothing to change."""

    @property
    def title(self) -> str:
        """The vendor's name for people."""
        return self.behaviour.title


def _refusals(entries: Mapping[str, Json]) -> Mapping[str, Refusal]:
    return MappingProxyType(
        {
            name: Refusal(
                status=entry["status"],
                body=entry["body"],
                headers=MappingProxyType(entry.get("headers", {})),
                alternatives=tuple(entry.get("alternatives", ())),
            )
            for name, entry in entries.items()
        }
    )


def _answer(entry: Mapping[str, Json]) -> AnswerTemplate:
    patches = entry.get("when", {})
    bodies = {state: merged(entry["body"], patches[state]) if state in patches else entry["body"] for state in STATES}
    items = entry.get("items")
    return AnswerTemplate(
        entry["status"],
        MappingProxyType(entry.get("headers", {})),
        MappingProxyType(bodies),
        (items["answer"], items["at"]) if items else None,
    )


def _authentication(entry: Mapping[str, Json]) -> Authentication:
    return Authentication(
        raw_key="raw-key" in entry.get("tolerated", ()),
        strict_space=entry.get("strict_space", False),
        jwt_account=entry["jwt"]["account"] if "jwt" in entry else None,
    )


def _lifecycle(entry: Mapping[str, Json]) -> Lifecycle:
    seconds = entry["seconds"]
    return Lifecycle(
        MappingProxyType(entry["words"]),
        tuple(seconds["queued"]),
        tuple(seconds["running"]),
        seconds.get("per_video_second", 0),
        entry["video_seconds"],
    )


def _result(entry: Mapping[str, Json]) -> Result:
    side, sound, expired = entry.get("side", _SIDE), entry.get("sound"), entry.get("expired", _EXPIRED)
    extra = entry.get("copy")
    by_member = isinstance(side, Mapping)
    return Result(
        name=entry["name"],
        expires_seconds=entry["expires_seconds"],
        expires_from=entry.get("expires_from", "ended"),
        expired=Expired(expired["status"], expired["content_type"], expired["body"]),
        side_pointer=side["pointer"] if by_member else None,
        sides=MappingProxyType(side["pixels"] if by_member else {"": side}),
        sound_pointer=sound["pointer"] if sound is not None else None,
        sound_values=tuple(sound["values"]) if sound is not None else (),
        copy_file=Copy(extra["name"], extra["pointer"], tuple(extra["values"])) if extra is not None else None,
    )


def _media(entry: Mapping[str, Json] | None) -> Media | None:
    if entry is None:
        return None
    return Media(tuple(entry["members"]), tuple(entry["failing_hosts"]), entry["private"], entry["failure"])


def _model(entry: Mapping[str, Json] | None) -> ModelStep | None:
    return ModelStep(entry["pointer"], entry.get("missing"), entry["unknown"]) if entry else None


def read_behaviour(document: Mapping[str, Json]) -> Behaviour:
    """The behaviour that a checked document describes."""
    task_id, failures = document["task_id"], document["failures"]
    callbacks = document.get("callbacks")
    return Behaviour(
        title=document["title"],
        hosts=tuple(document["hosts"]),
        authentication=_authentication(document["authentication"]),
        content_type=document["content_type"],
        model=_model(document.get("model")),
        prompts=tuple(document["prompts"]),
        media=_media(document.get("media")),
        external_id=document["external_id"]["pointer"] if "external_id" in document else None,
        lifecycle=_lifecycle(document["lifecycle"]),
        task_id=TaskId(task_id["format"], task_id.get("length", 0), task_id.get("prefix", "")),
        times=document["times"],
        result=_result(document["result"]),
        answers=MappingProxyType({name: _answer(entry) for name, entry in document["answers"].items()}),
        refusals=_refusals(document["refusals"]),
        failures=Failures(failures["text"], MappingProxyType(failures["kinds"])),
        callbacks=callbacks if callbacks and callbacks["enabled"] else None,
    )


def _parameters(*lists: list[Json]) -> tuple[Parameter, ...]:
    found = {(entry["name"], entry["in"]): entry for entries in lists for entry in entries}
    return tuple(
        Parameter(name, where, entry.get("required", False), entry.get("schema", {}))
        for (name, where), entry in found.items()
    )


class Place(NamedTuple):
    """Where an operation stands in an OpenAPI document: its path, the item there, and the method in lower case."""

    path: str
    item: Json
    method: str


def read_operation(
    place: Place, says: Mapping[str, Json], refusals: Mapping[str, Refusal], *, lenient: bool
) -> Operation:
    """One operation out of a path item and what behaviour.yaml says about it."""
    path, item, method = place
    entry = item[method]
    content = entry.get("requestBody", {}).get("content", {}).get("application/json", {})
    where, page = says.get("id"), says.get("page")
    return Operation(
        id=entry["operationId"],
        method=method.upper(),
        path=path,
        role=says["role"],
        tasks=says["tasks"],
        answer=says["answer"],
        summary=entry.get("summary", ""),
        body=BodyContract(content["schema"], lenient=lenient) if "schema" in content else None,
        body_required=entry.get("requestBody", {}).get("required", False),
        parameters=_parameters(item.get("parameters", []), entry.get("parameters", [])),
        examples=MappingProxyType({name: example["value"] for name, example in content.get("examples", {}).items()}),
        responses=MappingProxyType(entry.get("responses", {})),
        id_location=where["in"] if where else None,
        id_name=where["name"] if where else None,
        also_external=says.get("also_external", False),
        page=(page["number"], page["size"]) if page else None,
        ratio=says.get("ratio"),
        frames=tuple(says.get("frames", ())),
        refusals=MappingProxyType({**refusals, **_refusals(says.get("refusals", {}))}),
    )
