"""What may happen to the pages of `drift_pages.py`: changes that drift has to find, and changes that say nothing."""

from __future__ import annotations

import re
from typing import NamedTuple

from drift_pages import LIST, STYLES, TABLE


class Change(NamedTuple):
    """One thing that changes in a page, and the finding that it has to be: kind and pointer."""

    style: str
    old: str
    new: str
    kind: str
    pointer: str
    operation: str | None = "createVideo"

    @property
    def text(self) -> str:
        """The page as it is then."""
        page = STYLES[self.style]
        assert self.old in page, self
        return page.replace(self.old, self.new, 1)


def _members() -> dict[str, str]:
    """The blocks of the list's members, by name."""
    body = LIST.partition("application/json\n")[2].partition("\nResponse")[0]
    parts = re.split(r"^(?=[a-z_]+\n(?:string|boolean|integer|enum|object))", body, flags=re.MULTILINE)
    return {part.partition("\n")[0]: part for part in parts if part}


def _of_members() -> list[Change]:
    """Each member of the list gone, renamed, of another type, required or not."""
    changes = []
    for name, block in _members().items():
        kind, rest = block.split("\n", 2)[1:]
        flagged = f"{name}\n{kind}\n" + ("" if rest.startswith("required") else "required\n")
        plain = rest.removeprefix("required\n")
        other = "number" if kind != "number" else "string"
        changes += [
            Change("list", block, "", "parameter-removed", f"/{name}"),
            Change("list", f"{name}\n{kind}\n", f"{name}\n{other}\n", "type-changed", f"/{name}"),
            Change("list", block, flagged + plain, "required-changed", f"/{name}"),
            Change("list", block, f"seed\ninteger\n\nA number.\n\n{block}", "parameter-added", "/seed"),
        ]
        if " | null" in kind:
            bare = kind.removesuffix(" | null")
            changes.append(Change("list", f"{name}\n{kind}", f"{name}\n{bare}", "type-changed", f"/{name}"))
    return changes


def _of_rows() -> list[Change]:
    """Each row of the table gone, and each member that answers show."""
    rows = [
        each for each in TABLE.split("\n") if re.match(r"[a-z.]+(?:string|integer|number|array)(?:Yes|No|Cond)", each)
    ]
    changes = []
    for row in rows:
        name = re.split(r"(?:string|integer|number|array)(?:Yes|No|Cond)", row)[0].replace(".", "/")
        changes.append(Change("table", row + "\n", "", "parameter-removed", f"/{name}"))
    answers = ('"ticket": "AC-1",\n', ',\n"percent": 100')
    changes += [Change("table", each, "", "field-removed", "/" + each.split('"')[1], "getVideo") for each in answers]
    lines = re.findall(r'    "(?:ticket|object|poster)": .*\n', LIST)
    changes += [Change("list", each, "", "field-removed", "/order/" + each.split('"')[1]) for each in lines]
    return changes


