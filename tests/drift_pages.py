"""Pages of a vendor that does not exist, in each style that the readers know, and ways to save them."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

LIST = """Skip to main content
POST
/
v1
/
videos
Order a film
curl --request POST \\
  --url https://films.example/v1/videos \\
  --header 'Authorization: Bearer <token>' \\
  --data '
{
  "story": "A ship leaves the harbour",
  "minutes": 4
}
'
{
  "order": {
    "ticket": "1b4e28ba-2fa1-11d2-883f-0016d3cca427",
    "status": "waiting",
    "object": "film.order",
    "poster": "https://films.example/posters/1.png",
    "placed": "2026-01-05T00:00:00Z"
  }
}

Overview

Our films are the best. Order from 1 to 100 of them.

Authorizations

Authorization
string
header
required

Bearer authentication header of the form Bearer <token>.

Body

application/json
story
string
required

What happens. Cannot exceed 900 characters.

Maximum string length: 900
still
string | null

A picture to begin with.

Important: do not add any prefixes to the picture.

  • Supported formats: .jpg, .png
  • File size cannot exceed 4MB
  • Both sides must not be less than 200px
  • Aspect ratio should be between 1:3 ~ 3:1
  • At least one of still and last_still must be provided.
last_still
string | null

A picture to end with.

  • last_still and grain_mask are mutually exclusive.
scenes
object[] | null

The film, scene by scene.

  • Max 9 scenes, min 2 scenes.
  • Each scene text max 90 characters.
  • Each scene minutes must not exceed total length and must be >= 1.
  • Sum of all scene durations must equal total length.

Required when cut is manual and silent is true.

Required array length: 2 - 9 elements
silent
boolean
default:false

Whether nobody speaks.
cut
enum<string>
default:auto

How it is cut.

Available options:
auto,
manual
minutes
integer
default:4

Length in minutes (2-30).

Response

201 - application/json

Accepted

order
object
"""

TABLE = """Film orders

Models

ModelColour
film-1-greyNo colour.
film-1-brightAll colours.

Endpoint

POST /v1/videos
GET /v1/videos/{id}

Authentication

Authorization: Bearer sk-***
Content-Type: application/json

Parameters

ParameterTypeRequiredDescription
modelstringYesOne of the models.
storystringYesWhat happens. At most 900 characters. Do not pass it together with extra.scenes.
shapestringNowide, tall, or square; not promised.
minutesintegerNoFrom 2 to 30. Default: 4.
extra.grainnumberConditionalRange: [0, 1]
extra.scenesarrayNoUp to 9 scenes.

Look

