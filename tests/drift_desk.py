"""A pack whose pages are those of `drift_pages.py`, and a page of it looked at anew."""

from __future__ import annotations

from pathlib import Path

import specs
from contracts.commands.new import write_pack
from contracts.drift.comparing import Compared, Comparison
from contracts.drift.pages import Page, read_pages, record
from drift_pages import ANCHORS, STYLES

_ENTRIES = """pages:
  list: {operation: createVideo, facts: {}}
  table: {operation: createVideo, answers: getVideo, facts: {}}
  prose:
    operation: createVideo
    facts: {}
    anchors:
"""


class Desk:
    """The pages as they were recorded, and what their texts say now."""

    def __init__(self, folder: Path) -> None:
        pack_folder = write_pack("films", folder)
        pack = specs.load(str(pack_folder))
        anchors = "".join(f'      {pointer}: "{words}"\n' for pointer, words in ANCHORS.items())
        (pack_folder / "pages.yaml").write_text(_ENTRIES + anchors, encoding="utf-8")
        for style, text in STYLES.items():
            record(pack_folder, style, text, pack, None)
        self.folder = pack_folder
        self.pages: dict[str, Page] = {page.key: page for page in read_pages(pack)}
        self._comparison = Comparison(pack)

    def compared(self, style: str, text: str) -> Compared:
        """This text as a page of that style."""
        page = self.pages[style]
        return self._comparison.compare(page, page.read(text))

    def found(self, style: str, text: str) -> list[tuple[str, str | None, str | None]]:
        """Kind, operation and pointer of each drift."""
        return [(each.kind, each.operation, each.pointer) for each in self.compared(style, text).drifts]
