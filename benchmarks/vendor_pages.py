"""What the readers of vendors' pages see: every fact of a page changed in turn, and pages that only have other words.

    python3 run.py python benchmarks/vendor_pages.py [FOLDER]

Without FOLDER the pages are those of the tests, one of each style, in each way of saving: how many changes were found
as what they are and alone, and how many editorial changes said nothing. FOLDER holds saved pages of vendors that there
are packs of, unchanged since they were recorded: for each, how many changes were found, and how many false alarms there
were. The texts of vendors are theirs, so none lies here. The status is 1 when a change is missed or mistaken, or where
words say something.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[1]
# The pages of each style and what may happen to them lie with the tests.
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import specs  # noqa: E402 - found by the line above
from contracts.drift.comparing import Comparison, alike  # noqa: E402
from contracts.drift.pages import Page, read_pages  # noqa: E402
from drift_changes import CHANGES, EDITORIAL  # noqa: E402
from drift_desk import Desk  # noqa: E402
from drift_pages import SAVED, STYLES  # noqa: E402
from page_changes import changes, editorials  # noqa: E402


def _as_it_is(text: str) -> str:
    return text


def _tried(desk: Desk, save: Callable[[str], str]) -> Iterator[tuple[str, str, bool]]:
    """Style, what was tried, whether it went as it should."""
    for change in CHANGES:
        wanted = [(change.kind, change.operation, change.pointer)]
        yield change.style, "changes", desk.found(change.style, save(change.text)) == wanted
    for style, old, new in EDITORIAL:
        # Blanks are laid out anew by whoever saves.
        if save is _as_it_is or old.strip():
            yield style, "editorial", not desk.found(style, save(STYLES[style].replace(old, new)))


def _styles() -> int:
    """The table of the tests' pages; how many went wrong."""
    failed = 0
    with TemporaryDirectory() as folder:
        desk = Desk(Path(folder))
        for save in [_as_it_is, *SAVED]:
            tried: Counter[tuple[str, str]] = Counter()
            right: Counter[tuple[str, str]] = Counter()
            for style, what, went_right in _tried(desk, save):
                tried[style, what] += 1
                right[style, what] += went_right
                failed += not went_right
            for style, what in tried:
                sys.stdout.write(
                    f"{save.__name__.strip('_'):14} {style:6} {what:9} {right[style, what]:4} of {tried[style, what]}\n"
                )
    return failed


def _known() -> dict[str, Page]:
    """All pages of all packs, by vendor and key."""
    packs = [specs.load(name) for name in specs.names()]
    recorded = [pack for pack in packs if (pack.folder / "pages.yaml").is_file()]
    return {f"{pack.name} {page.key}": page for pack in recorded for page in read_pages(pack)}


def _vendor(name: str, page: Page, text: str) -> int:
    """Prints recall and false alarms of one page; how many went wrong."""
    comparison = Comparison(page.pack)
    found, missed, told, alarms = 0, [], 0, []
    for change in changes(page, text):
        drifts = comparison.compare(page, page.read(change.text)).drifts
        is_found = any(each.kind == change.kind and change.pointer in ("", each.pointer) for each in drifts)
        found += is_found
        missed += [] if is_found else [change.what]
    for other in editorials(page, text):
        told += 1
        alarms += [other.what] if comparison.compare(page, page.read(other.text)).drifts else []
    tried = found + len(missed)
    sys.stdout.write(f"{name:28} changes {found:4} of {tried:4}   false alarms {len(alarms):3} of {told:3}\n")
    for word, whats in (("missed", missed), ("alarm", alarms)):
        sys.stdout.writelines(f"    {word}: {what}\n" for what in whats)
    return len(missed) + len(alarms)


def _vendors(folder: Path) -> int:
    """The table of the pages in the folder; how many went wrong."""
    pages, failed = _known(), 0
    for file in sorted(each for each in folder.iterdir() if each.is_file()):
        text = file.read_text(encoding="utf-8")
        name = max(pages, key=lambda each: alike(pages[each], pages[each].read(text)))
        page = pages[name]
        if alike(page, page.read(text)) < len(page.facts):
            sys.stdout.write(f"{file.name}: no page as any pack has it\n")
        else:
            failed += _vendor(name, page, text)
    return failed


def main(folder: str | None = None) -> int:
    """Prints the table."""
    return 1 if (_styles() if folder is None else _vendors(Path(folder))) else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
