"""Values just outside of a limit: for each keyword of JSON Schema the telling ones, the most telling first."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, zip_longest
from types import MappingProxyType

from contracts.cases.writing import marked_text, plain_text
from specs.pointers import Json

# Beyond these a number is no longer exact in every language: one step further would say nothing.
_EXACT_MAX = 2**53
_FAR = 10**19
_YES_OR_NO = frozenset({"on", "off", "yes", "no", "true", "false"})
# From here on a text is something that people write, and may be counted in something else than code points.
PROSE = 30


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit, what stands there in a valid body, and what else is known about the place."""

    keyword: str
    limit: Json
    value: Json
    types: Collection[str]
    """The types that are allowed there, as far as the catalogue says."""
    words: Collection[str] = ()
    """What others take for a member of this name."""
    is_word: bool = False
    """Whether services look for it among others: a word, an id."""
    is_prose: bool = False
    """Whether people write there what they like: any text will do, and only its length can be wrong."""

    def text(self, length: int) -> str | None:
        """A text of this length for the place; None when the valid one can't be made as short."""
        if self.is_prose or not isinstance(self.value, str):
            return plain_text(length)
        return self.value.ljust(length, "x") if len(self.value) <= length else None


def outside(at: Limit) -> Iterator[Json]:
    """Values that break the limit, and what is near them; whether they break nothing else is for others to confirm."""
    make = _MAKERS.get(at.keyword)
    return make(at) if make is not None else iter(())


def _step(at: Limit) -> int | float:
    return 1 if "integer" in at.types or "number" not in at.types else 0.01


def _beyond(at: Limit, sign: int) -> Iterator[Json]:
    if abs(at.limit) >= _EXACT_MAX:
        yield sign * _FAR
        return
    yield _tidy(at.limit + sign * _step(at))
    if sign < 0 < at.limit:
        # What counts as nothing to a service that asks whether a number is there.
        yield 0
    if sign > 0:
        # What is no number any more to who keeps 64 bits of it.
        yield _FAR
    yield _tidy(at.limit + sign * 2 * _step(at))
    yield at.limit + sign * 10


def _tidy(number: float) -> int | float:
    return number if isinstance(number, int) else round(number, 6)


def _exclusive(at: Limit, sign: int) -> Iterator[Json]:
    yield at.limit
    yield _tidy(at.limit + sign * _step(at))


def _multiple(at: Limit) -> Iterator[Json]:
    if isinstance(at.value, (int, float)):
        half = 1 if at.limit != 1 and "integer" in at.types else at.limit / 2
        yield _tidy(at.value + half)
        yield _tidy(at.value - half)


def _too_short(at: Limit) -> Iterator[Json]:
    yield plain_text(at.limit - 1) if at.is_prose else (at.value or "x")[: at.limit - 1]


def _too_long(at: Limit) -> Iterator[Json]:
    if at.limit == 0:
        # Nothing may be there: what others send there says so best.
        yield at.value or "x"
        return
    yield at.text(at.limit + 1)
    if at.is_prose:
        # Too long in code points alone: fewer letters, and a blank at the end that some cut off.
        yield marked_text(at.limit) + " "


def _other_types(at: Limit) -> Iterator[Json]:
    """What a careless service takes for the right type, and null; then what no service can mistake."""
    likely = list(_mistakable(at))
    for value in (*likely[:1], None, *likely[1:], [], {}, "text", 5, True):
        if not any(_is(value, name) for name in at.types):
            yield value


def _mistakable(at: Limit) -> Iterator[Json]:
    value = at.value
    if isinstance(value, bool):
        yield from (str(value).lower(), int(value), next(iter(at.words), "yes"))
    elif isinstance(value, (int, float)):
        yield from (str(value), True, *([value + 0.5] if isinstance(value, int) else []), False)
    elif isinstance(value, str):
        number = int(value) + 0.5 if value.isdecimal() and value.isascii() else 5
        # An empty list is nothing to a service that asks for what is true, and stands in no set of words.
        if value.lower() in _YES_OR_NO:
            yield from (True, [], number)
        else:
            yield from ([], number, True) if at.is_word else (number, [], True)
    elif isinstance(value, list):
        yield from (value[0] if value else "text", dict.fromkeys(["0"], value[0] if value else None))
    elif isinstance(value, Mapping):
        yield from (True, [value], "text")
    if value is not None and not isinstance(value, (list, Mapping)):
        yield [value]


def _is(value: Json, name: str) -> bool:
    if value is None:
        return name == "null"
    if isinstance(value, bool):
        return name == "boolean"
    if isinstance(value, (int, float)):
        return name == "number" or (name == "integer" and float(value).is_integer())
    if isinstance(value, str):
        return name == "string"
    return name == ("array" if isinstance(value, list) else "object")


# Near words


