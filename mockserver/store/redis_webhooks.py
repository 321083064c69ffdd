"""Webhooks to come and deliveries in the store's server: a claim of one machine is seen by all.

Whatever a worker makes of a backlog is written only if nobody else has changed it meanwhile, else made again of what it
is by then. Within a call it is written at the call's end, with the rest of it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import orjson

from mockserver.backlog import Backlog, Notice
from mockserver.store.protocol import Bounds
from mockserver.store.redis_functions import lua
from mockserver.store.redis_link import Reply, Word
from mockserver.store.redis_values import digest_text, dumps, place_of
from mockserver.store.sealing import SealedKey
from mockserver.store.webhook_items import backlog_item, delivery_item, read_item
from mockserver.store.webhook_shelf import Attempt, Claim
from specs.pointers import Json

Run: TypeAlias = Callable[..., Reply]
How: TypeAlias = Callable[[Backlog], Backlog]

_READ = lua(r"""return read_webhook(ARGV[1])""")
# Name, vendor, due, plan, attempt, most webhooks: names of those that made room.
_ADD = lua(r"""
add_webhook(ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5])
return trim_webhooks(tonumber(ARGV[6]))
""")
# Name, version, '1' if it goes, due, plan, attempt, until, digest, the line for the log or '', most lines of the
# account and of all: 'ok', or 'changed' when it is of another version by now.
_CHANGE = lua(r"""
local name = ARGV[1]
if call('HGET', of('webhook', name), 'v') ~= ARGV[2] then return 'changed' end
if ARGV[3] == '1' then drop_webhook(name) else put_webhook(name, ARGV[4], ARGV[5], ARGV[6], ARGV[7]) end
if ARGV[9] ~= '' then add_delivery(ARGV[8], ARGV[9], tonumber(ARGV[10]), tonumber(ARGV[11])) end
return 'ok'
""")
# Now, wall time, until when, digest or '', vendors: the one that is claimed, or nothing.
_CLAIM = lua(r"""
for _, member in ipairs(call('ZRANGEBYSCORE', CLAIMED, '-inf', ARGV[2])) do
    local name = string.sub(member, 17)
    call('HSET', of('webhook', name), 'until', '0')
    list_webhook(name)
end
local found, instant, served = nil, nil, {}
for at = 5, #ARGV do served[ARGV[at]] = true end
if ARGV[4] ~= '' then
    for _, member in ipairs(call('ZRANGEBYSCORE', of('due_of', ARGV[4]), '-inf', ARGV[1])) do
        if not found and served[call('HGET', of('webhook', string.sub(member, 17)), 'vendor')] then found = member end
    end
else
    for at = 5, #ARGV do
        local first = call('ZRANGEBYSCORE', of('due', ARGV[at]), '-inf', ARGV[1], 'WITHSCORES', 'LIMIT', 0, 1)
        local due = tonumber(first[2])
        if due and (not found or due < instant or (due == instant and first[1] < found)) then
            found, instant = first[1], due
        end
    end
end
if not found then return false end
local name = string.sub(found, 17)
local key = of('webhook', name)
call('HINCRBY', key, 'attempt', 1)
call('HINCRBY', key, 'v', 1)
call('HSET', key, 'until', ARGV[3])
list_webhook(name)
return read_webhook(name)
""")
# Vendors: the first instant, or ''.
_NEXT_DUE = lua(r"""
local least = nil
for _, vendor in ipairs(ARGV) do
    local due = call('ZRANGE', of('due', vendor), 0, 0, 'WITHSCORES')[2]
    if due and (not least or tonumber(due) < least) then least = tonumber(due) end
end
return least and string.format('%.0f', least) or ''
""")
# Now, digest or '', vendors.
_HAS_DUE = lua(r"""
local served, now = {}, tonumber(ARGV[1])
for at = 3, #ARGV do served[ARGV[at]] = true end
local function is_due(member, digest)
    local name = string.sub(member, 17)
    local kept = call('HMGET', of('webhook', name), 'vendor', 'due')
    local whose = digest == '' or string.sub(name, 1, 32) == digest
    return whose and served[kept[1]] and kept[2] ~= '' and tonumber(kept[2]) <= now