curl "{BASE}/v1/videos/AC-1"
{
"ticket": "AC-1",
"status": "screened",
"percent": 100
}
"""

PROSE = """Film orders
Send an order to /v1/videos. We pass it on.
Pass Authorization: Bearer <token> with it.
Body
Story of the film
- Max 900 characters
- Must not be empty when silent is false.
900Colours of the film
grey, bright Grain of the picture; more is older
0 <= x <= 1List of scenes with text and seconds
- Max 9 scenes, min 2 scenes.
- Each scene seconds must not exceed total length and must be >= 1.
- Max length per scene text: 90 characters.
Format: "scenes":[{ "text": "string", "seconds": 5 }]
Kind of film
film-1 Address to call back"""

ANCHORS = {
    "/story": "Story of the film",
    "/colours": "Colours of the film",
    "/grain": "Grain of the picture",
    "/scenes": "List of scenes with text and seconds",
    "/kind": "Kind of film",
    "/callback": "Address to call back",
}

STYLES = {"list": LIST, "table": TABLE, "prose": PROSE}

_ROW = re.compile(r"^([a-z_.]+?)(string|integer|number|array)(Yes|No|Conditional)(.*)$")
_TITLES = re.compile(r"(Body|Response|Overview|Endpoint|Parameters|Authorizations|Authentication|Models|Look)")


def _blocks(text: str, code: Callable[[str], str], line: Callable[[str], str]) -> str:
    """The page with its examples as code and everything else line by line."""
    out, example = [], ""
    for each in text.split("\n"):
        if example or each.startswith(("curl", "{")):
            example += each + "\n"
            if each == "}" and example.count("'") % 2 == 0:
                out.append(code(example))
                example = ""
        else:
            out.append(line(each))
    return "\n".join(out)


def _html_line(line: str) -> str:
    row = _ROW.fullmatch(line)
    if row is not None:
        return "<table><tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row.groups()) + "</tr></table>"
    if _TITLES.fullmatch(line):
        return f"<h2>{line}</h2>"
    tag = "li" if line.startswith("  •") else "p"
    return f"<{tag}>{html.escape(line.removeprefix('  • '))}</{tag}>"


def as_html(text: str) -> str:
    """A block for each line, tables for rows, examples as they are."""
    body = _blocks(text, lambda code: f"<pre><code>{html.escape(code)}</code></pre>", _html_line)
    return f"<!doctype html><html><head><title>x</title></head><body><main>{body}</main></body></html>"


def as_plain_html(text: str) -> str:
    """Nothing but line breaks."""
    return "<html><body><div>" + "<br>\n".join(map(html.escape, text.split("\n"))) + "</div></body></html>"


def as_kept_html(text: str) -> str:
    """The whole page as if it were code."""
    return f"<html><body><pre>{html.escape(text)}</pre></body></html>"


def _markdown_line(line: str) -> str:
    row = _ROW.fullmatch(line)
    if row is not None:
        return "| `{}` | {} | **{}** | {} |".format(*row.groups())
    if _TITLES.fullmatch(line):
        return f"## {line}\n"
    return line.replace("  • ", "- ")


def as_markdown(text: str) -> str:
    """Headings, bullets, a table, fences."""
    return "# Films\n\n" + _blocks(text, lambda code: f"\n```json\n{code}```\n", _markdown_line)


def as_fields(text: str) -> str:
    """Markdown in which members are tags, as some generators of pages write it."""

    def field(match: re.Match[str]) -> str:
        said = match[3].split("\n")
        default = next((each.removeprefix("default:") for each in said if each.startswith("default:")), None)
        place = "header" if "header" in said else "body"
        more = " required" if "required" in said else ""
        more += f' default="{default}"' if default is not None else ""
        return f'<ParamField {place}="{match[1]}" type="{match[2]}"{more}>'

    kinds = r"(?:string|integer|boolean|object|enum)\S*(?: \| null)?"
    head = re.compile(
        rf"^([A-Za-z_]+)\n({kinds})((?:\n(?:header|required|default:.*))*)$",
        re.MULTILINE,
    )
    before, _, after = text.partition("Response\n")
    return as_markdown(head.sub(field, before) + "Response\n" + after)


_HEADS = re.compile(r"^(?:ParameterTypeRequiredDescription|ModelColour)$", re.MULTILINE)
_MODELS = re.compile(r"^(film-\d-[a-z]+)((?:\dK)?[A-Z].*)$", re.MULTILINE)


def _with_cells(text: str, between: str) -> str:
    """The page with something between the cells of its tables."""
    apart = _HEADS.sub(lambda match: re.sub(r"(?<=[a-z])(?=[A-Z])", lambda _: between, match[0]), text)
    apart = _MODELS.sub(lambda match: between.join(match.groups()), apart)
    return re.sub(_ROW.pattern, lambda match: between.join(match.groups()), apart, flags=re.MULTILINE)


def as_copied(text: str) -> str:
    """As a browser copies tables: a tab between two cells."""
    return _with_cells(text, "\t")


def as_columns(text: str) -> str:
    """As a terminal shows tables: in columns."""
    return _with_cells(text, "   ")


def as_cells(text: str) -> str:
    """Each cell in a line of its own."""
    return _with_cells(text, "\n\n")


SAVED = [as_copied, as_columns, as_cells, as_html, as_plain_html, as_kept_html, as_markdown, as_fields]
