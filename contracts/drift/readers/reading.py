"""From a page's text to its facts, by readers that know styles and no vendor."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from contracts.drift.readers.anchored import anchored
from contracts.drift.readers.endpoints import endpoints
from contracts.drift.readers.examples import answers
from contracts.drift.readers.facts import PRESENT, Facts
from contracts.drift.readers.headers import headers
from contracts.drift.readers.lines import read_lines
from contracts.drift.readers.members import blocks
from contracts.drift.readers.phrases import outside
from contracts.drift.readers.statuses import settled, statuses
from contracts.drift.readers.tables import listed, models, rows

_NO_ANCHORS: Mapping[str, str] = MappingProxyType({})


def read_facts(text: str, anchors: Mapping[str, str] = _NO_ANCHORS) -> Facts:
    """Everything that the page states; `anchors` are the first words of descriptions whose names the page has lost."""
    lines = read_lines(text)
    found = [*endpoints(lines), *headers(lines)]
    if anchors:
        found += anchored(lines, anchors)
        listed_headers = [each for member in blocks(lines) if member.subject[0] == "@" for each in member.statements()]
        found += [each for each in listed_headers if each.name in (PRESENT, "scheme")]
    else:
        for member in [*blocks(lines), *rows(lines)]:
            found += member.statements()
        found += listed(lines)
        if [each.name for each in found if each.subject == "/model" and each.name in (PRESENT, "enum")] == [PRESENT]:
            found += models(lines)
    sent = {each.subject.split("/")[1] for each in found if each.name == PRESENT and each.subject.startswith("/")}
    found += answers(lines, sent)
    found += statuses(lines)
    found += outside([line.text for line in lines if line.kind != "code"], sent)
    return Facts.of(settled(found))
