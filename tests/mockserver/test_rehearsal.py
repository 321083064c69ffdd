"""Rehearsal: a sound pack plays without a misfit; each answer that its own schema refuses is found."""

from pathlib import Path

import pytest

import specs
from broken_packs import BEHAVIOUR, OPENAPI, Workshop, open_workshop
from mockserver.rehearsal import rehearse


@pytest.fixture
def pack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workshop:
    """A sound pack, and a cache that nobody else uses."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return open_workshop(tmp_path)


def misfits(pack: Workshop) -> list[tuple[str, str]]:
    """Place and words."""
    return [(misfit.pointer, misfit.problem) for misfit in rehearse(specs.load(pack.folder)).misfits]


@pytest.mark.parametrize("name", specs.names())
def test_shipped_packs_play_without_a_misfit(name: str) -> None:
    """In every state, for every refusal, with each option and leniently."""
    variants = [specs.load(name), specs.load(name, lenient=True)]
    variants += [specs.load(name, options={option: True}) for option in variants[0].options]

    assert [misfit.problem for variant in variants for misfit in rehearse(variant).misfits] == []


def test_sound_pack_plays_without_a_misfit(pack: Workshop) -> None:
    """And is played at length."""
    rehearsal = rehearse(specs.load(pack.folder))

    assert rehearsal.misfits == ()
    assert rehearsal.answers > 100


RETRY = "    headers: {Retry-After: $retry_after_seconds}\n"
DOCUMENTED = "(documented: 202, 400, 401, 402, 403, 404, 405, 413, 415, 422, 429, 503)"
ONE_OF = 'status must be one of "queued", "running", "succeeded", "failed"'
# Each: what is replaced in behaviour.yaml, by what; the place, the scene and the words of the only misfit.
BROKEN: dict[str, tuple[str, str, str, str, str]] = {
    "submit": (
        "    status: 202\n    body: {id: $task.id,",
        "    status: 202\n    body: {id: 1,",
        "/answers/submitted",
        "createVideo (example minimal)",
        "breaks its own contract (202): id must be a string, not an integer",
    ),
    "submit with another status": (
        "    status: 202\n",
        "    status: 200\n",
        "/answers/submitted",
        "createVideo (example minimal)",
        f"breaks its own contract (200): status 200 is not documented {DOCUMENTED}",
    ),
    "one state": (
        "done: {video_url: $result.url}",
        "done: {url: $result.url}",
        "/answers/job",
        "getVideo (createVideo, example minimal, done)",
        "breaks its own contract (200): video_url is required (when the job has succeeded)",
    ),
    "one word": (
        "running: running",
        "running: working",
        "/answers/job",
        "getVideo (createVideo, example minimal, running)",
        f"breaks its own contract (200): {ONE_OF}",
    ),
    "one kind of failure": (
        "moderation: {code: content_policy,",
        "moderation: {code: 7,",
        "/answers/job",
        "getVideo (createVideo, example minimal, failed: moderation)",
        "breaks its own contract (200): error.code must be a string, not an integer",
    ),
    "status of a refusal": (
        "key_forbidden: {status: 403",
        "key_forbidden: {status: 418",
        "/refusals/key_forbidden",
        "createVideo (key_forbidden)",
        f"breaks its own contract (418): status 418 is not documented {DOCUMENTED}",
    ),
    "unwritable refusal": (
        "message: There is no such job.",
        "message: $task.id",
        "/refusals/task_unknown",
        "getVideo (task_unknown)",
        "can't be written (AttributeError: 'NoneType' object has no attribute 'id')",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_answer_against_its_schema_is_found(name: str, pack: Workshop) -> None:
    """Named with its operation, its state and what is wrong; the same fault in every example is told once."""
    old, new, pointer, scene, words = BROKEN[name]
    pack.change(BEHAVIOUR, old, new)

    assert misfits(pack)[0] == (pointer, f"the answer of {scene} {words}")
    assert {each for each, _ in misfits(pack)} == {pointer}


SITUATIONS = [
    ("key_missing", "401", "unauthorized, message: The Authorization header is missing."),
    ("key_malformed", "401", "unauthorized, message: The Authorization header is not Bearer and a key."),
    ("key_invalid", "401", "unauthorized, message: This API key is not valid."),
    ("key_expired", "401", "unauthorized, message: This API key has expired."),
    ("key_forbidden", "403", "forbidden, message: This API key may not do that."),
    ("method_unknown", "405", 'method_not_allowed, message: "${call.method} is not offered here."'),
    ("body_too_large", "413", 'too_large, message: "The body exceeds ${limit.bytes} bytes."'),
    ("content_type", "415", "media_type, message: $violation.message"),
    ("json_malformed", "400", "malformed, message: $violation.message"),
    ("request_invalid", "422", "invalid, message: $violation.message, field: $violation.field"),
    ("balance_empty", "402", "payment_required, message: The balance does not cover this job."),
    ("rate_exceeded", "429", 'rate_limit, message: "Too many calls; try again in ${retry_after_seconds} s."'),
    (
        "concurrency_exceeded",
        "429",
        "concurrency_limit, message: Too many jobs of this account are unfinished.",
    ),
    ("content_rejected", "400", "content_policy, message: The content policy does not allow this prompt."),
    ("task_unknown", "404", "not_found, message: There is no such job."),
    ("service_unavailable", "503", "unavailable, message: Try again later."),
]


@pytest.mark.parametrize(("situation", "status", "error"), SITUATIONS)
def test_every_refusal_is_brought_about(situation: str, status: str, error: str, pack: Workshop) -> None:
    """A body without a message is found in whichever situation it stands."""
    code = error.partition(",")[0]
    pack.change(BEHAVIOUR, "{code: " + error + "}", "{code: " + code + "}")

    found = misfits(pack)

    assert found
    assert {pointer for pointer, _ in found} == {f"/refusals/{situation}"}
    assert all(f"({status}): error.message is required" in words for _, words in found)


def test_unknown_path_must_fit_some_operation(pack: Workshop) -> None:
    """It belongs to none, so the contract of any will do; of none it will not."""
    pack.change(BEHAVIOUR, "route_unknown: {status: 404", "route_unknown: {status: 410")

    assert [pointer for pointer, _ in misfits(pack)] == ["/refusals/route_unknown"]


def test_promised_header_must_be_sent(pack: Workshop) -> None:
    """Here the wait that a refusal for too many calls promises."""
    pack.change(BEHAVIOUR, RETRY, "")

    assert misfits(pack)[0] == (
        "/refusals/rate_exceeded",
        "the answer of createVideo (rate_exceeded) breaks its own contract (429): the header retry-after is missing",
    )


def test_refusal_of_one_operation_is_found_there(pack: Workshop) -> None:
    """An operation may refuse in its own way."""
    own = "id: {in: path, name: id}, refusals: {task_unknown: {status: 410, body: {}}}}"
    pack.change(BEHAVIOUR, "id: {in: path, name: id}}", own)

    assert [pointer for pointer, _ in misfits(pack)] == ["/operations/getVideo/refusals/task_unknown"]


LIST_PATH = """  /v1/jobs:
    get:
      operationId: listVideos
      parameters:
        - {name: page, in: query, schema: {type: integer, minimum: 1, default: 1}}
        - {name: size, in: query, schema: {type: integer, minimum: 1, maximum: 50, default: 10}}
      responses:
        "200":
          description: A page
          content:
            application/json:
              schema:
                properties: {jobs: {type: array, items: {$ref: "#/components/schemas/Job"}}}
        "401": {$ref: "#/components/responses/Error"}
        "403": {$ref: "#/components/responses/Error"}
        "405": {$ref: "#/components/responses/Error"}
        "422": {$ref: "#/components/responses/Error"}
        "429": {$ref: "#/components/responses/TooMany"}
