"""Which store a `--store` value opens, what a file keeps over a restart, and how a bad value is refused."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

import pytest

from mockserver.accounts import redact
from mockserver.messages import Entry
from mockserver.store import MemoryStore, Opened, Store, StoreError
from mockserver.store.protocol import UnusableStoreError
from mockserver.store.sealing import SealedKey, digest_of, label_of
from mockserver.store.sqlite import SqliteStore
from mockserver.tasks import Task

ROOT = Path(__file__).resolve().parents[3]
KEY = "a-key-that-no-file-may-hold"

TaskMaker: TypeAlias = Callable[..., Task]
EntryMaker: TypeAlias = Callable[..., Entry]
Caller: TypeAlias = Callable[..., Entry]
Opener: TypeAlias = Callable[..., Store]


def refusal(opened: Opener, text: str, clock: str = "manual") -> str:
    """What is said when the store can't be opened."""
    with pytest.raises(UnusableStoreError) as caught:
        opened(text, clock)
    assert isinstance(caught.value, StoreError)
    return str(caught.value)


def test_value_names_the_kind(opened: Opener, tmp_path: Path) -> None:
    """`memory`, or `sqlite:` and a path."""
    assert isinstance(opened("memory"), MemoryStore)
    assert isinstance(opened(f"sqlite:{tmp_path}/a b ☃.db"), SqliteStore)
    assert (tmp_path / "a b ☃.db").is_file()


