"""How tables of facts are written and judged: a job with changes, the member at fault, the rule that says so."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, TypeAlias

import httpx
import pytest

import specs
from mockserver import Fake, Settings
from mockserver.accounts_file import read_accounts
from targets import Json, Target, in_process, over_socket, pretty, serving

Connect: TypeAlias = Callable[[str], Target]
Job: TypeAlias = Mapping[str, Json]

ABSENT: Any = object()
EDGES = ("in-process", "socket")
WAVE = "\U0001f30a"
"""One code point beyond the basic plane: two UTF-16 units, four bytes."""

MALFORMED_JSON = [
    pytest.param(b"", id="empty"),
    pytest.param(b" \n", id="white-space"),
    pytest.param(b'{"prompt": "a cat"', id="cut"),
    pytest.param(b'{"prompt": "a cat"} and a dog', id="trailing-text"),
    pytest.param(b'{"prompt": "a cat"}{}', id="two-documents"),
    pytest.param(b'{"prompt": "a cat",}', id="trailing-comma"),
    pytest.param(b"{'prompt': 'a cat'}", id="single-quotes"),
    pytest.param(b'{"prompt": "a cat", "cfg_scale": NaN}', id="nan"),
    pytest.param(b'{"prompt": "a cat", "cfg_scale": Infinity}', id="infinity"),
    pytest.param(b'{"prompt": "a c\xe4t"}', id="latin-1"),
    pytest.param('{"prompt": "a cat"}'.encode("utf-16"), id="utf-16"),
    pytest.param(b"prompt=a+cat", id="form"),
]
"""Bodies that are no JSON text at all."""

NO_OBJECTS = [
    pytest.param(text.encode(), id=text) for text in ("[]", '[{"prompt": "a cat"}]', '"a cat"', "5", "true", "null")
]
"""JSON that is no object."""

ODD_MEDIA_TYPES = [
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/xml",
    "json",
]
MEDIA_TYPES = [
    "application/json",
    "application/json; charset=utf-8",
    "application/json;charset=UTF-8",
    "Application/JSON",
]

BAD_CREDENTIALS = [
    pytest.param("Bearer", id="no-key"),
    pytest.param("Basic dXNlcjpwYXNz", id="basic"),
    pytest.param("Token sk-1", id="other-scheme"),
    pytest.param("Bearer two words", id="two-words"),
    pytest.param("", id="empty"),
]
"""Authorization headers in which no account is named."""

TROUBLED_KEYS = ["mock-invalid", "mock-invalid-7", "mock-expired", "mock-expired-again"]


def row(case: str, changes: Job, pointer: str, rules: str) -> Any:
    """One line of a table of refusals: where, and which rules may say so (divided by |; * is any)."""
    return pytest.param(changes, pointer, rules, id=case)


def fine(case: str, changes: Job) -> Any:
    """One line of a table of what must be taken."""
    return pytest.param(changes, id=case)


def wrong_types(member: str, values: list[Json]) -> list[Any]:
    """A line for each value that the member's type or words exclude."""
    return [row(f"{member}-{value!r}", {member: value}, f"/{member}", "type|enum") for value in values]


def changed(job: Job, changes: Job) -> dict[str, Json]:
    """The job with these members set, and the absent ones gone."""
    return {name: value for name, value in {**job, **changes}.items() if value is not ABSENT}


def broken(target: Target) -> dict[str, set[str]]:
    """What the last call broke: the rules at each pointer."""
    found: dict[str, set[str]] = {}
    for violation in target.journal()[-1]["violations"]:
        found.setdefault(violation["pointer"], set()).add(violation["rule"])
    return found


def assert_broken(target: Target, pointers: str, rules: str) -> None:
    """The last call broke one of these rules at one of these pointers (both divided by |), and nothing elsewhere."""
    seen = broken(target)
    assert len(seen) == 1, pretty({at: sorted(names) for at, names in seen.items()})
    ((at, names),) = seen.items()
    assert at in pointers.split("|"), at
    assert rules == "*" or names & set(rules.split("|")), names


