"""Whether an OpenAPI document has objects and arrays where comparing relies on them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from specs.pointers import Json, join

_OBJECTS = frozenset(
    {
        *("paths", "components", "webhooks", "responses", "requestBody", "content", "headers", "callbacks", "schema"),
        *("properties", "patternProperties", "dependentSchemas", "dependentRequired"),
    }
)
_ARRAYS = frozenset(
    {"parameters", "security", "servers", "enum", "allOf", "anyOf", "oneOf", "prefixItems", "required", "x-rules"}
)
# May be one word as well, or a schema of true or false.
_WORDS = {"required": bool, "schema": bool}
# What stands below has names of its own choice, so many levels deep.
_NAMED = {
    **dict.fromkeys(("paths", "webhooks", "responses", "content", "headers", "properties", "patternProperties"), 1),
    **dict.fromkeys(("dependentSchemas", "dependentRequired", "$defs", "securitySchemes", "links", "mapping"), 1),
    **dict.fromkeys(("components", "callbacks"), 2),
}
_VALUES = frozenset({"example", "examples", "default", "enum", "const"})


def misshapen(value: Json) -> Iterator[tuple[str, str]]:
    """Pointers of what is misshapen, each with what it should be (`object`, `array`)."""
    waiting = [(value, "", 0)]
    while waiting:
        each, at, named = waiting.pop()
        if isinstance(each, list):
            waiting += [(item, f"{at}/{index}", 0) for index, item in enumerate(each)]
        elif isinstance(each, Mapping):
            for name, member in each.items():
                place = at + join([str(name)])
                if named:
                    waiting.append((member, place, named - 1))
                elif name not in _VALUES and not str(name).startswith("x-"):
                    if not _fits(str(name), member):
                        yield place, "object" if name in _OBJECTS else "array"
                    waiting.append((member, place, _NAMED.get(str(name), 0)))


def _fits(name: str, value: Json) -> bool:
    if isinstance(value, _WORDS.get(name, ())):
        return True
    wanted = Mapping if name in _OBJECTS else list if name in _ARRAYS else object
    return isinstance(value, wanted)