def _near_words(at: Limit) -> Iterator[Json]:
    options = at.limit if isinstance(at.limit, list) else [at.limit]
    texts = [option for option in options if isinstance(option, str)]
    numbers = [option for option in options if isinstance(option, (int, float)) and not isinstance(option, bool)]
    if all(text.isdecimal() for text in texts):
        mixed: Iterator[Json] = chain(_shaped(texts), _misspelt(texts))
    else:
        known = [at.value] if at.value in texts else texts
        ways = [(word for word in at.words if word not in options), _misspelt(known), _shaped(texts)]
        mixed = chain.from_iterable(zip_longest(*ways))
    if numbers:
        mixed = chain(mixed, (min(numbers) - 1, max(numbers) + 1))
    seen: list[Json] = []
    for value in mixed:
        if value is not None and value not in options and value not in seen:
            seen.append(value)
            yield value


def _misspelt(texts: list[str]) -> Iterator[str]:
    for text in texts[:1]:
        if text.isdecimal():
            # Whatever reads a number out of a text takes blanks and noughts before it: no page forbids them.
            yield from ("", text + "x")
            continue
        yield next((each for each in (text.upper(), text.capitalize(), text.lower()) if each != text), text + "x")
        yield text + " "
        yield ""
        yield " " + text
        yield text[:-1]
        yield text + "x"


def _shaped(texts: list[str]) -> Iterator[str]:
    """Values of the same shape: the next number, another ratio, the next version, another way to say yes."""
    if texts and all(text.isdecimal() and text.isascii() for text in texts):
        low, high = min(map(int, texts)), max(map(int, texts))
        yield from (str(high + 1), str(low - 1), f"{texts[0]}.0", f"{texts[0]}s", str(2 * high))
    elif texts and all(re.fullmatch(r"[0-9]+:[0-9]+", text) for text in texts):
        yield from ("4:3", "21:9", "3:4", texts[0].replace(":", "x"), "auto")
    elif {"on", "off"} & set(texts):
        yield from ("true", "yes")
    for text in reversed(texts):
        if re.search(r"[0-9]", text) and ":" not in text and not text.isdecimal():
            yield re.sub(r"[0-9](?=[^0-9]*$)", lambda found: str((int(found[0]) + 1) % 10), text)


def _misshapen(at: Limit) -> Iterator[Json]:
    """A valid text spoilt in one place; then texts that few patterns allow."""
    value = at.value
    if isinstance(value, str) and value.isdecimal() and value.isascii():
        yield from ("0", "-1", f"{value}.5", f"{value}x", f"-{value}")
    elif isinstance(value, str) and value:
        yield from (value + "x", " " + value, value[:-1], value.swapcase(), "0" + value, f"{value}.5", "-" + value)
    yield from ("", "0", "x", "understudy")


def _unfit(at: Limit) -> Iterator[Json]:
    yield "understudy"
    if isinstance(at.value, str):
        yield at.value[:-1]
        yield at.value + "-x"
    yield ""


# Lists


def _too_few(at: Limit) -> Iterator[Json]:
    if isinstance(at.value, list):
        yield at.value[: at.limit - 1]


def _too_many(at: Limit) -> Iterator[Json]:
    if at.limit == 0:
        yield at.value or ["x"]
    elif isinstance(at.value, list) and at.value:
        yield from of_length(at.value, at.limit + 1)


def of_length(items: list[Json], count: int) -> Iterator[list[Json]]:
    """So many items: the given ones again and again; then each of them another, where items must differ."""
    yield [items[index % len(items)] for index in range(count)]
    yield [_another(items[index % len(items)], index // len(items)) for index in range(count)]


def _another(item: Json, number: int) -> Json:
    if isinstance(item, str) and number and item:
        return item[:-1] + format(number % 16, "x")
    return item + number if isinstance(item, (int, float)) and not isinstance(item, bool) else item


def _twice(at: Limit) -> Iterator[Json]:
    if isinstance(at.value, list) and at.value:
        yield [*at.value[:-1], at.value[-1], at.value[-1]]
        yield [at.value[0], at.value[0]]


def _more_members(at: Limit) -> Iterator[Json]:
    if isinstance(at.value, Mapping):
        yield {**at.value, **{f"understudy_{number}": number for number in range(at.limit + 1)}}


def _unknown_member(at: Limit) -> Iterator[Json]:
    if isinstance(at.value, Mapping) and at.limit is False:
        yield {**at.value, "understudy_extra": "x"}


_MAKERS: Mapping[str, Callable[[Limit], Iterator[Json]]] = MappingProxyType(
    {
        "type": _other_types,
        "enum": _near_words,
        "const": _near_words,
        "minimum": lambda at: _beyond(at, -1),
        "maximum": lambda at: _beyond(at, 1),
        "exclusiveMinimum": lambda at: _exclusive(at, -1),
        "exclusiveMaximum": lambda at: _exclusive(at, 1),
        "multipleOf": _multiple,
        "minLength": _too_short,
        "maxLength": _too_long,
        "pattern": _misshapen,
        "format": _unfit,
        "minItems": _too_few,
        "maxItems": _too_many,
        "uniqueItems": _twice,
        "maxProperties": _more_members,
        "additionalProperties": _unknown_member,
    }
)
