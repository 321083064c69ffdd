"""Lint of the documents: a sound pack has no flaw; each thing broken in it is named, and nothing else."""

from pathlib import Path

import pytest

import specs
from broken_packs import BEHAVIOUR, OPENAPI, SOURCES, Workshop
from specs.lint import lint


def test_sound_pack_has_no_flaw(pack: Workshop) -> None:
    """What people start from is without blame."""
    report = pack.lint()

    assert report.flaws == ()
    assert list(report.packs) == ["", "--leniency lenient"]


@pytest.mark.parametrize("name", specs.names())
def test_shipped_packs_have_no_flaw(name: str) -> None:
    """Nor has any vendor that comes with the distribution."""
    folder = Path(specs.__file__).parent / name

    assert [flaw.text(folder.parent) for flaw in lint(folder).flaws] == []


def test_flaw_is_one_line_with_file_line_and_way_out(pack: Workshop) -> None:
    """The line is the one in which the fault stands, counted in the file as it is."""
    pack.change(OPENAPI, "maximum: 15", "maximun: 15")

    (flaw,) = pack.lint().flaws

    line = pack.line(OPENAPI, "maximun")
    assert flaw.text(pack.folder) == f"openapi.yaml:{line}: nobody enforces maximun. Did you mean maximum?"


def test_example_flaw_names_the_line_of_the_example(pack: Workshop) -> None:
    """Not that of the schema."""
    pack.change(OPENAPI, "duration: 10, mode: pro", "duration: 20, mode: pro")

    (flaw,) = pack.lint().flaws

    assert flaw.line == pack.line(OPENAPI, "full:")


def test_all_flaws_are_told(pack: Workshop) -> None:
    """Three faults in three files are three lines, not the first one alone."""
    pack.change(OPENAPI, "maximum: 15", "maximun: 15")
    pack.change(BEHAVIOUR, "prompts: [/prompt,", "prompts: [/promt,")
    pack.change(SOURCES, "basis: [page]", "basis: [leaflet]")

    assert [kind for kind, _, _ in pack.found()] == ["keyword", "behaviour", "source"]


def test_standing_family_is_not_enforced(pack: Workshop) -> None:
    """What a sibling does is no reason to refuse anybody."""
    pack.change(SOURCES, "    /mode: page\n", "    /mode: {document: page, standing: family}\n")

    assert [words for _, _, words in pack.found()] == [
        "createVideo /mode type stands on family alone and is enforced",
        "createVideo /mode enum stands on family alone and is enforced",
    ]


def test_body_needs_examples(pack: Workshop) -> None:
    """An operation that takes a body shows valid ones."""
    text = (pack.folder / OPENAPI).read_text(encoding="utf-8")
    begin, end = text.index("            examples:\n"), text.index("      responses:\n")
    (pack.folder / OPENAPI).write_text(text[:begin] + text[end:], encoding="utf-8")

    assert pack.found() == [("example", OPENAPI, "createVideo has a body and no examples")]


@pytest.mark.parametrize("file", [OPENAPI, BEHAVIOUR, SOURCES])
def test_missing_file_is_told(file: str, pack: Workshop) -> None:
    """A folder that lacks one of the three is no pack."""
    (pack.folder / file).unlink()

    assert pack.found() == [("pack", "mine", f"has no {file}")]


def test_default_has_a_source_of_its_own(pack: Workshop) -> None:
    """A default is no constraint, and still somebody has read it somewhere."""
    pack.change(SOURCES, "    /mode: page\n", '    /mode: page\n    "/mode default": page\n')

    assert pack.found() == []


def test_remark_behind_a_basis_is_no_other_document(pack: Workshop) -> None:
    """`page: what it says there` stands on the page."""
    pack.change(SOURCES, "basis: [page]", 'basis: ["page: the list of members"]')

    assert pack.found() == []


OPTION = """
options:
  wide:
    why: a sibling takes it
    enabled: false
    merge:
      openapi: {components: {schemas: {VideoRequest: {properties: {width: {type: integer, maximun: 5}}}}}}
"""


def test_options_are_linted_switched_on(pack: Workshop) -> None:
    """An option that nobody has switched on yet is judged like the rest, and named."""
    pack.add(BEHAVIOUR, OPTION)

    assert pack.found() == [
        ("keyword", OPENAPI, "nobody enforces maximun (with option wide)"),
        ("source", SOURCES, "createVideo /width type has no source (with option wide)"),
    ]


def test_lenient_is_linted_too(pack: Workshop) -> None:
    """What leniency adds is judged as well."""
    pack.add(BEHAVIOUR, "\nlenient:\n  merge: {behaviour: {prompts: [/promt]}}\n")

    assert pack.found() == [("behaviour", BEHAVIOUR, "/promt is a member of no request (with --leniency lenient)")]


def test_entry_for_an_option_is_no_stray(pack: Workshop) -> None:
    """Sources may speak of what exists only with an option."""
    pack.add(BEHAVIOUR, OPTION.replace(", maximun: 5", ""))
    pack.change(SOURCES, "    /mode: page\n", "    /mode: page\n    /width: page\n")

    assert pack.found() == []


def test_file_that_cannot_be_opened_is_no_flaw(pack: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever calls is told that nothing could be judged, not that the pack is bad."""

    def refuse(self: Path, *_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "open", refuse)

    with pytest.raises(PermissionError):
        pack.lint()