def last_name(pointer: str) -> str:
    """The member that a pointer ends in, as every vendor writes it: the last part that is no number."""
    names = [part for part in pointer.split("/") if part and not part.isdigit()]
    return names[-1] if names else "body"


def send(
    client: httpx.Client, path: str, content: bytes, content_type: str | None = "application/json"
) -> httpx.Response:
    """A POST of bytes; without a Content-Type when it is None."""
    headers = {} if content_type is None else {"Content-Type": content_type}
    return client.post(path, content=content, headers=headers)


def follow(
    read: Callable[[], Json], target: Target, *, until: Callable[[Json], bool], most_seconds: int = 400
) -> Iterator[Json]:
    """What is seen at every second from now on, up to the end."""
    for _ in range(most_seconds):
        seen = read()
        yield seen
        if until(seen):
            return
        target.advance(1)
    pytest.fail(f"no end within {most_seconds} s")


def steps(words: list[str]) -> list[str]:
    """The words in their order, each stretch of equal ones once."""
    return [word for index, word in enumerate(words) if index == 0 or words[index - 1] != word]


def use_key(target: Target, key: str, credential: str | None = None) -> Target:
    """The target as another account; `credential` is what is sent, where it is not the account itself."""
    target.key = key
    target.client = target.account(credential or key)
    return target


def assert_playable(target: Target, url: str) -> None:
    """The URL is absolute and leads to a video, whole and in ranges, without a key."""
    assert url.startswith(("http://", "https://")), url
    with target.account() as anyone:
        whole = anyone.get(url)
        part = anyone.get(url, headers={"Range": "bytes=4-11"})
    assert (whole.status_code, whole.headers["content-type"]) == (200, "video/mp4")
    assert whole.content[4:8] == b"ftyp"
    assert (part.status_code, part.content) == (206, whole.content[4:12])
    assert part.headers["content-range"] == f"bytes 4-11/{len(whole.content)}"


_OPTIONS = {"clock": "--clock", "body_max": "--max-body", "public_url": "--public-url"}


def by_host(target: Target, host: str, path: str, job: Job) -> httpx.Response:
    """A submit to the server's root, under the name that the vendor's own server has."""
    return target.client.post(target.client.base_url.join(path), json=job, headers={"Host": host})


@contextmanager
def played(
    edge: str, vendor: str | Path, *, lenient: bool = False, accounts: Path | None = None, **settings: Any
) -> Iterator[Target]:
    """A server of its own, with these settings of the fake; the vendor by name, or the folder of its pack."""
    given = {"clock": "manual", **settings}
    with ExitStack() as stack:
        if edge == "in-process":
            limits = read_accounts(accounts) if accounts else {}
            pack = specs.load(vendor, lenient=lenient)
            fake = Fake([pack], Settings(limits=limits, **given), wall_ms=lambda: 1_800_000_000_000)
            yield stack.enter_context(in_process(fake, pack.name))
            return
        words = [word for name, value in given.items() for word in (_OPTIONS[name], str(value))]
        words += ["--accounts", str(accounts)] if accounts else []
        words += ["--leniency", "lenient"] if lenient else []
        url = stack.enter_context(serving(str(vendor), *words))
        yield stack.enter_context(over_socket(url, Path(vendor).name))


@contextmanager
def switched(vendor: str, option: str) -> Iterator[Target]:
    """A fake with one of the pack's options on; no command line switches them yet, so without a socket only."""
    pack = specs.load(vendor, options={option: True})
    with in_process(Fake([pack], Settings(clock="manual"), wall_ms=lambda: 1_800_000_000_000), vendor) as target:
        yield target


@contextmanager
def limited(edge: str, vendor: str, folder: Path, **limits: Json) -> Iterator[Target]:
    """An account with these limits, on a server of its own."""
    file = folder / "accounts.json"
    file.write_text(json.dumps({"limited": limits}), encoding="utf-8")
    with played(edge, vendor, accounts=file) as target:
        yield use_key(target, "limited")
