"""Who may call, and where: security requirements and servers of two promises."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from contracts.drift.promises.classes import Change
from contracts.drift.promises.documents import Document
from specs.pointers import Json

# One way to authenticate: all of these together. What a scheme is counts, not what it is called.
_Way: TypeAlias = frozenset[tuple[str, str]]
# What a client has to do differently when it changes.
_TELLING = ("type", "scheme", "in", "name")


def access(old: Document, new: Document, had: Json, has: Json) -> Iterator[Change]:
    """What the requirements of one operation have become; `had` and `has` are lists of alternatives."""
    before, after = _ways(old, had), _ways(new, has)
    for way in sorted(before - after, key=sorted):
        # Whoever does more than is asked for is let in as well.
        if not any(other <= way for other in after):
            words = f"{_told(way)} is not enough any more"
            yield Change("access-gone", "request", "@security", _listed(way), None, words)
    for way in sorted(after - before, key=sorted):
        if not any(other <= way for other in before):
            yield Change("access-new", "request", "@security", None, _listed(way), f"{_told(way)} is enough now")


def _ways(document: Document, requirements: Json) -> set[_Way]:
    schemes = document.openapi.get("components", {}).get("securitySchemes", {})
    ways = set()
    for requirement in requirements or [{}]:
        parts = set()
        for name, scopes in requirement.items():
            scheme = _scheme(document.entry(schemes.get(name, {})), name)
            parts |= {(scheme, scope) for scope in ["", *scopes]}
        ways.add(frozenset(parts))
    return ways


def _scheme(entry: Mapping[str, Any], name: str) -> str:
    told = [str(entry[each]).lower() for each in _TELLING if each in entry]
    return " ".join(told) or name


def _listed(way: _Way) -> list[str]:
    return sorted(f"{scheme} {scope}".rstrip() for scheme, scope in way)


def _told(way: _Way) -> str:
    return " with ".join(_listed(way)) or "no authentication"


def details(old: Document, new: Document) -> Iterator[Change]:
    """What else is said of the ways to authenticate: addresses, scopes, the form of a token."""
    had, has = (each.openapi.get("components", {}).get("securitySchemes", {}) for each in (old, new))
    for name in had.keys() & has.keys():
        one, other = ({**side.entry(schemes[name])} for side, schemes in ((old, had), (new, has)))
        for entry in (one, other):
            entry.pop("description", None)
        if one != other and _scheme(one, name) == _scheme(other, name):
            at = f"@security {name}"
            yield Change("access-details", "request", at, one, other, f"details of {name} are others")


def servers(had: Json, has: Json) -> Iterator[Change]:
    """Addresses of the service; a document that names none says nothing about them."""
    one, other = ([str(each.get("url", "")).rstrip("/") for each in side or []] for side in (had, has))
    if one and other:
        for url in sorted(set(one) - set(other)):
            yield Change("server-gone", "request", "@server", url, None, f"the server {url} is gone")
        for url in sorted(set(other) - set(one)):
            yield Change("server-new", "request", "@server", None, url, f"the server {url} is new")
