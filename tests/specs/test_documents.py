"""The files of a pack: YAML 1.2 in, references resolved, patches merged, kept under a name made of their content."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import orjson
import pytest

from broken_packs import Workshop
from specs.documents import cache_folder, read_documents, read_yaml
from specs.errors import PackError

Json = Any


def yaml(folder: Path, text: str | bytes) -> Json:
    """What a file with this text holds."""
    file = folder / "some.yaml"
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_yaml(file)


YAML_12 = {
    '"16:9"': "16:9",
    "16:9": "16:9",
    "on": "on",
    "off": "off",
    "yes": "yes",
    "no": "no",
    "true": True,
    "null": None,
    "~": None,
    "010": 10,
    "0o10": 8,
    "1e3": 1000.0,
    "2026-11-21": "2026-11-21",
    "'x'": "x",
    "[a, 1]": ["a", 1],
    "{202: x, true: y}": {"202": "x", "True": "y"},
}


@pytest.mark.parametrize("text", YAML_12)
def test_yaml_is_read_as_1_2(tmp_path: Path, text: str) -> None:
    """What a reader of 1.1 would change stays as it was written; what comes out is JSON."""
    value = yaml(tmp_path, text)

    assert (value, type(value)) == (YAML_12[text], type(YAML_12[text]))
    orjson.dumps(value)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a: [", "line "),
        ("a: b: c", "line 1"),
        ("\tx: 1", "line 1"),
        ("a: 1\na: 2", "line 2"),
        ("a: *nowhere", "line 1"),
        ("\x00", ""),
    ],
)
def test_what_is_no_yaml_is_refused_with_its_line(tmp_path: Path, text: str, place: str) -> None:
    """A member that stands twice, too."""
    with pytest.raises(PackError) as caught:
        yaml(tmp_path, text)
    assert caught.value.file.endswith("some.yaml")
    assert caught.value.place.startswith(place)


@pytest.mark.parametrize("data", [b"\xff\xfe", b"a: \xe9"])
def test_what_is_no_text_is_refused(tmp_path: Path, data: bytes) -> None:
    """UTF-8 only."""
    with pytest.raises(PackError, match=r"can't be read \(it is not UTF-8\)"):
        yaml(tmp_path, data)


def test_what_is_not_there_is_said_once(tmp_path: Path) -> None:
    """The file's name and the reason, without the system's own way of saying both."""
    with pytest.raises(PackError, match=r"absent.yaml: can't be read \(No such file or directory\)"):
        read_yaml(tmp_path / "absent.yaml")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a: 1\nb: 2026-02-30", "line 2, column 4"),
        ("a: 2026-01-01T25:00:00Z", "line 1, column 4"),
        ("a: 0x_", "line 1, column 4"),
        ("a: !!int abc", "line 1, column 4"),
        ("a: !!bool x", "line 1, column 4"),
    ],
)
def test_value_that_can_not_be_made_is_refused_with_its_line(tmp_path: Path, text: str, place: str) -> None:
    """Syntax is not all that can be wrong."""
    with pytest.raises(PackError, match="can't be read") as caught:
        yaml(tmp_path, text)
    assert caught.value.place == place


@pytest.mark.parametrize(
    "text", ["[" * 101 + "]" * 101, "[" * 5000, '{"a":' * 5000, "- " * 3000, "&a [*a]", "a: &a {b: *a}"]
)
def test_nesting_without_end_is_refused(tmp_path: Path, text: str) -> None:
    """Whether Python's stack would hold or not."""
    with pytest.raises(PackError, match="is nested more than 100 deep"):
        yaml(tmp_path, text)


def test_a_hundred_levels_are_read(tmp_path: Path) -> None:
    """No document that anybody means has more."""
    assert yaml(tmp_path, "[" * 100 + "]" * 100)