_LIST = [
    (',\n    "placed": "2026-01-05T00:00:00Z"', "", "field-removed", "/order/placed"),
    (
        "Authorization\nstring\nheader\nrequired\n\nBearer authentication header of the form Bearer <token>.\n",
        "",
        "parameter-removed",
        "@Authorization",
    ),
    ("POST\n/", "PUT\n/", "endpoint-changed", ""),
    ("\nvideos\nOrder", "\nfilms\nOrder", "endpoint-changed", ""),
    ("example/v1/videos", "example/v2/videos", "endpoint-changed", ""),
    ("//films.example/v1", "//film.example/v1", "endpoint-changed", ""),
    ("201 - ", "202 - ", "status-added", ""),
    ("201 - application/json", "201 - application/xml", "format-changed", ""),
    ("Body\n\napplication/json", "Body\n\nmultipart/form-data", "format-changed", "@Content-Type"),
    ("form Bearer <token>", "form Key <token>", "format-changed", "@Authorization"),
    ("Authorization\nstring\nheader\nrequired", "Authorization\nstring\nheader", "required-changed", "@Authorization"),
    ("Authorization\nstring", "Authorization\ninteger", "type-changed", "@Authorization"),
    ("length: 900", "length: 800", "limit-changed", "/story"),
    ("exceed 900", "exceed 1,000", "limit-changed", "/story"),
    (".jpg, .png", ".jpg", "format-changed", "/still"),
    (".jpg, .png", ".jpg, .png, .webp", "format-changed", "/still"),
    ("4MB", "5 MB", "limit-changed", "/still"),
    ("200px", "300px", "limit-changed", "/still"),
    ("less than 200px", "less than 200px and must not exceed 4,096px", "limit-changed", "/still"),
    ("1:3 ~ 3:1", "1:2 ~ 2:1", "limit-changed", "/still"),
    ("do not add any prefixes", "add a prefix", "format-changed", "/still"),
    ("  • At least one of still and last_still must be provided.\n", "", "required-changed", "/still"),
    ("last_still and grain_mask", "last_still and cut", "shape-changed", "/last_still"),
    ("Max 9", "Max 8", "limit-changed", "/scenes"),
    ("min 2", "min 1", "limit-changed", "/scenes"),
    ("2 - 9", "2 - 12", "limit-changed", "/scenes"),
    ("max 90 ", "max 80 ", "limit-changed", "/scenes/*/text"),
    (">= 1", ">= 2", "limit-changed", "/scenes/*/minutes"),
    ("must not exceed total length and ", "", "limit-changed", "/scenes/*/minutes"),
    ("durations must equal", "durations must not exceed", "limit-changed", "/scenes"),
    ("  • Sum of all scene durations must equal total length.\n", "", "limit-changed", "/scenes"),
    ("cut is manual and silent", "cut is auto and silent", "required-changed", "/scenes"),
    ("cut is manual and silent", "cut is manual or silent", "required-changed", "/scenes"),
    ("default:false", "default:true", "default-changed", "/silent"),
    ("default:auto", "default:manual", "default-changed", "/cut"),
    ("default:auto\n", "", "default-changed", "/cut"),
    ("auto,\nmanual", "auto,\nmanual,\nnone", "enum-changed", "/cut"),
    ("auto,\nmanual", "manual", "enum-changed", "/cut"),
    ("default:4", "default:5", "default-changed", "/minutes"),
    ("(2-30)", "(2-40)", "limit-changed", "/minutes"),
    ("(2-30)", "(3-30)", "limit-changed", "/minutes"),
    (" (2-30)", "", "limit-changed", "/minutes"),
    ('"status": "waiting"', '"status": "asleep"', "status-added", "/order/status"),
    ('"1b4e28ba-2fa1-11d2-883f-0016d3cca427"', '"AC-1"', "format-changed", "/order/ticket"),
    ('"1b4e28ba-2fa1-11d2-883f-0016d3cca427"', "17", "type-changed", "/order/ticket"),
    ('"https://films.example/posters/1.png"', '"1.png"', "format-changed", "/order/poster"),
    ('"2026-01-05T00:00:00Z"', '"5 January"', "format-changed", "/order/placed"),
    ('"2026-01-05T00:00:00Z"', "1767571200", "type-changed", "/order/placed"),
    ('"film.order"', '"film.ticket"', "enum-changed", "/order/object"),
    ('"object": "film.order"', '"object": 1', "type-changed", "/order/object"),
    ('    "status": "waiting",\n', '    "status": "waiting",\n    "price": 3,\n', "field-added", "/order/price"),
    ('    "status": "waiting",\n', "", "field-removed", "/order/status"),
    ("order\nobject", "order\nobject\n\nprice\nnumber\n", "field-added", "/price"),
    ("order\nobject", "order\nobject\nrequired", "required-changed", "/order"),
    ("order\nobject", "order\nobject[]", "type-changed", "/order"),
    ('"status": "waiting"', '"status": 2', "type-changed", "/order/status"),
    ('"poster": "https://films.example/posters/1.png"', '"poster": []', "type-changed", "/order/poster"),
]

