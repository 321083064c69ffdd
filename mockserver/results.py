"""Result URLs: the video of a finished task, whole or in ranges, until it expires."""

from __future__ import annotations

import re
from hashlib import blake2b
from http import HTTPStatus

import orjson

from mockserver.fake import Fake
from mockserver.footage import clip_of
from mockserver.media import video
from mockserver.messages import Answer, HeaderList, Headers
from mockserver.rendering import MEDIA_PREFIX
from mockserver.store import StoreError
from mockserver.tasks import Task
from mockserver.vendor import Vendor
from specs.pack import Expired

_WEAK = b"W/"
_RANGE = re.compile(rb"bytes=(\d{0,15})-(\d{0,15})")


def _problem(status: HTTPStatus, detail: str) -> Answer:
    body = orjson.dumps({"type": "about:blank", "title": status.phrase, "status": status, "detail": detail})
    return Answer(
        status,
        [(b"content-type", b"application/problem+json"), (b"content-length", b"%d" % len(body))],
        bytes(body),
    )


def _not_found(detail: str) -> Answer:
    return _problem(HTTPStatus.NOT_FOUND, detail)


def _understood(wanted: bytes) -> re.Match[bytes] | None:
    """One range of bytes; other units, several ranges and nonsense are passed over, as RFC 9110 lets a server."""
    match = _RANGE.fullmatch(wanted.strip())
    if match is None or not (match[1] or match[2]):
        return None
    is_backwards = bool(match[1] and match[2]) and int(match[2]) < int(match[1])
    return None if is_backwards else match


def _span(match: re.Match[bytes], size: int) -> tuple[int, int] | None:
    """First and last byte of a range that can be served; None for one that can't."""
    if not match[1]:
        return (max(0, size - int(match[2])), size - 1) if int(match[2]) else None
    first, last = int(match[1]), min(int(match[2] or size), size - 1)
    return (first, last) if first <= last else None


def read_result(fake: Fake, method: str, path: str, headers: Headers) -> Answer:
    """The answer to a call under the media prefix; a video exists once its task is done."""
    try:
        return _read(fake, method, path, headers)
    except StoreError as problem:
        return _problem(HTTPStatus.SERVICE_UNAVAILABLE, str(problem))


def _read(fake: Fake, method: str, path: str, headers: Headers) -> Answer:
    if method not in ("GET", "HEAD"):
        return Answer(405, [(b"allow", b"GET, HEAD"), (b"content-length", b"0")], b"")
    vendor, _, rest = path.removeprefix(MEDIA_PREFIX + "/").partition("/")
    task_id, _, name = rest.partition("/")
    found = fake.vendors.get(vendor)
    task = fake.find_result(vendor, task_id)
    if found is None or task is None:
        return _not_found(f"there is no result at {path}")
    request = orjson.loads(task.request)
    if name not in (found.voice.result_name, found.voice.copy_name(request)):
        return _not_found(f"there is no result at {path}")
    if not fake.is_done(task):
        return _not_found(f"task {task_id} has no result, it is {fake.view(task).status}")
    if _is_expired(fake, found, task):
        return _expired(found.pack.behaviour.result.expired)
    clip = clip_of(found, task, request)
    if name != found.voice.result_name:
        # Another file with other bytes: whoever takes one for the other sees it.
        clip = clip._replace(mark=f"{clip.mark}/{name}")
    answer = _serve(video(clip), headers)
    return Answer(answer.status, answer.headers, b"") if method == "HEAD" else answer


def _is_expired(fake: Fake, vendor: Vendor, task: Task) -> bool:
    result = vendor.pack.behaviour.result
    begun_ms = task.created_ms if result.expires_from == "created" else task.end_ms or task.created_ms
    return fake.now_ms(task.account) - begun_ms >= result.expires_seconds * 1000


def _expired(says: Expired) -> Answer:
    """As the vendor's storage has it."""
    body = says.body.encode()
    headers: HeaderList = [(b"content-type", says.content_type.encode()), (b"content-length", b"%d" % len(body))]
    return Answer(says.status, headers, body)


def _is_known(tag: bytes, had: bytes) -> bool:
    """Whether the caller has this one already, by a list of tags, weak ones among them, or by `*`."""
    return any(each.strip().removeprefix(_WEAK) in (tag, b"*") for each in had.split(b","))


def _serve(data: bytes, headers: Headers) -> Answer:
    tag = b'"%s"' % blake2b(data, digest_size=12).hexdigest().encode()
    always: HeaderList = [(b"content-type", b"video/mp4"), (b"accept-ranges", b"bytes"), (b"etag", tag)]
    if _is_known(tag, headers.get(b"if-none-match", b"")):
        return Answer(304, always, b"")
    wanted = _understood(headers.get(b"range", b""))
    if wanted is None or headers.get(b"if-range", tag) != tag:
        return Answer(200, [*always, (b"content-length", b"%d" % len(data))], data)
    span = _span(wanted, len(data))
    if span is None:
        return Answer(416, [*always, (b"content-range", b"bytes */%d" % len(data)), (b"content-length", b"0")], b"")
    first, last = span
    part = data[first : last + 1]
    where = b"bytes %d-%d/%d" % (first, last, len(data))
    return Answer(206, [*always, (b"content-range", where), (b"content-length", b"%d" % len(part))], part)