components:
"""


def add_list(pack: Workshop) -> None:
    """An operation that lists what the account has submitted."""
    pack.change(OPENAPI, "components:\n", LIST_PATH)
    pack.change(
        BEHAVIOUR,
        "answers:\n",
        'answers:\n  jobs: {status: 200, body: {jobs: $items}, items: {answer: job, at: ""}}\n',
    )
    pack.change(
        BEHAVIOUR,
        "operations:\n",
        "operations:\n  listVideos: {role: list, tasks: video, answer: jobs, page: {number: page, size: size}}\n",
    )


def test_lists_are_played_too(pack: Workshop) -> None:
    """Each state of a job, inside a page."""
    add_list(pack)
    assert misfits(pack) == []

    pack.change(BEHAVIOUR, "done: {video_url: $result.url}", "done: {url: $result.url}")

    assert {pointer for pointer, _ in misfits(pack)} == {"/answers/jobs", "/answers/job"}


def test_query_of_a_list_is_refused_in_shape(pack: Workshop) -> None:
    """An odd page number is answered by a refusal, which is documented or is not."""
    add_list(pack)
    last = '        "429": {$ref: "#/components/responses/TooMany"}\ncomponents'
    pack.change(OPENAPI, '        "422": {$ref: "#/components/responses/Error"}\n' + last, last)

    assert [pointer for pointer, _ in misfits(pack)] == ["/refusals/request_invalid"]


CALLBACKS = """
callbacks:
  url: /callback_url
  enabled: true
  "on": [done, failed]
  event: $task.status
  body: {answer: job, at: "", omit: [/created_at]}
  signature: null
  attempts: 1
  timeout_seconds: 5
"""
CALLBACK_SCHEMA = """      callbacks:
        ended:
          "{$request.body#/callback_url}":
            post:
              requestBody:
                content:
                  application/json:
                    schema:
                      required: [id, status]
                      properties: {status: {const: succeeded}, created_at: false}
              responses: {"200": {description: Taken}}
      responses:
        "202":
"""


def test_callbacks_keep_their_schema(pack: Workshop) -> None:
    """What is sent unasked is documented like an answer, in each state in which it is sent."""
    pack.add(BEHAVIOUR, CALLBACKS)
    told = "the callback about a task (createVideo, example minimal,"
    assert misfits(pack) == [("/callbacks/body", f"{told} done) is not documented: its operation has no callbacks")]

    pack.change(OPENAPI, '      responses:\n        "202":\n', CALLBACK_SCHEMA)

    assert misfits(pack) == [("/callbacks/body", f'{told} failed) breaks its own contract: status must be "succeeded"')]
