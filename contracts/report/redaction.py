"""Keys out, before anything is told: what is secret in a run's exchanges, and texts without it.

The secrets are read off the requests themselves (credentials, cookies, a password in an address), so that nobody has to
pass them along. What is hidden in a text leaves a mark; in a line for the shell it leaves the variable to set.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from html import escape
from typing import TypeAlias
from urllib.parse import quote, quote_plus

from contracts.exchange import KEY, NOBODY, OTHER, Exchange

MARK = "…"
# A word this short may be any word of a sentence: it is hidden in headers alone.
WORD_CHARACTERS_MIN = 4
# A shorter secret may be a part of some word (`valid`, `invalid`): only the whole word is hidden.
PART_CHARACTERS_MIN = 8
VARIABLES: Mapping[str, str] = {
    KEY: "UNDERSTUDY_KEY",
    OTHER: "UNDERSTUDY_OTHER_KEY",
    NOBODY: "UNDERSTUDY_BAD_KEY",
}
PASSWORD = "UNDERSTUDY_PASSWORD"
_CREDENTIALS = frozenset({"authorization", "proxy-authorization"})
_SECRET_HEADER = re.compile(
    r"(?:.*-)?(?:authorization|cookie2?|password|secret|token|api-?key|(?:access|auth|secret|subscription)-key)"
)
_SCHEMES = frozenset({"basic", "bearer", "digest", "negotiate", "token"})
_USERINFO = re.compile(r"[^:/?#]+://([^/?#]*)@")
_PERCENT = re.compile(r"%[0-9A-F]{2}")


@dataclass(frozen=True, slots=True)
class Variable:
    """Stands where a secret stood: the shell variable that a person sets to it."""

    name: str


Piece: TypeAlias = str | Variable


def is_secret(header: str) -> bool:
    """Whether a header's value is nobody's business."""
    return _SECRET_HEADER.fullmatch(header.lower()) is not None


def shown(pieces: Iterable[Piece]) -> str:
    """The pieces as a text, a mark in the place of each secret."""
    return "".join(MARK if isinstance(piece, Variable) else piece for piece in pieces)


class Secrets:
    """What must not be told, each with the variable that stands for it; finds it in any text."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        forms = {form: name for secret, name in variables.items() for form in _forms(secret)}
        self._variables = forms
        self._pattern = re.compile("|".join(map(_searched, sorted(forms, key=len, reverse=True))) or r"(?!)")

    def pieces(self, text: str) -> list[Piece]:
        """The text in order, every secret in it replaced by its variable."""
        # A picture of ten megabytes is searched many times faster so.
        if not any(form in text for form in self._variables):
            return [text]
        return list(self._split(text))

    def _split(self, text: str) -> Iterator[Piece]:
        at = 0
        for found in self._pattern.finditer(text):
            yield text[at : found.start()]
            yield Variable(self._variables[found.group()])
            at = found.end()
        yield text[at:]

    def hide(self, text: str) -> str:
        """The text without secrets, and fit for UTF-8: a lone surrogate is spelt out."""
        return shown(self.pieces(encodable(text)))

    def header(self, name: str, value: str, account: str = KEY) -> list[Piece]:
        """A header's value; where the header is secret by its name, whatever it holds."""
        if not is_secret(name):
            return self.pieces(value)
        before, secret = _divided(name, value)
        return [before, Variable(self._variables.get(secret) or _variable(name, account))] if secret else [before]


def encodable(text: str) -> str:
    r"""The text itself, or with its lone surrogates spelt out (`\ud800`)."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "backslashreplace").decode()
    return text


def secrets_of(exchanges: Iterable[Exchange], *addresses: str) -> Secrets:
    """The secrets that a run's requests and addresses hold.

    A token that belongs to an account keeps that account's variable wherever else it turns up, as in a header that was
    malformed on purpose.
    """
    exchanges = list(exchanges)
    found = dict.fromkeys(_passwords({*addresses, *(each.base for each in exchanges)}), PASSWORD)
    for account in (KEY, OTHER, NOBODY):
        for each in exchanges:
            if each.account == account:
                found = {**_secrets(each), **found}
    return Secrets({secret: name for secret, name in found.items() if not _is_a_word(secret, name)})


def _is_a_word(secret: str, variable: str) -> bool:
    """Whether a sentence may hold it by chance; a key that must be refused may be a longer one (`nobody`)."""
    return len(secret) < WORD_CHARACTERS_MIN or (variable == VARIABLES[NOBODY] and secret.isalpha())


def _secrets(exchange: Exchange) -> dict[str, str]:
    secret_headers = [(name, value) for name, value in exchange.request_headers if is_secret(name)]
    return {_divided(name, value)[1]: _variable(name, exchange.account) for name, value in secret_headers}


def _passwords(addresses: Iterable[str]) -> Iterator[str]:
    for address in addresses:
        found = _USERINFO.match(address)
        if found is not None:
            name, colon, password = found[1].partition(":")
            yield password if colon else name


def _divided(name: str, value: str) -> tuple[str, str]:
    """A secret header's value: what may be told of it, and the secret; `Bearer` alone holds none."""
    if name.lower() not in _CREDENTIALS:
        return "", value
    scheme, _, secret = value.strip().partition(" ")
    if secret:
        return scheme + " ", secret.lstrip()
    return (value, "") if scheme.lower() in _SCHEMES else ("", scheme)


def _variable(name: str, account: str) -> str:
    if name.lower() == "authorization":
        return VARIABLES.get(account, VARIABLES[NOBODY])
    return "UNDERSTUDY_" + re.sub(r"[^A-Z0-9]", "_", name.upper())


def _forms(secret: str) -> set[str]:
    """A secret as it is and as it looks inside an address, JSON or HTML."""
    # As bytes: a text may hold half a character, which a URL never does.
    octets = secret.encode("utf-8", "surrogatepass")
    encoded = quote(octets, safe="")
    in_json = {json.dumps(secret, ensure_ascii=ascii_only)[1:-1] for ascii_only in (True, False)}
    return {
        *(secret, encoded, quote_plus(octets), _PERCENT.sub(lambda found: found.group().lower(), encoded)),
        *(in_json | {form.replace("/", "\\/") for form in in_json}),
        *(escape(secret, quote=True), escape(secret, quote=False)),
    }


def _searched(form: str) -> str:
    if len(form) >= PART_CHARACTERS_MIN:
        return re.escape(form)
    return rf"(?<![\w-]){re.escape(form)}(?![\w-])"
