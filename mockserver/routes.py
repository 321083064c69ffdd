"""Which operation a method and a path mean: exact paths by one look-up, templates by their fixed part first."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple
from urllib.parse import unquote

from mockserver.endpoint import Endpoint

_PARAMETER = re.compile(r"\{([^}]+)\}")


class Found(NamedTuple):
    """An endpoint and its path parameters; or none, and the methods that the path does have."""

    endpoint: Endpoint | None
    parameters: Mapping[str, str]
    allow: str


class _Template(NamedTuple):
    """A path with parameters, by what stands between them; a parameter's name may be any text."""

    pattern: re.Pattern[str]
    names: list[str]
    methods: dict[str, Endpoint]

    @classmethod
    def of(cls, path: str, methods: dict[str, Endpoint]) -> _Template:
        pieces = _PARAMETER.split(path)
        return cls(re.compile("([^/]+)".join(map(re.escape, pieces[::2]))), pieces[1::2], methods)


class Routes:
    """The operations of one vendor by method and path."""

    def __init__(self, endpoints: Iterable[Endpoint]) -> None:
        self._exact: dict[str, dict[str, Endpoint]] = {}
        self._found: dict[tuple[str, str], Found] = {}
        self._tails: dict[tuple[str, str], tuple[Endpoint, str]] = {}
        self._by_head: dict[str, list[_Template]] = {}
        templates: dict[str, dict[str, Endpoint]] = {}
        for endpoint in endpoints:
            operation = endpoint.operation
            home = templates if "{" in operation.path else self._exact
            home.setdefault(operation.path, {})[operation.method] = endpoint
            if home is self._exact:
                self._found[operation.method, operation.path] = Found(endpoint, {}, "")
        for path, methods in templates.items():
            head, _, rest = path.partition("{")
            self._by_head.setdefault(head, []).append(_Template.of(path, methods))
            if head.endswith("/") and rest.find("}") == len(rest) - 1:
                self._tails.update({(method, head): (endpoint, rest[:-1]) for method, endpoint in methods.items()})

    def find(self, method: str, path: str) -> Found:
        """What is at the path, percent-encoded as it was sent."""
        found = self._found.get((method, path))
        if found is not None:
            return found
        methods = self._exact.get(path)
        if methods is not None:
            return self._chosen(methods, method, {})
        # Nearly every template ends in its only parameter: its head is the path up to the last slash.
        cut = path.rfind("/") + 1
        tail = self._tails.get((method, path[:cut]))
        if tail is not None and cut < len(path):
            return Found(tail[0], {tail[1]: unquote(path[cut:])}, "")
        templates_here = self._by_head.get(path[:cut])
        found = self._match(templates_here or (), method, path)
        if found is None and templates_here is None:
            others = (each for head, templates in self._by_head.items() if path.startswith(head) for each in templates)
            found = self._match(others, method, path)
        return found or Found(None, {}, "")

    def _match(self, templates: Iterable[_Template], method: str, path: str) -> Found | None:
        for pattern, names, methods in templates:
            match = pattern.fullmatch(path)
            if match is not None:
                parameters = {name: unquote(value) for name, value in zip(names, match.groups(), strict=True)}
                return self._chosen(methods, method, parameters)
        return None

    @staticmethod
    def _chosen(methods: Mapping[str, Endpoint], method: str, parameters: Mapping[str, str]) -> Found:
        endpoint = methods.get(method)
        return Found(endpoint, parameters, "" if endpoint else ", ".join(sorted(methods)))
