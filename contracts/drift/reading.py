"""From a page's text to its facts, by readers that know styles and no vendor."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from contracts.drift.anchored import anchored
from contracts.drift.endpoints import endpoints
from contracts.drift.examples import answers
from contracts.drift.facts import Facts
from contracts.drift.lines import read_lines
from contracts.drift.members import members

_NO_ANCHORS: Mapping[str, str] = MappingProxyType({})


def read_facts(text: str, anchors: Mapping[str, str] = _NO_ANCHORS) -> Facts:
    """Everything that the page states; `anchors` are the first words of descriptions whose names the page has lost."""
    lines = read_lines(text)
    found = [*endpoints(lines), *answers(lines)]
    found += anchored(lines, anchors) if anchors else members(lines)
    return Facts.of(found)
