"""Which lines of a page that was saved as bare text are code: commands, programs in any language, JSON."""

from __future__ import annotations

import re
from collections.abc import Sequence

_BEGINS = re.compile(
    r"curl\b.*|import [\w{*\"'(@].*|from [\w.]+ import .*|use [\w:\\]+;|using [\w.]+;|package \w+|#include .*"
    r"|require[(\s]['\"].*|<\?php|#!/.*|(?:const|let|var|final|auto|val) [\w\s,{}<>]+:?=.*"
    r"|\$?\w+ ?:?= ?(?:[\[{(\"'$f]|new\b|await\b|\w+[.(]).*|(?:await )?(?:fetch|axios|requests|http|client)[.(].*"
    r"|[{\[]|\{.*\}|\[\{.*|(?:async )?(?:func|def|class|function|public|fn) [\w<>(].*[({:]"
)
_GOES_ON = re.compile(
    r"[}\])'\"].*|--\w.*|-[HdXF] .*|\.\w+\(.*|.*[\[{(;\\]|.*=>.*|\$?[\w.]+\(.*\)?;?|[\w$.\[\], ]+(?::=|=)[^=].*"
    r"|(?:try|catch|return|await|print|echo|throw|if|for|else|end|EOF|EOT|EOL|defer|body,|res,|req,)\b.*|#.*|//.*"
    r"|['\"]?[\w-]+['\"]?\s*:\s*(?:['\"\[{].*|[\w.+-]+,?)|[\w'\"]+,|\d+,?|(?:true|false|null|None|True|False),?"
)
# Inside of brackets or quotes anything is code, but a page that forgot to close one is not all code.
_LINES_MAX = 400


def code_lines(lines: Sequence[str]) -> frozenset[int]:
    """The indices of the lines that are code."""
    found: set[int] = set()
    number = 0
    while number < len(lines):
        if _BEGINS.fullmatch(lines[number]):
            end = _end(lines, number)
            found.update(range(number, end))
            number = end
        else:
            number += 1
    return frozenset(found)


def _end(lines: Sequence[str], begin: int) -> int:
    """Behind the last line of the example that begins here."""
    depth, end = 0, begin
    for number in range(begin, min(len(lines), begin + _LINES_MAX)):
        line = lines[number]
        if number > begin and depth <= 0 and line and not (_GOES_ON.fullmatch(line) or _BEGINS.fullmatch(line)):
            break
        depth = max(0, depth + _opened(line))
        if line:
            end = number + 1
    else:
        # The brackets never closed: what looks like code is, the rest is not.
        end = end if depth <= 0 else _plain_end(lines, begin)
    return end


def _plain_end(lines: Sequence[str], begin: int) -> int:
    end = begin + 1
    while end < len(lines) and lines[end] and (_GOES_ON.fullmatch(lines[end]) or _BEGINS.fullmatch(lines[end])):
        end += 1
    return end


def _opened(line: str) -> int:
    """How many brackets the line leaves open."""
    bare = re.sub(r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'", "", line)
    return sum(bare.count(each) for each in "{[(") - sum(bare.count(each) for each in "}])")
