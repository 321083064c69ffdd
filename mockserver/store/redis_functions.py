"""What a Redis server does for the store, in Lua: each script is one step that others see whole or not at all.

All keys begin with the prefix that is passed as KEYS[1]:

    state               mode, rate, server_ms, began_ms, offset_ms: the clock, by the server's own time; serial: the
                        last of the numbers that are given once; tasks: how many there are; layout
    accounts            sorted set: digests, oldest first
    account:DIGEST      label, born, ordinal, offset_ms, mode, submissions, watched
    lock:DIGEST         who has a call of the account open
    list:DIGEST         sorted set: the account's tasks as KIND_LENGTH:KIND PLACE, in the order of submission
    live:DIGEST         the same, of those that may be unfinished, once somebody has asked for these
    externals:DIGEST    hash: vendor and client's id -> PLACE
    calls:DIGEST        list: instants that count towards a rate
    entries:DIGEST      list: the account's numbers in the journal
    task:PLACE          hash: DIGEST:about, :plan, :polls, :request, :external, for each account that has it
    queue               sorted set: DIGEST KIND_LENGTH:KIND PLACE, the first to be forgotten first
    journal             stream: d(igest), v(endor), e(ntry), b(ody), a(nswer)
    fault_rules         hash: id -> [digest or null, label, what was said]; state holds fault_number, the last given
    fault_counts:RULE   hash: WHAT:DIGEST -> how often; fault_counted: the rules that have one
    webhook:NAME        hash: what a task still has to tell: vendor, number, due, plan, attempt, until, v(ersion)
    owed, owed:DIGEST   sorted sets: NAMEs, oldest first
    due:VENDOR          sorted set: NUMBER NAME by the instant at which it falls due, of those that nobody works at
    due_of:DIGEST       the same for each account
    claimed             sorted set: NUMBER NAME by the instant up to which a worker has it
    deliveries          stream: d(igest), l(ine); deliveries:DIGEST, list: the account's numbers in it
    fault_marks         hash: DIGEST KIND_LENGTH:KIND PLACE -> [polls, label]; fault_marked: them, oldest first

PLACE is the task's vendor and id as a JSON array, NAME a digest and a place, NUMBER sixteen digits.
"""

from __future__ import annotations

from mockserver.store.redis_link import Script