_TABLE = [
    ("Authorization: Bearer sk-***\n", "", "parameter-removed", "@Authorization"),
    ("Content-Type: application/json\n", "", "parameter-removed", "@Content-Type"),
    ("film-1-bright", "film-2-bright", "enum-changed", "/model"),
    ("film-1-greyNo colour.\n", "", "enum-changed", "/model"),
    ("film-1-greyNo colour.\n", "film-1-greyNo colour.\nfilm-1-big4KLarge.\n", "enum-changed", "/model"),
    ("POST /v1", "PUT /v1", "endpoint-changed", ""),
    ("POST /v1", "POST /v2", "endpoint-changed", ""),
    ("Authorization: Bearer", "Authorization: Key", "format-changed", "@Authorization"),
    ("Content-Type: application/json", "Content-Type: text/plain", "format-changed", "@Content-Type"),
    ("modelstring", "modelinteger", "type-changed", "/model"),
    ("modelstringYes", "modelstringNo", "required-changed", "/model"),
    ("storystring", "storyarray", "type-changed", "/story"),
    ("storystringYes", "storystringConditional", "required-changed", "/story"),
    ("At most 900", "At most 901", "limit-changed", "/story"),
    (" Do not pass it together with extra.scenes.", "", "shape-changed", "/story"),
    ("wide, tall, or square", "wide or tall", "enum-changed", "/shape"),
    ("wide, tall, or square", "wide, tall, round, or square", "enum-changed", "/shape"),
    ("shapestring", "shapeinteger", "type-changed", "/shape"),
    ("shapestringNo", "shapestringYes", "required-changed", "/shape"),
    ("shapestringNo", "seedintegerNoA number.\nshapestringNo", "parameter-added", "/seed"),
    ("minutesinteger", "minutesnumber", "type-changed", "/minutes"),
    ("minutesintegerNo", "minutesintegerYes", "required-changed", "/minutes"),
    ("From 2 to 30", "From 3 to 30", "limit-changed", "/minutes"),
    ("From 2 to 30", "From 2 to 20", "limit-changed", "/minutes"),
    ("Default: 4", "Default: 6", "default-changed", "/minutes"),
    ("Default: 4", "Default 6", "default-changed", "/minutes"),
    ("Range: [0, 1]", "Strength, 0 to 2.", "limit-changed", "/extra/grain"),
    ("Range: [0, 1]", "Range: [0,100]", "limit-changed", "/extra/grain"),
    ("At most 900", "Maximum length: 1,900", "limit-changed", "/story"),
    ("[0, 1]", "[0, 2]", "limit-changed", "/extra/grain"),
    ("[0, 1]", "[1, 1]", "limit-changed", "/extra/grain"),
    ("extra.grainnumber", "extra.graininteger", "type-changed", "/extra/grain"),
    ("extra.grainnumberConditional", "extra.grainnumberNo", "required-changed", "/extra/grain"),
    ("Up to 9", "Up to 8", "limit-changed", "/extra/scenes"),
    ("extra.scenesarray", "extra.scenesobject", "type-changed", "/extra/scenes"),
    ("extra.scenesarrayNo", "extra.scenesarrayYes", "required-changed", "/extra/scenes"),
    (
        "extra.scenesarrayNoUp",
        "extra.grain_maskstringNoGrain.\nextra.scenesarrayNoUp",
        "parameter-added",
        "/extra/grain_mask",
    ),
]

_TABLE_ANSWERS = [
    ("GET /v1/videos/", "GET /v1/films/", "endpoint-changed", ""),
    ('"{BASE}/v1/videos/AC-1"', '"{BASE}/v2/videos/AC-1"', "endpoint-changed", ""),
    ('"status": "screened"', '"status": "shown"', "status-added", "/status"),
    ("\nLook\n", "\nStatus values: screened, cancelled.\n\nLook\n", "status-added", "/status"),
    ("\nLook\n", "\nStatusMeaning\nscreenedOver.\ncancelledNever.\n\nLook\n", "status-added", "/status"),
    ('"status": "screened",\n', "", "field-removed", "/status"),
    ('"percent": 100', '"percent": "100"', "type-changed", "/percent"),
    ('"percent": 100', '"percent": 100,\n"error": {"code": 1}', "field-added", "/error"),
    ('"ticket": "AC-1"', '"ticket": 1', "type-changed", "/ticket"),
    ('"status": "screened"', '"status": 2', "type-changed", "/status"),
]

