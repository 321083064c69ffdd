"""No key of a run is told: neither where it was sent, nor wherever else it turns up, in whatever spelling."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.exchange import KEY, NOBODY, OTHER, Exchange
from contracts.report.redaction import Secrets, Variable, is_secret, secrets_of, shown
from golden_reports import terminal
from verdict_samples import BAD_VALUE, BROKEN, KEY_VALUE, OTHER_VALUE

REQUEST = Exchange(number=1, operation=None, method="GET", base="http://gateway", path="/")
PRINTABLE = "".join(map(chr, range(0x21, 0x7F)))


def secrets_in(*headers: tuple[str, str], account: str = KEY) -> Secrets:
    """What is secret in a request with these headers."""
    return secrets_of([replace(REQUEST, request_headers=headers, account=account)])


def test_key_is_hidden_wherever_it_stands() -> None:
    """The header gives the key away to us, so that nothing else does."""
    secrets = secrets_in(("authorization", "Bearer sk-0123456789"))

    assert secrets.hide('no such key: "sk-0123456789".') == 'no such key: "…".'
    assert secrets.hide("/v1?key=sk-0123456789&x=1") == "/v1?key=…&x=1"


@pytest.mark.parametrize(
    "spelling",
    [
        'sk-/a+b"c&d=e<',
        "sk-%2Fa%2Bb%22c%26d%3De%3C",
        "sk-%2fa%2bb%22c%26d%3de%3c",
        'sk-/a+b\\"c&d=e<',
        'sk-\\/a+b\\"c&d=e<',
        "sk-/a+b&quot;c&amp;d=e&lt;",
        'sk-/a+b"c&amp;d=e&lt;',
    ],
)
def test_every_spelling_of_a_key_is_hidden(spelling: str) -> None:
    """As it is, and as it looks inside an address, JSON and HTML."""
    secrets = Secrets({'sk-/a+b"c&d=e<': "UNDERSTUDY_KEY"})

    assert secrets.hide(f"x{spelling}y") == "x…y"


@pytest.mark.parametrize("spelling", ["two words here", "two%20words%20here", "two+words+here"])
def test_a_secret_may_hold_a_space(spelling: str) -> None:
    """A cookie, say; addresses know two ways to write it."""
    assert Secrets({"two words here": "UNDERSTUDY_COOKIE"}).hide(f"({spelling})") == "(…)"


@given(key=st.text(PRINTABLE, min_size=8, max_size=40), before=st.text(), after=st.text())
def test_any_key_is_hidden(key: str, before: str, after: str) -> None:
    """Whatever it is made of, and whatever stands around it."""
    assert key not in Secrets({key: "UNDERSTUDY_KEY"}).hide(before + key + after)


@pytest.mark.parametrize(
    ("header", "told"),
    [
        ("Bearer sk-0123456789", "Bearer …"),
        ("bearer sk-0123456789", "bearer …"),
        ("Token sk-0123456789", "Token …"),
        ("Basic dXNlcjpwYXNz", "Basic …"),
        ("sk-0123456789", "…"),
        ("Bearer a", "Bearer …"),
        ("Bearer", "Bearer"),
        ("Bearer ", "Bearer "),
        ("", ""),
    ],
)
def test_credentials_keep_their_scheme(header: str, told: str) -> None:
    """What is wrong with a scheme can be seen; the key can't, however short."""
    secrets = secrets_in(("Authorization", header))

    assert shown(secrets.header("authorization", header)) == told


@pytest.mark.parametrize("name", ["Cookie", "X-Api-Key", "X-Auth-Token", "Proxy-Authorization", "Set-Cookie", "apikey"])
def test_other_secret_headers_are_hidden(name: str) -> None:
    """What people pass with `--header` may be a secret too."""
    secrets = secrets_in((name, "0123456789abcdef"))

    assert shown(secrets.header(name, "0123456789abcdef")) == "…"
    assert secrets.hide("seen: 0123456789abcdef") == "seen: …"


@pytest.mark.parametrize("name", ["Content-Type", "WWW-Authenticate", "Idempotency-Key", "X-Request-Id", "Date"])
def test_ordinary_headers_are_told(name: str) -> None:
    """A report that hides everything tells nothing."""
    assert not is_secret(name)


def test_short_keys_do_not_garble_sentences() -> None:
    """A key may be a common word: parts of other words stay, and the shortest are hidden in headers alone."""
    secrets = secrets_in(("Authorization", "Bearer valid"), ("X-Api-Key", "abc"))

    assert secrets.hide("invalid, valid, abc") == "invalid, …, abc"


def test_a_key_that_nobody_has_may_be_a_word() -> None:
    """Who is to be refused is called `nobody`, say: sentences keep the word, headers don't tell it."""
    header = ("Authorization", "Bearer nobody")
    told, sent = secrets_in(header, account=NOBODY), secrets_in(header)

    assert told.hide("an id that nobody was given") == "an id that nobody was given"
    assert shown(told.header(*header, NOBODY)) == "Bearer …"
    assert sent.hide("an id that nobody was given") == "an id that … was given"


def test_a_password_in_the_address_is_hidden() -> None:
    """The target is told in every report."""
    target = "https://user:s3cret-word@gateway/x"
    secrets = secrets_of([replace(REQUEST, base=target)], target)

    assert secrets.hide(target) == "https://user:…@gateway/x"
    assert secrets_of([], "https://s3cret-token@gateway").hide("s3cret-token") == "…"


def test_each_account_has_its_variable() -> None:
    """Whoever replays a line sees which key goes where; a key that is sent in vain keeps its account's."""
    exchanges = [
        replace(REQUEST, request_headers=(("Authorization", "Basic sk-11111111"),), account=NOBODY),
        replace(REQUEST, request_headers=(("Authorization", "Bearer sk-99999999"),), account=NOBODY),
        replace(REQUEST, request_headers=(("Authorization", "Bearer sk-22222222"),), account=OTHER),
        replace(REQUEST, request_headers=(("Authorization", "Bearer sk-11111111"),), account=KEY),
    ]
    pieces = secrets_of(exchanges).pieces("sk-11111111 sk-22222222 sk-99999999")

    assert [piece.name for piece in pieces if isinstance(piece, Variable)] == [
        "UNDERSTUDY_KEY",
        "UNDERSTUDY_OTHER_KEY",
        "UNDERSTUDY_BAD_KEY",
    ]


def test_texts_of_a_verdict_are_searched() -> None:
    """Sentences may quote an answer that quotes the key."""
    said = f"the answer holds {KEY_VALUE}, {OTHER_VALUE} and {BAD_VALUE}"
    finding = replace(BROKEN.findings[0], message=said, source=said, pointer=f"/{KEY_VALUE}")
    row = replace(BROKEN.constraints[0], note=said, rejects="untested")
    verdict = replace(BROKEN, findings=(finding,), constraints=(row,), aborted=said, replay=said)

    printed = terminal(verdict, 120).decode()

    assert printed.count("the answer holds …, … and …") == 4
    assert "sk-" not in printed


def test_lone_surrogates_are_spelt_out() -> None:
    """A text from JSON may hold half a character, which no file can."""
    assert Secrets({}).hide("half \ud83d") == "half \\ud83d"
