"""The line for the shell sends what was sent, byte for byte, and holds no key."""

import os
import shutil
import socketserver
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from contracts.exchange import NOBODY, OTHER, Exchange, HeaderLines
from contracts.report.curl import LINE_CHARACTERS_MAX, curl_line
from contracts.report.redaction import Secrets, secrets_of

KEY = "sk-0123456789"
JOB = Exchange(
    number=1,
    operation="createVideo",
    method="POST",
    base="http://127.0.0.1:9",
    path="/v1/videos",
    request_headers=(("Authorization", f"Bearer {KEY}"), ("Content-Type", "application/json")),
    request_body=b'{"prompt": "a cat"}',
)
SHELLS = [shell for shell in ("sh", "bash", "dash") if shutil.which(shell)]
# Writes its arguments, each ended by NUL, and what it is fed: a curl that sends nothing.
FAKE_CURL = """#!/bin/sh
for word; do printf '%s\\0' "$word"; done > "$SAID"
cat > "$FED"
"""
needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")


def line_of(exchange: Exchange) -> str:
    """The exchange's line."""
    return curl_line(exchange, secrets_of([exchange]))


def with_body(body: bytes) -> Exchange:
    """The job with another body."""
    return replace(JOB, request_body=body)


@pytest.fixture(scope="module")
def fake_curl(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a fake curl in it."""
    folder = tmp_path_factory.mktemp("bin")
    (folder / "curl").write_text(FAKE_CURL, encoding="utf-8")
    (folder / "curl").chmod(0o755)
    return folder


def run_with(fake_curl: Path, line: str, shell: str = "sh") -> tuple[list[bytes], bytes]:
    """The arguments that curl gets, and what it is fed."""
    said, fed = fake_curl / "said", fake_curl / "fed"
    environment = {
        "PATH": f"{fake_curl}:{os.environ['PATH']}",
        "SAID": str(said),
        "FED": str(fed),
        "UNDERSTUDY_KEY": KEY,
    }
    subprocess.run(
        [shell, "-c", line], env=environment, stdin=subprocess.DEVNULL, check=True, capture_output=True, timeout=60
    )
    return said.read_bytes().split(b"\0")[:-1], fed.read_bytes()


def sent_body(words: list[bytes], fed: bytes) -> bytes:
    """The body that curl would send."""
    return words[words.index(b"--data-raw") + 1] if b"--data-raw" in words else fed


def test_line_of_a_job_as_it_stands() -> None:
    """Short, on one line, the key a variable that expands."""
    assert line_of(JOB) == (
        "curl -i -X POST -H \"Authorization: Bearer $UNDERSTUDY_KEY\" -H 'Content-Type: application/json'"
        ' --data-raw \'{"prompt": "a cat"}\' http://127.0.0.1:9/v1/videos'
    )


def test_line_of_a_poll_as_it_stands() -> None:
    """Nothing that curl does by itself is asked for."""
    poll = replace(JOB, method="GET", request_body=b"", query="id=a&b=c", request_headers=JOB.request_headers[:1])

    assert line_of(poll) == (
        "curl -i -H \"Authorization: Bearer $UNDERSTUDY_KEY\" 'http://127.0.0.1:9/v1/videos?id=a&b=c'"
    )


BODIES = [
    b"{}",
    b"'",
    b'it\'s "quoted" and `ticked` and $HOME and $(id) and \\ and !',
    b"@/etc/passwd",
    b"-d",
    b"--",
    b"%s %d %% %",
    b"\n",
    b"\n\nends with newlines\n\n",
    b"\t\r\x1b[31m",
    b"\x00\x00nul\x001",
    b"\\n\\0 \\",
    b"-\x00",
    "猫 🐈 é \u202e \u200b".encode(),
    b"\xff\xfe broken \xc3",
    bytes(range(256)),
    b"x" * 2501,
    b'{"prompt": "' + b"x" * 2501 + b'", "mode": "' + b"y" * 300 + b'"}',
    b"\n" + b"A" * 1000 + b"\x00",
    b'{"image": "' + b"A" * 300_000 + b'"}',
    b"ab" * 7_000,
]


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("body", BODIES, ids=lambda body: repr(body[:20]))
def test_any_body_arrives(body: bytes, shell: str, fake_curl: Path) -> None:
    """Whatever it holds, in every shell; the line itself is one printable line."""
    line = line_of(with_body(body))

    assert line.isprintable()
    assert sent_body(*run_with(fake_curl, line, shell)) == body


@settings(max_examples=60)
@given(body=st.binary(min_size=1) | st.text(min_size=1).map(str.encode))
@example(body=KEY.encode() + b" 0")
def test_bodies_that_nobody_thought_of_arrive(body: bytes, fake_curl: Path) -> None:
    """The same for generated ones."""
    line = line_of(with_body(body))

    assert line.isprintable()
    assert sent_body(*run_with(fake_curl, line)) == body


@settings(max_examples=60)
@given(
    value=st.text(st.characters(min_codepoint=0x20, exclude_categories=["Cs"]), max_size=30),
    query=st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), max_size=30),
)
def test_headers_and_queries_arrive(value: str, query: str, fake_curl: Path) -> None:
    """What can be typed is there, what can't is left out; nothing else is said to curl."""
    exchange = replace(JOB, query=query, request_headers=(("X-Note", value),))

    words, _ = run_with(fake_curl, line_of(exchange))

    expected = [f"X-Note: {value}".encode() if value.strip() else b"X-Note;"] if value.isprintable() else []
    assert words[-1] == exchange.url.encode()
    assert [word for word in words if word.startswith(b"X-Note")] == expected


def test_the_key_is_a_variable_wherever_it_stands(fake_curl: Path) -> None:
    """In the address, in the body, behind any scheme, next to any letter: it expands, and is never there in clear."""
    exchange = replace(
        with_body(f'{{"key": "{KEY}s", "it\'s": "{KEY}"}}'.encode()),
        query=f"key={KEY}&x=1",
        request_headers=(("Authorization", f"Token {KEY}"), ("X-Copy", f"{KEY}2 $5")),
    )

    line = line_of(exchange)
    words, fed = run_with(fake_curl, line)

    assert KEY not in line
    assert b"Authorization: Token " + KEY.encode() in words
    assert f"X-Copy: {KEY}2 $5".encode() in words
    assert words[-1] == exchange.url.encode()
    assert sent_body(words, fed) == exchange.request_body


def test_the_key_is_a_variable_in_what_is_fed(fake_curl: Path) -> None:
    """The same where printf writes the body."""
    exchange = with_body(f"{KEY}\n100 %{KEY}9\x00".encode())

    line = line_of(exchange)

    assert KEY not in line
    assert run_with(fake_curl, line)[1] == exchange.request_body


@pytest.mark.parametrize(("account", "variable"), [(OTHER, "$UNDERSTUDY_OTHER_KEY"), (NOBODY, "$UNDERSTUDY_BAD_KEY")])
def test_other_keys_have_other_variables(account: str, variable: str) -> None:
    """A line for the second account does not ask for the first one's key; a key of one letter is hidden as well."""
    for key in ("sk-5555555555", "k"):
        exchange = replace(JOB, account=account, request_headers=(("Authorization", f"Bearer {key}"),))

        assert f'-H "Authorization: Bearer {variable}"' in line_of(exchange)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ((("Authorization", ""),), "-H 'Authorization;'"),
        ((("Authorization", "Bearer"),), "-H 'Authorization: Bearer'"),
        ((("Host", "127.0.0.1:9"), ("Content-Length", "3"), ("User-Agent", "u"), ("Accept", "*/*")), ""),
        ((("Host", "api.example"),), "-H 'Host: api.example'"),
        ((("Accept", "text/html"),), "-H 'Accept: text/html'"),
        ((("Transfer-Encoding", "chunked"),), "-H 'Transfer-Encoding: chunked'"),
        ((("@/etc/passwd", "x"), ("X-Bell", "\x07")), ""),
    ],
)
def test_headers_that_curl_knows(headers: HeaderLines, expected: str) -> None:
    """An empty header is said curl's way; what curl says itself, or nobody can type, is left out."""
    line = line_of(replace(JOB, method="GET", request_body=b"", request_headers=headers))

    assert line == " ".join(filter(None, ("curl -i", expected, "http://127.0.0.1:9/v1/videos")))