_PROSE = [
    ("Pass Authorization: Bearer <token> with it.\n", "", "parameter-removed", "@Authorization"),
    (', "seconds": 5', "", "parameter-removed", "/scenes/*/seconds"),
    ("to /v1/videos", "to /v2/videos", "endpoint-changed", ""),
    ("to /v1/videos", "to PUT /v1/videos", "endpoint-changed", ""),
    ("Authorization: Bearer", "Authorization: Key", "format-changed", "@Authorization"),
    ("900Colours", "800Colours", "limit-changed", "/story"),
    ("Max 900", "Max 800", "limit-changed", "/story"),
    ("silent is false", "silent is true", "required-changed", "/story"),
    ("grey, bright", "grey, bright, sepia", "enum-changed", "/colours"),
    ("grey, bright", "grey", "enum-changed", "/colours"),
    ("x <= 1", "x <= 2", "limit-changed", "/grain"),
    ("0 <=", "0.5 <=", "limit-changed", "/grain"),
    ("0 <= x <= 1", "", "limit-changed", "/grain"),
    ("Max 9 ", "Max 7 ", "limit-changed", "/scenes"),
    ("min 2", "min 1", "limit-changed", "/scenes"),
    (">= 1.", ">= 2.", "limit-changed", "/scenes/*/seconds"),
    ("must not exceed total length and ", "", "limit-changed", "/scenes/*/seconds"),
    ("text: 90", "text: 80", "limit-changed", "/scenes/*/text"),
    ('"text": "string", ', "", "parameter-removed", "/scenes/*/text"),
    ('"text": "string"', '"text": 5', "type-changed", "/scenes/*/text"),
    ('"seconds": 5', '"seconds": "5"', "type-changed", "/scenes/*/seconds"),
    ('"seconds": 5', '"seconds": 5, "mood": "string"', "parameter-added", "/scenes/*/mood"),
    ("- Max 9 scenes, min 2 scenes.\n- Each scene", "- Each scene", "limit-changed", "/scenes"),
    ("film-1 ", "film-2 ", "enum-changed", "/kind"),
    ("Address to call back", "", "parameter-removed", "/callback"),
    ("Grain of the picture; more is older\n0 <= x <= 1", "", "parameter-removed", "/grain"),
    (
        "Story of the film\n- Max 900 characters\n- Must not be empty when silent is false.\n900",
        "",
        "parameter-removed",
        "/story",
    ),
    ("grey, bright Grain", "Grain", "enum-changed", "/colours"),
    ("Colours of the film\ngrey, bright ", "", "parameter-removed", "/colours"),
    ("Kind of film\nfilm-1 ", "", "parameter-removed", "/kind"),
]

CHANGES = [
    *_of_members(),
    *_of_rows(),
    *(Change("list", *each) for each in _LIST),
    *(Change("table", *each) for each in _TABLE),
    *(Change("table", *each, "getVideo") for each in _TABLE_ANSWERS),
    *(Change("prose", *each) for each in _PROSE),
]

_PYTHON = """import requests

url = "https://films.example/v1/videos"
payload = {
    "story": "A fox",
    "scenes": [
        {
            "text": "one"
        }
    ]
}
response = requests.post(url, json=payload, headers={"Authorization": "Bearer <token>"})
print(response.json())
"""
_SCRIPT = """const options = {
  method: 'POST',
  headers: {Authorization: 'Bearer <token>'},
  body: JSON.stringify({story: 'A fox'})
};

fetch('https://films.example/v1/videos', options)
  .then(response => response.json())
  .catch(err => console.error(err));
"""
_SHELL = """curl https://films.example/v1/videos -H "Authorization: Bearer <token>" -d '{"story": "A fox"}'
"""
_CURL = LIST[LIST.index("curl ") : LIST.index("}\n'\n{") + 4]
_FOOTER = "\n\nWas this page helpful?\nYes\nNo\n© 2026 Films Inc. Last updated: 2026-08-07\n"
_MARKETING = "\n\nUp to 50 films at once! Join 5,000+ makers, from $1 to $9, at least 10 times faster.\n\n"

