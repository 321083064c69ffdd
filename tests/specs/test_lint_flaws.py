"""Each kind of flaw in turn: one thing broken in a sound pack is found, named and placed, and nothing besides."""

import pytest

from broken_packs import BEHAVIOUR, OPENAPI, SOURCES, Workshop

MODE = "mode: {type: string, enum: [std, pro], default: std}"
RULE = "{kind: sum-equals, items: /scenes/*/seconds, total: /duration}"
SCENES = "          description: Scenes in place of a prompt\n          type: array"

SUM = "scenes: the scenes.seconds values add up to 8, not to duration (7)"

# Each: the file, what is replaced, by what; the kind of the flaw and its words.
BROKEN: dict[str, tuple[str, str, str, str, str]] = {
    "OpenAPI 3.0": (
        OPENAPI,
        "openapi: 3.1.0",
        "openapi: 3.0.3",
        "openapi",
        "is OpenAPI 3.0.3, and 3.1 is needed",
    ),
    "no title": (OPENAPI, "  title: newvendor\n", "", "openapi", "'title' is a required property"),
    "blank in a path": (
        OPENAPI,
        "  /v1/videos:\n",
        "  /v1/vid eos:\n",
        "openapi",
        "no call can have the path '/v1/vid eos'",
    ),
    "query in a path": (
        OPENAPI,
        "  /v1/videos:\n",
        "  /v1/videos?x=1:\n",
        "openapi",
        "the path '/v1/videos?x=1' holds more than a path",
    ),
    "unknown member of an operation": (
        OPENAPI,
        "      summary: Submit a job\n",
        "      summary: Submit a job\n      sumary: twice\n",
        "openapi",
        "Unevaluated properties are not allowed ('sumary' was unexpected)",
    ),
    "dangling reference": (
        OPENAPI,
        '"401": {$ref: "#/components/responses/Error"}',
        '"401": {$ref: "#/components/responses/Eror"}',
        "openapi",
        "$ref #/components/responses/Eror leads nowhere",
    ),
    "misspelt keyword": (OPENAPI, "maximum: 15", "maximun: 15", "keyword", "nobody enforces maximun"),
    "nullable": (
        OPENAPI,
        "maximum: 15",
        "maximum: 15, nullable: true",
        "keyword",
        "nobody enforces nullable",
    ),
    "boolean limit of OpenAPI 3.0": (
        OPENAPI,
        "maximum: 15",
        "maximum: 15, exclusiveMinimum: true",
        "schema",
        "exclusiveMinimum: true is not of type 'number'",
    ),
    "no type": (
        OPENAPI,
        MODE,
        "mode: {type: strng, enum: [std, pro]}",
        "schema",
        "type: 'strng' is not valid under any of the schemas listed in the 'anyOf' keyword",
    ),
    "keyword of another type": (
        OPENAPI,
        MODE,
        MODE.replace("default", "maximum: 5, default"),
        "keyword",
        "maximum says nothing about type string",
    ),
    "then without if": (
        OPENAPI,
        "          if: {not: {required: [scenes]}}\n",
        "",
        "keyword",
        "then does nothing without if",
    ),
    "conditional without words": (
        OPENAPI,
        "        - description: when there are no scenes\n          if:",
        "        - if:",
        "keyword",
        "createVideo: an if without words",
    ),
    "unknown format": (
        OPENAPI,
        MODE,
        "mode: {type: string, format: colour}",
        "format",
        "nobody enforces the format colour",
    ),
    "unknown extension in a schema": (
        OPENAPI,
        "maximum: 15",
        "maximum: 15, x-step: 5",
        "extension",
        "nobody reads x-step",
    ),
    "condition of idleness that is no schema": (
        OPENAPI,
        "maximum: 15",
        "maximum: 15, x-idle: {properties: {mode: {cost: std}}}",
        "keyword",
        "nobody enforces cost",
    ),
    "unknown extension elsewhere": (
        OPENAPI,
        "      summary: Submit a job\n",
        "      summary: Submit a job\n      x-internal: true\n",
        "extension",
        "nobody reads x-internal here",
    ),
    "unknown form": (
        OPENAPI,
        "maximum: 15",
        "maximum: 15, x-tolerated: [word]",
        "form",
        "there is no form 'word'",
    ),
    "form out of reach": (
        OPENAPI,
        "then: {required: [prompt]}",
        "then: {required: [prompt], properties: {prompt: {x-tolerated: [integer-as-string]}}}",
        "form",
        "createVideo: nobody reads x-tolerated at /allOf/0/then/properties/prompt",
    ),
    "form that lifts no member": (
        OPENAPI,
        "          description: Scenes in place of a prompt",
        "          x-tolerated: [{lift: [tempo]}]\n          description: Scenes in place of a prompt",
        "form",
        "createVideo: the form lift names tempo, which is no member of /scenes",
    ),
    "pattern that is none": (
        OPENAPI,
        MODE,
        'mode: {type: string, pattern: "["}',
        "schema",
        "pattern: '[' is not a 'regex'",
    ),
    "unknown rule kind": (
        OPENAPI,
        RULE,
        "{kind: sum-equal, items: /scenes/*/seconds, total: /duration}",
        "rule",
        "there is no rule kind 'sum-equal'",
    ),
    "unknown parameter of a rule": (
        OPENAPI,
        RULE,
        RULE.replace("}", ", least: 1}"),
        "rule",
        "the rule sum-equals has no parameter least",
    ),
    "missing parameter of a rule": (
        OPENAPI,
        RULE,
        "{kind: sum-equals, items: /scenes/*/seconds}",
        "rule",
        "the rule sum-equals lacks total",
    ),
    "rule about no member": (
        OPENAPI,
        RULE,
        RULE.replace("seconds", "secs"),
        "rule",
        "createVideo: the rule sum-equals is about /scenes/*/secs, which is no member",
    ),
    "rule out of reach": (
        OPENAPI,
        SCENES,
        "          x-rules: []\n" + SCENES,
        "rule",
        "createVideo: nobody reads x-rules at /properties/scenes",
    ),
    "header parameter": (
        OPENAPI,
        "        - name: id\n",
        "        - {name: X-Trace, in: header, schema: {type: string}}\n        - name: id\n",
        "keyword",
        "nobody enforces the header parameter X-Trace",
    ),
    "example against the schema": (
        OPENAPI,
        "duration: 10, mode: pro",
        "duration: 20, mode: pro",
        "example",
        "the example full of createVideo: duration must be at most 15, not 20",
    ),
    "example against a rule": (
        OPENAPI,
        "The lamp is lit, seconds: 4",
        "The lamp is lit, seconds: 5",
        "example",
        f"the example scenes of createVideo: {SUM}",
    ),
    "default against its schema": (
        OPENAPI,
        "maximum: 15, default: 5",
        "maximum: 15, default: 50",
        "example",
        "the default 50 breaks its own schema",
    ),
    "example of an answer": (
        OPENAPI,
        'schema: {$ref: "#/components/schemas/SubmittedJob"}',
        'schema: {$ref: "#/components/schemas/SubmittedJob"}\n              example: {id: "1", status: queued}',
        "example",
        "the example example of createVideo's answer 202: created_at is required",
    ),
    "unknown member of behaviour.yaml": (
        BEHAVIOUR,
        "content_type: required",
        "content_type: required\ncolour: red",
        "behaviour",
        "Additional properties are not allowed ('colour' was unexpected)",
    ),
    "pointer to no member": (
        BEHAVIOUR,
        "prompts: [/prompt,",
        "prompts: [/promt,",
        "behaviour",
        "/promt is a member of no request",
    ),
    "time that ends before it begins": (
        BEHAVIOUR,
        "queued: [1, 3]",
        "queued: [3, 1]",
        "behaviour",
        "from 3 to 1 seconds is no range",
    ),
    "time before it was asked for": (
        BEHAVIOUR,
        "running: [10, 20]",
        "running: [-10, 20]",
        "behaviour",
        "-10 is less than the minimum of 0",
    ),
    "host with a scheme": (
        BEHAVIOUR,
        "hosts: [api.",
        "hosts: [https://api.",
        "behaviour",
        "'https://api.newvendor.example' is no host that a call could name",
    ),
    "unknown answer": (
        BEHAVIOUR,
        "answer: submitted}",
        "answer: submited}",
        "pack",
        "there is no answer 'submited'",
    ),
    "constraint without source": (
        SOURCES,
        "    /mode: page\n",
        "",
        "source",
        "createVideo /mode type has no source",
    ),
    "entry about nothing": (
        SOURCES,
        "    /mode: page\n",
        "    /mode: page\n    /mood: page\n",
        "source",
        "createVideo /mood is no constraint",
    ),
    "entry about no keyword": (
        SOURCES,
        "    /mode: page\n",
        '    /mode: page\n    "/mode maxLength": page\n',
        "source",
        "createVideo /mode maxLength is no constraint",
    ),
    "entry about no operation": (
        SOURCES,
        "  getVideo:\n",
        "  listVideos: {}\n  getVideo:\n",
        "source",
        "there is no operation listVideos",
    ),
    "unknown document": (
        SOURCES,
        "    /mode: page\n",
        "    /mode: leaflet\n",
        "source",
        "there is no document 'leaflet'",
    ),
    "unknown decision": (
        SOURCES,
        "    /mode: page\n",
        "    /mode: {document: page, decision: no-mode}\n",
        "decision",
        "there is no decision 'no-mode'",
    ),
    "decided by nobody": (
        SOURCES,
        "    /mode: page\n",
        "    /mode: {standing: decided}\n",
        "decision",
        "createVideo /mode is decided, but by which decision?",
    ),
    "unknown standing": (
        SOURCES,
        "    standing: documented\n",
        "    standing: certain\n",
        "standing",
        "'certain' is not one of 'documented', 'elsewhere' or 2 other candidates",
    ),
    "decision on no document": (
        SOURCES,
        "basis: [page]",
        "basis: [leaflet]",
        "source",
        "there is no document 'leaflet'",
    ),
    "bare ratio": (
        OPENAPI,
        'enum: ["16:9", "9:16", "1:1"]',
        'enum: [16:9, "9:16", "1:1"]',
        "yaml",
        "bare 16:9 is the number 969 to readers of YAML 1.1",
    ),
    "bare on": (BEHAVIOUR, "queued: queued", "queued: on", "yaml", "bare on is true to readers of YAML 1.1"),
    "bare date": (
        SOURCES,
        'read: "2026-01-01"',
        "read: 2026-01-01",
        "yaml",
        "bare 2026-01-01 is a date to readers of YAML 1.1",
    ),
    "number with an underscore": (
        OPENAPI,
        "maximum: 15",
        "maximum: 1_5",
        "yaml",
        "bare 1_5 is the number 15 to readers of YAML 1.1",
    ),
    "number that only ours reads": (
        OPENAPI,
        "maximum: 15",
        "maximum: +_15",
        "yaml",
        "bare +_15 is a number to some readers, not of YAML 1.2",
    ),
    "number without end": (OPENAPI, "maximum: 15", "maximum: .inf", "yaml", ".inf is no number in JSON"),
    "bare status": (OPENAPI, '"202":', "202:", "yaml", "the name 202 is not a string"),
    "no date": (
        SOURCES,
        'read: "2026-01-01"',
        "read: 2026-02-30",
        "pack",
        "is not YAML ('2026-02-30' can't be read (day is out of range for month))",
    ),
    "no YAML": (
        SOURCES,
        "documents:\n",
        "documents: [\n",
        "pack",
        "is not YAML (expected ',' or ']', but got ':')",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_one_thing_broken_is_one_flaw(name: str, pack: Workshop) -> None:
    """Its kind, its file, its words; and nothing that follows from it."""
    file, old, new, kind, words = BROKEN[name]
    pack.change(file, old, new)

    found = pack.found()

    assert found[0] == (kind, file, words)
    assert {(each, where) for each, where, _ in found} == {(kind, file)}
    assert len(found) == (2 if name == "constraint without source" else 1)


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
