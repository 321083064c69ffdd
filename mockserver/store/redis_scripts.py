"""What the store asks of a Redis server: calls, tasks, accounts, the journal, the clock."""

from __future__ import annotations

from mockserver.store.redis_functions import lua

# The clock of a new store, or the one that is there: layout, mode, rate, began_ms, offset_ms, server_ms or ''.
AGREE = lua(r"""
if call('EXISTS', STATE) == 0 then
    call('HSET', STATE, 'layout', ARGV[1], 'mode', ARGV[2], 'rate', ARGV[3], 'began_ms', ARGV[4],
        'offset_ms', ARGV[5], 'server_ms', ARGV[6] == '' and server_ms() or ARGV[6], 'serial', 0, 'tasks', 0)
end
return {call('HGET', STATE, 'layout') or '', clock()}
""")

# Digest, label, token, for how long it holds (ms), most accounts: {'ok', account, tasks of all, clock, how many keys
# with faults there are}, or {'busy', token of who holds it}, {'full'} when there is no room for one more account,
# {'new'} where there is no store.
OPEN = lua(r"""
local digest, token = ARGV[1], ARGV[3]
if call('EXISTS', STATE) == 0 then return {'new'} end
local lock = of('lock', digest)
if not call('SET', lock, token, 'NX', 'PX', ARGV[4]) then
    local holder = call('GET', lock)
    if holder ~= token then return {'busy', holder} end
end
local key = of('account', digest)
if call('EXISTS', key) == 0 then
    if call('ZCARD', ACCOUNTS) >= tonumber(ARGV[5]) then
        call('DEL', lock)
        return {'full'}
    end
    add_account(digest, ARGV[2])
end
local account = call('HMGET', key, 'born', 'ordinal', 'offset_ms', 'mode', 'submissions', 'watched')
return {'ok', account, call('HGET', STATE, 'tasks'), clock(), call('EXISTS', RULES, MARKS)}
""")

# Digest, token, born, ordinal, the entry (vendor, entry, body, answer), most entries of the account and of all, most
# webhooks, and then, each kind with its number in front: the tasks (member, external, about, plan, polls, request), the
# places of tasks that were polled, new webhooks (name, vendor, due, plan, attempt), changed ones (name, version, '1' if
# it goes, due, plan, attempt, until). {'ok', names of webhooks that made room}; {'lost'} when somebody else has had the
# account since; {'changed'} when a webhook is of another version by now. A call during which the account was forgotten
# came before that: {'ok'} too.
CLOSE = lua(r"""
local digest, token, born, ordinal = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
local key, lock = of('account', digest), of('lock', digest)
local holder, held = call('GET', lock), call('HMGET', key, 'born', 'ordinal')
if held[1] ~= born then
    if holder == token then call('DEL', lock) end
    return {'ok', {}}
end
if (holder and holder ~= token) or number(held[2]) ~= ordinal - 1 then return {'lost'} end
local tasks = 12
local polled = tasks + 1 + 6 * ARGV[tasks]
local added = polled + 1 + ARGV[polled]
local changed = added + 1 + 5 * ARGV[added]
for at = changed + 1, #ARGV, 7 do
    if (call('HGET', of('webhook', ARGV[at]), 'v') or '') ~= ARGV[at + 1] then return {'changed'} end
end
call('HSET', key, 'ordinal', ordinal)
for at = tasks + 1, polled - 1, 6 do
    add_task(digest, ARGV[at], ARGV[at + 1], ARGV[at + 2], ARGV[at + 3], ARGV[at + 4], ARGV[at + 5])
end
for at = polled + 1, added - 1 do
    local task = P .. 'task:' .. ARGV[at]
    if call('HEXISTS', task, digest .. ':polls') == 1 then call('HINCRBY', task, digest .. ':polls', 1) end
end
for at = added + 1, changed - 1, 5 do
    add_webhook(ARGV[at], ARGV[at + 1], ARGV[at + 2], ARGV[at + 3], ARGV[at + 4])
end
for at = changed + 1, #ARGV, 7 do
    if ARGV[at + 2] == '1' then drop_webhook(ARGV[at])
    elseif ARGV[at + 1] ~= '' then put_webhook(ARGV[at], ARGV[at + 3], ARGV[at + 4], ARGV[at + 5], ARGV[at + 6]) end
end
write_entry(digest, ARGV[5], ARGV[6], ARGV[7], ARGV[8])
trim_stream(JOURNAL, 'entries', digest, tonumber(ARGV[9]), tonumber(ARGV[10]))
call('DEL', lock)
return {'ok', trim_webhooks(tonumber(ARGV[11]))}
""")