# Style, what was written, what instead: none of it states anything else.
EDITORIAL: list[tuple[str, str, str]] = [
    ("list", "Our films are the best.", "Buy 5 to 10 films and get 3 free!"),
    ("list", "\nOverview\n", _MARKETING + "Overview\n"),
    ("list", "\nBody\n", _MARKETING + "Body\n"),
    ("list", "\nResponse\n", _MARKETING + "Response\n"),
    ("list", "order\nobject\n", "order\nobject\n" + _FOOTER),
    ("list", "Skip to main content", "Home\nDocs\nSearch...\n⌘K"),
    ("list", _CURL, _PYTHON),
    ("list", _CURL, _CURL + _PYTHON),
    ("list", _CURL, _SCRIPT),
    ("list", _CURL, _SHELL),
    ("list", "What happens. Cannot exceed", "The story in your own words. Cannot exceed"),
    ("list", "Cannot exceed 900 characters.", "Must be no longer than 900 characters."),
    ("list", "Cannot exceed 900 characters.", ""),
    ("list", '"minutes": 4', '"minutes": 9'),
    ("list", "2026-01-05T00:00:00Z", "2026-02-06T12:34:56.789+00:00"),
    ("list", "1b4e28ba-2fa1", "0d7c2b1e-1111"),
    ("list", '"status": "waiting"', '"status": "running"'),
    ("list", '"poster": "https://films.example/posters/1.png"', '"poster": null'),
    ("list", "Bearer <token>.", "Bearer YOUR_KEY."),
    ("list", "File size cannot exceed 4MB", "The file must be 4 MB or smaller"),
    ("list", "Supported formats: .jpg, .png", "We accept PNG and JPEG pictures"),
    ("list", "Both sides must not be less than 200px", "Width and height at least 200 pixels"),
    ("list", "Aspect ratio should be between 1:3 ~ 3:1", "The ratio must lie between 1:3 and 3:1"),
    ("list", "do not add any prefixes to the picture", "the picture must not have a prefix"),
    ("list", "At least one of still and last_still must be provided", "Give still, last_still, or both"),
    ("list", "last_still and grain_mask are mutually exclusive", "Only one of last_still and grain_mask can be used"),
    ("list", "Max 9 scenes, min 2 scenes.", "Between 2 and 9 scenes."),
    ("list", "Max 9 scenes, min 2 scenes.", "At least 2 scenes and at most 9 scenes."),
    ("list", "Each scene text max 90 characters.", "The text of each scene must not exceed 90 characters."),
    ("list", "Sum of all scene durations must equal total length.", "All scenes together must add up to the length."),
    ("list", "Required when cut is manual and silent is true.", "Mandatory if silent is true and cut is manual."),
    (
        "list",
        "Required when cut is manual and silent is true.",
        "You need it for a silent film (true) cut by hand (manual).",
    ),
    ("list", "auto,\nmanual", "manual,\nauto"),
    ("list", "Length in minutes (2-30).", "How long it is, from 2 to 30 minutes."),
    ("list", "Length in minutes (2-30).", "How long it is. Minimum 2, maximum 30."),
    ("list", "Length in minutes (2-30).", "Length in minutes \u2014 between 2 and 30."),
    ("list", "\n\n", "\n\n\n"),
    ("list", "\n\n", "\n"),
    ("list", "\n", "  \r\n"),
    ("list", "\n", "\n    "),
    ("list", "  • ", "  - "),
    ("list", "  • ", "▪ "),
    ("table", "What happens.", "The whole story, told in a few words."),
    ("table", "Range: [0, 1]", "Strength, 0 to 1."),
    ("table", "Default: 4", "Default 4"),
    ("table", "wide, tall, or square; not promised", "square, wide, or tall; mostly"),
    ("table", "wide, tall, or square; not promised.", "One of wide, tall, square."),
    ("table", "Do not pass it together with extra.scenes.", "It must not be combined with extra.scenes."),
    ("table", "From 2 to 30.", "Between 2 and 30."),
    ("table", "AC-1", "AC-77"),
    ("table", '"percent": 100', '"percent": 7'),
    ("table", '"status": "screened"', '"status": "running"'),
    ("table", "film-1-greyNo colour.\nfilm-1-brightAll colours.", "film-1-brightBright.\nfilm-1-greyGrey."),
    ("table", "sk-***", "sk-xxxxxxxx"),
    ("table", "\nLook\n", _MARKETING + "Look\n"),
    ("table", "\nLook\n", "\nFAQ\n\nHow long does it take?\nBetween 60 and 180 seconds.\n\nLook\n"),
    ("prose", "Story of the film", "The story of the film"),
    ("prose", "We pass it on.", "We hand it over at once."),
    ("prose", "Pass Authorization: Bearer <token> with it.", "Authorization\nstring\nheader\nrequired\nBearer <token>"),
    ("prose", "Grain of the picture; more is older", "The grain of the picture; more looks older"),
    ("prose", "List of scenes with text and seconds", "The scenes in a list, with their text and seconds"),
    ("prose", "Max 900 characters", "No more than 900 characters"),
    ("prose", "900Colours", "900\nColours"),
    ("prose", "grey, bright Grain", "bright, grey\nGrain"),
    ("prose", "Address to call back", "Address to call back" + _FOOTER),
    ("prose", "We pass it on.", "We pass it on." + _MARKETING),
]
