"""What the contract has where a page states a fact, and which of its constraints stand on that page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from urllib.parse import urlsplit

from contracts.drift.readers.facts import PRESENT
from specs.catalogue import catalogue
from specs.pack import Pack
from specs.pointers import Json, is_within
from specs.sources import load_sources

# Which keywords of the catalogue hold what a fact of this name states.
_KEYWORDS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        name: frozenset(keywords.split())
        for name, keywords in {
            "endpoint": "method",
            "media": "contentType",
            "scheme": "scheme valid",
            "required_when": "required minLength not-blank",
            "at_least_one": "anyOf required",
            "exclusive": "not oneOf",
            "enum": "enum const",
            "sum": "sum-equals",
            "at_most_sum": "sum-equals",
            "at_most_total": "each-at-most",
            "image_bytes": "image-bytes",
            "image_side": "image-side",
            "image_side_max": "image-side",
            "image_ratio": "image-ratio",
            "image_formats": "image-format",
            "prefix": "image-prefix",
        }.items()
    }
)


class Standing:
    """The constraints of a pack, by the page that they were read from."""

    def __init__(self, pack: Pack) -> None:
        sources = load_sources(pack.folder)
        self._ids: dict[tuple[str, str], list[tuple[str, str, str]]] = {}
        for constraint in catalogue(pack):
            source = sources.source_of(constraint)
            if source is not None and source.document is not None:
                on = self._ids.setdefault((source.document.key, constraint.operation), [])
                on.append((constraint.pointer, constraint.keyword, constraint.id))

    def on(self, page: str, operation: str, pointer: str, names: Sequence[str]) -> tuple[str, ...]:
        """Ids of the constraints that say what these facts of the page said."""
        place = pointer.lower() if pointer.startswith("@") else pointer
        return tuple(
            id_
            for at, keyword, id_ in self._ids.get((page, operation), ())
            if any(self._holds(at, keyword, place, name) for name in names)
        )

    @staticmethod
    def _holds(at: str, keyword: str, place: str, name: str) -> bool:
        if name == PRESENT:
            return is_within(at, place)
        place = "@method" if name == "endpoint" else place
        return at == place and keyword in _KEYWORDS.get(name, {name})


def _member(pack: Pack, operation: str, pointer: str) -> tuple[Mapping[str, Json], Json]:
    """The schema of a request's member, and of what it is a member of."""
    body = pack.operations[operation].body
    around, found = None, body.schema if body is not None and pointer.startswith("/") else None
    for name in pointer.split("/")[1:]:
        around, found = found, _inside(found, name)
    return (found if isinstance(found, Mapping) else {}), around


def _inside(schema: Json, name: str) -> Json:
    if not isinstance(schema, Mapping):
        return None
    return schema.get("items") if name == "*" else schema.get("properties", {}).get(name)


def encoded_types(pack: Pack, operation: str, pointer: str) -> frozenset[str]:
    """The types that the contract has for a request's member; none where it has no such member."""
    declared = _member(pack, operation, pointer)[0].get("type", [])
    return frozenset([declared] if isinstance(declared, str) else declared)


def encoded(pack: Pack, operation: str, pointer: str, name: str, page_said: Json) -> Json:
    """What the contract has for a fact; where it has no such word, what the page said when it was read."""
    schema, around = _member(pack, operation, pointer)
    if name == "host":
        return urlsplit(f"//{pack.behaviour.hosts[0]}").netloc if pack.behaviour.hosts else page_said
    if name == "required" and schema:
        always = pointer.rpartition("/")[2] in around.get("required", ())
        return page_said if page_said == "conditional" and not always else always
    if name == "word":
        return sorted(set(pack.behaviour.lifecycle.words.values()))
    said = schema.get(name) if name in ("type", "default", "enum") or name.startswith(("min", "max")) else None
    return page_said if said is None else said
