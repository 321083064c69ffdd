"""From a name or a folder to a pack; what can't be used is refused with file, place, what is wrong and the way out."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import specs
from broken_packs import Workshop
from specs import PackError
from specs.pack import SITUATIONS, STATES
from specs.templates import placeholders


def complaint(pack: Workshop) -> str:
    """Why the pack can't be read, in the form that every such complaint has."""
    with pytest.raises(PackError) as caught:
        specs.load(pack.folder)
    problem = caught.value
    assert str(problem).startswith(problem.file)
    assert problem.problem in str(problem)
    assert problem.way_out in str(problem)
    assert "\n" not in problem.problem
    return str(problem)


def test_names_are_the_folders_that_hold_a_contract() -> None:
    """Sorted; every one of them can be read, and is called as its folder is."""
    names = specs.names()

    assert names == sorted(names)
    for name in names:
        assert specs.load(name).name == name
        assert specs.load(name).folder.name == name


@pytest.mark.parametrize("name", specs.names())
def test_shipped_pack_says_everything(name: str) -> None:
    """A word for every state, a refusal for every situation, an answer for every operation, examples for every body."""
    pack = specs.load(name)
    behaviour = pack.behaviour
    optional = {"model_missing", "model_unknown"} if behaviour.model is None else set()
    optional |= {"model_missing"} if behaviour.model and behaviour.model.missing is None else set()
    optional |= {"key_not_yet_valid"} if behaviour.authentication.jwt_account is None else set()

    assert set(behaviour.lifecycle.words) == set(STATES)
    assert len(set(behaviour.lifecycle.words.values())) == len(STATES)
    assert set(SITUATIONS) - optional <= set(behaviour.refusals) <= set(SITUATIONS)
    assert {operation.role for operation in pack.operations.values()} >= {"submit", "poll"}
    for operation in pack.operations.values():
        assert operation.answer in behaviour.answers
        assert (operation.body is None) == (operation.role != "submit")
        assert operation.body is None or operation.examples
    assert "default" in behaviour.failures.kinds
    assert pack.title


@pytest.mark.parametrize("name", specs.names())
def test_lenient_pack_is_read_too(name: str) -> None:
    """And so is each named option, alone."""
    pack = specs.load(name, lenient=True)
    assert pack.operations.keys() == specs.load(name).operations.keys()
    for option in pack.options:
        switched = specs.load(name, options={option: True})
        assert switched.options[option]
        assert switched.openapi != pack.openapi or switched.behaviour != pack.behaviour


def test_folder_of_ones_own_is_a_vendor(pack: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    """By its path, absolute or relative, as text or path; called as the folder is."""
    monkeypatch.chdir(pack.folder.parent)
    for way in (pack.folder, str(pack.folder), f"./{pack.folder.name}", pack.folder.name):
        read = specs.load(way)
        assert (read.name, read.folder) == (pack.folder.name, pack.folder.resolve())


@pytest.mark.parametrize("name", ["nobody", "./nowhere", "/no/such/folder", "../mulerouter/openapi.yaml"])
def test_what_is_neither_vendor_nor_folder_is_refused_with_the_vendors(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The way out lists what there is."""
    (tmp_path / "inside").mkdir()
    monkeypatch.chdir(tmp_path / "inside")
    with pytest.raises(PackError) as caught:
        specs.load(name)
    for vendor in specs.names():
        assert vendor in str(caught.value)


@pytest.mark.parametrize("name", ["My-Pack", "1pack", "pack.one", "päck", "-pack"])
def test_folder_that_can_not_be_part_of_a_path_is_refused(pack: Workshop, name: str) -> None:
    """Its name is the prefix under which it answers."""
    odd = Workshop(Path(shutil.move(pack.folder, pack.folder.parent / name)))

    assert repr(name) in complaint(odd)


BREAKS: dict[str, tuple[Callable[[Workshop], Workshop], tuple[str, ...]]] = {
    "operation without an id": (
        lambda pack: pack.change("openapi.yaml", "operationId: createVideo", "x-id: x"),
        ("/post", "operationId"),
    ),
    "operation that behaviour does not know": (
        lambda pack: pack.change("openapi.yaml", "operationId: createVideo", "operationId: makeVideo"),
        ("behaviour.yaml", "makeVideo", "role"),
    ),
    "operation that the contract does not know": (
        lambda pack: pack.change(
            "behaviour.yaml",
            "  getVideo:",
            "  readVideo: {role: poll, tasks: video, answer: job, id: {in: path, name: id}}\n  getVideo:",
        ),
        ("/operations/readVideo", "openapi.yaml"),
    ),
    "unknown answer": (
        lambda pack: pack.change("behaviour.yaml", "answer: job", "answer: jobs"),
        ("'jobs'", "submitted, job"),
    ),
    "unknown refusal for the model": (
        lambda pack: pack.add("behaviour.yaml", "model: {pointer: /model, unknown: model_unknown}\n"),
        ("/model", "model_unknown"),
    ),
    "unknown failure for media": (
        lambda pack: pack.add(
            "behaviour.yaml", "media: {members: [/image], failing_hosts: [.invalid], private: false, failure: media}\n"
        ),
        ("/media/failure", "moderation"),
    ),
    "unknown rule kind": (
        lambda pack: pack.change("openapi.yaml", "x-rules:", "x-rules:\n        - {kind: not-there, pointer: /prompt}"),
        ("not-there",),
    ),
    "missing member": (
        lambda pack: pack.change("behaviour.yaml", "times: rfc3339-ms\n", ""),
        ("behaviour.yaml", "times"),
    ),
    "unknown member": (lambda pack: pack.add("behaviour.yaml", "colour: blue\n"), ("behaviour.yaml", "colour")),
}


@pytest.mark.parametrize("name", BREAKS)
def test_broken_pack_is_refused_at_its_place(pack: Workshop, name: str) -> None:
    """The words of the complaint lead to the line."""
    breaks, words = BREAKS[name]
    said = complaint(breaks(pack))

    for word in words:
        assert word in said, said


def test_pack_without_one_of_its_files_is_refused(pack: Workshop) -> None:
    """With the name of the file, and which ones a pack has."""
    (pack.folder / "behaviour.yaml").unlink()

    assert "has no behaviour.yaml" in complaint(pack)


def test_unknown_option_is_refused_with_the_ones_there_are(pack: Workshop) -> None:
    """A switch that switches nothing would be silently ignored."""
    with pytest.raises(PackError, match="no option 'colour'"):
        specs.load(pack.folder, options={"colour": True})


@pytest.mark.parametrize("name", specs.names())
def test_placeholders_of_a_pack_are_all_documented(name: str) -> None:
    """Nobody meets a placeholder that the page on packs does not explain."""
    page = (Path(specs.__file__).parent / "README.md").read_text(encoding="utf-8")
    behaviour = specs.load(name).behaviour
    templates = [body for answer in behaviour.answers.values() for body in answer.bodies.values()]
    templates += [refusal.body for refusal in behaviour.refusals.values()]
    for template in templates:
        for used in placeholders(template):
            if not used.startswith(("request.", "failure.")):
                assert f"`{used}`" in page, used
