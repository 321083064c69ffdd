"""Pages of a vendor that does not exist, written for these tests in each style that the readers know."""

LIST = """Skip to main content
POST
/
studio
/
v1
/
films
Order a film
curl --request POST \\
  --url https://films.example/studio/v1/films \\
  --header 'Authorization: Bearer <token>' \\
  --data '
{
  "story": "A ship leaves the harbour",
  "minutes": 4
}
'
{
  "order": {
    "ticket": "AC-1",
    "status": "waiting",
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

Bearer authentication.

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

  • Supported formats: .jpg, .png
  • File size cannot exceed 4MB
  • Both sides must not be less than 200px
scenes
object[] | null

  • Max 9 scenes, min 2 scenes elements.
  • Each scene text max 90 characters.
Required when cut is manual.

Required array length: 2 - 9 elements
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

Length (2-30).

Response

201 - application/json

order
object
"""

TABLE = """Film orders

Models

ModelColour
film-1-greyNo colour.
film-1-brightAll colours.

Endpoint

POST /studio/orders
GET /studio/orders/{ticket}

Parameters

ParameterTypeRequiredDescription
modelstringYesOne of the models.
storystringYesWhat happens. At most 900 characters.
shapestringNowide, tall, or square; not promised.
minutesintegerNoFrom 2 to 30.
grain.strengthnumberConditionalRange: [0, 1]

curl "{BASE}/studio/orders/AC-1"
{
"ticket": "AC-1",
"status": "screened",
"percent": 100
}
"""

PROSE = """Film orders
Send an order to /studio/v2/films. We pass it on.
Body
Story of the film
- Max 900 characters
900Colours of the film
grey, bright Grain of the picture; more is older
0 <= x <= 1List of scenes with text and seconds, at least two.
- Max 9 scenes elements, min 2 scenes elements.
- Each scene seconds must not exceed total length and must be >= 1.
Format: "scenes":[{ "text": "string", "seconds": 5 }]
Address to call back"""

ANCHORS = {
    "/story": "Story of the film",
    "/colours": "Colours of the film",
    "/grain": "Grain of the picture",
    "/scenes": "List of scenes with text and seconds",
    "/callback": "Address to call back",
}
