"""`understudy lint` and the facts of pages: whatever nobody would compare is named."""

from __future__ import annotations

import pytest

from broken_packs import Workshop

PAGES = """pages:
  page:
    operation: createVideo
    endpoints: {"POST /v1/videos": createVideo}
    anchors: {"/prompt": "What to show"}
    facts:
      "": {endpoint: ["POST /v1/videos"]}
      "/prompt": {present: [true], maxLength: [500]}
"""

BROKEN_PAGES = {
    "operation": ("operation: createVideo", "operation: makeVideo", "there is no operation 'makeVideo'"),
    "endpoint": (": createVideo}", ": makeVideo}", "there is no operation 'makeVideo'"),
    "document": ("  page:", "  leaf:", "there is no document 'leaf'"),
    "anchor": ('{"/prompt": "What', '{"/promt": "What', "nothing is known of /promt"),
    "fact": ("maxLength", "maxLenght", "Additional properties are not allowed ('maxLenght' was unexpected)"),
    "value": ("[500]", "500", "500 is not of type 'array'"),
    "no facts": ("    facts:\n", "    fact:\n", "'facts' is a required property"),
}


def test_sound_pages_are_no_flaw(pack: Workshop) -> None:
    """A pack may keep the facts of its pages, or not."""
    pack.add("pages.yaml", PAGES)

    assert pack.found() == []


@pytest.mark.parametrize("name", BROKEN_PAGES)
def test_what_is_broken_in_pages_is_named(name: str, pack: Workshop) -> None:
    """A fact that nobody compares, an operation or a page that there is not."""
    old, new, words = BROKEN_PAGES[name]
    pack.add("pages.yaml", PAGES).change("pages.yaml", old, new)

    assert ("page", "pages.yaml", words) in pack.found()