_COMMON = r"""
local P = KEYS[1]
local STATE, ACCOUNTS, QUEUE, JOURNAL = P .. 'state', P .. 'accounts', P .. 'queue', P .. 'journal'
local call = redis.call

local function of(name, digest) return P .. name .. ':' .. digest end
local function serial() return call('HINCRBY', STATE, 'serial', 1) end
local function number(text) return tonumber(text or '0') or 0 end
local function place_of(member)
    local length, rest = string.match(member, '^(%d+):(.*)$')
    return string.sub(rest, tonumber(length) + 1)
end
local function server_ms()
    local time = call('TIME')
    return string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
end
local function clock()
    local told = call('HMGET', STATE, 'mode', 'rate', 'server_ms', 'began_ms', 'offset_ms')
    told[6] = server_ms()
    return told
end
local RULES, MARKS, MARKED, COUNTED = P .. 'fault_rules', P .. 'fault_marks', P .. 'fault_marked', P .. 'fault_counted'
local function drop_rule(id)
    call('DEL', of('fault_counts', id))
    call('SREM', COUNTED, id)
    return call('HDEL', RULES, id)
end
local function drop_mark(mark)
    call('HDEL', MARKS, mark)
    call('ZREM', MARKED, mark)
end
local function owner_of(rule)
    local owner = cjson.decode(rule)[1]
    return owner ~= cjson.null and owner or nil
end
local function drop_faults(digest)
    local rules = call('HGETALL', RULES)
    for at = 1, #rules, 2 do
        if owner_of(rules[at + 1]) == digest then drop_rule(rules[at]) end
    end
    for _, id in ipairs(call('SMEMBERS', COUNTED)) do
        for _, field in ipairs(call('HKEYS', of('fault_counts', id))) do
            if string.sub(field, -#digest) == digest then call('HDEL', of('fault_counts', id), field) end
        end
    end
    for _, mark in ipairs(call('HKEYS', MARKS)) do
        if string.sub(mark, 1, #digest) == digest then drop_mark(mark) end
    end
end
local function drop_all_faults()
    for _, id in ipairs(call('SMEMBERS', COUNTED)) do call('DEL', of('fault_counts', id)) end
    call('DEL', RULES, MARKS, MARKED, COUNTED)
end
local function count_fault(id, what, digest, by)
    call('SADD', COUNTED, id)
    return call('HINCRBY', of('fault_counts', id), what .. ':' .. digest, by)
end
local OWED, CLAIMED, DELIVERIES = P .. 'owed', P .. 'claimed', P .. 'deliveries'
local function numbered(count, name) return string.format('%016.0f', count) .. name end
local function read_webhook(name)
    local kept = call('HMGET', of('webhook', name), 'vendor', 'number', 'due', 'plan', 'attempt', 'until', 'v')
    if not kept[2] then return false end
    kept[8] = name
    kept[9] = call('HGET', of('account', string.sub(name, 1, 32)), 'label') or ''
    return kept
end
local function list_webhook(name)
    local kept = call('HMGET', of('webhook', name), 'vendor', 'number', 'due', 'until')
    local member, queues = numbered(kept[2], name), {of('due', kept[1]), of('due_of', string.sub(name, 1, 32))}
    call('ZREM', CLAIMED, member)
    for _, queue in ipairs(queues) do call('ZREM', queue, member) end
    if kept[4] ~= '0' then call('ZADD', CLAIMED, kept[4], member)
    elseif kept[3] ~= '' then
        for _, queue in ipairs(queues) do call('ZADD', queue, kept[3], member) end
    end
end
local function put_webhook(name, due, plan, attempt, taken_until)
    local key = of('webhook', name)
    call('HSET', key, 'due', due, 'plan', plan, 'attempt', attempt, 'until', taken_until)
    call('HINCRBY', key, 'v', 1)
    list_webhook(name)
end
local function drop_webhook(name)
    local key, digest = of('webhook', name), string.sub(name, 1, 32)
    if call('EXISTS', key) == 0 then return end
    call('HSET', key, 'due', '', 'until', '0')
    list_webhook(name)
    call('DEL', key)
    call('ZREM', OWED, name)
    call('ZREM', of('owed', digest), name)
end
local function add_webhook(name, vendor, due, plan, attempt)
    local count, digest = serial(), string.sub(name, 1, 32)
    if call('EXISTS', of('account', digest)) == 0 then return end
    drop_webhook(name)
    call('HSET', of('webhook', name), 'vendor', vendor, 'number', count)
    call('ZADD', OWED, count, name)
    call('ZADD', of('owed', digest), count, name)
    put_webhook(name, due, plan, attempt, '0')
end
local function trim_webhooks(most)
    local gone = {}
    while call('ZCARD', OWED) > most do
        gone[#gone + 1] = call('ZRANGE', OWED, 0, 0)[1]
        drop_webhook(gone[#gone])
    end
    return gone
end
local function trim_stream(stream, name, digest, most, most_of_all)
    local own = of(name, digest)
    while call('LLEN', own) > most do call('XDEL', stream, call('LPOP', own)) end
    while call('XLEN', stream) > most_of_all do
        local oldest = call('XRANGE', stream, '-', '+', 'COUNT', 1)[1]
        call('LREM', of(name, oldest[2][2]), 1, oldest[1])
        call('XDEL', stream, oldest[1])
    end
end
local function add_delivery(digest, line, most, most_of_all)
    if call('EXISTS', of('account', digest)) == 0 then return end
    call('RPUSH', of('deliveries', digest), call('XADD', DELIVERIES, '*', 'd', digest, 'l', line))
    trim_stream(DELIVERIES, 'deliveries', digest, most, most_of_all)
end
local function shift_webhooks(digest, milliseconds)
    if milliseconds == 0 then return end
    for _, name in ipairs(call('ZRANGE', of('owed', digest), 0, -1)) do
        local key = of('webhook', name)
        if call('HGET', key, 'due') ~= '' then
            call('HINCRBY', key, 'due', string.format('%.0f', -milliseconds))
            call('HINCRBY', key, 'v', 1)
            list_webhook(name)
        end
    end
end
local function forget_webhooks(digest)
    for _, name in ipairs(call('ZRANGE', of('owed', digest), 0, -1)) do drop_webhook(name) end
    for _, line in ipairs(call('LRANGE', of('deliveries', digest), 0, -1)) do call('XDEL', DELIVERIES, line) end
    call('DEL', of('deliveries', digest))
end
local function add_account(digest, label)
    local born = serial()
    call('ZADD', ACCOUNTS, born, digest)
    call('HSET', of('account', digest), 'label', label, 'born', born)
    return born
end
local function read_task(digest, place)
    return call('HMGET', P .. 'task:' .. place, digest .. ':about', digest .. ':plan', digest .. ':polls',
        digest .. ':request')
end
local function write_task(digest, member, external, about, plan, polls, request, order, place_order)
    local place = place_of(member)
    local key = P .. 'task:' .. place
    call('HSET', key, digest .. ':about', about, digest .. ':plan', plan, digest .. ':polls', polls,
        digest .. ':request', request)
    if external ~= '' then
        call('HSET', key, digest .. ':external', external)
        call('HSET', of('externals', digest), external, place)
    end
    call('ZADD', of('list', digest), order, member)
    call('ZADD', QUEUE, place_order, digest .. member)
    call('HINCRBY', STATE, 'tasks', 1)
end
local function add_task(digest, member, ...)
    local order, key = serial(), of('account', digest)
    local external, about, plan, polls, request = ...
    write_task(digest, member, external, about, plan, polls, request, order, order)
    call('HINCRBY', key, 'submissions', 1)
    if call('HGET', key, 'watched') then call('ZADD', of('live', digest), order, member) end
end
local function drop_task(digest, member)
    local key = P .. 'task:' .. place_of(member)
    local external = call('HGET', key, digest .. ':external')
    if external then call('HDEL', of('externals', digest), external) end
    call('HDEL', key, digest .. ':about', digest .. ':plan', digest .. ':polls', digest .. ':request',
        digest .. ':external')
    call('ZREM', of('list', digest), member)
    call('ZREM', of('live', digest), member)
    if call('ZREM', QUEUE, digest .. member) == 1 then call('HINCRBY', STATE, 'tasks', -1) end
end
local function empty_account(digest)
    forget_webhooks(digest)
    for _, member in ipairs(call('ZRANGE', of('list', digest), 0, -1)) do drop_task(digest, member) end
    for _, entry in ipairs(call('LRANGE', of('entries', digest), 0, -1)) do call('XDEL', JOURNAL, entry) end
    for _, name in ipairs({'list', 'live', 'externals', 'calls', 'entries', 'lock'}) do
        call('DEL', of(name, digest))
    end
end
local function reset_account(digest)
    local key = of('account', digest)
    if call('EXISTS', key) == 0 then return end
    empty_account(digest)
    call('HSET', key, 'born', serial())
    call('HDEL', key, 'ordinal', 'submissions', 'watched')
end
local function forget_account(digest)
    empty_account(digest)
    call('DEL', of('account', digest))
    call('ZREM', ACCOUNTS, digest)
end
local function write_entry(digest, vendor, entry, body, answer)
    local id = call('XADD', JOURNAL, '*', 'd', digest, 'v', vendor, 'e', entry, 'b', body, 'a', answer)
    call('RPUSH', of('entries', digest), id)
end
"""


def lua(text: str) -> Script:
    """A script that may use the functions above."""
    return Script(_COMMON + text)
