"""The tables of the store's SQLite file.

Whoever changes them raises VERSION: a file of another version is refused. Counts are kept by triggers, so
that they hold whoever adds or forgets, and a bound is checked without counting. Nothing here needs more than
SQLite 3.24.
"""

from __future__ import annotations

# "unds": tells our files from other people's.
APPLICATION = 0x756E6473
VERSION = 2

# `clocks` counts how often the clock of all was replaced.
KEPT = (
    """
    CREATE TABLE state (
        mode TEXT NOT NULL,
        rate REAL NOT NULL,
        began_wall_ms INTEGER NOT NULL,
        began_ms INTEGER NOT NULL,
        offset_ms INTEGER NOT NULL,
        clocks INTEGER NOT NULL DEFAULT 0,
        accounts INTEGER NOT NULL DEFAULT 0,
        tasks INTEGER NOT NULL DEFAULT 0,
        submitted INTEGER NOT NULL DEFAULT 0,
        entries INTEGER NOT NULL DEFAULT 0,
        faults INTEGER NOT NULL DEFAULT 0,
        webhooks INTEGER NOT NULL DEFAULT 0
    )
    """,
    """
    CREATE TABLE accounts (
        id INTEGER PRIMARY KEY,
        digest BLOB NOT NULL UNIQUE,
        label TEXT NOT NULL,
        ordinal INTEGER NOT NULL DEFAULT 0,
        offset_ms INTEGER NOT NULL DEFAULT 0,
        mode TEXT,
        submissions INTEGER NOT NULL DEFAULT 0,
        tasks INTEGER NOT NULL DEFAULT 0,
        entries INTEGER NOT NULL DEFAULT 0,
        watched INTEGER NOT NULL DEFAULT 0
    )
    """,
    """
    CREATE TRIGGER account_added AFTER INSERT ON accounts BEGIN
        UPDATE state SET accounts = accounts + 1;
    END
    """,
    """
    CREATE TRIGGER account_forgotten AFTER DELETE ON accounts BEGIN
        UPDATE state SET accounts = accounts - 1;
    END
    """,
    # Whose a rule or a mark is: the digest of its key, and none where a rule is for all. Their numbers are never
    # given again: somebody may still hold one.
    """
    CREATE TABLE fault_rules (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        digest BLOB,
        label TEXT,
        said TEXT NOT NULL
    )
    """,
    """
    CREATE TABLE fault_counts (
        counter TEXT NOT NULL,
        rule TEXT NOT NULL,
        digest BLOB NOT NULL,
        count INTEGER NOT NULL,
        PRIMARY KEY (counter, digest)
    )
    """,
    """
    CREATE TABLE fault_marks (
        number INTEGER PRIMARY KEY,
        digest BLOB,
        label TEXT,
        vendor TEXT NOT NULL,
        task TEXT NOT NULL,
        kind TEXT NOT NULL,
        times INTEGER NOT NULL,
        UNIQUE (digest, vendor, task, kind)
    )
    """,
    """
    CREATE TRIGGER fault_rules_added AFTER INSERT ON fault_rules BEGIN
        UPDATE state SET faults = faults + 1;
    END
    """,
    """
    CREATE TRIGGER fault_rules_forgotten AFTER DELETE ON fault_rules BEGIN
        UPDATE state SET faults = faults - 1;
    END
    """,
    """
    CREATE TRIGGER fault_marks_added AFTER INSERT ON fault_marks BEGIN
        UPDATE state SET faults = faults + 1;
    END
    """,
    """
    CREATE TRIGGER fault_marks_forgotten AFTER DELETE ON fault_marks BEGIN
        UPDATE state SET faults = faults - 1;
    END
    """,
)

