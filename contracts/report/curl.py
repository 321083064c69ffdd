"""An exchange's request as one line for a POSIX shell with curl, to be pasted as it is; keys are variables in it.

The line is printable whatever the request holds. Long runs of one character are made by `head` and `tr`, a body that
can't stand in an argument is fed by `printf`, and what is longer still is named by its length and digest.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from typing import TypeAlias
from urllib.parse import quote

from contracts.exchange import Exchange, HeaderLines
from contracts.report.plain import visible
from contracts.report.redaction import Piece, Secrets, Variable

# What a person can paste, and what a system takes as one argument (Linux: 128 KiB).
LINE_CHARACTERS_MAX = 16_000
ARGUMENT_BYTES_MAX = 100_000
BODY_FILE = "body.bin"
# At least 256 of one character; in steps of 32, as there may be millions.
_RUN = re.compile(rb"((?P<one>[A-Za-z0-9])(?P=one){31})\1{7,}(?P=one)*")
_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_SAFE_WORD = re.compile(r"[A-Za-z0-9_@%+=:,./-]+")
# What double quotes leave alone, in scripts and (`!`) at a prompt.
_SAFE_IN_DOUBLE_QUOTES = re.compile(r'[^"$`\\!]*')
_UNFIT_FOR_URL = re.compile(r"[^\x21-\x7e]+")
_ALWAYS_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
# curl says these itself, or they belong to the connection that there was.
_OWN = frozenset({"host", "content-length", "connection", "user-agent", "accept-encoding", "keep-alive"})

_Part: TypeAlias = tuple[str, bool]


def curl_line(exchange: Exchange, secrets: Secrets) -> str:
    """The line that sends the exchange's request again."""
    method, url, headers = visible(exchange.method), exchange.url, exchange.request_headers
    feed, options, note = _body(method, exchange.request_body, secrets)
    words = ["curl", *_mode(method, exchange.request_body, secrets), *_address_options(url)]
    words += _headers(headers, url, secrets, exchange.account)
    # Unasked, curl calls every body a form.
    if options and all(name.lower() != "content-type" for name, _ in headers):
        words += ["-H", "'Content-Type:'"]
    words += [*options, _word(secrets.pieces(_fit_for_url(url)))]
    line = " ".join(words)
    return (f"{feed} | {line}" if feed else line) + note


def _mode(method: str, body: bytes, secrets: Secrets) -> list[str]:
    if method == "HEAD" and not body:
        return ["-I"]
    if method == "GET" and not body:
        return ["-i"]
    # curl would wait for the body that its own idea of an answer has.
    patience = ["-m", "10"] if method == "HEAD" else []
    return ["-i", *patience, "-X", _word(secrets.pieces(method))]


def _fit_for_url(url: str) -> str:
    return _UNFIT_FOR_URL.sub(lambda found: quote(found.group(), errors="backslashreplace"), url)


def _address_options(url: str) -> list[str]:
    globs = ["-g"] if re.search(r"[\[\]{}]", url) else []
    dots = ["--path-as-is"] if re.search(r"/\.\.?(?:[/?#]|$)", url) else []
    return globs + dots


def _headers(headers: HeaderLines, url: str, secrets: Secrets, account: str) -> Iterator[str]:
    for name, value in headers:
        typable = _TOKEN.fullmatch(name) and value.isprintable()
        if not typable or _is_own(name.lower(), value, url):
            continue
        # A header with a semicolon is curl's way to send an empty one; with a colon alone it would send none.
        said = [": ", *secrets.header(name, value, account)] if value.strip() else [";"]
        yield "-H"
        yield _word([*secrets.pieces(name), *said])


def _is_own(name: str, value: str, url: str) -> bool:
    if name == "host":
        return value.lower() == url.partition("://")[2].partition("/")[0].rpartition("@")[2].lower()
    return name in _OWN or (name == "accept" and value == "*/*")


def _body(method: str, body: bytes, secrets: Secrets) -> tuple[str, list[str], str]:
    """What feeds curl, its options, and a note behind the line."""
    if not body:
        return "", ["--data-raw", "''"] if method in _ALWAYS_WITH_BODY else [], ""
    parts = list(_parts(body))
    if sum(len(part) for part, _ in parts) <= LINE_CHARACTERS_MAX:
        if len(body) <= ARGUMENT_BYTES_MAX and all(part.isprintable() for part, _ in parts):
            return "", ["--data-raw", _argument(parts, secrets)], ""
        feed = _feed(parts, secrets)
        if len(feed) <= LINE_CHARACTERS_MAX:
            return feed, ["--data-binary", "@-"], ""
    digest = hashlib.sha256(body).hexdigest()
    note = f" # {BODY_FILE}: the request's body, too long for a line: {len(body)} bytes, SHA-256 {digest}"
    return "", ["--data-binary", f"@{BODY_FILE}"], note


def _argument(parts: list[_Part], secrets: Secrets) -> str:
    """The body as one word of the shell."""
    return "".join(f'"$({part})"' if run else _word(secrets.pieces(part)) for part, run in parts)


def _parts(body: bytes) -> Iterator[_Part]:
    """The body's parts in order: texts, and (True) commands that make a run of one character."""
    at = 0
    for found in _RUN.finditer(body):
        if found.start() > at:
            yield body[at : found.start()].decode("utf-8", "surrogateescape"), False
        one = found["one"].decode()
        yield f"head -c {len(found.group())} /dev/zero | tr '\\0' {one}", True
        at = found.end()
    if at < len(body):
        yield body[at:].decode("utf-8", "surrogateescape"), False


def _feed(parts: list[_Part], secrets: Secrets) -> str:
    """Commands that write the body."""
    commands = [part if run else _printf(secrets.pieces(part)) for part, run in parts]
    return commands[0] if len(commands) == 1 else "{ " + "; ".join(commands) + "; }"


def _printf(pieces: list[Piece]) -> str:
    formatted = "".join("%s" if isinstance(piece, Variable) else _format(piece) for piece in pieces)
    arguments = [_word([piece]) for piece in pieces if isinstance(piece, Variable)]
    # A dash in front would be an option.
    return " ".join(["printf", _single(re.sub(r"^-", r"\\055", formatted)), *arguments])


def _format(text: str) -> str:
    """A text as printf's format: octal what does not print."""
    text = text.replace("\\", "\\\\").replace("%", "%%").replace("\n", "\\n")
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else _octal(each) for each in text)


def _octal(character: str) -> str:
    return "".join(f"\\{byte:03o}" for byte in character.encode("utf-8", "surrogateescape"))


def _word(pieces: Iterable[Piece]) -> str:
    """One word of the shell: variables expand, all else is as it is."""
    pieces = [piece for piece in pieces if piece]
    variables = [piece for piece in pieces if isinstance(piece, Variable)]
    text = "".join(piece for piece in pieces if isinstance(piece, str))
    if not variables:
        return text if _SAFE_WORD.fullmatch(text) else _single(text)
    if _SAFE_IN_DOUBLE_QUOTES.fullmatch(text):
        return '"' + "".join(map(_expanded, pieces, [*pieces[1:], ""])) + '"'
    return "".join(f'"${piece.name}"' if isinstance(piece, Variable) else _single(piece) for piece in pieces)


def _expanded(piece: Piece, following: Piece) -> str:
    if isinstance(piece, str):
        return piece
    runs_on = isinstance(following, str) and re.match(r"\w", following)
    return f"${{{piece.name}}}" if runs_on else f"${piece.name}"


def _single(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"