@pytest.mark.parametrize("name", ["0123", "1e3", "0x1F", "2026-01-01", "true", "null", "~", "1_000"])
def test_names_that_are_no_texts_are_told_where_they_matter(tmp_path: Path, name: str) -> None:
    """With the line, as they were written; quoted they are texts like others."""
    file = tmp_path / "some.yaml"
    file.write_text(f"first: 1\n{name}: 2\n", encoding="utf-8")
    with pytest.raises(PackError, match=f"the name {name} is not a text. Put it in quotes") as caught:
        read_yaml(file, text_names=True)
    assert caught.value.place == "line 2, column 1"

    file.write_text(f"first: 1\n'{name}': 2\n", encoding="utf-8")
    assert read_yaml(file, text_names=True) == {"first": 1, name: 2}


def test_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """With its name."""
    with pytest.raises(PackError, match=r"nowhere\.yaml"):
        read_yaml(tmp_path / "nowhere.yaml")


def references(value: Json) -> bool:
    """Whether a reference is left anywhere."""
    if isinstance(value, dict):
        return "$ref" in value or any(map(references, value.values()))
    return isinstance(value, list) and any(map(references, value))


def test_no_reference_is_left(pack: Workshop) -> None:
    """Each is replaced by what it refers to; what stands beside it is laid over."""
    pack.change(
        "openapi.yaml",
        "components:",
        "x-one: {deep: {a/b: {c: 1}}, d: 2}\nx-two: {$ref: '#/x-one/deep/a~1b', d: 3}\n"
        "x-three: [{$ref: '#/x-two'}]\ncomponents:",
    )
    document = read_documents(pack.folder, {}, lenient=False)["openapi"]

    assert not references(document)
    assert document["x-two"] == {"c": 1, "d": 3}
    assert document["x-three"] == [{"c": 1, "d": 3}]


@pytest.mark.parametrize("target", ["#/nowhere", "other.yaml#/x", "https://example.com/x.yaml", "#", "nowhere"])
def test_reference_that_leads_out_or_nowhere_is_refused(pack: Workshop, target: str) -> None:
    """At its place; nothing is fetched."""
    pack.change("openapi.yaml", "components:", f"x-one: {{$ref: '{target}'}}\ncomponents:")
    with pytest.raises(PackError, match="/x-one"):
        read_documents(pack.folder, {}, lenient=False)


def test_reference_to_itself_is_refused(pack: Workshop) -> None:
    """In a circle of whatever length, and without one that ends the process."""
    pack.change("openapi.yaml", "components:", "x-one: {$ref: '#/x-two'}\nx-two: {a: {$ref: '#/x-one'}}\ncomponents:")
    with pytest.raises(PackError, match="refers to itself"):
        read_documents(pack.folder, {}, lenient=False)


def test_references_do_not_nest_without_end(pack: Workshop) -> None:
    """Each schema is flat enough by itself; all of them together are not."""
    deep = "{a: " * 30
    lines = [f"x-{n}: {deep}{{$ref: '#/x-{n + 1}'}}{'}' * 30}" for n in range(50)]
    pack.change("openapi.yaml", "components:", "\n".join([*lines, "x-50: {}", "components:"]))
    with pytest.raises(PackError, match="is nested more than 100 deep, its references resolved"):
        read_documents(pack.folder, {}, lenient=False)


def kept() -> list[Path]:
    """What is in the cache."""
    return sorted(cache_folder().glob("*.json")) if cache_folder().exists() else []


def test_pack_is_read_once_and_kept_under_its_content(pack: Workshop) -> None:
    """The second reading needs no YAML; another text, another name; another switch, another name."""
    first = read_documents(pack.folder, {}, lenient=False)
    assert len(kept()) == 1
    kept()[0].write_bytes(orjson.dumps({"from": "the cache"}))
    assert read_documents(pack.folder, {}, lenient=False) == {"from": "the cache"}
    assert read_documents(pack.folder, {}, lenient=True) == first
    pack.change("behaviour.yaml", "title: ", "title: Other ")
    changed = read_documents(pack.folder, {}, lenient=False)
    assert changed["behaviour"]["title"] == "Other " + first["behaviour"]["title"]
    assert len(kept()) == 3


def test_broken_cache_is_read_over(pack: Workshop) -> None:
    """What can't be read there is read anew, and kept again."""
    first = read_documents(pack.folder, {}, lenient=False)
    for spoiled in (b"", b"{", b"\xff"):
        kept()[0].write_bytes(spoiled)
        assert read_documents(pack.folder, {}, lenient=False) == first
        assert orjson.loads(kept()[0].read_bytes()) == first


