"""False alarms of Schemathesis: each service that is right is asked once, until anything changes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

import alarms
from alarms import false_alarms, made_of, state
from beside import Report
from mutants.catalogue import correct_services, mutants

FOUND = {"fake/a": frozenset({"ignored_auth"}), "fake/b": frozenset({"unsupported_method", "ignored_auth"})}


class Asked:
    """Answers as the table above, and remembers who was asked."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def __call__(self, names: Sequence[str]) -> Iterator[Report]:
        for name in names:
            self.names.append(name)
            yield Report(FOUND[name], 7, 0.5)


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """Where nothing is kept yet, in a folder that is not there yet."""
    return tmp_path / "reports" / "kept.json"


def test_what_is_found_is_said_for_each(kept: Path) -> None:
    assert false_alarms(["fake/a", "fake/b"], Asked(), "now", kept) == FOUND


def test_nobody_is_asked_twice_in_one_state(kept: Path) -> None:
    first, again = Asked(), Asked()
    false_alarms(["fake/a"], first, "now", kept)

    assert false_alarms(["fake/a", "fake/b"], again, "now", kept) == FOUND
    assert (first.names, again.names) == (["fake/a"], ["fake/b"])


def test_all_are_asked_again_in_another_state(kept: Path) -> None:
    again = Asked()
    false_alarms(["fake/a", "fake/b"], Asked(), "now", kept)
    false_alarms(["fake/a", "fake/b"], again, "later", kept)

    assert again.names == ["fake/a", "fake/b"]


def test_run_that_breaks_off_loses_nothing(kept: Path) -> None:
    def broken(names: Sequence[str]) -> Iterator[Report]:
        yield Report(FOUND[names[0]], 7, 0.5)
        raise KeyboardInterrupt

    again = Asked()
    with pytest.raises(KeyboardInterrupt):
        false_alarms(["fake/a", "fake/b"], broken, "now", kept)
    false_alarms(["fake/a", "fake/b"], again, "now", kept)

    assert again.names == ["fake/b"]


def test_no_report_about_a_right_service_ends_it(kept: Path) -> None:
    """Else what is wrong with the check would count as a kill at each mutant."""
    with pytest.raises(SystemExit, match="fake/a, which is right: no end in 900 s"):
        false_alarms(["fake/a"], lambda _: [Report(frozenset(), 0, 900.0, "no end in 900 s")], "now", kept)

    assert not kept.exists()


@pytest.fixture
def sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with one pack."""
    monkeypatch.setattr(alarms, "_ROOT", tmp_path)
    (tmp_path / "specs").mkdir()
    (tmp_path / "specs" / "pack.yaml").write_text("name: a\n", encoding="utf-8")
    return tmp_path / "specs"


def test_state_stays_while_nothing_changes(sources: Path) -> None:
    before = state()
    (sources / "README.md").write_text("Words.", encoding="utf-8")

    assert state() == before


@pytest.mark.parametrize(("name", "text"), [("pack.yaml", "name: b\n"), ("other.py", "")])
def test_state_is_another_when_a_source_is(sources: Path, name: str, text: str) -> None:
    before = state()
    (sources / name).write_text(text, encoding="utf-8")

    assert state() != before


@pytest.mark.usefixtures("sources")
def test_state_is_another_when_schemathesis_is(monkeypatch: pytest.MonkeyPatch) -> None:
    before = state()
    monkeypatch.setattr(alarms, "version", lambda _: "99.0")

    assert state() != before


def test_every_source_that_is_looked_at_is_there() -> None:
    assert [source for source in alarms._SOURCES if not (alarms._ROOT / source).exists()] == []


@pytest.mark.parametrize(
    ("mutant", "right"),
    [
        ("reference/kling/mode-4k-refused", "reference/kling"),
        ("wire/kling/own_ids_are_everybodys", "fake/kling"),
        ("wire/gateway/others_tasks_when_done", "gateway"),
    ],
)
def test_mutant_is_made_of_a_service_that_is_right(mutant: str, right: str) -> None:
    assert mutant in mutants()
    assert made_of(mutant) == right


def test_every_mutant_is_made_of_one_that_speaks_the_same_api() -> None:
    right = correct_services()

    assert [each.id for each in mutants().values() if right[made_of(each.id)].vendor != each.vendor] == []