end
for _, member in ipairs(call('ZRANGE', CLAIMED, 0, -1)) do
    if is_due(member, ARGV[2]) then return 1 end
end
if ARGV[2] == '' then
    for at = 3, #ARGV do
        if call('ZCOUNT', of('due', ARGV[at]), '-inf', ARGV[1]) > 0 then return 1 end
    end
else
    for _, member in ipairs(call('ZRANGEBYSCORE', of('due_of', ARGV[2]), '-inf', ARGV[1])) do
        if is_due(member, ARGV[2]) then return 1 end
    end
end
return 0
""")
_SHIFT = lua(r"""shift_webhooks(ARGV[1], tonumber(ARGV[2])) return 'ok'""")
_FORGET = lua(r"""
for _, digest in ipairs(ARGV[1] ~= '' and {ARGV[1]} or call('ZRANGE', ACCOUNTS, 0, -1)) do forget_webhooks(digest) end
return 'ok'
""")
# In Lua: webhooks to come and lines of the log, of one digest or ''.
DUMP_WEBHOOKS = r"""
local function dump_webhooks(digest)
    local owed, lines = {}, {}
    for _, name in ipairs(call('ZRANGE', digest == '' and OWED or of('owed', digest), 0, -1)) do
        owed[#owed + 1] = read_webhook(name)
    end
    local function tell(line)
        local label = call('HGET', of('account', line[2][2]), 'label') or ''
        lines[#lines + 1] = {line[2][2], label, line[2][4]}
    end
    if digest == '' then
        for _, line in ipairs(call('XRANGE', DELIVERIES, '-', '+')) do tell(line) end
    else
        for _, at in ipairs(call('LRANGE', of('deliveries', digest), 0, -1)) do
            tell(call('XRANGE', DELIVERIES, at, at)[1])
        end
    end
    return {owed, lines}
end
"""
_DUMP = lua(DUMP_WEBHOOKS + "return dump_webhooks(ARGV[1])")
# In Lua: reads the words of `load_webhooks_words` from there on.
LOAD_WEBHOOKS = r"""
local function load_webhooks(at)
    local function following()
        at = at + 1
        return ARGV[at - 1]
    end
    local most, most_lines, most_lines_of_all = tonumber(following()), tonumber(following()), tonumber(following())
    for _ = 1, tonumber(following()) do
        add_webhook(following(), following(), following(), following(), following())
    end
    for _ = 1, tonumber(following()) do add_delivery(following(), following(), most_lines, most_lines_of_all) end
    return trim_webhooks(most)
end
"""
_LOAD = lua(LOAD_WEBHOOKS + "return load_webhooks(1)")


def name_of(account: str, vendor: str, task_id: str) -> bytes:
    """How the server knows the backlog of a task."""
    return digest_text(account).encode() + place_of(vendor, task_id)


def _plan(backlog: Backlog) -> tuple[Word, ...]:
    """Due, plan, attempt."""
    due = "" if backlog.due_ms is None else backlog.due_ms
    return due, dumps([[list(notice) for notice in backlog.waiting], backlog.told]), backlog.attempt


def added_words(backlog: Backlog) -> tuple[Word, ...]:
    """Name, vendor, due, plan, attempt: what the scripts take for a new one."""
    name = name_of(backlog.account, backlog.vendor, backlog.task_id)
    return name, backlog.vendor, *_plan(backlog)


@dataclass(frozen=True, slots=True)
class Kept:
    """A backlog as the server has it, and of which version it is."""

    name: bytes
    version: bytes
    backlog: Backlog

    def changed_words(self, after: Backlog) -> tuple[Word, ...]:
        """Name, version, '1' if it goes, due, plan, attempt, until: what the scripts take for a change."""
        return self.name, self.version, int(after.is_empty), *_plan(after), after.claimed_until_ms


def read_kept(reply: Sequence[bytes] | None) -> Kept | None:
    """What the server has told; nothing for nothing."""
    if not reply:
        return None
    vendor, number, due, plan, attempt, until, version, name, label = reply
    waiting, told = orjson.loads(plan)
    notices = tuple(Notice(*notice) for notice in waiting)
    account = SealedKey(label.decode(), bytes.fromhex(name[:32].decode()))
    due_ms = int(due) if due else None
    what = (account, vendor.decode(), orjson.loads(name[32:])[1], due_ms, notices, told)
    return Kept(name, version, Backlog(*what, int(attempt), int(number), int(until)))


class PendingChange:
    """A change that belongs to the open call: made of the backlog as it was read, or anew of what it is by then."""

    def __init__(self, kept: Kept, how: How) -> None:
        self.name = kept.name
        self._kept: Kept | None = kept
        self._hows = [how]

    def add(self, how: How) -> None:
        """One more change of the same."""
        self._hows.append(how)

    def read_again(self, ask: Run) -> None:
        """After somebody else has changed it."""
        self._kept = read_kept(ask(_READ, self.name))

    @property
    def words(self) -> tuple[Word, ...]:
        """As `Kept.changed_words`; of one that is gone, nothing is changed."""
        if self._kept is None:
            return self.name, "", 0, "", "", 0, 0
        after = self._kept.backlog
        for how in self._hows:
            after = how(after)
        return self._kept.changed_words(after)


class Owed:
    """What the open call will have done to webhooks."""

    def __init__(self) -> None:
        self.added: list[Backlog] = []
        self.changes: list[PendingChange] = []

    def change(self, kept: Kept, how: How) -> None:
        """Notes it."""
        found = next((each for each in self.changes if each.name == kept.name), None)
        if found is not None:
            found.add(how)
        else:
            self.changes.append(PendingChange(kept, how))

    def change_added(self, vendor: str, task_id: str, how: How) -> bool:
        """Changes one that the call adds itself, if it does."""
        for at, backlog in enumerate(self.added):
            if (backlog.vendor, backlog.task_id) == (vendor, task_id):
                self.added[at] = how(backlog)
                return True
        return False

    def words(self) -> list[Word]:
        """New ones and changed ones, each kind with its number in front."""
        added = [backlog for backlog in self.added if not backlog.is_empty]
        new = [word for backlog in added for word in added_words(backlog)]
        return [len(added), *new, len(self.changes), *(word for each in self.changes for word in each.words)]


class RedisWebhooks:
    """A part of the store. `owed_of` finds what the account's open call will have done, if one is open."""

    is_shared = True

    def __init__(
        self, ask: Run, change: Run, owed_of: Callable[[str], Owed | None], bounds: Bounds, say: Callable[[str], None]
    ) -> None:
        self._ask = ask
        self._change = change
        self._owed_of = owed_of
        self._bounds = bounds
        self._say = say
        self._vendors: tuple[str, ...] = ()
        self._ahead_ms: int | None = None

    def serve(self, vendors: Collection[str]) -> None:
        """Another machine may serve others."""
        self._vendors = tuple(vendors)

    def tell_forgotten(self, names: Iterable[bytes]) -> None:
        """Says whose webhooks made room."""
        for name in names:
            self._say(self._bounds.say_webhooks_forgotten(orjson.loads(name[32:])[1]))

    def add(self, backlog: Backlog) -> None:
        """With the call, if one is open; the oldest goes when there are too many."""
        owed = self._owed_of(backlog.account)
        if owed is not None:
            owed.added.append(backlog)
        elif not backlog.is_empty:
            self.tell_forgotten(self._change(_ADD, *added_words(backlog), self._bounds.webhooks))

    def _read(self, account: str, vendor: str, task_id: str) -> Kept | None:
        return read_kept(self._ask(_READ, name_of(account, vendor, task_id)))

    def change(self, account: str, vendor: str, task_id: str, how: How) -> bool:
        """With the call, if one is open; else at once."""
        owed = self._owed_of(account)
        if owed is not None and owed.change_added(vendor, task_id, how):
            return True
        kept = self._read(account, vendor, task_id)
        if kept is not None and owed is not None:
            owed.change(kept, how)
        while kept is not None and owed is None and not self._put(kept, how(kept.backlog), None):
            kept = self._read(account, vendor, task_id)
        return kept is not None

    def settle(self, backlog: Backlog, how: How, delivery: Attempt | None) -> None:
        """Both in one step, unless it is gone."""
        while True:
            kept = self._read(backlog.account, backlog.vendor, backlog.task_id)
            if kept is None or kept.backlog.number != backlog.number:
                return
            if self._put(kept, how(kept.backlog), delivery):
                return

    def _put(self, kept: Kept, after: Backlog, delivery: Attempt | None) -> bool:
        line = _line(delivery) if delivery is not None else b""
        digest = digest_text(delivery.account) if delivery is not None else ""
        most = (self._bounds.deliveries_per_account, self._bounds.deliveries)
        done: bytes = self._change(_CHANGE, *kept.changed_words(after), digest, line, *most)
        return done == b"ok"

    def claim(self, claim: Claim) -> Backlog | None:
        """One step."""
        whose = digest_text(claim.account) if claim.account is not None else ""
        wall = (self._server_ms(claim.wall_ms, claim.wall_ms), self._server_ms(claim.until_wall_ms, claim.wall_ms))
        kept = read_kept(self._change(_CLAIM, claim.now_ms, *wall, whose, *self._vendors))
        return kept.backlog if kept is not None else None

    def _server_ms(self, instant_ms: int, wall_ms: int) -> int:
        """An instant of this machine's clock on the server's, which all machines share."""
        if self._ahead_ms is None:
            self._ahead_ms = int(self._ask(_SERVER_MS)) - wall_ms
        return instant_ms + self._ahead_ms

    def next_due_ms(self) -> int | None:
        """Of those that nobody has claimed."""
        first = self._ask(_NEXT_DUE, *self._vendors)
        return int(first) if first else None

    def has_due(self, now_ms: int, account: str | None) -> bool:
        """Claimed or not."""
        whose = digest_text(account) if account is not None else ""
        return bool(self._ask(_HAS_DUE, now_ms, whose, *self._vendors))

    def deliveries(self, account: str | None) -> list[Attempt]:
        """Newest last; their accounts are sealed."""
        _, lines = self._ask(_DUMP, digest_text(account) if account is not None else "")
        return [_read_line(*line) for line in lines]

    def shift(self, account: str, milliseconds: int) -> None:
        """What is to come is so much nearer."""
        self._change(_SHIFT, digest_text(account), milliseconds)

    def forget(self, account: str | None) -> None:
        """Numbers go on: what is under way now must not be taken for what comes under the same id later."""
        self._ask(_FORGET, digest_text(account) if account is not None else "")

    def dump(self, account: str | None) -> list[Json]:
        """What is to come, in the order of submission, then the log."""
        return read_webhooks(self._ask(_DUMP, digest_text(account) if account is not None else ""))

    def load(self, items: list[Json]) -> None:
        """All or nothing."""
        self.tell_forgotten(self._change(_LOAD, *load_webhooks_words(items, self._bounds)))


_SERVER_MS = lua(r"""return server_ms()""")


def _line(delivery: Attempt) -> bytes:
    return dumps(delivery[1:])


def _read_line(digest: bytes, label: bytes, line: bytes) -> Attempt:
    return Attempt._make((SealedKey(label.decode(), bytes.fromhex(digest.decode())), *orjson.loads(line)))


def read_webhooks(reply: Reply) -> list[Json]:
    """What the server has dumped, as items."""
    owed, lines = reply
    kept = [each for each in map(read_kept, owed) if each is not None]
    return [*(backlog_item(each.backlog) for each in kept), *(delivery_item(_read_line(*line)) for line in lines)]


def load_webhooks_words(items: Iterable[Json], bounds: Bounds) -> list[Word]:
    """Bounds, then webhooks to come and lines of the log, each kind with its number in front."""
    owed, lines = list[tuple[Word, ...]](), list[tuple[Word, ...]]()
    for read in map(read_item, items):
        if not isinstance(read, Backlog):
            lines.append((digest_text(read.account), _line(read)))
        elif not read.is_empty:
            owed.append(added_words(read))
    most = (bounds.webhooks, bounds.deliveries_per_account, bounds.deliveries)
    return [*most, *(word for kind in (owed, lines) for word in (len(kind), *(each for row in kind for each in row)))]
