"""A whole store out of its server and into it; each is one step there, and the server does nothing else meanwhile."""

from __future__ import annotations

from collections.abc import Iterable
from operator import itemgetter

from mockserver.store.fault_shelf import RULES_MAX, say_rules_full
from mockserver.store.protocol import Bounds, HeldError, StoreFullError
from mockserver.store.redis_faults import DUMP_FAULTS, LOAD_FAULTS, load_faults_words, read_faults
from mockserver.store.redis_functions import lua
from mockserver.store.redis_link import Reply, Word
from mockserver.store.redis_values import (
    digest_text,
    entry_words,
    read_account,
    read_clock,
    read_entry,
    read_task,
    task_words,
)
from mockserver.store.redis_webhooks import DUMP_WEBHOOKS, LOAD_WEBHOOKS, load_webhooks_words, read_webhooks
from mockserver.store.saved import Saved, SavedAccount
from mockserver.store.sealing import SealedKey, label_of

# Of the numbers in a stream the second half counts what came in one millisecond.
_PER_MILLISECOND = 2**32

# Digest or '': the clock, accounts with all that is theirs, faults.
DUMP = lua(
    DUMP_FAULTS
    + DUMP_WEBHOOKS
    + r"""
local function dump_account(digest)
    local key, tasks, entries = of('account', digest), {}, {}
    for _, member in ipairs(call('ZRANGE', of('list', digest), 0, -1)) do
        local place = place_of(member)
        tasks[#tasks + 1] = {call('ZSCORE', QUEUE, digest .. member), place, read_task(digest, place)}
    end
    for _, entry in ipairs(call('LRANGE', of('entries', digest), 0, -1)) do
        entries[#entries + 1] = call('XRANGE', JOURNAL, entry, entry)[1]
    end
    local members = call('HMGET', key, 'born', 'ordinal', 'offset_ms', 'mode', 'submissions')
    local label, calls = call('HGET', key, 'label') or '', call('LRANGE', of('calls', digest), 0, -1)
    return {digest, label, members, calls, tasks, entries}
end
local accounts = {}
local digests = ARGV[1] == '' and call('ZRANGE', ACCOUNTS, 0, -1) or {ARGV[1]}
for _, digest in ipairs(digests) do
    if call('EXISTS', of('account', digest)) == 1 then accounts[#accounts + 1] = dump_account(digest) end
end
return {clock(), accounts, dump_faults(ARGV[1]), dump_webhooks(ARGV[1])}
"""
)

# What `load_words` says: {'ok', names of webhooks that made room}, or why nothing has changed: {'held', label},
# {'full', accounts, tasks}, {'faults'}.
LOAD = lua(
    LOAD_FAULTS
    + LOAD_WEBHOOKS
    + r"""
local at = 0
local function following()
    at = at + 1
    return ARGV[at]
end
local function whole_number() return tonumber(following()) end
local of_all, replace = following() == '1', following() == '1'
local most_accounts, most_tasks, most_entries, most_entries_of_all, most_rules =
    whole_number(), whole_number(), whole_number(), whole_number(), whole_number()
local mode, rate, began_ms, offset_ms = following(), following(), following(), following()
local tasks, rules, count = whole_number(), whole_number(), whole_number()
local digests, given = {}, {}
for _ = 1, count do digests[#digests + 1] = following() end
for _, digest in ipairs(digests) do given[digest] = true end

local leaving = of_all and call('ZRANGE', ACCOUNTS, 0, -1) or digests
local held_accounts = call('ZCARD', ACCOUNTS)
local held_tasks, held_rules = number(call('HGET', STATE, 'tasks')), call('HLEN', RULES)
for _, digest in ipairs(leaving) do
    local key = of('account', digest)
    if not replace and number(call('HGET', key, 'ordinal')) > 0 then return {'held', call('HGET', key, 'label')} end
    held_accounts = held_accounts - call('EXISTS', key)
    held_tasks = held_tasks - call('ZCARD', of('list', digest))
end
for _, rule in ipairs(call('HVALS', RULES)) do
    if of_all or given[owner_of(rule) or ''] then held_rules = held_rules - 1 end
end
if held_accounts + count > most_accounts or held_tasks + tasks > most_tasks then
    return {'full', held_accounts + count, held_tasks + tasks}
end
if held_rules + rules > most_rules then return {'faults'} end

if of_all then drop_all_faults() end
for _, digest in ipairs(digests) do drop_faults(digest) end
for _, digest in ipairs(leaving) do forget_account(digest) end
if of_all then
    call('HSET', STATE, 'mode', mode, 'rate', rate, 'began_ms', began_ms, 'offset_ms', offset_ms,
        'server_ms', server_ms())
end
for _, digest in ipairs(digests) do
    add_account(digest, following())
    local key = of('account', digest)
    call('HSET', key, 'ordinal', following(), 'submissions', following(), 'offset_ms', following())
    local own = following()
    if own ~= '' then call('HSET', key, 'mode', own) end
    for _ = 1, whole_number() do call('RPUSH', of('calls', digest), following()) end
end
local base = number(call('HGET', STATE, 'serial'))
for place = 1, tasks do
    local digest, order = following(), whole_number()
    write_task(digest, following(), following(), following(), following(), following(), following(), base + order,
        base + place)
end
call('HINCRBY', STATE, 'serial', tasks)
for _ = 1, whole_number() do write_entry(following(), following(), following(), following(), following()) end
for _, digest in ipairs(digests) do trim_stream(JOURNAL, 'entries', digest, most_entries, most_entries_of_all) end
return {'ok', load_webhooks(load_faults(at + 1))}
"""
)


