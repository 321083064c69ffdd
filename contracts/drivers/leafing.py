"""Leafing through lists: as much as one page may show, or page after page to the last."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from contracts.cases.case import Case
from specs.pack import Operation
from specs.pointers import Json

# So many pages show whether they follow one another; one more shows that there are no more.
_PAGES = 3


def whole_page(operation: Operation) -> Mapping[str, str]:
    """As much of a list as one page may show."""
    if operation.page is None:
        return {}
    schema: Json = next((each.schema for each in operation.parameters if each.name == operation.page[1]), {})
    return {operation.page[1]: str(schema["maximum"])} if "maximum" in schema else {}


def pages(operation: Operation, count: int) -> Iterator[Case]:
    """Looks at a list of about so many tasks, each the next page of a few, up to one that must be empty."""
    size = _page_size(operation, count)
    if operation.page is None or size is None:
        return
    name, of_size = operation.page
    for number in range(1, count // size + 3):
        query = {name: str(number), of_size: str(size)}
        yield Case(operation=operation.id, expects="accepted", words=f"page {number} of the list", query=query)


def _page_size(operation: Operation, count: int) -> int | None:
    """So many on each page that a few pages show all; None where pages can't be as large, or there is too little."""
    if operation.page is None:
        return None
    schema: Json = next((each.schema for each in operation.parameters if each.name == operation.page[1]), {})
    size = count // _PAGES + 1
    is_allowed = schema.get("minimum", 1) <= size <= schema.get("maximum", size)
    return size if is_allowed and count >= _PAGES else None
