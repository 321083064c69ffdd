"""What the store asks of its SQLite file, and how rows become values and values rows."""

from __future__ import annotations

from typing import Any, NamedTuple

import orjson

from mockserver.messages import Entry
from mockserver.store.sealing import SealedKey
from mockserver.tasks import Task
from specs.violations import Violation

GET_CLOCK = "SELECT clocks, mode, rate, began_wall_ms, began_ms, offset_ms FROM state"
SET_CLOCK = "INSERT INTO state (mode, rate, began_wall_ms, began_ms, offset_ms) VALUES (?, ?, ?, ?, ?)"

REPLACE_CLOCK = """
    UPDATE state SET mode = ?, rate = ?, began_wall_ms = ?, began_ms = ?, offset_ms = ?, clocks = clocks + 1
"""

FIND_ACCOUNT = """
    SELECT a.id, a.digest, a.ordinal, a.offset_ms, a.mode, a.submissions, a.watched, a.entries,
        s.entries, s.tasks, s.clocks, s.offset_ms, s.faults
    FROM accounts a, state s WHERE a.digest = ?
"""
ADD_ACCOUNT = "INSERT INTO accounts (digest, label) VALUES (?, ?)"
OLDEST_ACCOUNT = """
    SELECT id FROM (SELECT id, tasks FROM accounts ORDER BY id LIMIT ?) ORDER BY tasks, id LIMIT 1
"""
EMPTY_ACCOUNT = (
    "DELETE FROM tasks WHERE account = ?",
    "DELETE FROM journal WHERE account = ?",
    "DELETE FROM calls WHERE account = ?",
    "DELETE FROM webhooks WHERE account = ?",
    "DELETE FROM deliveries WHERE account = ?",
    "UPDATE accounts SET ordinal = 0, submissions = 0, watched = 0 WHERE id = ?",
)

ADD_TASK = """
    INSERT INTO tasks (number, account, live, id, vendor, operation, kind, created_ms, running_ms, end_ms,
        failure, base, external, ordinal, polls, request)
    VALUES ((SELECT submitted FROM state), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
# With a number of their own in place of the next one.
LOAD_TASK = ADD_TASK.replace("(SELECT submitted FROM state)", "?")
FIND_TASK = "SELECT * FROM tasks WHERE vendor = ? AND id = ? AND account = ?"
FIND_EXTERNAL = "SELECT * FROM tasks WHERE account = ? AND vendor = ? AND external = ?"
FIND_ANYWHERE = """
    SELECT t.*, a.label, a.digest FROM tasks t JOIN accounts a ON a.id = t.account
    WHERE t.vendor = ? AND t.id = ? ORDER BY t.place
"""
LIST_TASKS = """
    SELECT * FROM tasks WHERE account = ?1 AND vendor = ?2 AND (?3 IS NULL OR kind = ?3)
    ORDER BY number DESC LIMIT ?5 OFFSET ?4
"""
LIVE_TASKS = "SELECT * FROM tasks WHERE account = ? AND live = 1 ORDER BY number"
TASKS_OF_ACCOUNT = "SELECT * FROM tasks WHERE account = ? ORDER BY number"
ALL_TASKS = """
    SELECT t.*, a.label, a.digest FROM tasks t JOIN accounts a ON a.id = t.account ORDER BY t.place
"""
CHANGE_TASK = """
    UPDATE tasks SET running_ms = ?, end_ms = ?, failure = ?, polls = ?
    WHERE vendor = ? AND id = ? AND account = ?
"""
COUNT_POLL = "UPDATE tasks SET polls = polls + 1 WHERE vendor = ? AND id = ? AND account = ?"

# Whether a task is over is read from its plan: the request, which may be long, stays where it is.
OLDEST_TASKS = """
    SELECT t.place, 0, 0, 0, t.id, t.vendor, t.operation, t.kind, t.created_ms, t.running_ms, t.end_ms, t.failure,
        t.base, t.external, t.ordinal, t.polls, x'', a.label, a.digest
    FROM tasks t JOIN accounts a ON a.id = t.account ORDER BY t.place LIMIT ?