def read_dump(reply: Reply, account: str | None) -> Saved:
    """What the server has dumped; an account that was asked for by key keeps that name."""
    told, accounts, faults, webhooks = reply
    read = tuple(_read_account(account, *each) for each in accounts)
    return Saved(read_clock(told), read, tuple(read_faults(faults)), tuple(read_webhooks(webhooks)))


def _read_account(account: str | None, digest: bytes, label: bytes, *rest: Reply) -> SavedAccount:
    members, calls, tasks, entries = rest
    name = account if account is not None else SealedKey(label.decode(), bytes.fromhex(digest.decode()))
    found = read_account(members)
    read = ((int(place), read_task(name, where, kept)) for place, where, kept in tasks)
    return SavedAccount(
        account=name,
        ordinal=found.ordinal,
        submissions=found.submissions,
        offset_ms=found.offset_ms,
        mode=found.mode,
        calls=tuple(map(int, calls)),
        tasks=tuple((place, task) for place, task in read if task is not None),
        entries=tuple((_number(number), read_entry(label, fields)) for number, fields in entries),
    )


def _number(text: bytes) -> int:
    milliseconds, _, more = text.partition(b"-")
    return int(milliseconds) * _PER_MILLISECOND + int(more)


def load_words(saved: Saved, bounds: Bounds, *, replace: bool) -> Iterable[Word]:
    """All of it, in the order in which the script reads it."""
    clock = saved.clock
    rules = sum("fault" in item for item in saved.faults)
    yield from (int(clock is not None), int(replace))
    yield from (bounds.accounts, bounds.tasks, bounds.entries_per_account, bounds.entries, RULES_MAX)
    told: tuple[Word, ...] = ("", 0, 0, 0)
    if clock is not None:
        told = (clock.mode, clock.rate, clock.began_ms, clock.offset_ms)
    yield from told
    yield from (saved.tasks, rules, len(saved.accounts))
    yield from (digest_text(account.account) for account in saved.accounts)
    for account in saved.accounts:
        yield from (label_of(account.account), account.ordinal, account.submissions, account.offset_ms)
        yield account.mode or ""
        yield from (len(account.calls), *account.calls)
    yield from _task_words(saved.accounts)
    yield saved.entries
    numbered = [(number, each.account, entry) for each in saved.accounts for number, entry in each.entries]
    for _, account_name, entry in sorted(numbered, key=itemgetter(0)):
        yield from (digest_text(account_name), *entry_words(entry))
    yield from load_faults_words(saved.faults)
    yield from load_webhooks_words(saved.webhooks, bounds)


def _task_words(accounts: Iterable[SavedAccount]) -> Iterable[Word]:
    """In the order of their places; numbered in that of their submission."""
    listed = [(place, account.account, task) for account in accounts for place, task in account.tasks]
    numbered = [(place, order, name, task) for order, (place, name, task) in enumerate(listed, 1)]
    for _, order, name, task in sorted(numbered, key=itemgetter(0)):
        yield from (digest_text(name), order, *task_words(task))


def judge(reply: Reply, bounds: Bounds) -> list[bytes]:
    """Names of webhooks that made room; raises what stood against the load."""
    answer, *why = reply
    if answer == b"held":
        raise HeldError(why[0].decode())
    if answer == b"full":
        bounds.check_load(*why)
    if answer == b"faults":
        raise StoreFullError(say_rules_full())
    return list(why[0])
