"""Texts that cases carry: recognisable ones, and ones whose code points, bytes and letters differ in number."""

from __future__ import annotations

from hashlib import blake2b

PROMPT_MARK = "understudy contract check"
"""Stands in every prompt that a case does not need otherwise: who pays can tell these jobs from others."""

# Beyond the basic plane (two UTF-16 units, four bytes), letters with marks, right to left, one picture of five code
# points, a flag of two, a keycap of three: none of them is one byte, and few are one code point.
_MIXED = (
    "\U0001f30a\U00020bb7e\u0301\u0928\u0940\u05e9\u05dc\u05d5\u05dd "
    "\U0001f469\u200d\U0001f680\U0001f1e9\U0001f1ea5\ufe0f\u20e3\u6d77"
)
# A letter and its mark are two code points and look like one.
_MARKED = "e\u0301o\u0308"


def _fill(length: int, pattern: str) -> str:
    """So many code points, the mark first where there is room; the last one is a plain letter, so that nobody trims."""
    head = PROMPT_MARK + " " if length > 2 * len(PROMPT_MARK) else ""
    body = pattern * (length // len(pattern) + 1)
    return (head + body)[: max(length - 1, 0)] + ("x" if length else "")


def plain_text(length: int) -> str:
    """So many characters of ASCII."""
    return _fill(length, "a quiet harbour ")


def mixed_text(length: int) -> str:
    """So many code points of many scripts: more UTF-16 units, more bytes, fewer letters."""
    return _fill(length, _MIXED)


def marked_text(length: int) -> str:
    """So many code points, about half of them marks on letters."""
    return _fill(length, _MARKED)


def heavy_text(length: int) -> str:
    """So many code points, nearly all of four bytes: as large as a text of this length can be."""
    return _fill(length, "\U0001f30a\U00020bb7")


def fresh_text(run: str, number: int, length: int) -> str:
    """A value that no other case, and no other run, carries; as long as asked, with capitals and small letters."""
    drawn = blake2b(f"{run}:{number}".encode(), digest_size=32).hexdigest()
    digest = "".join(letter.upper() if index % 2 else letter for index, letter in enumerate(drawn))
    return ("understudy-" + digest * (length // len(digest) + 1))[:length] if length >= 24 else (digest * 2)[:length]  # noqa: PLR2004 - room for the name and enough of the digest
