"""A strict reader of HTML: what is open is closed in order, and nothing in it reaches out or runs by itself."""

from html.parser import HTMLParser

EMPTY = {"input", "link", "meta"}
REACHING = {"src", "srcset", "data", "action", "background", "poster", "style"}


class Page(HTMLParser):
    """A page's elements and texts; `faults` tells what is not well-formed, and what would load or run something."""

    def __init__(self, content: bytes) -> None:
        super().__init__(convert_charrefs=True)
        self.unclosed: list[str] = []
        self.faults: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(content.decode())
        self.close()
        self.faults += [f"never closed: {name}" for name in self.unclosed]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notes an element."""
        self.elements.append((tag, dict(attrs)))
        self.faults += [f"{tag}: {name}" for name, _ in attrs if name.startswith("on") or name in REACHING]
        if tag not in EMPTY:
            self.unclosed.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Checks that it was the last one opened."""
        if not self.unclosed or self.unclosed.pop() != tag:
            self.faults.append(f"closed out of order: {tag}")

    def handle_data(self, data: str) -> None:
        """Notes a text."""
        self.texts.append(data)

    @property
    def text(self) -> str:
        """All texts in a row."""
        return "".join(self.texts)

    def count(self, tag: str) -> int:
        """How many elements of that name there are."""
        return sum(name == tag for name, _ in self.elements)

    def values(self, attribute: str) -> list[str]:
        """Every value that an attribute has."""
        return [found for _, attributes in self.elements if (found := attributes.get(attribute)) is not None]
