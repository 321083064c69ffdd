"""From a case to the request that says it: method, address, credentials and body, byte for byte."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from contracts.cases.case import Case, Credentials
from contracts.drivers.caller import Question
from contracts.drivers.wire import Outgoing
from contracts.exchange import KEY, NOBODY, OTHER, HeaderLines, Purpose
from specs.pack import Operation, Pack
from specs.pointers import Json

SUBMIT, POLL, LIST = "submit", "poll", "list"


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """Who may ask (`key`, and perhaps a second account), and who may not."""

    key: str
    bad: str
    other: str | None = None


class Composer:
    """Writes the requests of one run."""

    def __init__(self, pack: Pack, keys: Keys, headers: HeaderLines = ()) -> None:
        self._operations = pack.operations
        self._keys = keys
        self._headers = headers

    def question(self, case: Case, task: str | None = None) -> Question:
        """What is asked; `task` is the id to ask for where the case leaves it open."""
        operation = self._operations[case.operation]
        method = case.method or operation.method
        return Question(
            outgoing=Outgoing(
                method=method,
                path=_path(operation, case.task if case.task is not None else task),
                query=_query(operation, case, task),
                headers=(*self._authorization(case), *_body_headers(case), *self._headers),
                content=content(case),
                chunked=case.chunked,
            ),
            operation=operation.id if method == operation.method else None,
            account=_ACCOUNTS.get(case.credentials, NOBODY),
            purpose=purpose(case),
            is_submit=operation.role == SUBMIT,
        )

    def _authorization(self, case: Case) -> HeaderLines:
        key = self._keys.key
        if case.authorization is not None:
            return (("Authorization", case.authorization.replace("{key}", key)),)
        values: Mapping[Credentials, str | None] = {
            "key": f"Bearer {key}",
            "other": f"Bearer {self._keys.other}",
            "bad": f"Bearer {self._keys.bad}",
            "missing": None,
            "empty": "Bearer",
            # The right key under another scheme: a service that never looks at the scheme would take it.
            "malformed": f"Basic {key}",
            "lower-case": f"bearer {key}",
            "other-case": f"Bearer {key.swapcase()}",
            "longer": f"Bearer {key}x",
            "shorter": f"Bearer {key[:-1]}",
        }
        value = values[case.credentials]
        return () if value is None else (("Authorization", value),)


_ACCOUNTS: Mapping[Credentials, str] = {"key": KEY, "lower-case": KEY, "other": OTHER}


def purpose(case: Case) -> Purpose:
    """What the request is sent to find out."""
    return Purpose(
        expects=case.expects,
        words=case.words,
        law=case.law,
        constraint=case.constraint,
        situation=case.situation,
        also=case.also,
        is_drawn=case.is_drawn,
    )


def content(case: Case) -> bytes | None:
    """The body's bytes, or None when there is none."""
    if case.raw is not None:
        return case.raw
    return None if case.body is None else encoded(case.body)


def encoded(body: Json) -> bytes:
    """JSON as clients write it: UTF-8, or escapes where UTF-8 has no bytes for it (half a surrogate pair)."""
    try:
        return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:
        return json.dumps(body, separators=(",", ":")).encode()


def _body_headers(case: Case) -> HeaderLines:
    """Of the body: a request without one says nothing about it."""
    if content(case) is None:
        return ()
    kind = () if case.content_type is None else (("Content-Type", case.content_type),)
    return (*kind, ("Transfer-Encoding", "chunked")) if case.chunked else kind


def _path(operation: Operation, task: str | None) -> str:
    if operation.id_location != "path" or task is None:
        return operation.path
    return operation.path.replace(f"{{{operation.id_name}}}", _encoded_id(task))


def _encoded_id(task: str) -> str:
    """As a segment of a path: dots alone would be read as a way up."""
    return quote(task, safe="") if task.strip(".") else task.replace(".", "%2E")


def _query(operation: Operation, case: Case, task: str | None) -> str:
    members = dict(case.query)
    asked = case.task if case.task is not None else task
    if operation.id_location == "query" and operation.id_name is not None and asked is not None:
        members.setdefault(operation.id_name, asked)
    return urlencode(members, quote_via=quote)