# What a reset of all forgets. `place` is the task's place in the queue of those to forget, `number` the
# order of submission; `live` is kept only for accounts whose unfinished tasks are asked for. The request
# comes last, since SQLite reads a row from its beginning and requests may be long.
FORGETTABLE = (
    """
    CREATE TABLE tasks (
        place INTEGER PRIMARY KEY,
        number INTEGER NOT NULL,
        account INTEGER NOT NULL,
        live INTEGER NOT NULL,
        id TEXT NOT NULL,
        vendor TEXT NOT NULL,
        operation TEXT NOT NULL,
        kind TEXT NOT NULL,
        created_ms INTEGER NOT NULL,
        running_ms INTEGER NOT NULL,
        end_ms INTEGER,
        failure TEXT,
        base TEXT NOT NULL,
        external TEXT,
        ordinal INTEGER NOT NULL,
        polls INTEGER NOT NULL,
        request BLOB NOT NULL
    )
    """,
    "CREATE UNIQUE INDEX task_ids ON tasks (vendor, id, account)",
    "CREATE UNIQUE INDEX task_externals ON tasks (account, vendor, external) WHERE external IS NOT NULL",
    "CREATE INDEX task_lists ON tasks (account, vendor, number)",
    "CREATE INDEX task_lives ON tasks (account, number) WHERE live = 1",
    """
    CREATE TRIGGER task_added AFTER INSERT ON tasks BEGIN
        UPDATE state SET tasks = tasks + 1, submitted = submitted + 1;
        UPDATE accounts SET tasks = tasks + 1, submissions = submissions + 1 WHERE id = NEW.account;
    END
    """,
    """
    CREATE TRIGGER task_forgotten AFTER DELETE ON tasks BEGIN
        UPDATE state SET tasks = tasks - 1;
        UPDATE accounts SET tasks = tasks - 1 WHERE id = OLD.account;
    END
    """,
    """
    CREATE TABLE journal (
        number INTEGER PRIMARY KEY,
        account INTEGER NOT NULL,
        vendor TEXT NOT NULL,
        token BLOB NOT NULL,
        at_ms INTEGER NOT NULL,
        operation TEXT,
        method TEXT NOT NULL,
        path TEXT NOT NULL,
        status INTEGER NOT NULL,
        task_id TEXT,
        violations BLOB,
        fault TEXT,
        body BLOB NOT NULL,
        answer BLOB NOT NULL
    )
    """,
    "CREATE INDEX journal_accounts ON journal (account)",
    """
    CREATE TRIGGER entry_added AFTER INSERT ON journal BEGIN
        UPDATE state SET entries = entries + 1;
        UPDATE accounts SET entries = entries + 1 WHERE id = NEW.account;
    END
    """,
    """
    CREATE TRIGGER entry_forgotten AFTER DELETE ON journal BEGIN
        UPDATE state SET entries = entries - 1;
        UPDATE accounts SET entries = entries - 1 WHERE id = OLD.account;
    END
    """,
    "CREATE TABLE calls (account INTEGER NOT NULL, at_ms INTEGER NOT NULL)",
    "CREATE INDEX call_instants ON calls (account, at_ms)",
)

# Webhooks to come, and what became of them. Numbers are never used again: a webhook may be on its way while it is
# forgotten. The rows are deleted, not the tables: with a table its numbers would go.
WEBHOOKS = (
    """
    CREATE TABLE webhooks (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        account INTEGER NOT NULL,
        vendor TEXT NOT NULL,
        task_id TEXT NOT NULL,
        due_ms INTEGER,
        waiting BLOB NOT NULL,
        told INTEGER NOT NULL,
        attempt INTEGER NOT NULL,
        claimed_until_ms INTEGER NOT NULL DEFAULT 0
    )
    """,
    "CREATE UNIQUE INDEX webhook_tasks ON webhooks (account, vendor, task_id)",
    "CREATE INDEX webhook_instants ON webhooks (due_ms, number) WHERE due_ms IS NOT NULL",
    """
    CREATE TRIGGER webhook_added AFTER INSERT ON webhooks BEGIN
        UPDATE state SET webhooks = webhooks + 1;
    END
    """,
    """
    CREATE TRIGGER webhook_forgotten AFTER DELETE ON webhooks BEGIN
        UPDATE state SET webhooks = webhooks - 1;
    END
    """,
    """
    CREATE TABLE deliveries (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        account INTEGER NOT NULL,
        vendor TEXT NOT NULL,
        task_id TEXT NOT NULL,
        id TEXT NOT NULL,
        url TEXT NOT NULL,
        event TEXT NOT NULL,
        attempt INTEGER NOT NULL,
        at_ms INTEGER NOT NULL,
        status INTEGER,
        signature_valid INTEGER,
        error TEXT,
        fault TEXT
    )
    """,
    "CREATE INDEX delivery_accounts ON deliveries (account)",
)

# Their indexes and triggers go with them.
FORGET = (
    "DELETE FROM webhooks",
    "DELETE FROM deliveries",
    "DROP TABLE tasks",
    "DROP TABLE journal",
    "DROP TABLE calls",
    *FORGETTABLE,
    "UPDATE accounts SET ordinal = 0, submissions = 0, tasks = 0, entries = 0, watched = 0",
    "UPDATE state SET tasks = 0, submitted = 0, entries = 0",
)
