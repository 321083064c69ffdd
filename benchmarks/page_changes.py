"""Changes of any page that readers understand, made from its facts: each is changed in the text, where it stands."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from contracts.drift.pages import Page
from contracts.drift.readers.facts import ANSWER, KINDS, PRESENT
from contracts.drift.readers.members import TYPE
from specs.pointers import Json

_NUMBERS = frozenset({"minLength", "maxLength", "minimum", "maximum", "minItems", "maxItems", "image_side"})
_GLUED = re.compile(r"^([a-z_.]+?)(string|integer|number|array)(Yes|No|Conditional)", re.MULTILINE)
_OTHER_REQUIRED = {"Yes": "No", "No": "Yes", "Conditional": "Yes"}
_FORMS = {"date-time": "1771027200", "uuid": "AC-1", "uri": "file 7"}
_BEHIND = r"(?![\w-])"


class Change(NamedTuple):
    """A page in which one fact has changed, and the drift that it has to be."""

    what: str
    text: str
    kind: str
    pointer: str


class Editorial(NamedTuple):
    """A page that says what it said, in another way."""

    what: str
    text: str


class Block(NamedTuple):
    """The part of a page that speaks of one member."""

    before: str
    text: str
    after: str

    def edited(self, pattern: str, new: str | Callable[[re.Match[str]], str], count: int = 0) -> str:
        """The page with something else in this part."""
        return self.before + re.sub(pattern, new, self.text, count=count, flags=re.MULTILINE) + self.after


def changes(page: Page, text: str) -> Iterator[Change]:
    """Every fact of the page changed, gone or joined by another; what could not be changed in the text is left out."""
    for subject, name in page.facts.pairs():
        for value in page.facts.values(subject, name):
            kind = _kind(subject, name)
            for number, other in enumerate(_changed(page, text, (subject, name), value), 1):
                if other != text:
                    yield Change(f"{subject} {name} {number}", other, kind, subject.removeprefix(ANSWER))


def _kind(subject: str, name: str) -> str:
    gone = "field-removed" if subject.startswith(ANSWER) else "parameter-removed"
    return gone if name == PRESENT else KINDS[name]


def _changed(page: Page, text: str, fact: tuple[str, str], value: Json) -> Iterator[str]:
    subject, name = fact
    if subject in ("", "@Content-Type", "@Authorization") or name in ("scheme", "media"):
        yield from _of_page(text, name, value)
    elif subject.startswith(ANSWER):
        yield from _of_answer(text, subject, name, value)
    elif page.anchors:
        yield from _of_prose(_block(page, text, subject), name, value)
    else:
        yield from _of_member(_block(page, text, subject), name, value)
        yield from _of_prose(_block(page, text, subject), name, value)


def _block(page: Page, text: str, subject: str) -> Block:
    """From the line of the member to that of the next one, or to an empty line and a title.

    Where names are lost, values stand before the next member in its line.
    """
    lines, now = text.splitlines(keepends=True), page.read(text)
    begin = now.place(subject)
    end = min((each for each in now.places.values() if each > begin), default=len(lines) + 1)
    part = "".join(lines[begin - 1 : end - (not page.anchors)])
    part = re.split(r"\n(?=\n[A-Z][\w -]*\n\n)", part)[0]
    before = "".join(lines[: begin - 1])
    return Block(before, part, text[len(before) + len(part) :])


def _of_page(text: str, name: str, value: Json) -> Iterator[str]:
    """What the page says of the operation itself."""
    if name == "endpoint":
        method, _, path = str(value).partition(" ")
        for segment in {each for each in path.split("/") if each and "{" not in each}:
            yield re.sub(rf"(?<=[/\n]){re.escape(segment)}(?=[/\s\"'{{.])(?!\.\w)", segment + "-next", text)
        yield re.sub(rf"\b{method}(?=\s*\n?/)", "PATCH", text.replace(f"--request {method}", "--request PATCH"))
    elif name in ("host", "status", "media"):
        old = str(value)
        new = {"host": f"next.{old}", "status": "299", "media": "application/xml"}[name]
        yield re.sub(rf"(?<![\w.]){re.escape(old)}", new, text)
    elif name == "scheme":
        yield re.sub(rf"\b{value}(?= (?:[<{{s]|authentication))", "Key", text)


def _of_answer(text: str, subject: str, name: str, value: Json) -> Iterator[str]:
    """What an example of an answer shows."""
    member = re.escape(subject.rpartition("/")[2])
    if name == PRESENT:
        yield re.sub(rf'"{member}"(?=: )|^{member}$', f"{member}_next", text, flags=re.MULTILINE).replace(
            f"{member}_next:", f'"{member}_next":'
        )
    elif name == "type":
        yield re.sub(rf'("{member}": )("[^"<]*"|\d+)(?=,?$)', r"\1true", text, flags=re.MULTILINE)
    elif name == "format":
        yield re.sub(rf'("{member}": )"[^"]*"', rf'\1"{_FORMS.get(value, "x")}"', text)
    elif name in ("word", "const"):
        yield re.sub(rf'("{member}": )"{re.escape(value)}"', r'\1"asleep"', text)


def _of_member(block: Block, name: str, value: Json) -> Iterator[str]:
    """What the head of a member says, in lines or in a row."""
    row = _GLUED.match(block.text)
    if name == PRESENT:
        yield block.before + block.after
        yield block.edited(r"\A[\w.]+?(?=$|(?:string|integer|number|array)(?:Y|N|C))", r"\g<0>_next", 1)
    elif name == "type":
        for other in ("string", "integer", "object"):
            if other not in str(value):
                yield block.edited(r"string|integer|number|array" if row else rf"^{TYPE.pattern}$", other, 1)
        yield (
            block.edited(r" \| null$", "")
            if "null" in value
            else block.edited(rf"^{TYPE.pattern}$", r"\g<0> | null", 1)
        )
    elif name == "required" and row is not None:
        yield block.edited(r"Yes|No|Conditional", lambda match: _OTHER_REQUIRED[match[0]], 1)
    elif name == "required":
        is_required = value == "yes"
        yield block.edited(*((r"^required\n", "") if is_required else (rf"^{TYPE.pattern}$", "\\g<0>\nrequired")), 1)
    elif name == "default":
        yield block.edited(r"^default:.*\n", "")
        yield block.edited(r"^default:.*$", f"default:{'7' if isinstance(value, int) else 'other'}")


def _of_prose(block: Block, name: str, value: Json) -> Iterator[str]:
    """What a member's description says."""
    if name in _NUMBERS:
        yield block.edited(rf"(?<![\w.:]){value}(?![\d:]|\.\d)", str(value + 1))
    elif name == "enum":
        for each in value:
            yield block.edited(rf"(?<![\w.-]){re.escape(each)}{_BEHIND}", each + "x")
        yield block.edited(rf"(?<=, ){re.escape(value[0])}(?=,| )|^{re.escape(value[0])}(?=,)", f"other, {value[0]}")
    elif name.startswith("image_"):
        yield from _of_pictures(block, name, value)
    else:
        yield from _of_conditions(block, name, value)