def test_cache_that_can_not_be_written_is_no_error(
    pack: Workshop, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """It only starts more slowly."""
    blocked = tmp_path / "a-file"
    blocked.write_text("in the way")
    monkeypatch.setenv("XDG_CACHE_HOME", str(blocked))

    assert read_documents(pack.folder, {}, lenient=False)["behaviour"]


def test_cache_is_at_an_absolute_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """A relative one would be another in each folder; it counts as nothing."""
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")

    assert cache_folder() == Path.home() / ".cache" / "understudy"


def test_cache_does_not_grow_without_end(pack: Workshop) -> None:
    """A hundred stay, what was used longest ago goes, unfinished files too; what is not ours is left alone."""
    folder = cache_folder()
    folder.mkdir(parents=True)
    for age in range(150):
        file = folder / (f"old-{age}.json" if age % 2 else f"tmp{age}.part")
        file.write_text("{}", encoding="utf-8")
        os.utime(file, (1_000_000 - age, 1_000_000 - age))
    (folder / "notes.txt").write_text("mine", encoding="utf-8")
    os.utime(folder / "notes.txt", (1, 1))

    read_documents(pack.folder, {}, lenient=False)

    left = {file.name for file in folder.iterdir()}
    assert len(left) == 101
    assert {"notes.txt", "old-1.json", "tmp98.part"} < left
    assert "old-99.json" not in left
    assert len([name for name in left if name.startswith("mine-")]) == 1


def test_what_is_read_stays_in_the_cache(pack: Workshop) -> None:
    """A pack that is served each day is not put out by a hundred others that were tried once."""
    read_documents(pack.folder, {}, lenient=False)
    (ours,) = kept()
    os.utime(ours, (1_000_000, 1_000_000))
    for number in range(100):
        file = cache_folder() / f"tried-{number}.json"
        file.write_text("{}", encoding="utf-8")
        os.utime(file, (2_000_000, 2_000_000))

    read_documents(pack.folder, {}, lenient=False)
    read_documents(pack.folder, {}, lenient=True)

    assert ours in kept()
    assert len(kept()) == 100


def test_refused_pack_is_not_kept(pack: Workshop) -> None:
    """Or it would be accepted the second time."""
    pack.add("behaviour.yaml", "colour: blue\n")
    for _ in range(2):
        with pytest.raises(PackError):
            read_documents(pack.folder, {}, lenient=False)
    assert kept() == []


OPTION = """\
options:
  louder:
    why: for tests
    enabled: false
    merge: {behaviour: {title: LOUD}, openapi: {info: {title: LOUD, summary: null}}}
"""


def test_options_and_leniency_are_merged_in(pack: Workshop) -> None:
    """A switched option's patch, and leniency's last; what is off changes nothing."""
    pack.add("behaviour.yaml", OPTION + "lenient: {merge: {behaviour: {times: epoch-s}}}\n")

    def told(*, lenient: bool, **switches: bool) -> tuple[str, str, str]:
        said = read_documents(pack.folder, switches, lenient=lenient)
        return said["behaviour"]["title"], said["openapi"]["info"]["title"], said["behaviour"]["times"]

    quiet = told(lenient=False)
    assert quiet[2] == "rfc3339-ms"
    assert "LOUD" not in quiet
    assert told(lenient=False, louder=True) == ("LOUD", "LOUD", "rfc3339-ms")
    assert told(lenient=True) == (*quiet[:2], "epoch-s")
    assert told(lenient=True, louder=True) == ("LOUD", "LOUD", "epoch-s")


def test_patch_that_breaks_a_pack_is_refused(pack: Workshop) -> None:
    """What a switch makes of it is judged like the pack itself."""
    pack.add("behaviour.yaml", OPTION.replace("title: LOUD}, openapi", "times: sundial}, openapi"))
    with pytest.raises(PackError, match="/times"):
        read_documents(pack.folder, {"louder": True}, lenient=False)
    assert read_documents(pack.folder, {}, lenient=False)