# Digest, token: lets go of the account, if it is still held.
UNLOCK = lua(r"""
local lock = of('lock', ARGV[1])
if call('GET', lock) == ARGV[2] then call('DEL', lock) end
return 'ok'
""")

# Digest, label, most accounts, the task (member, external, about, plan, polls, request), outside of a call: 'ok',
# 'full' or 'taken'.
ADD_TASK = lua(r"""
local digest, key = ARGV[1], of('account', ARGV[1])
if ARGV[5] ~= '' and call('HEXISTS', of('externals', digest), ARGV[5]) == 1 then return 'taken' end
if call('EXISTS', key) == 0 then
    if call('ZCARD', ACCOUNTS) >= tonumber(ARGV[3]) then return 'full' end
    add_account(digest, ARGV[2])
end
add_task(digest, ARGV[4], ARGV[5], ARGV[6], ARGV[7], ARGV[8], ARGV[9])
return 'ok'
""")

# Digest, label, most accounts, member of the account, its new value or an increment, 'set' or 'add': 'ok' or 'full'.
# Webhooks of an account that is moved fall due so much sooner.
CHANGE_ACCOUNT = lua(r"""
local key = of('account', ARGV[1])
if call('EXISTS', key) == 0 then
    if call('ZCARD', ACCOUNTS) >= tonumber(ARGV[3]) then return 'full' end
    add_account(ARGV[1], ARGV[2])
end
if ARGV[6] == 'add' then
    call('HINCRBY', key, ARGV[4], ARGV[5])
    if ARGV[4] == 'offset_ms' then shift_webhooks(ARGV[1], tonumber(ARGV[5])) end
elseif ARGV[5] == '' then call('HDEL', key, ARGV[4])
else call('HSET', key, ARGV[4], ARGV[5]) end
return 'ok'
""")

# How many of the oldest to look at: forgets the one of them that has the fewest tasks.
FORGET_ACCOUNT = lua(r"""
local least, found = nil, nil
for _, digest in ipairs(call('ZRANGE', ACCOUNTS, 0, ARGV[1] - 1)) do
    local tasks = call('ZCARD', of('list', digest))
    if not least or tasks < least then least, found = tasks, digest end
end
if found then forget_account(found) end
return found or ''
""")

COUNT = lua(r"""return call('HGET', STATE, 'tasks')""")
ACCOUNT = lua(r"""return call('HMGET', of('account', ARGV[1]), 'ordinal', 'offset_ms', 'mode', 'submissions')""")
CLOCK = lua(r"""return clock()""")
MOVE_CLOCK = lua(r"""return call('HINCRBY', STATE, 'offset_ms', ARGV[1])""")
ACCOUNTS = lua(r"""return call('ZRANGE', ACCOUNTS, 0, -1)""")
RESET = lua(r"""reset_account(ARGV[1]) return 'ok'""")

# Digest, place: the task's members, or nothing.
FIND_TASK = lua(r"""return read_task(ARGV[1], ARGV[2])""")

# Digest, vendor and client's id: the place, and the members.
FIND_EXTERNAL = lua(r"""
local place = call('HGET', of('externals', ARGV[1]), ARGV[2])
if not place then return {} end
return {place, read_task(ARGV[1], place)}
""")

# Place: for each account that has the task, oldest first, digest, label and members.
HOLDERS = lua(r"""
local found, kinds = {}, {}
for _, field in ipairs(call('HKEYS', P .. 'task:' .. ARGV[1])) do
    local digest = string.match(field, '^(%x+):about$')
    if digest then
        local task = read_task(digest, ARGV[1])
        local kind = cjson.decode(task[1])[2]
        local order = call('ZSCORE', QUEUE, digest .. #kind .. ':' .. kind .. ARGV[1])
        found[#found + 1] = {digest, call('HGET', of('account', digest), 'label') or '', task, order}
    end
end
table.sort(found, function(one, other) return tonumber(one[4]) < tonumber(other[4]) end)
return found
""")

# Digest, what a place begins with, kind or '', skip, count: places and members, newest first.
LIST = lua(r"""
local list, found, at, skip, count = of('list', ARGV[1]), {}, 0, tonumber(ARGV[4]), tonumber(ARGV[5])
local kind = ARGV[3] ~= '' and (#ARGV[3] - 1) .. ':' .. string.sub(ARGV[3], 2) or nil
while #found < count do
    local members = call('ZREVRANGE', list, at, at + 499)
    for _, member in ipairs(members) do
        local place = place_of(member)
        if string.sub(place, 1, #ARGV[2]) == ARGV[2]
            and (not kind or string.sub(member, 1, #member - #place) == kind) then
            if skip > 0 then skip = skip - 1
            elseif #found < count then found[#found + 1] = {place, read_task(ARGV[1], place)} end
        end
    end
    at = at + 500
    if #members < 500 then break end
end
return found
""")