def _of_pictures(block: Block, name: str, value: Json) -> Iterator[str]:
    if name == "image_bytes":
        yield block.edited(r"\d+(?= ?MB)", "77")
    elif name == "image_ratio":
        yield block.edited(rf"{value[1]:g}(?=:)", f"{value[1] + 1:g}")
    elif name == "image_formats":
        yield block.edited(rf"\.{value[-1]}\b", ".bmp")


def _of_conditions(block: Block, name: str, value: Json) -> Iterator[str]:
    if name in ("sum", "at_most_total", "prefix"):
        word = {"sum": "Sum of", "at_most_total": "total", "prefix": "prefix"}[name]
        yield block.edited(rf"[^.\n]*\b{word}[^\n]*\n", "", 1)
    elif name in ("exclusive", "at_least_one"):
        said = "exclusive|together with" if name == "exclusive" else "least one"
        yield block.edited(rf"[^.\n]*\b(?:{said})[^\n]*\n", "\n", 1)
    elif name == "required_when":
        for atom in value[1:]:
            old = str(atom).partition(" ")[2]
            yield block.edited(rf"(?<= is ){re.escape(old)}{_BEHIND}", "other")


_WORDS = (
    "Loved by more than 5,000 studios; prices start at $0.05 per second.",
    "Tip: prompts of 20 to 50 words work best.",
    "See our blog for the 10 best prompts of 2026, and up to 30% off until March.",
)


def editorials(page: Page, text: str) -> Iterator[Editorial]:
    """Blanks, line ends, other examples, words between any two paragraphs."""
    yield Editorial("line ends", text.replace("\n", "\r\n"))
    yield Editorial("blanks behind lines", text.replace("\n", "  \n"))
    yield Editorial("empty lines", text.replace("\n\n", "\n\n\n"))
    yield Editorial("hard spaces", text.replace(" characters", "\u00a0characters"))
    yield Editorial("bullets", text.replace("  • ", "* "))
    yield Editorial("marked", "<html><body>" + "".join(f"<p>{_marked(line)}</p>" for line in text.split("\n")))
    yield Editorial("example's words", re.sub(r'("prompt": )"[^"]*"', r'\1"A fox"', text))
    yield Editorial("example's numbers", re.sub(r'("duration": )\d+', r"\g<1>7", text))
    yield Editorial("behind", f"{text}\n\nWas this page helpful?\n\nYes\nNo")
    parts = text.split("\n\n")
    for number in range(1, len(parts)):
        words = _WORDS[number % len(_WORDS)]
        if not page.anchors:
            yield Editorial(f"words {number}", "\n\n".join([*parts[:number], words, *parts[number:]]))


def _marked(line: str) -> str:
    return line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