"""
FORGET_TASK = "DELETE FROM tasks WHERE place = ?"
TO_THE_END = "UPDATE tasks SET place = (SELECT max(place) + 1 FROM tasks) WHERE place = ?"

ADD_ENTRY = """
    INSERT INTO journal (account, vendor, token, at_ms, operation, method, path, status, task_id, violations,
        fault, body, answer)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
ENTRIES = """
    SELECT j.token, j.at_ms, a.label, j.vendor, j.operation, j.method, j.path, j.status, j.task_id,
        j.violations, j.fault, j.body, j.answer
    FROM journal j JOIN accounts a ON a.id = j.account
    WHERE (?1 IS NULL OR j.vendor = ?1) ORDER BY j.number DESC LIMIT ?2
"""
ENTRIES_OF_ACCOUNT = ENTRIES.replace("WHERE", "WHERE j.account = ?3 AND")
TRIM_ACCOUNT = """
    DELETE FROM journal
    WHERE number IN (SELECT number FROM journal WHERE account = ? ORDER BY number LIMIT ?)
"""
TRIM_ALL = "DELETE FROM journal WHERE number IN (SELECT number FROM journal ORDER BY number LIMIT ?)"

DUMP_ACCOUNTS = "SELECT id, digest, label, ordinal, submissions, offset_ms, mode FROM accounts"
DUMP_ENTRIES = ENTRIES_OF_ACCOUNT.replace("SELECT", "SELECT j.number,").replace("DESC", "ASC")
LOAD_ACCOUNT = "UPDATE accounts SET ordinal = ?, submissions = ?, offset_ms = ?, mode = ? WHERE id = ?"

FORGET_CALLS = "DELETE FROM calls WHERE account = ? AND at_ms <= ?"
COUNT_CALLS = "SELECT count(*), min(at_ms) FROM calls WHERE account = ?"
ADD_CALL = "INSERT INTO calls (account, at_ms) VALUES (?, ?)"


class Account(NamedTuple):
    """What a call needs to know, of the account and of all: one look-up."""

    id: int
    digest: bytes
    ordinal: int
    offset_ms: int
    mode: str | None
    submissions: int
    watched: int
    entries: int
    all_entries: int
    all_tasks: int
    clocks: int
    clock_ms: int
    all_faults: int


def read_task(account: str, row: tuple[Any, ...]) -> Task:
    """The task in a row of the table of tasks."""
    _, _, _, _, task_id, vendor, operation, kind, *plan, request = row
    return Task(task_id, account, vendor, operation, kind, request, *plan)


def read_sealed(row: tuple[Any, ...]) -> Task:
    """The task in such a row with the label and the digest of its account behind it."""
    *members, label, digest = row
    return read_task(SealedKey(label, digest), tuple(members))


def write_task(account: Account, task: Task) -> tuple[object, ...]:
    """The values of a new task."""
    what = (account.id, account.watched, task.id, task.vendor, task.operation, task.kind)
    plan = (task.created_ms, task.running_ms, task.end_ms, task.failure)
    return (*what, *plan, task.base, task.external, task.ordinal, task.polls, task.request)


def read_entry(row: tuple[Any, ...]) -> Entry:
    """The entry in a row of the journal; its key is the account's label."""
    *call, kept, fault, body, answer = row
    violations = tuple(Violation(*each) for each in orjson.loads(kept)) if kept is not None else ()
    return Entry._make((*call, violations, fault, body, answer))


def write_entry(account: Account, entry: Entry) -> tuple[object, ...]:
    """The values of a new entry; the key stays out."""
    token, at_ms, _, vendor, *call, violations, fault, body, answer = entry
    listed = [(each.pointer, each.rule, each.message) for each in violations]
    kept = orjson.dumps(listed) if listed else None
    return (account.id, vendor, token, at_ms, *call, kept, fault, body, answer)
