"""The admin API's endpoints for snapshots and forks: a document out, a document in, one account copied to another."""

from __future__ import annotations

import orjson
from starlette.requests import Request
from starlette.responses import Response

from mockserver.admin_reading import json_object, json_response
from mockserver.fake import Fake
from mockserver.problems import Problem
from mockserver.snapshot_reading import SnapshotError
from mockserver.snapshots import Loading, UnknownAccountError
from mockserver.store import StoreFullError
from mockserver.store.protocol import HeldError
from mockserver.store.saved import Saved
from specs.pointers import Json

_KEY_MAX = 64 * 1024


class SnapshotCalls:
    """The endpoints; a snapshot is about all accounts, or with `?key=` about one."""

    def __init__(self, fake: Fake) -> None:
        self._fake = fake

    async def take(self, request: Request) -> Response:
        """All, or one account; indented, since people read it and compare two of them."""
        document = self._fake.snapshot(request.query_params.get("key"))
        written = orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
        return Response(written, media_type="application/json")

    async def put(self, request: Request) -> Response:
        """In the place of what is remembered."""
        document = await json_object(request, self._fake.settings.body_max)
        base = self._fake.settings.public_url or f"{request.url.scheme}://{request.headers.get('host', '')}"
        how = Loading(account=request.query_params.get("key"), base=base)
        try:
            return _answer(self._fake.restore(document, how), 200)
        except SnapshotError as problem:
            raise Problem(400, str(problem)) from None
        except StoreFullError as problem:
            raise Problem(409, str(problem)) from None

    async def fork(self, request: Request) -> Response:
        """One account copied to another."""
        body = await json_object(request, self._fake.settings.body_max, members=("from", "to"))
        source, target = _key(body, "from"), _key(body, "to")
        if source == target:
            raise Problem(400, "from and to are the same key; name another one for the copy")
        try:
            return _answer(self._fake.fork(source, target), 201)
        except UnknownAccountError:
            raise Problem(404, "nothing is remembered of the account in from: no call has come with that key") from None
        except HeldError as problem:
            way_out = "copy to a key that is new, or forget its tasks by POST /__understudy/reset?key="
            raise Problem(409, f"{problem}; {way_out}") from None
        except StoreFullError as problem:
            raise Problem(409, str(problem)) from None


def _answer(saved: Saved, status: int) -> Response:
    counts = {"accounts": len(saved.accounts), "tasks": saved.tasks, "requests": saved.entries}
    return json_response(counts, status)


def _key(body: dict[str, Json], name: str) -> str:
    key = body.get(name)
    if not isinstance(key, str) or not 0 < len(key) <= _KEY_MAX:
        raise Problem(400, f"{name} must be the key of an account")
    return key
