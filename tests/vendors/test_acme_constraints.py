"""The invented vendor's limits hold, and a limit that is added to its files holds at once, with no Python."""

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import httpx
import pytest

import specs
from fact_tables import EDGES, played
from specs.catalogue import catalogue
from specs.pack import Operation
from targets import Json, Target

ACME = Path(__file__).parent / "acme"
FILMS = "/studio/films"
JOB: dict[str, Json] = {"engine": "reel-1", "story": {"text": "A lighthouse in a storm"}}


def layers(*percents: Json) -> dict[str, Json]:
    """An order with layers of these percents."""
    return {"engine": "reel-1", "layers": [{"text": f"Layer {each}", "percent": each} for each in percents]}


def judged(target: Target, job: Json) -> tuple[httpx.Response, set[tuple[str, str]]]:
    """The answer, and what the order broke."""
    answer = target.client.post(FILMS, json=job)
    return answer, {(violation["pointer"], violation["rule"]) for violation in target.journal()[-1]["violations"]}


@pytest.fixture(scope="module", params=EDGES)
def acme(request: pytest.FixtureRequest) -> Iterator[Target]:
    """The vendor on a server of its own."""
    with played(request.param, ACME) as target:
        yield target


REFUSED = [
    pytest.param({**JOB, "colour": "red"}, "", "additionalProperties", id="unknown-member"),
    pytest.param({"engine": "reel-1"}, "/story", "anyOf", id="neither"),
    pytest.param({**JOB, **layers(100)}, "/layers", "not", id="both"),
    pytest.param({**JOB, "story": {}}, "/story/text", "required", id="no-text"),
    pytest.param({**JOB, "story": {"text": ""}}, "/story/text", "minLength", id="text-0"),
    pytest.param({**JOB, "story": {"text": " \n"}}, "/story/text", "not-blank", id="text-blank"),
    pytest.param({**JOB, "story": {"text": "a" * 121}}, "/story/text", "maxLength", id="text-121"),
    pytest.param({**JOB, "story": {"text": "a", "language": "fr"}}, "/story/language", "enum", id="language"),
    pytest.param(layers(), "/layers", "minItems", id="layers-0"),
    pytest.param(layers(20, 20, 20, 20, 20), "/layers", "maxItems", id="layers-5"),
    pytest.param(layers(60, 39), "/layers", "sum-equals", id="sum-99"),
    pytest.param(layers(60, 41), "/layers", "sum-equals", id="sum-101"),
    pytest.param({**layers(60, 40), "whole": 99}, "/layers", "sum-equals", id="sum-of-another-whole"),
    pytest.param(layers(100, 0), "/layers/1/percent", "minimum", id="percent-0"),
    pytest.param(layers("60", 40), "/layers/0/percent", "type", id="percent-text"),
    pytest.param({**layers(9), "whole": 9}, "/whole", "minimum", id="whole-9"),
    pytest.param({**JOB, "whole": 101}, "/whole", "maximum", id="whole-101"),
    pytest.param({**JOB, "cut": {"length": 22}}, "/cut/length", "maximum", id="length-22"),
    pytest.param({**JOB, "cut": {"length": 0}}, "/cut/length", "minimum", id="length-0"),
    pytest.param({**JOB, "cut": {"length": 7}}, "/cut/length", "multipleOf", id="length-7"),
    pytest.param({**JOB, "quality": "slow"}, "/quality", "enum", id="quality"),
    pytest.param({**layers(100), "quality": "draft"}, "/quality", "const", id="draft-layers"),
    pytest.param({**layers(100), "quality": "fast"}, "/quality", "const", id="draft-layers-by-its-other-name"),
    pytest.param({**JOB, "palette": ["#000000", "#000000"]}, "/palette", "uniqueItems", id="colour-twice"),
    pytest.param({**JOB, "palette": ["#00000G"]}, "/palette/0", "pattern", id="no-colour"),
    pytest.param({**JOB, "narrator_pace": 1}, "/narrator", "dependentRequired|required", id="pace-alone"),
    pytest.param({**JOB, "narrator": "Bo", "narrator_pace": 0}, "/narrator_pace", "exclusiveMinimum", id="pace-0"),
    pytest.param(
        {**JOB, "engine": "reel-2", "lens": {"wide": 1, "tele": -1}}, "/lens", "exactly-one-nonzero", id="two-lenses"
    ),
    pytest.param({**JOB, "engine": "reel-2", "lens": {}}, "/lens", "exactly-one-nonzero", id="no-lens"),
    pytest.param({**JOB, "still": "data:image/png;base64,AAAA"}, "/still", "image-prefix", id="still"),
]


