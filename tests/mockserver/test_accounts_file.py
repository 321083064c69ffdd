"""The accounts file: what it says holds for the very keys that stand in it, and what can't be meant is refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from fact_tables import EDGES, played
from mockserver.accounts import Limits
from mockserver.accounts_file import AccountsFileError, read_accounts
from targets import Target

Accounts = dict[str, Limits]


def accounts(folder: Path, text: str, name: str = "accounts.yaml") -> Accounts:
    """What a file with this text says."""
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return dict(read_accounts(file))


def complaint(folder: Path, text: str) -> str:
    """What is said against a file with this text, behind its name."""
    with pytest.raises(AccountsFileError) as caught:
        accounts(folder, text)
    said = str(caught.value)
    assert said.startswith(f"{folder / 'accounts.yaml'}: ")
    return said.removeprefix(f"{folder / 'accounts.yaml'}: ")


def test_yaml_and_json_say_the_same(tmp_path: Path) -> None:
    """Every member is optional, and null is as good as absent."""
    expected = {"a": Limits(secret="s", balance=0), "b": Limits(concurrency=3, rate=0.5), "c": Limits()}

    assert accounts(tmp_path, "a: {secret: s, balance: 0}\nb: {concurrency: 3, rate: 0.5}\nc: {}\n") == expected
    text = '{"a": {"secret": "s", "balance": 0}, "b": {"concurrency": 3, "rate": 0.5}, "c": {"rate": null}}'
    assert accounts(tmp_path, text, "accounts.json") == expected


@pytest.mark.parametrize("key", ["0123", "1e3", "123", "0x1F", "2026-01-01", "true", "~", "1_000"])
def test_bare_key_that_yaml_takes_for_something_else_is_refused(tmp_path: Path, key: str) -> None:
    """It would become another text, and its limits would be nobody's; quoted it is a key."""
    said = complaint(tmp_path, f"first: {{}}\n{key}: {{balance: 1}}\n")

    assert said == f"line 2, column 1: the name {key} is not a text. Put it in quotes"
    assert accounts(tmp_path, f'"{key}": {{balance: 1}}\n') == {key: Limits(balance=1)}


REFUSED = {
    '"": {balance: 1}': "a key is empty; no call has such a one",
    "a: 5": "a: must be an object with some of secret, webhook_secret, balance, concurrency, rate",
    "a: {colour: red}": (
        "a/colour: there is no such member; there are secret, webhook_secret, balance, concurrency, rate"
    ),
    "a: {balance: -1}": "a/balance: must be a whole number of submissions, 0 or more",
    "a: {rate: 0}": "a/rate: must be a number of calls a second, more than 0",
    "a: {secret: 0123}": "a/secret: must be a text that is not empty, in quotes if it looks like a number",
    "a: {webhook_secret: whsec_no}": (
        "a/webhook_secret: must be a text that is not empty; behind whsec_, Base64 with its padding"
    ),
    "a: {}\na: {}": 'line 2, column 1: is not YAML (found duplicate key "a" with value "{}" (original value: "{}"))',
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_can_not_be_meant_is_refused(tmp_path: Path, text: str) -> None:
    """With its place and the way out."""
    assert complaint(tmp_path, text) == REFUSED[text]


@pytest.fixture(scope="module", params=EDGES)
def limited(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """A server that lets two odd keys submit once each."""
    file = tmp_path_factory.mktemp("accounts") / "accounts.yaml"
    file.write_text('schlüssel: {balance: 1}\n"0123": {balance: 1}\n', encoding="utf-8")
    with played(request.param, "powertokens", accounts=file) as target:
        yield target


@pytest.mark.parametrize("key", ["schlüssel", "0123"])
def test_limits_hold_for_the_key_as_it_is_sent(limited: Target, key: str) -> None:
    """Letters beyond ASCII and digits alone; the admin API knows the account by the same key."""
    client = limited.account()
    headers = {b"authorization": f"Bearer {key}".encode()}
    job = {"model_name": "kling-v3", "prompt": "a cat"}

    statuses = [client.post("/kling/v1/videos/text2video", json=job, headers=headers).status_code for _ in range(2)]
    limited.key = key

    assert statuses == [200, 429]
    assert len(limited.tasks()) == 1
