"""Which operation a method and a path belong to, and which task a poll asks for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple
from urllib.parse import parse_qsl, unquote

from specs.pack import Operation

_PARAMETER = re.compile(r"\{([^}]+)\}")


class Route(NamedTuple):
    """The operation, if there is one; else the methods that are documented for the path (none: no such path)."""

    operation: Operation | None
    methods: tuple[str, ...]
    parameters: Mapping[str, str]


class Routes:
    """The operations of a pack by path and method."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        self._paths: dict[str, tuple[re.Pattern[str], list[str], dict[str, Operation]]] = {}
        for each in operations:
            pieces = _PARAMETER.split(each.path)
            pattern = "([^/]+)".join(map(re.escape, pieces[::2]))
            home = self._paths.setdefault(each.path, (re.compile(pattern), pieces[1::2], {}))
            home[2][each.method] = each

    def find(self, method: str, path: str) -> Route:
        """What is documented for the method at this path, percent-encoded as it was sent."""
        documented = self.pattern(path)
        if documented not in self._paths:
            return Route(None, (), {})
        pattern, names, methods = self._paths[documented]
        match = pattern.fullmatch(path)
        values = match.groups() if match is not None else ()
        return Route(methods.get(method), tuple(methods), dict(zip(names, map(unquote, values), strict=True)))

    def pattern(self, path: str) -> str:
        """The documented path that a path is one of; the path itself when it is none."""
        # A path that is written out wins over one with parameters.
        by_parameters = sorted(self._paths.items(), key=lambda entry: len(entry[1][1]))
        found = (documented for documented, (pattern, _, _) in by_parameters if pattern.fullmatch(path))
        return next(found, path)


def asked_id(route: Route, query: str) -> str | None:
    """The id that a poll asks for; None when the call is no poll, or names none."""
    operation = route.operation
    if operation is None or operation.id_name is None:
        return None
    given = route.parameters if operation.id_location == "path" else dict(parse_qsl(query, keep_blank_values=True))
    return given.get(operation.id_name)