@pytest.mark.parametrize(("job", "pointer", "rules"), REFUSED)
def test_outside_a_limit(acme: Target, job: Json, pointer: str, rules: str) -> None:
    """422, and the answer points at the one thing that is wrong."""
    answer, broken = judged(acme, job)

    assert answer.status_code == 422, answer.text
    assert answer.json()["trouble"]["at"] == pointer
    assert {where for where, _ in broken} == {pointer}
    assert {rule for _, rule in broken} & set(rules.split("|")), broken


@pytest.mark.parametrize(
    "job",
    [
        pytest.param(JOB, id="minimal"),
        pytest.param({**JOB, "story": {"text": "a" * 120, "language": "de"}}, id="text-120"),
        pytest.param(layers(25, 25, 25, 25), id="layers-4"),
        pytest.param(layers(100), id="one-layer"),
        pytest.param({**layers(10), "whole": 10}, id="whole-10"),
        pytest.param({**JOB, "whole": 50}, id="whole-idle"),
        pytest.param({**JOB, "cut": {"length": 2}}, id="length-2"),
        pytest.param({**JOB, "cut": {"length": 20}}, id="length-20"),
        pytest.param({**JOB, "quality": "fast"}, id="quality-by-its-other-name"),
        pytest.param({**JOB, "narrator": "Bo", "narrator_pace": 2}, id="pace-2"),
        pytest.param({**JOB, "lens": {"wide": 1, "tele": -1}}, id="lenses-idle"),
        pytest.param({**JOB, "engine": "reel-2", "lens": {"wide": 0, "tele": -3}}, id="one-lens"),
        pytest.param({**JOB, "still": None}, id="still-null"),
    ],
)
def test_within_the_limits(acme: Target, job: Json) -> None:
    """Each boundary itself, idle members, tolerated forms."""
    answer, broken = judged(acme, job)

    assert (answer.status_code, broken) == (201, set())


def test_every_example_is_taken(acme: Target) -> None:
    """What the document shows works."""
    pack = specs.load(ACME)

    for name, job in pack.operations["orderFilm"].examples.items():
        assert judged(acme, job)[1] == set(), name


@pytest.mark.parametrize("edge", EDGES)
def test_lenient(edge: str) -> None:
    """What lenient adds: numbers as text, and a body of any media type."""
    with played(edge, ACME, lenient=True) as target:
        assert judged(target, layers("60", 40))[1] == set()
        assert judged(target, layers("60", 41))[1] == {("/layers", "sum-equals")}
        assert target.client.post(FILMS, content=b'{"engine": "reel-1", "story": {"text": "a"}}').status_code == 201


def test_option_changes_what_it_says() -> None:
    """A named switch lays its patch over both documents."""
    plain, silent = specs.load(ACME), specs.load(ACME, options={"silent_film": True})
    job = {**JOB, "narrator": "Bo"}

    def broken(pack: specs.Pack) -> list[str]:
        body = pack.operations["orderFilm"].body
        assert body is not None
        return [violation.pointer for violation in body.judge(job)[1]]

    assert (broken(plain), broken(silent)) == ([], ["/narrator"])
    assert plain.behaviour.failures.kinds["default"]["words"] != silent.behaviour.failures.kinds["default"]["words"]


# --- a limit that is added ---------------------------------------------------------------------

ADDED = """
        grain: {description: How coarse the picture is, type: integer, minimum: 3, maximum: 9}
        reels:
          description: How the seconds are spread
          type: array
          items: {type: object, required: [seconds], properties: {seconds: {type: integer, minimum: 1}}}
        footage: {description: Seconds on all reels, type: integer, minimum: 1, default: 12}
"""
RULES = """
        - {kind: sum-equals, items: /reels/*/seconds, total: /footage, when: {properties: {engine: {const: reel-2}}}}
        - {kind: not-blank, pointer: /story/language}
"""
SOURCES = "".join(
    f"    {pointer}: rumour\n" for pointer in ("/grain", "/reels", "/reels/*", "/reels/*/seconds", "/footage")
)