@pytest.mark.parametrize(
    ("method", "path", "options"),
    [
        ("HEAD", "/", "-I"),
        ("DELETE", "/", "-i -X DELETE"),
        ("get it", "/", "-i -X 'get it'"),
        ("GET", "/a/../b", "-i --path-as-is"),
        ("GET", "/[x]{1,2}", "-i -g"),
        ("GET", "/é \n", "-i"),
    ],
)
def test_curl_takes_method_and_path_as_they_are(method: str, path: str, options: str) -> None:
    """No globbing, no tidying, no waiting for the body of a HEAD."""
    line = line_of(replace(JOB, method=method, path=path, request_body=b"", request_headers=()))

    assert line.startswith(f"curl {options} ")
    assert line.isprintable()
    assert line.isascii()


def test_a_body_beyond_a_line_is_named(fake_curl: Path) -> None:
    """Its length and digest tell which it was."""
    body = os.urandom(30_000)

    line = line_of(with_body(body))

    assert len(line) < LINE_CHARACTERS_MAX
    assert "--data-binary @body.bin" in line
    assert "30000 bytes, SHA-256" in line
    assert run_with(fake_curl, line)[0][-1] == JOB.url.encode()


class Recorder(socketserver.ThreadingTCPServer):
    """A server that keeps the last request, byte for byte."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.request_seen = b""


class _Handler(socketserver.StreamRequestHandler):
    server: Recorder

    def handle(self) -> None:
        """Reads head and body, answers 200."""
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += self.rfile.readline()
        length = next((int(line[15:]) for line in head.lower().split(b"\r\n") if line[:15] == b"content-length:"), 0)
        if b"100-continue" in head.lower():
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        self.server.request_seen = head + self.rfile.read(length)
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")


@pytest.fixture(scope="module")
def recorder() -> Iterator[Recorder]:
    """A recorder on loopback."""
    with Recorder() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def received(recorder: Recorder, exchange: Exchange) -> tuple[bytes, list[bytes], bytes]:
    """What the server gets when the line is run with the real curl: request line, header lines, body."""
    exchange = replace(exchange, base=f"http://127.0.0.1:{recorder.server_address[1]}")
    environment = {**os.environ, "UNDERSTUDY_KEY": KEY, "no_proxy": "*"}
    command = ["sh", "-c", line_of(exchange)]
    subprocess.run(command, env=environment, check=True, capture_output=True, timeout=60)
    head, _, body = recorder.request_seen.partition(b"\r\n\r\n")
    first, *headers = head.split(b"\r\n")
    return first, headers, body


@needs_curl
@pytest.mark.parametrize("body", BODIES, ids=lambda body: repr(body[:20]))
def test_the_real_curl_sends_it(body: bytes, recorder: Recorder) -> None:
    """Method, path, credentials, type and body, as they were."""
    first, headers, sent = received(recorder, with_body(body))

    assert first == b"POST /v1/videos HTTP/1.1"
    assert b"Authorization: Bearer " + KEY.encode() in headers
    assert b"Content-Type: application/json" in headers
    assert sent == body


@needs_curl
def test_the_real_curl_adds_nothing(recorder: Recorder) -> None:
    """No type where there was none, an empty header where it was empty, an empty body with its length."""
    exchange = replace(JOB, request_headers=(("Authorization", ""),), request_body=b"")

    first, headers, sent = received(recorder, replace(exchange, path="/a/../%7Bb%7D[1]"))
    names = {line.partition(b":")[0].lower() for line in headers}

    assert first == b"POST /a/../%7Bb%7D[1] HTTP/1.1"
    assert b"Authorization:" in [line.strip() for line in headers]
    assert names == {b"host", b"user-agent", b"accept", b"authorization", b"content-length"}
    assert sent == b""


def test_a_text_without_secrets_is_one_piece() -> None:
    """A picture of megabytes is not taken apart."""
    assert Secrets({KEY: "K"}).pieces("plain") == ["plain"]