# Digest, 'list' or 'live', the score to begin behind, how many: scores, places and members.
TASKS_OF_ACCOUNT = lua(r"""
local found, digest = {}, ARGV[1]
local ranked = call('ZRANGEBYSCORE', of(ARGV[2], digest), '(' .. ARGV[3], '+inf', 'WITHSCORES', 'LIMIT', 0, ARGV[4])
for at = 1, #ranked, 2 do
    local place = place_of(ranked[at])
    found[#found + 1] = {ranked[at + 1], place, read_task(digest, place)}
end
return found
""")

# From now on those of the account's tasks that may be unfinished are known.
WATCH = lua(r"""
if call('HSETNX', of('account', ARGV[1]), 'watched', 1) == 1 then
    call('ZUNIONSTORE', of('live', ARGV[1]), 1, of('list', ARGV[1]))
end
return 'ok'
""")

# Digest, members that are over.
UNWATCH = lua(r"""
for at = 2, #ARGV do call('ZREM', of('live', ARGV[1]), ARGV[at]) end
return 'ok'
""")

# The score to begin behind, how many: of the queue, score, digest, label, member, place and the task's members.
QUEUED = lua(r"""
local found = {}
local ranked = call('ZRANGEBYSCORE', QUEUE, '(' .. ARGV[1], '+inf', 'WITHSCORES', 'LIMIT', 0, ARGV[2])
for at = 1, #ranked, 2 do
    local digest, member = string.sub(ranked[at], 1, 32), string.sub(ranked[at], 33)
    local place = place_of(member)
    local label = call('HGET', of('account', digest), 'label') or ''
    found[#found + 1] = {ranked[at + 1], digest, label, member, place, read_task(digest, place)}
end
return found
""")

# Digest and member of one that is forgotten, or '' twice; then of those that go to the end of the queue.
PASS = lua(r"""
if ARGV[1] ~= '' then drop_task(ARGV[1], ARGV[2]) end
for at = 3, #ARGV do
    if call('ZSCORE', QUEUE, ARGV[at]) then call('ZADD', QUEUE, serial(), ARGV[at]) end
end
return 'ok'
""")

# Digest, place, plan, polls.
CHANGE_TASK = lua(r"""
local task, digest = P .. 'task:' .. ARGV[2], ARGV[1]
if call('HEXISTS', task, digest .. ':plan') == 1 then
    call('HSET', task, digest .. ':plan', ARGV[3], digest .. ':polls', ARGV[4])
end
return 'ok'
""")

# Digest, place: outside of a call.
COUNT_POLL = lua(r"""
local task, digest = P .. 'task:' .. ARGV[2], ARGV[1]
if call('HEXISTS', task, digest .. ':polls') == 0 then return {} end
call('HINCRBY', task, digest .. ':polls', 1)
return read_task(digest, ARGV[2])
""")

# Digest, the instant up to which calls are forgotten: how many are left, and the first.
RATE = lua(r"""
local calls = of('calls', ARGV[1])
while true do
    local first = call('LINDEX', calls, 0)
    if not first or tonumber(first) > tonumber(ARGV[2]) then break end
    call('LPOP', calls)
end
return {call('LLEN', calls), call('LINDEX', calls, 0) or ''}
""")
COUNT_CALL = lua(r"""return call('RPUSH', of('calls', ARGV[1]), ARGV[2])""")

# Vendor or '', the number to begin before ('+' for the newest), how many to look at: the number to go on from or '',
# and entries with the labels of their accounts, newest first.
ENTRIES = lua(r"""
local found, last = {}, ''
for _, each in ipairs(call('XREVRANGE', JOURNAL, ARGV[2], '-', 'COUNT', ARGV[3])) do
    last = each[1]
    if ARGV[1] == '' or string.sub(ARGV[1], 2) == each[2][4] then
        found[#found + 1] = {call('HGET', of('account', each[2][2]), 'label') or '', each[2]}
    end
end
return {last, found}
""")

ENTRY_NUMBERS = lua(r"""return call('LRANGE', of('entries', ARGV[1]), 0, -1)""")

# Digest, vendor or '', numbers: the entries.
ENTRIES_OF_ACCOUNT = lua(r"""
local found, label = {}, call('HGET', of('account', ARGV[1]), 'label') or ''
for at = 3, #ARGV do
    local each = call('XRANGE', JOURNAL, ARGV[at], ARGV[at])[1]
    if each and (ARGV[2] == '' or string.sub(ARGV[2], 2) == each[2][4]) then
        found[#found + 1] = {label, each[2]}
    end
end
return found
""")