def insert(file: Path, before: str, more: str) -> None:
    """Writes lines before a text that is in the file once."""
    text = file.read_text(encoding="utf-8")
    assert text.count(before) == 1
    file.write_text(text.replace(before, more.lstrip("\n") + before), encoding="utf-8")


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the pack with more members, more limits and two more rules between members: text, and nothing else."""
    folder = Path(shutil.copytree(ACME, tmp_path_factory.mktemp("packs") / "acme"))
    insert(folder / "openapi.yaml", "      dependentRequired: {narrator_pace", ADDED)
    insert(folder / "openapi.yaml", "        - {kind: image, pointer: /still", RULES)
    insert(folder / "sources.yaml", "  readFilm:\n", SOURCES)
    return folder


@pytest.fixture(scope="module", params=EDGES)
def extended(request: pytest.FixtureRequest, changed: Path) -> Iterator[Target]:
    """That copy, served."""
    with played(request.param, changed) as target:
        yield target


def reels(*seconds: int, **more: Json) -> dict[str, Json]:
    """An order whose footage lies on these reels."""
    return {**JOB, "engine": "reel-2", "reels": [{"seconds": each} for each in seconds], **more}


@pytest.mark.parametrize(
    ("job", "broken"),
    [
        ({**JOB, "grain": 3}, set()),
        ({**JOB, "grain": 9}, set()),
        ({**JOB, "grain": 2}, {("/grain", "minimum")}),
        ({**JOB, "grain": 10}, {("/grain", "maximum")}),
        ({**JOB, "grain": 3.5}, {("/grain", "type")}),
        (reels(5, 7), set()),
        (reels(5, 6), {("/reels", "sum-equals")}),
        (reels(5, 6, footage=11), set()),
        (reels(5, 7, footage=11), {("/reels", "sum-equals")}),
        (reels(5, 6, engine="reel-1"), set()),
    ],
)
def test_added_limit_holds(extended: Target, job: Json, broken: set[tuple[str, str]]) -> None:
    """Accepted inside and refused outside, from the next start on, with nothing but the file changed."""
    answer, seen = judged(extended, job)

    assert (answer.status_code, seen) == (422 if broken else 201, broken)


def test_added_member_was_unknown_before(acme: Target) -> None:
    """The added lines alone make the difference: this vendor takes no unknown member."""
    answer, seen = judged(acme, {**JOB, "grain": 3})

    assert (answer.status_code, seen) == (422, {("", "additionalProperties")})


def _operation(folder: Path) -> Operation:
    return specs.load(folder).operations["orderFilm"]


def test_added_rule_makes_its_own_cases(extended: Target, changed: Path) -> None:
    """From the entry alone come bodies that keep the law at its boundary, and bodies that just break it."""
    body = _operation(changed).body
    assert body is not None
    (rule,) = (each.rule for each in body.rules if each.rule.laws()[0].pointer == "/reels")
    kept, broken = list(rule.satisfy(reels(5, 7))), list(rule.break_(reels(5, 7)))
    assert kept
    assert broken

    assert [judged(extended, job)[0].status_code for job in kept] == [201] * len(kept)
    for job in broken:
        answer, seen = judged(extended, job)
        assert answer.status_code == 422
        assert ("/reels", "sum-equals") in seen, (job, seen)


def test_added_limits_are_in_the_catalogue(changed: Path) -> None:
    """Each new constraint is listed, and nothing else has changed."""

    def listed(folder: Path) -> Mapping[tuple[str, str], Json]:
        return {(each.pointer, each.keyword): each.limit for each in catalogue(specs.load(folder))}

    before, after = listed(ACME), listed(changed)

    assert {key: limit for key, limit in after.items() if key not in before and not key[1].endswith("type")} == {
        ("/grain", "minimum"): 3,
        ("/grain", "maximum"): 9,
        ("/reels/*/seconds", "required"): True,
        ("/reels/*/seconds", "minimum"): 1,
        ("/footage", "minimum"): 1,
        ("/reels", "sum-equals"): "/footage",
        ("/story/language", "not-blank"): True,
    }
    assert before.items() <= after.items()
