"""Cases about the call itself: who calls, which task is asked for, which method is used."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from random import Random

from contracts.cases.case import Case, Credentials
from specs.constraint import Constraint
from specs.pack import Operation, Pack, TaskId
from specs.pointers import Json

_ALNUM = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_UNKNOWN_IDS = 2
# Ids that nobody was given, and that no service may stumble over.
_ODD_IDS: tuple[tuple[str, str], ...] = (
    ("..", "two dots"),
    ("a/b", "an encoded slash"),
    ("\x00", "an encoded null character"),
    ("海\u0301\U0001f30a", "letters of other scripts"),
    ("x" * 2000, "2000 characters"),
    ("%", "a percent sign"),
    ("' OR 1=1 --", "quotes"),
    ("00000000-0000-0000-0000-000000000000", "a UUID of zeros"),
    ("-1", "a negative number"),
    ("null", "the word null"),
)
# Another account's key, or nobody's; what it asks for is there, and is not to be shown to it.
_NEAR_KEYS: tuple[tuple[str, Credentials], ...] = (
    ("the key in another case", "other-case"),
    ("the key and one character more", "longer"),
    ("the key without its last character", "shorter"),
)
# Stands for the situations of a key that is nobody's, and of a task that is not the caller's.
_KEY_NEAR = "key_near"
_DOTS_IN_A_TOKEN = 2
_NO_TOKEN = "Bearer under.study.nobody"
_SPOILT: tuple[tuple[str, bytes], ...] = (("a body that is no JSON", b'{"prompt": '), ("an empty object", b"{}"))
# A day in the year 2100, in seconds.
_FAR_SECONDS = 4_102_444_800
METHODS = ("DELETE", "PUT", "PATCH", "POST", "GET")
_SAFE_METHODS = ("HEAD", "OPTIONS")


class CallCases:
    """Calls of one pack whose bodies are fine; `bodies` has a valid one for each operation that takes one."""

    def __init__(self, pack: Pack, constraints: list[Constraint], bodies: Mapping[str, Json], seed: int) -> None:
        self._pack = pack
        self._bodies = bodies
        self._random = Random(f"ids:{seed}:{pack.name}")
        self._ids = {(each.operation, each.pointer, each.keyword): each.id for each in constraints}

    def cases(self, operation: Operation) -> Iterator[Case]:
        """Everything about this operation's call."""
        yield from self._callers(operation)
        if operation.id_name is not None:
            yield from self._tasks(operation)
        yield from self._methods(operation)

    def _case(self, operation: Operation, words: str) -> Case:
        body = self._bodies.get(operation.id)
        return Case(
            operation=operation.id,
            expects="accepted",
            words=words,
            law="status.accepted",
            body=body,
            content_type="application/json" if body is not None else None,
        )

    # Who calls

    def _callers(self, operation: Operation) -> Iterator[Case]:
        plain = self._case(operation, "")
        scheme = self._ids.get((operation.id, "@authorization", "scheme"))
        yield replace(
            plain,
            words="the scheme in lower case",
            law="account.scheme",
            constraint=scheme,
            credentials="lower-case",
            authorization="bearer {key}",
        )
        is_first = operation.id == next(iter(self._pack.operations))
        for words, keyword, situation, credentials, authorization in self._bad_callers(is_first=is_first):
            yield replace(
                plain,
                expects="refused",
                words=words,
                law="account.key",
                constraint=self._ids.get((operation.id, "@authorization", keyword)),
                situation=situation,
                credentials=credentials,
                authorization=authorization,
            )

        yield from self._first_of_all(operation, plain)

    def _first_of_all(self, operation: Operation, plain: Case) -> Iterator[Case]:
        """Who calls is asked before anything else: nobody learns what else is wrong with a call."""
        refused = replace(plain, expects="refused", law="account.key", body=None)
        callers: tuple[tuple[str, str, str, Credentials], ...] = (
            ("no Authorization header", "required", "key_missing", "missing"),
            ("a key that is not valid", "valid", "key_invalid", "bad"),
        )
        for (words, keyword, situation, credentials), (what, raw) in zip(callers, _SPOILT, strict=True):
            constraint = self._ids.get((operation.id, "@authorization", keyword))
            case = replace(refused, constraint=constraint, situation=situation, credentials=credentials)
            if operation.body is not None:
                yield replace(case, words=f"{words}, and {what}", raw=raw)
            elif operation.id_name is not None:
                task = fresh_id(self._pack.behaviour.task_id, self._random)
                yield replace(case, words=f"{words}, and an id that nobody was given", task=task)

    def _bad_callers(self, *, is_first: bool) -> Iterator[tuple[str, str, str, Credentials, str | None]]:
        says = self._pack.behaviour.authentication
        yield "no Authorization header", "required", "key_missing", "missing", None
        yield "an empty Authorization header", "required", "key_missing", "empty", ""
        yield "a scheme with no key behind it", "scheme", "key_malformed", "empty", "Bearer"
        yield "another scheme, Basic", "scheme", "key_malformed", "malformed", "Basic {key}"
        yield "another scheme, Token", "scheme", "key_malformed", "malformed", "Token {key}"
        if not says.raw_key:
            yield "a key without a scheme", "scheme", "key_malformed", "malformed", "{key}"
        yield "a key that is not valid", "valid", "key_invalid", "bad", None
        if says.jwt_account is not None:
            over = f"Bearer {_token(says.jwt_account, exp=1, nbf=0)}"
            yield "a token that is over", "valid", "key_expired", "malformed", over
            early = f"Bearer {_token(says.jwt_account, exp=_FAR_SECONDS + 1800, nbf=_FAR_SECONDS)}"
            yield "a token that has not begun", "valid", "key_not_yet_valid", "malformed", early
            if is_first:
                # Tokens are read by one piece of code for all operations.
                yield "three parts as of a token, which say nothing", "valid", "key_invalid", "malformed", _NO_TOKEN

    # Which task

    def _tasks(self, operation: Operation) -> Iterator[Case]:
        plain = self._case(operation, "a task of the account")
        yield plain
        sign = f"?{operation.id_name}" if operation.id_location == "query" else f"{{{operation.id_name}}}"
        refused = replace(plain, expects="refused", law="status.refused", situation="task_unknown")
        for _ in range(_UNKNOWN_IDS):
            yield replace(
                refused,
                words="an id that nobody was given",
                constraint=self._ids.get((operation.id, sign, "known")),
                task=fresh_id(self._pack.behaviour.task_id, self._random),
            )
        shaped = self._ids.get((operation.id, sign, "format"))
        if shaped is not None:
            yield replace(refused, words="an id of another form", constraint=shaped, task="understudy")
        for words, credentials in _NEAR_KEYS:
            yield replace(
                plain,
                expects="refused",
                words=f"a task of the account, asked for with {words}",
                law="account.key",
                constraint=self._ids.get((operation.id, "@authorization", "valid")),
                situation=_KEY_NEAR,
                credentials=credentials,
            )
        # As part of a path nothing is no id; as a parameter it is an odd one.
        empty = (("", "nothing"),) if operation.id_location == "query" else ()
        for task, words in (*_ODD_IDS, *empty):
            yield replace(plain, expects="either", words=f"an odd id: {words}", law="robustness.survives", task=task)

    # Which method

    def _methods(self, operation: Operation) -> Iterator[Case]:
        constraint = self._ids.get((operation.id, "@method", "method"))
        if constraint is None:
            return
        known = {each.method for each in self._pack.operations.values() if each.path == operation.path}
        body = next(iter(self._bodies.values()), None)
        for method in (*METHODS, *_SAFE_METHODS):
            if method in known:
                continue
            carries = method in ("PUT", "PATCH", "POST") and body is not None
            yield Case(
                operation=operation.id,
                expects="either" if method in _SAFE_METHODS else "refused",
                words=f"{method}, which is not offered there",
                law="robustness.survives" if method in _SAFE_METHODS else "status.refused",
                constraint=None if method in _SAFE_METHODS else constraint,
                situation=None if method in _SAFE_METHODS else "method_unknown",
                body=self._bodies.get(operation.id, body) if carries else None,
                content_type="application/json" if carries else None,
                method=method,
            )


def is_near(case: Case) -> bool:
    """Whether it is sent with a key that is nearly the account's."""
    return case.situation == _KEY_NEAR


def has_neighbours(key: str) -> bool:
    """Whether a key that is nearly this one is surely another: the end of a token may not matter."""
    return len(key) > 1 and key.count(".") != _DOTS_IN_A_TOKEN and key.swapcase() != key


def _token(claim: str, exp: int, nbf: int) -> str:
    """A token out of its time: refused as a token, and as a key that nobody has."""
    parts = ({"alg": "HS256", "typ": "JWT"}, {claim: "understudy", "exp": exp, "nbf": nbf})
    written = [json.dumps(part, separators=(",", ":")).encode() for part in parts]
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in (*written, b"nobody's signature"))


def fresh_id(says: TaskId, random: Random) -> str:
    """An id that looks like the vendor's and was given to nobody."""
    if says.format == "uuid":
        text = f"{random.getrandbits(128):032x}"
        return f"{says.prefix}{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:]}"
    letters = "0123456789" if says.format == "digits" else _ALNUM
    first = random.choice(letters[1:10])
    return says.prefix + first + "".join(random.choices(letters, k=max(says.length - 1, 0)))
