"""The book of a pack: both sides of every constraint or the reason why not, the same every time, and not too long."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from case_books import ACME, VENDORS, book, known, pack
from contracts.cases import PROMPT_MARK, Case, make_cases
from specs.pointers import finder

Json = Any
ROOT = Path(__file__).resolve().parents[3]
REFUSED_MAX, ACCEPTED_MAX = 860, 260
every_vendor = pytest.mark.parametrize("vendor", VENDORS)


def sides(vendor: str) -> dict[tuple[str, str], list[Case]]:
    """The cases on each side of each constraint; an accepted case counts for all that it keeps."""
    found: dict[tuple[str, str], list[Case]] = {}
    for case in book(vendor).cases:
        names = [case.constraint, *case.also] if case.expects == "accepted" else [case.constraint]
        side = {"accepted": "accepts", "refused": "rejects"}.get(case.expects, "")
        for name in names if side else ():
            if name is not None:
                found.setdefault((name, side), []).append(case)
    return found


@every_vendor
def test_every_constraint_has_cases_on_both_sides_or_a_reason(vendor: str) -> None:
    """And never both, nor a case about something that is no constraint."""
    found, missing = sides(vendor), book(vendor).untested
    wanted = {(name, side) for name in known(vendor) for side in ("accepts", "rejects")}

    assert found.keys() | missing.keys() == wanted
    assert found.keys() & missing.keys() == set()
    assert all(reason.strip() for reason in missing.values())


@every_vendor
def test_little_is_left_out(vendor: str) -> None:
    """Only what no request can show: a path without its parameter, a promise, a model that is no text."""
    keywords = Counter((known(vendor)[name].keyword, known(vendor)[name].location) for name, _ in book(vendor).untested)

    assert set(keywords) <= {("minLength", "path"), ("type", "body"), ("additionalProperties", "body")}
    for name, side in book(vendor).untested:
        constraint, model = known(vendor)[name], pack(vendor).behaviour.model
        if constraint.keyword == "type":
            assert model is not None
            assert (constraint.pointer, side) == (model.pointer, "rejects")


@every_vendor
def test_each_kind_of_constraint_is_broken_alone_somewhere(vendor: str) -> None:
    """No keyword of the catalogue goes without a refused case, but for promises."""
    refused = {known(vendor)[name].keyword for name, side in sides(vendor) if side == "rejects"}
    promises = {
        each.keyword for each in known(vendor).values() if each.limit is True and each.words.startswith("other")
    }

    assert {each.keyword for each in known(vendor).values()} - refused - promises <= set()


@every_vendor
def test_book_is_bounded(vendor: str) -> None:
    """A run sends a limited number of requests, and submits fewer jobs still."""
    counts = Counter(case.expects for case in book(vendor, 50).cases)

    assert counts["refused"] <= REFUSED_MAX
    assert counts["accepted"] <= ACCEPTED_MAX
    assert counts["either"] <= 100


def test_same_seed_same_cases() -> None:
    """Whatever else is loaded, in this process or another one: the seed alone replays them."""
    script = (
        "import sys; sys.path.insert(0, 'tests'); from case_books import book; "
        "print(repr(book('acme', 24).cases) if len(sys.argv) == 1 else repr(book('acme', 24).untested))"
    )
    other = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)

    assert other.stdout.strip() == repr(book("acme", 24).cases)
    assert repr(make_cases(pack("acme"), 0, 24).cases) == repr(book("acme", 24).cases)


def test_another_seed_asks_for_other_ids() -> None:
    """Unknown ids, own ids and drawn bodies follow it; the catalogue's bodies don't."""
    first, second = make_cases(pack("acme"), 1, 0), make_cases(pack("acme"), 2, 0)

    def ids(cases: tuple[Case, ...]) -> list[str]:
        return [case.task for case in cases if case.situation == "task_unknown" and case.task]

    assert [case.words for case in first.cases] == [case.words for case in second.cases]
    assert set(ids(first.cases)) & set(ids(second.cases)) == set()


@every_vendor
def test_own_ids_are_used_once(vendor: str) -> None:
    """An account may use each once: every case that is to be accepted brings a fresh one, and so does every run."""
    pointer = pack(vendor).behaviour.external_id
    if pointer is None:
        pytest.skip("the vendor knows no ids of the client's")
    again = make_cases(pack(vendor), 0, 0, run="tuesday")

    def own(cases: tuple[Case, ...]) -> list[str]:
        accepted = [case for case in cases if case.expects == "accepted" and isinstance(case.body, dict)]
        return [value for case in accepted for _, value in finder(pointer)(case.body) if value]

    used, later = own(book(vendor).cases), own(again.cases)
    assert used
    assert len(set(used)) == len(used)
    assert set(used) & set(later) == set()


@every_vendor
def test_prompts_are_recognisable(vendor: str) -> None:
    """Whoever pays can tell these jobs: every accepted body says so, unless its prompt is what the case is about."""
    prompts = pack(vendor).behaviour.prompts
    for case in book(vendor, 24).cases:
        is_job = pack(vendor).operations[case.operation].role == "submit" and isinstance(case.body, dict)
        is_about = (case.constraint or "").split(":")[1:2]
        if case.expects == "accepted" and is_job and is_about and is_about[0] in prompts:
            continue
        if case.expects == "accepted" and is_job:
            texts = [text for pattern in prompts for _, text in finder(pattern)(case.body)]
            assert any(PROMPT_MARK in text for text in texts), case.words


@every_vendor
def test_no_two_cases_send_the_same(vendor: str) -> None:
    """Each request tells something of its own; the accepted ones cost a job each."""
    sent = [replace(case, words="", law="", constraint=None, also=()) for case in book(vendor).cases]
    seen = Counter(repr(case) for case in sent if case.expects == "accepted" and not has_own_id(vendor, case))

    assert [key for key, count in seen.items() if count > 1] == []


def has_own_id(vendor: str, case: Case) -> bool:
    """Whether the body carries an id of the client's: it is another one each time."""
    pointer = pack(vendor).behaviour.external_id
    return pointer is not None and isinstance(case.body, dict) and bool(finder(pointer)(case.body))


