"""Requests that no client should send: no JSON, odd media types, depth and size; none of them may hurt a service."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

from contracts.cases.case import Case
from contracts.cases.writing import PROMPT_MARK
from specs.constraint import Constraint
from specs.pack import Operation, Pack
from specs.pointers import Json, finder, join, replaced, split

MALFORMED, SURVIVES = "robustness.malformed", "robustness.survives"
_EXTRA = "understudy_extra"
_DEEP, _DEEPER, _LONG, _DIGITS = 100, 10_000, 1_000_000, 5_000
_MEDIA_TYPES = (
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=understudy",
    "application/xml",
)


class RobustnessCases:
    """Odd requests to one operation, each made of a body that would be accepted as it is."""

    def __init__(self, pack: Pack, operation: Operation, constraints: list[Constraint], body: Json) -> None:
        self._pack = pack
        self._body = body
        self._text = json.dumps(body, ensure_ascii=False)
        self._ids = {(each.pointer, each.keyword): each.id for each in constraints if each.operation == operation.id}
        self._number = next((each.pointer for each in constraints if _is_bounded(each, operation)), None)
        self._plain = Case(operation=operation.id, expects="either", words="", law=SURVIVES, body=body)

    def cases(self) -> Iterator[Case]:
        """What must be refused, then what may be taken or refused."""
        yield from self._no_json()
        yield from self._media_types()
        yield from self._odd_but_legal()

    def _raw(self, words: str, raw: bytes | str) -> Case:
        content = raw if isinstance(raw, bytes) else raw.encode()
        return replace(self._plain, words=words, body=None, raw=content)

    def _with(self, raw: str, member: str = _EXTRA) -> str:
        """The body's text with one more member, written as it is."""
        rest = json.dumps({name: value for name, value in self._body.items() if name != member}, ensure_ascii=False)
        comma = ", " if rest != "{}" else ""
        return f'{rest[:-1]}{comma}"{member}": {raw}}}'

    # Refused

    def _no_json(self) -> Iterator[Case]:
        constraint = self._ids.get(("", "json"))
        for words, raw in self._spoilt():
            case = self._raw(words, raw)
            yield replace(case, expects="refused", law=MALFORMED, constraint=constraint, situation="json_malformed")
        for words, raw in self._strange_numbers():
            # One service can't read it, another reads it and finds it too large: either refusal will do.
            yield replace(self._raw(words, raw), expects="refused", law=MALFORMED)

    def _spoilt(self) -> Iterator[tuple[str, bytes | str]]:
        text = self._text
        yield "an empty body", b""
        yield "white space alone", b" \n"
        yield "a body cut off before its end", text[:-1]
        yield "a body cut off in the middle", text[: len(text) // 2]
        yield "text behind the body", text + " and more"
        yield "two bodies", text + text
        yield "a comma too many", text[:-1] + ",}"
        yield "single quotes", text.replace('"', "'")
        yield "a form's text", f"prompt={PROMPT_MARK.replace(' ', '+')}".encode()
        yield "a line break inside of a text", self._with(f'"{PROMPT_MARK}\n"')
        yield "bytes that are no UTF-8", self._with(f'"{PROMPT_MARK} ?"').encode().replace(b"?", b"\xff\xc3")

    def _strange_numbers(self) -> Iterator[tuple[str, str]]:
        # Where nobody looks at the value, that it is no JSON is the only thing wrong with it.
        for number in ("NaN", "-Infinity"):
            yield f"an unknown member is {number}", self._with(number)
        member = split(self._number)[0] if self._number is not None else None
        for number in ("NaN", "Infinity", "1e999") if member is not None else ():
            yield f"{member} is {number}", self._with(number, str(member))

    def _media_types(self) -> Iterator[Case]:
        constraint = self._ids.get(("@content-type", "contentType"))
        if constraint is None:
            return
        charset = replace(
            self._plain, words="a media type with a charset", law="status.accepted", constraint=constraint
        )
        yield replace(charset, expects="accepted", content_type="application/json; charset=utf-8")
        for name in _MEDIA_TYPES:
            yield replace(
                self._plain,
                expects="refused",
                words=f"the media type {name}",
                law=MALFORMED,
                constraint=constraint,
                situation="content_type",
                content_type=name,
            )

    # Either

    def _odd_but_legal(self) -> Iterator[Case]:
        yield replace(self._plain, words="no media type", content_type=None)
        yield replace(self._plain, words="a body in chunks", chunked=True)
        for name, value in list(self._body.items())[:1]:
            twice = f'{{"{name}": {json.dumps(value, ensure_ascii=False)}, {self._text[1:]}'
            yield self._raw(f"{name} twice", twice)
        for depth in (_DEEP, _DEEPER):
            yield self._raw(f"{depth} lists in each other", self._with("[" * depth + "]" * depth))
        yield self._raw(f"{_DEEP} objects in each other", self._with('{"a":' * _DEEP + "1" + "}" * _DEEP))
        yield self._raw(f"an unknown text of {_LONG} characters", self._with('"' + "x" * _LONG + '"'))
        yield self._raw("an unknown number with an exponent of 400", self._with("1e400"))
        # Python reads no more than 4,300 digits as a number, and says so with another error than for what is no JSON.
        yield self._raw(f"an unknown number of {_DIGITS} digits", self._with("9" * _DIGITS))
        yield self._raw("a null character in an unknown member", self._with('"\\u0000"'))
        yield self._raw("half a character in an unknown member", self._with('"\\ud800"'))
        yield self._raw("a byte order mark", b"\xef\xbb\xbf" + self._text.encode())
        yield self._raw("UTF-16", self._text.encode("utf-16"))
        yield from self._odd_prompts()

    def _odd_prompts(self) -> Iterator[Case]:
        for pattern in self._pack.behaviour.prompts:
            for at, prompt in finder(pattern)(self._body)[:1]:
                body = replaced(self._body, at, f"{prompt}\x00")
                yield replace(self._plain, words="a null character in the prompt", body=body)
                half = json.dumps(replaced(self._body, at, f"{prompt}\ud83c"))
                yield self._raw("half a character in the prompt", half)
                return


def _is_bounded(constraint: Constraint, operation: Operation) -> bool:
    """Whether it bounds a number at the top of the operation's body, whatever else is there."""
    at_top = constraint.pointer == join(split(constraint.pointer)[:1])
    return (
        constraint.operation == operation.id
        and constraint.location == "body"
        and constraint.keyword == "maximum"
        and at_top
        and not constraint.conditions
        and not constraint.idle
    )
