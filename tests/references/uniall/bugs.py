"""The bugs that can be switched on in the UniAll reference."""

from __future__ import annotations

from types import MappingProxyType

from references import callers, lives, wire
from references.seeding import table

_OWN = table(
    {
        "constraint": {
            "model-any-kling": "takes any model that begins with kling-",
            "model-4k": "takes kling-v3-4k-audio",
            "model-pro-audio-unknown": "does not know kling-v3-pro-audio",
            "model-not-needed": "takes a job without a model",
            "prompt-number": "takes a number as prompt",
            "image-null": "takes image null",
            "last-image-list": "takes a list as last_image",
            "ratio-4-3": "takes the ratio 4:3",
            "ratio-1-1-refused-with-image": "refuses the ratio 1:1 beside an image",
            "ratio-any-with-image": "takes any ratio beside an image",
            "duration-text": "takes the duration as text",
            "duration-fraction": "takes half seconds",
            "duration-2": "takes 2 seconds",
            "duration-3-refused": "refuses 3 seconds",
            "duration-16": "takes 16 seconds",
            "duration-any-with-image": "takes any length beside an image",
            "duration-at-most-10": "text jobs: refuses 11 seconds and more",
            "extra-null": "takes extra_body null",
            "negative-any": "takes anything as negative_prompt",
            "scale-text": "takes cfg_scale as text",
            "scale-below-0": "takes a cfg_scale below 0",
            "scale-above-1": "takes a cfg_scale above 1",
            "scale-0-refused": "refuses cfg_scale 0",
            "scale-1-refused": "refuses cfg_scale 1",
            "scale-whole": "refuses cfg_scale 0.7",
            "shots-any": "takes anything as multi_prompt",
            "elements-null": "takes element_list null",
            "elements-3-refused": "refuses three elements",
            "elements-4": "takes four elements",
            "element-any": "takes an element that is no object",
            "shot-type-intelligence": "takes shot_type intelligence, refuses intelligent",
            "shot-type-both": "takes shot_type intelligence",
        },
        "conditional": {
            "prompt-blank": "takes a prompt of blanks",
            "prompt-not-needed": "takes a job without a prompt",
            "image-needs-no-prompt": "image jobs: takes them without a prompt",
            "shots-need-prompt": "image jobs in shots: refuses them without a prompt",
            "last-image-needed": "refuses image without last_image",
        },
        "cross-field": {
            "prompt-and-shots": "image jobs: takes prompt and shots together",
            "last-image-alone": "takes last_image without image",
        },
        "status": {
            "submit-202": "a submit answers 202",
            "submit-201-with-image": "image jobs: a submit answers 201",
            "unfinished-poll-202": "the poll of a job that is not over answers 202",
            "failed-poll-500": "the poll of a failed job answers 500",
            "unknown-task-500": "the poll of an unknown job crashes",
            "unknown-task-404": "the poll of an unknown job answers 404",
            "unknown-task-200": "the poll of an unknown job makes one up",
            "faulty-422": "a broken body is answered with 422",
            "faulty-200": "a broken body is answered with 200 and an error code",
            "model-unknown-400": "an unknown model is answered with 400",
            "model-missing-503": "a missing model is answered with 503",
            "unauthorized-400": "a missing or unknown key is answered with 400",
        },
        "envelope": {
            "submit-wrapped": "a submit's job is wrapped in {code, data}",
            "front-as-task": "keys and models are refused in the envelope of jobs",
            "front-without-type": "the error object has no type",
            "jobs-without-code": "refusals of jobs have no code",
            "jobs-code-number": "the code of refusals of jobs is a number",
            "unknown-task-as-error": "an unknown job is refused with an error object",
            "faulty-text": "a broken body is answered in plain text",
            "faulty-as-error": "a broken body is answered with {error: text}",
            "unauthorized-as-task": "401 has the envelope of jobs",
        },
        "attribution": {
            "faulty-names-another": "a broken body's message names a member that is fine",
        },
        "shape": {
            "submit-without-task-id": "a submit has no task_id",
            "object-video": "object is `video`",
            "model-missing": "a job has no model",
            "progress-missing": "a job that is not completed has no progress",
            "word-processing": "a job in progress is called `processing`",
            "word-succeeded": "a completed job is called `succeeded`",
            "word-error": "a failed job is called `error`",
        },
        "timestamps": {
            "created-ms": "created_at is in milliseconds",
            "created-text": "created_at is text",
        },
        "ids": {
            "poll-tells-another-id": "a poll tells another id than the submit",
            "poll-ids-differ": "id and task_id of a poll differ",
        },
        "lifecycle": {"submit-in-progress": "a submit answers with a job in progress"},
        "progress": {
            "progress-falls": "progress goes down",
            "progress-100-early": "progress is 100 before the end",
            "progress-99": "a completed job's progress is 99",
            "progress-fraction": "progress is a fraction of 1",
            "progress-percent": "progress is text with a percent sign",
            "progress-above-100": "progress exceeds 100",
        },
        "result": {
            "video-early": "a job in progress has a video_url",
            "video-missing": "a completed job has no video_url",
            "video-in-list": "video_url is a list",
            "video-only-in-result": "a completed job has its video in `result` alone",
            "result-early": "a job that is not completed has a result",
        },
        "failure": {
            "failed-without-error": "a failed job's error is null",
            "error-is-text": "a failed job's error is text",
            "error-without-message": "a failed job's error has no message",
            "error-empty": "a job that has not failed has an empty error object",
            "video-on-failure": "a failed job has a video_url",
        },
        "echo": {
            "model-upstream": "model is another than was asked for",
            "ratio-default": "aspect_ratio is always told as 16:9",
        },
        "method": {
            "delete-removes": "DELETE of a job removes it",
            "put-500": "PUT, PATCH and DELETE of the submit path crash",
            "post-task-500": "POST of a job's path crashes",
        },
        "robustness": {"odd-id-500": "the poll of an id with odd characters crashes"},
    }
)

BUGS = MappingProxyType({**_OWN, **callers.BUGS, **lives.BUGS, **wire.BUGS})