def has_whole_fraction(value: Json) -> bool:
    """Whether a whole number is written as a fraction somewhere inside."""
    if isinstance(value, dict):
        return any(map(has_whole_fraction, value.values()))
    if isinstance(value, list):
        return any(map(has_whole_fraction, value))
    return isinstance(value, float) and value.is_integer()


@every_vendor
def test_no_whole_number_is_written_as_a_fraction(vendor: str) -> None:
    """To some services 5.0 is 5, to others it is not: neither side is asked."""
    assert [case.words for case in book(vendor).cases if has_whole_fraction(case.body)] == []


def test_nothing_is_drawn_without_examples() -> None:
    """And the libraries for it are not read, which takes longer than everything else."""
    script = (
        "import sys, specs; from contracts.cases import make_cases; make_cases(specs.load(sys.argv[1]), 0, 0);"
        "print([name for name in ('schemathesis', 'hypothesis', 'mockserver', 'httpx') if name in sys.modules])"
    )
    said = subprocess.run(
        [sys.executable, "-c", script, str(ACME)], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert said.stdout.strip() == "[]"


def test_words_are_for_people() -> None:
    """Each case says in one line what is sent."""
    words = [case.words for vendor in VENDORS for case in book(vendor).cases]

    assert all(said.strip() and len(said) < 400 for said in words)
    assert "duration is 16 (example full)" in [case.words for case in book("mulerouter").cases]


def test_fraction_of_a_part_would_be_right_if_it_were_cut_off() -> None:
    """In each operation with parts: one item alone is changed, and the whole stays as it was."""
    about = [
        case for case in book("mulerouter").cases if (case.constraint or "").endswith("/multi_prompt/*/duration:type")
    ]
    found = []
    for case in about:
        parts = [shot.get("duration") for shot in case.body["multi_prompt"] if isinstance(shot, dict)]
        numbers = [each for each in parts if isinstance(each, (int, float)) and not isinstance(each, bool)]
        is_cut = len(numbers) == len(parts) and any(each != int(each) for each in numbers)
        if is_cut and sum(map(int, numbers)) == case.body.get("duration", 5):
            found.append(case.operation)

    assert sorted(found) == ["createImageToVideo", "createTextToVideo"]


@pytest.mark.parametrize("vendor", ["mulerouter", "powertokens"])
def test_truth_value_of_a_part_would_be_right_if_it_were_counted(vendor: str) -> None:
    """A service that adds up true as 1 finds that the whole comes out: it refuses the job only if it sees the type."""
    sums = {True: 0, False: 0}
    for case in book(vendor).cases:
        if (case.constraint or "").endswith("/multi_prompt/*/duration:type"):
            parts = [shot["duration"] for shot in case.body["multi_prompt"] if isinstance(shot, dict)]
            if any(isinstance(each, bool) for each in parts):
                sums[sum(map(int, parts)) == int(case.body.get("duration", 5))] += 1

    assert sums[True]
    assert not sums[False]


@pytest.mark.parametrize("vendor", ["kling", "powertokens", "myrouter"])
def test_null_is_tried_in_more_than_one_kind_of_job(vendor: str) -> None:
    """A member may count as absent in one kind alone: in jobs in shots, say."""
    nulls = [
        case.body
        for case in book(vendor).cases
        if (case.constraint or "").endswith("/negative_prompt:type") and case.body["negative_prompt"] is None
    ]

    assert {bool(body.get("multi_prompt")) for body in nulls} == {True, False}


def test_limit_is_broken_in_the_fullest_job_too() -> None:
    """The same length too many beside nothing else, and beside all else that a job may have."""
    longest = [
        case.body
        for case in book("powertokens").cases
        if (case.constraint or "").endswith("/duration:enum") and case.body["duration"] == "16"
    ]

    assert {body.get("mode") for body in longest} >= {None, "pro"}
