"""What the readers of vendors' pages see: every fact of a page of each style changed in turn, however it was saved.

    python3 run.py python benchmarks/vendor_pages.py

For each style and each way of saving: how many changes were found as what they are and alone (recall), and how many
editorial changes said nothing. A few seconds. The status is 1 when a change is missed or mistaken, or where words say
something.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[1]
# The pages and what may happen to them lie with the tests.
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from drift_changes import CHANGES, EDITORIAL  # noqa: E402 - found by the line above
from drift_desk import Desk  # noqa: E402
from drift_pages import SAVED, STYLES  # noqa: E402


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


def main() -> int:
    """Prints the table."""
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
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
