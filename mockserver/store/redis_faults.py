"""The faults of a store in a server: rules, counters and marks, for every machine that asks it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeAlias

import orjson

from mockserver.fault_rules import FaultRule, read_kept
from mockserver.store.fault_items import (
    SavedCount,
    SavedFault,
    SavedMark,
    SavedRule,
    read_fault_item,
)
from mockserver.store.fault_shelf import MARKS_MAX, RULES_MAX, say_rules_full
from mockserver.store.protocol import StoreFullError
from mockserver.store.redis_functions import lua
from mockserver.store.redis_link import Reply, Word
from mockserver.store.redis_values import digest_text, place_of
from mockserver.store.sealing import SealedKey, label_of
from specs.pointers import Json

Run: TypeAlias = Callable[..., Reply]

# The rule, most rules: its id, or '' when there are too many.
_ADD = lua(r"""
if call('HLEN', RULES) >= tonumber(ARGV[2]) then return '' end
local id = 'fault-' .. call('HINCRBY', STATE, 'fault_number', 1)
call('HSET', RULES, id, ARGV[1])
return id
""")
_RULES = lua(r"""return call('HGETALL', RULES)""")
_DROP = lua(r"""return drop_rule(ARGV[1])""")
_DROP_ALL = lua(r"""if ARGV[1] == '' then drop_all_faults() else drop_faults(ARGV[1]) end return 'ok'""")
# Rule, what, digest.
_COUNT = lua(r"""return count_fault(ARGV[1], ARGV[2], ARGV[3], 1)""")
# The mark, its value, most marks.
_MARK = lua(r"""
if call('HEXISTS', MARKS, ARGV[1]) == 0 then
    while call('HLEN', MARKS) >= tonumber(ARGV[3]) do drop_mark(call('ZRANGE', MARKED, 0, 0)[1]) end
