"""A saved page as lines: marks are lost; what is a title, an item, a cell or code is known."""

from __future__ import annotations

import pytest

from contracts.drift.readers.lines import CELL, Line, read_lines, runs_of_code


def shown(text: str) -> list[tuple[str, str]]:
    """Texts with their kinds, empty lines left out."""
    return [(line.text, line.kind) for line in read_lines(text) if line.text]


def test_html_is_what_a_browser_shows() -> None:
    """Scripts and styles are not; a row is one line, also where a cell holds blocks; an item is one."""
    page = (
        "<html><head><title>x</title><style>p{}</style></head><body><h2>Body</h2><script>var a = '<p>no</p>';</script>"
        "<table><tr><td><code>tone</code></td><td><p>string</p></td><td><ul><li>dark</li><li>light</li></ul></td></tr></table>"
        "<ul><li><p>one</p></li><li>two</li></ul><pre>{\n  1\n}</pre><p>a&nbsp;&lt;b&gt;<br>c</p></body></html>"
    )

    assert shown(page) == [
        ("Body", "heading"),
        (f"tone{CELL} string {CELL} dark light", "text"),
        ("• one", "text"),
        ("• two", "text"),
        ("{", "code"),
        ("1", "code"),
        ("}", "code"),
        ("a <b>", "text"),
        ("c", "text"),
    ]


def test_markdown_loses_its_marks() -> None:
    """Headings, links, strong words, escaped signs, tables with escaped bars, fences."""
    page = (
        "# One ##\n\nTwo [three](http://x.example) **four** `five_six` \\*\\*\\* *seven*\n\n"
        "| a | b |\n|---|:-:|\n| `x` | y \\| z |\n\n```json\n{}\n```\n<Note>\neight\n</Note>\n"
    )

    assert shown(page) == [
        ("One", "heading"),
        ("Two three four five_six *** seven", "text"),
        (f"a{CELL}b", "text"),
        (f"x{CELL}y | z", "text"),
        ("{}", "code"),
        ("eight", "text"),
    ]


def test_rows_of_markdown_need_no_bars_around_them() -> None:
    """The rule below the head tells that they are rows; what stands before and behind is none."""
    page = "a | b\n\nName | Type\n--- | :-:\ntone | string\npace | integer\n\nc | d\n"

    assert shown(page) == [
        ("a | b", "text"),
        (f"Name{CELL}Type", "text"),
        (f"tone{CELL}string", "text"),
        (f"pace{CELL}integer", "text"),
        ("c | d", "text"),
    ]


def test_plain_text_is_left_alone() -> None:
    """Stars and angles are no marks there; quotes, dashes and blanks are made one kind of each."""
    page = "\ufeffKey: sk-***\r\nform <token>\u200b\r\n\u201ca\u201d \u2013 b  c\u00a0d \u2264 3"

    assert shown(page) == [("Key: sk-***", "text"), ("form <token>", "text"), ('"a" - b c d <= 3', "text")]


def test_rows_in_plain_text_have_cells() -> None:
    """Between tabs, also empty ones, and between columns; not in items of a list, code, or behind a sentence."""
    text = 'a\t\tb\n\nname  string   Yes\n\n•\tone\n\nTwo.  Three.  Four.\n\n{\n\t"a":\t1\n}'

    assert shown(text) == [
        (f"a{CELL}{CELL}b", "text"),
        (f"name{CELL}string{CELL}Yes", "text"),
        ("• one", "text"),
        ("Two. Three. Four.", "text"),
        ("{", "code"),
        ('"a": 1', "code"),
        ("}", "code"),
    ]


@pytest.mark.parametrize(
    "code",
    [
        "curl https://a.example \\\n  -H 'A: b' \\\n  -d '{\n  \"a\": [\n    1\n  ]\n}'",
        'import requests\n\npayload = {\n    "a": 1\n}\n\nprint(requests.post(url, json=payload).json())',
        "const answer = await fetch('https://a.example', {\n  method: 'POST'\n});\nconsole.log(answer);",
        '<?php\n$curl = curl_init();\ncurl_setopt_array($curl, [\n  CURLOPT_URL => "x",\n]);\necho $answer;',
        'package main\n\nfunc main() {\n\turl := "x"\n\tfmt.Println(url)\n}',
        '{\n"a": "b"\n}',
    ],
)
def test_code_in_plain_text_is_known(code: str) -> None:
    """From its first line to its last, and nothing around it."""
    kinds = [kind for _, kind in shown(f"Before it, in words.\n\n{code}\n\nOverview\n\nfrom 3 to 15 seconds (or more)")]

    assert kinds == ["text", *["code"] * (len(kinds) - 3), "text", "text"]


def test_a_bracket_that_never_closes_makes_no_page_code() -> None:
    """A broken example ends where words begin."""
    text = '{\n"a": [\n\n' + "Some words of a long page.\n" * 3

    assert [kind for _, kind in shown(text)] == ["code", "code", "text", "text", "text"]


def test_examples_come_with_the_words_before_them() -> None:
    """Those right before, and none for one that follows another."""
    lines = [Line("Ask:"), Line("{", kind="code"), Line(""), Line("[", kind="code"), Line("]", kind="code")]

    assert [(label, len(run)) for label, run in runs_of_code(lines)] == [("Ask:", 1), ("", 2)]