def test_path_may_be_relative_or_begin_at_home(opened: Opener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And it stays the same file when the process goes elsewhere."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    opened("sqlite:one.db")
    opened("sqlite:~/two.db")

    assert (tmp_path / "one.db").is_file()
    assert (tmp_path / "two.db").is_file()


@pytest.mark.parametrize("text", ["", "sqlite", "Memory", "memory:", "postgres://u:hunter2@host", "redis:x", "./x.db"])
def test_unknown_value_is_refused(opened: Opener, text: str) -> None:
    """What there is stands beside what was asked for."""
    if text == "sqlite":
        assert "'sqlite:' names no file; stores are memory" in refusal(opened, text)
        return
    said = refusal(opened, text)

    assert (
        "is no store; stores are memory (one process), sqlite:PATH (a file, which processes share) and redis://" in said
    )
    assert "hunter2" not in said


def test_database_in_memory_is_no_file(opened: Opener) -> None:
    """Processes couldn't share it, and `memory` is there for the rest."""
    assert "'sqlite::memory:' names no file; stores are memory" in refusal(opened, "sqlite::memory:")


def test_memory_does_without_sqlite() -> None:
    """Start-up: the library is loaded when a file is asked for."""
    script = (
        "import sys; from mockserver import Fake; from mockserver.store.opening import open_store;"
        "from mockserver.clock import start_clock; open_store('memory', start_clock('real', 0));"
        "sys.exit('sqlite3' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False, cwd=ROOT).returncode == 0


def test_file_remembers_over_a_restart(opened: Opener, sqlite_name: str, make_task: TaskMaker, call: Caller) -> None:
    """Tasks, journal, ordinals, clocks, and who the unfinished ones are."""
    store, task = opened(sqlite_name, "x10"), make_task(KEY, external="ex", end_ms=None)
    store.move_account(KEY, 5)
    store.set_mode(KEY, "polls")
    store.move_clock(2)
    clock = store.clock()
    entry = call(store, KEY, task)
    store.unfinished(KEY, lambda _: False)
    store.close()
    again = opened(sqlite_name, "x10")

    assert again.all_tasks(KEY) == [task]
    assert again.find_external(KEY, "vendor", "ex") == task
    assert again.unfinished(KEY, lambda _: False) == [task]
    assert again.entries(KEY, None, None) == [entry]
    assert again.submissions(KEY) == 1
    assert again.clock() == clock
    assert again.open_call(KEY) == Opened(2, 5, "polls")


def test_closed_file_is_one_file(opened: Opener, sqlite_name: str, tmp_path: Path, call: Caller) -> None:
    """What SQLite keeps beside it is gone, so that it can be copied."""
    store = opened(sqlite_name)
    call(store, KEY)
    store.close()

    assert [path.name for path in tmp_path.iterdir()] == ["store.db"]


def test_file_never_holds_a_key(
    opened: Opener, sqlite_name: str, tmp_path: Path, make_task: TaskMaker, make_entry: EntryMaker
) -> None:
    """Neither it nor the log beside it, even if a caller forgot to redact; people see the label."""
    store = opened(sqlite_name)
    store.open_call(KEY)
    store.add_task(make_task(KEY), lambda _: False)
    store.close_call(KEY, make_entry(KEY, key=KEY))

    held = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert redact(KEY).encode() in held
    assert KEY.encode() not in held
    assert [entry.key for entry in store.entries(None, None, None)] == [redact(KEY)]
    assert str(store.all_tasks(None)[0].account) == redact(KEY)


def test_label_opens_nothing(opened: Opener, sqlite_name: str, make_task: TaskMaker, call: Caller) -> None:
    """What is shown of an account, sent as a key, is another one; what the store hands out is the same."""
    store = opened(sqlite_name)
    call(store, KEY, make_task(KEY))
    sealed = store.all_tasks(None)[0].account

    assert isinstance(sealed, SealedKey)
    assert store.find_task(sealed, "vendor", "task-1") is not None
    assert store.find_task(str(sealed), "vendor", "task-1") is None
    assert store.account_clock(str(sealed)).ordinal == 0
    assert digest_of(sealed) == digest_of(KEY) != digest_of(str(sealed))


def test_key_may_be_any_text(opened: Opener, sqlite_name: str, make_task: TaskMaker, call: Caller) -> None:
    """Nobody, a very long one, and half a character, as a token's claim can have."""
    store = opened(sqlite_name)
    for key in ("", "x" * 100_000, "\ud800\udfff\ud800\ud800abcdefgh", "\0'"):
        call(store, key, make_task(key))
        assert [task.account for task in store.all_tasks(key)] == [key]
        label_of(key).encode()

    assert len({task.account.digest for task in store.all_tasks(None) if isinstance(task.account, SealedKey)}) == 4


def test_text_that_no_file_can_hold_is_a_clear_error(opened: Opener, sqlite_name: str, make_task: TaskMaker) -> None:
    """And numbers beyond 64 bits."""
    store = opened(sqlite_name)
    for members in ({"failure": "\ud800"}, {"end_ms": 2**70}):
        with pytest.raises(StoreError, match="can't do it now"):
            store.add_task(make_task(**members), lambda _: False)

    assert store.all_tasks(None) == []


@pytest.mark.parametrize(("first", "second"), [("x10", "x10.0"), ("real", "x1"), ("polls", "polls")])
def test_later_opener_takes_the_clock_of_the_first(opened: Opener, sqlite_name: str, first: str, second: str) -> None:
    """Even if it says the same in other words."""
    clock = opened(sqlite_name, first).clock()

    assert opened(sqlite_name, second).clock() == clock


@pytest.mark.parametrize(("first", "second"), [("x10", "x20"), ("manual", "polls"), ("real", "manual")])
def test_later_opener_may_not_ask_for_another_clock(opened: Opener, sqlite_name: str, first: str, second: str) -> None:
    """The refusal names both, and the way out."""
    opened(sqlite_name, first)

    said = refusal(opened, sqlite_name, second)
    assert f"runs on the clock {first}, and {second} was asked for; ask for {first}, or name another" in said


def test_folder_is_refused(opened: Opener, tmp_path: Path) -> None:
    """With a name for a file in it."""
    assert f"it is a folder; name a file in it, such as sqlite:{tmp_path}/" in refusal(opened, f"sqlite:{tmp_path}")


def test_missing_folder_is_refused(opened: Opener, tmp_path: Path) -> None:
    """Nothing is made for a path that may be a slip."""
    said = refusal(opened, f"sqlite:{tmp_path}/no/store.db")

    assert f"there is no folder {tmp_path}/no; make it, or name another file" in said
    assert not (tmp_path / "no").exists()


def test_pipe_is_refused(opened: Opener, tmp_path: Path) -> None:
    """Opening one would wait for ever."""
    os.mkfifo(tmp_path / "pipe")

    assert "it is a device or a pipe; name a file" in refusal(opened, f"sqlite:{tmp_path}/pipe")


def test_file_of_another_kind_is_refused_and_left_alone(opened: Opener, tmp_path: Path) -> None:
    """Somebody's notes."""
    notes = tmp_path / "notes.txt"
    notes.write_bytes(b"not a database" * 1000)

    said = refusal(opened, f"sqlite:{notes}")
    assert "the file is there and is no SQLite database; name another file" in said
    assert notes.read_bytes() == b"not a database" * 1000


def test_database_of_something_else_is_refused_and_left_alone(opened: Opener, tmp_path: Path) -> None:
    """Somebody's own tables."""
    path = tmp_path / "own.db"
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE own (x)")
    database.close()
    before = path.read_bytes()

    assert "it is a database of something else; name another file" in refusal(opened, f"sqlite:{path}")
    assert path.read_bytes() == before


def test_file_of_another_version_is_refused_and_left_alone(opened: Opener, sqlite_name: str, tmp_path: Path) -> None:
    """Both versions are named."""
    opened(sqlite_name).close()
    with sqlite3.connect(tmp_path / "store.db") as database:
        database.execute("PRAGMA user_version = 7")
    database.close()
    before = (tmp_path / "store.db").read_bytes()

    said = refusal(opened, sqlite_name)
    assert "it has layout 7, and this version of understudy reads layout 2; name another file, or delete" in said
    assert (tmp_path / "store.db").read_bytes() == before


@contextmanager
def without_rights() -> Iterator[None]:
    """As nobody in particular: root may write everywhere."""
    if os.geteuid():
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.parametrize(
    ("file_mode", "folder_mode"),
    [(None, 0o555), (0o444, 0o555), (0o444, 0o777)],
    ids=["no file yet", "neither", "not the file"],
)
def test_place_that_cannot_be_written_is_refused(
    opened: Opener, tmp_path: Path, file_mode: int | None, folder_mode: int
) -> None:
    """Whether there is a store already or not; it fails at once, not in the first call."""
    folder = tmp_path / "shelf"
    folder.mkdir()
    if file_mode is not None:
        opened(f"sqlite:{folder}/store.db").close()
        (folder / "store.db").chmod(file_mode)
    folder.chmod(folder_mode)
    for parent in (tmp_path, tmp_path.parent, tmp_path.parent.parent):
        parent.chmod(0o755)
    try:
        with without_rights():
            said = refusal(opened, f"sqlite:{folder}/store.db")
    finally:
        folder.chmod(0o755)

    assert "it can't be written; name a file in a folder that you may write to" in said


def test_closed_store_says_so(opened: Opener, sqlite_name: str) -> None:
    """No crash in words of the library alone."""
    store = opened(sqlite_name)
    store.close()

    with pytest.raises(StoreError, match="can't do it now: Cannot operate on a closed database"):
        store.open_call("key-one")