end
call('HSET', MARKS, ARGV[1], ARGV[2])
call('ZADD', MARKED, serial(), ARGV[1])
return 'ok'
""")
_TAKE = lua(r"""
local kept = call('HGET', MARKS, ARGV[1])
if not kept then return 0 end
local polls = tonumber(string.match(kept, '^%[(%d+)'))
if polls > 1 then call('HSET', MARKS, ARGV[1], '[' .. (polls - 1) .. string.match(kept, '^%[%d+(.*)$'))
else drop_mark(ARGV[1]) end
return 1
""")
# In Lua: rules with the fields of their counts, marks, and the counts of other rules; of one digest, or ''.
DUMP_FAULTS = r"""
local function dump_faults(digest)
    local rules, marks, counts = {}, {}, {}
    local held = call('HGETALL', RULES)
    for at = 1, #held, 2 do
        if digest == '' or owner_of(held[at + 1]) == digest then
            rules[#rules + 1] = {held[at], held[at + 1], call('HGETALL', of('fault_counts', held[at]))}
        end
    end
    for _, mark in ipairs(call('ZRANGE', MARKED, 0, -1)) do
        if digest == '' or string.sub(mark, 1, 32) == digest then
            marks[#marks + 1] = {mark, call('HGET', MARKS, mark)}
        end
    end
    for _, id in ipairs(call('SMEMBERS', COUNTED)) do
        if call('HEXISTS', RULES, id) == 0 then
            local fields = call('HGETALL', of('fault_counts', id))
            for at = 1, #fields, 2 do
                local whose = string.sub(fields[at], -32)
                if digest == '' or whose == digest then
                    local label = call('HGET', of('account', whose), 'label') or ''
                    counts[#counts + 1] = {id, fields[at], fields[at + 1], label}
                end
            end
        end
    end
    return {rules, marks, counts}
end
"""
_DUMP = lua(DUMP_FAULTS + "return dump_faults(ARGV[1])")


def rule_value(rule: FaultRule) -> bytes:
    """A rule as the server holds it."""
    owner = (None, None) if rule.account is None else (digest_text(rule.account), label_of(rule.account))
    return orjson.dumps([*owner, rule.as_json()])


def mark_of(account: str, vendor: str, task_id: str, kind: str) -> bytes:
    """A task of an account, and the kind of fault that it is marked by."""
    name = kind.encode()
    return b"%b%d:%b%b" % (digest_text(account).encode(), len(name), name, place_of(vendor, task_id))


def mark_value(account: str, polls: int) -> bytes:
    """How many polls are left, and for whom."""
    return orjson.dumps([polls, label_of(account)])


def _sealed(digest: str, label: str) -> SealedKey:
    return SealedKey(label, bytes.fromhex(digest))


def _read_rule(rule_id: bytes, value: bytes, account: str | None = None) -> FaultRule:
    digest, label, said = orjson.loads(value)
    owner = None if digest is None else account if account is not None else _sealed(digest, label)
    return read_kept(said, owner)._replace(id=rule_id.decode())


def _split(counter: str) -> tuple[str, str]:
    what, _, rule_id = counter.partition(" ")
    return rule_id, what


class RedisFaults:
    """Remembers in the store's server. `ask` runs what may be run twice, `change` what may not."""

    def __init__(self, ask: Run, change: Run) -> None:
        self._ask = ask
        self._change = change

    def add(self, rule: FaultRule) -> str:
        """The next number is its id."""
        rule_id: bytes = self._change(_ADD, rule_value(rule), RULES_MAX)
        if not rule_id:
            raise StoreFullError(say_rules_full())
        return rule_id.decode()

    def rules(self, account: str | None) -> list[FaultRule]:
        """Oldest first; those of an account carry its sealed key, or the key that was asked with."""
        kept = self._ask(_RULES)
        digest = digest_text(account) if account is not None else None
        pairs = sorted(zip(kept[::2], kept[1::2], strict=True), key=lambda pair: int(pair[0].rpartition(b"-")[2]))
        return [
            _read_rule(rule_id, value, account)
            for rule_id, value in pairs
            if digest is None or orjson.loads(value)[0] in (None, digest)
        ]

    def drop(self, rule_id: str) -> bool:
        """With its counters."""
        return bool(self._change(_DROP, rule_id))

    def drop_all(self, account: str | None) -> None:
        """An account's counters start again, also those of rules for all."""
        self._ask(_DROP_ALL, digest_text(account) if account is not None else "")

    def count(self, counter: str, account: str) -> int:
        """At once: two workers never get the same number."""
        return int(self._change(_COUNT, *_split(counter), digest_text(account)))

    def mark(self, account: str, vendor: str, task_id: str, kind: str, times: int) -> None:
        """Beyond the bound the oldest mark goes."""
        self._change(_MARK, mark_of(account, vendor, task_id, kind), mark_value(account, times), MARKS_MAX)

    def take_mark(self, account: str, vendor: str, task_id: str, kind: str) -> bool:
        """One less."""
        return bool(self._change(_TAKE, mark_of(account, vendor, task_id, kind)))

    def dump(self, account: str | None) -> list[Json]:
        """Rules, marks, and the counters of a scenario."""
        return read_faults(self._ask(_DUMP, digest_text(account) if account is not None else ""))

    def load(self, items: Iterable[Json]) -> None:
        """One after the other; a rule keeps its id unless another one has it."""
        if self._change(_LOAD, *load_faults_words(items), RULES_MAX) != b"ok":
            raise StoreFullError(say_rules_full())


def read_faults(reply: Reply) -> list[Json]:
    """What the server has dumped, as items."""
    rules, marks, counts = reply
    saved: list[SavedFault] = [_saved_rule(*each) for each in sorted(rules, key=lambda each: int(each[0][6:]))]
    saved += [_saved_mark(*each) for each in marks]
    for rule_id, field, number, label in counts:
        what, _, digest = field.decode().partition(":")
        saved.append(SavedCount(_sealed(digest, label.decode()), f"{what} {rule_id.decode()}", int(number)))
    return [each.as_json() for each in saved]


def _saved_rule(rule_id: bytes, value: bytes, counts: list[bytes]) -> SavedRule:
    counted = dict(zip(counts[::2], counts[1::2], strict=True))
    met, played = (int(counted.get(b"%b:%b" % (what, _FOR_ALL), 0)) for what in (b"met", b"played"))
    return SavedRule(_read_rule(rule_id, value), met, played)


def _saved_mark(mark: bytes, value: bytes) -> SavedMark:
    polls, label = orjson.loads(value)
    length, _, rest = mark[32:].partition(b":")
    vendor, task_id = orjson.loads(rest[int(length) :])
    return SavedMark(_sealed(mark[:32].decode(), label), vendor, task_id, rest[: int(length)].decode(), polls)


# A rule's own counters are for no account.
_FOR_ALL = digest_text("").encode()
# In Lua: reads the words of `load_faults_words` from there on, and returns where the next word is.
LOAD_FAULTS = r"""
local function load_faults(at)
    local last = number(call('HGET', STATE, 'fault_number'))
    local function following()
        at = at + 1
        return ARGV[at - 1]
    end
    for _ = 1, tonumber(following()) do
        local id, value, met, played = following(), following(), following(), following()
        local given = tonumber(string.match(id, '%d+$'))
        if call('HEXISTS', RULES, id) == 1 then
            last = last + 1
            id = 'fault-' .. last
        end
        last = math.max(last, given)
        call('HSET', RULES, id, value)
        if met ~= '0' then count_fault(id, 'met', FOR_ALL, met) end
        if played ~= '0' then count_fault(id, 'played', FOR_ALL, played) end
    end
    call('HSET', STATE, 'fault_number', string.format('%.0f', last))
    for _ = 1, tonumber(following()) do
        local mark, value = following(), following()
        call('HSET', MARKS, mark, value)
        call('ZADD', MARKED, serial(), mark)
    end
    for _ = 1, tonumber(following()) do
        local id, what, digest, times = following(), following(), following(), following()
        count_fault(id, what, digest, times)
    end
    return at
end
""".replace("FOR_ALL", f"'{_FOR_ALL.decode()}'")

# The words of `load_faults_words`, most rules.
_LOAD = lua(
    LOAD_FAULTS
    + r"""
if call('HLEN', RULES) + ARGV[1] > tonumber(ARGV[#ARGV]) then return 'full' end
load_faults(1)
return 'ok'
"""
)


def load_faults_words(items: Iterable[Json]) -> list[Word]:
    """Rules, marks and counts as `load_faults` reads them, each kind with its number in front."""
    rules, marks, counts = list[list[Word]](), list[list[Word]](), list[list[Word]]()
    for saved in map(read_fault_item, items):
        if isinstance(saved, SavedRule):
            rules.append([saved.rule.id, rule_value(saved.rule), saved.met, saved.played])
        elif isinstance(saved, SavedMark):
            mark = mark_of(saved.account, saved.vendor, saved.task_id, saved.kind)
            marks.append([mark, mark_value(saved.account, saved.polls)])
        else:
            counts.append([*_split(saved.counter), digest_text(saved.account), saved.number])
    return [word for kind in (rules, marks, counts) for word in (len(kind), *(each for row in kind for each in row))]
