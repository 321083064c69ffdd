"""Ids and luck come from the seed, the account and the ordinal, look as the vendor's do, and don't meet."""

from __future__ import annotations

import re
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.identity import account_mark, call_draw, call_token, draw, id_maker, luck, seed_bytes, uuid_text
from properties.promised import VENDORS, pack
from specs.pack import TaskId

SEED = seed_bytes(0)
accounts = st.text(max_size=20) | st.just("\ud800")
ordinals = st.integers(1, 10**12)


@given(data=st.binary(min_size=16, max_size=16))
def test_uuid_is_a_valid_version_4(data: bytes) -> None:
    """In lower case, with the version and variant bits set, and every other bit as given."""
    text = uuid_text(data)
    found = UUID(text)

    assert str(found) == text
    assert (found.version, found.variant) == (4, "specified in RFC 4122")
    assert found.int & ~(0xF << 76 | 0x3 << 62) == int.from_bytes(data, "big") & ~(0xF << 76 | 0x3 << 62)


@given(account=accounts, ordinal=ordinals, other=ordinals)
def test_draws_belong_to_seed_account_and_ordinal(account: str, ordinal: int, other: int) -> None:
    """The same three give the same bytes; another of any gives others."""
    drawn = draw(SEED, account, ordinal)

    assert drawn == draw(SEED, account, ordinal)
    assert drawn != draw(seed_bytes(1), account, ordinal)
    assert drawn != draw(SEED, account + "x", ordinal)
    assert (drawn == draw(SEED, account, other)) == (ordinal == other)


def test_account_and_ordinal_can_not_be_confused() -> None:
    """An account whose name begins like another's ordinal draws other bytes."""
    assert draw(SEED, "1:a", 2) != draw(SEED, "a", 21)
    assert draw(SEED, "2:1:a", 1) != draw(SEED, "1:a", 12)


@given(account=accounts)
def test_luck_is_two_numbers_from_zero_to_below_one(account: str) -> None:
    """Spread over the whole range, the second not the first again."""
    drawn = [luck(draw(SEED, account, ordinal)) for ordinal in range(1, 200)]

    assert all(0 <= number < 1 for pair in drawn for number in pair)
    for numbers in zip(*drawn, strict=True):
        assert min(numbers) < 0.2
        assert max(numbers) > 0.8
    assert len({first for first, _ in drawn} & {second for _, second in drawn}) == 0


@given(account=accounts, start=ordinals)
def test_calls_of_an_account_have_ids_of_their_own(account: str, start: int) -> None:
    """A thousand calls, a thousand ids, none of them another account's or another seed's."""
    mark = account_mark(SEED, account)
    ids = {uuid_text(call_token(mark, ordinal)) for ordinal in range(start, start + 1000)}

    assert len(ids) == 1000
    for elsewhere in (account_mark(SEED, account + "x"), account_mark(seed_bytes(1), account)):
        assert ids.isdisjoint(uuid_text(call_token(elsewhere, ordinal)) for ordinal in range(start, start + 1000))


@given(account=accounts, start=ordinals)
def test_what_a_call_draws_is_its_own(account: str, start: int) -> None:
    """The same token gives the same bytes, other tokens others; enough for the longest id and for luck."""
    mark = account_mark(SEED, account)
    drawn = [call_draw(call_token(mark, ordinal)) for ordinal in range(start, start + 100)]

    assert drawn[0] == call_draw(call_token(mark, start))
    assert len(set(drawn)) == len({luck(each) for each in drawn}) == 100
    assert {len(each) >= len(draw(SEED, account, start)) for each in drawn} == {True}


def pattern(says: TaskId) -> str:
    """What an id of this kind looks like."""
    if says.format == "uuid":
        return re.escape(says.prefix) + "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
    if says.format == "digits":
        return re.escape(says.prefix) + f"[1-9][0-9]{{{says.length - 1}}}"
    return re.escape(says.prefix) + f"[0-9A-Za-z]{{{says.length}}}"


KINDS_OF_ID = (
    TaskId("uuid", 0, ""),
    TaskId("uuid", 0, "t-"),
    *(TaskId("digits", length, "") for length in (1, 2, 18, 64)),
    *(TaskId("alnum", length, "task_") for length in (1, 32, 40, 41, 80)),
)


@pytest.mark.parametrize("says", KINDS_OF_ID, ids=repr)
def test_id_looks_as_the_pack_says(says: TaskId) -> None:
    """Format, length and prefix, for ids of every length."""
    make = id_maker(says)
    for ordinal in range(1, 300):
        assert re.fullmatch(pattern(says), make(draw(SEED, "key", ordinal)))


@pytest.mark.parametrize("vendor", VENDORS)
def test_ids_of_a_vendor_do_not_meet(vendor: str) -> None:
    """Twenty thousand tasks of two accounts under two seeds: as many ids."""
    make = id_maker(pack(vendor).behaviour.task_id)
    drawn = (
        call_draw(call_token(account_mark(seed, account), ordinal))
        for seed in (SEED, seed_bytes(1))
        for account in ("a", "b")
        for ordinal in range(5000)
    )

    assert len({make(each) for each in drawn}) == 20_000
