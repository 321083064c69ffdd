"""Several processes and threads over one store: whole calls, no number twice, nothing acknowledged is lost."""

import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import closing
from itertools import islice
from pathlib import Path
from threading import Barrier
from typing import TypeAlias

import pytest

from mockserver.clock import start_clock
from mockserver.messages import Entry
from mockserver.store import Store, StoreError
from mockserver.store import sqlite_file as file_module
from mockserver.store.opening import open_store
from mockserver.store.sqlite import SqliteStore
from mockserver.tasks import Task

ROOT = Path(__file__).resolve().parents[3]
SCRIPT = Path(__file__).with_name("submit_in_a_loop.py")
KEY = "a-key-that-no-file-may-hold"
ENDLESS = 10**6

TaskMaker: TypeAlias = Callable[..., Task]
EntryMaker: TypeAlias = Callable[..., Entry]
Caller: TypeAlias = Callable[..., Entry]
Opener: TypeAlias = Callable[..., Store]


def start(name: str, count: int, prefix: str) -> subprocess.Popen[str]:
    """A process that submits."""
    return subprocess.Popen(
        [sys.executable, str(SCRIPT), name, KEY, str(count), prefix],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT)},
    )


def is_whole(name: str) -> bool:
    """What SQLite itself says of a file."""
    if not name.startswith("sqlite:"):
        return True
    with closing(sqlite3.connect(name.removeprefix("sqlite:"))) as database:
        return bool(database.execute("PRAGMA integrity_check").fetchone() == ("ok",))


def test_nothing_acknowledged_is_lost_when_the_process_is_killed(shared_name: str, opened: Opener) -> None:
    """Each printed id is there once, with its journal; at most the one under way is there unprinted."""
    with start(shared_name, ENDLESS, "job-") as process:
        assert process.stdout is not None
        printed = [line.strip() for line in islice(process.stdout, 300)]
        process.send_signal(signal.SIGKILL)
        printed += [line.strip() for line in process.stdout if line.endswith("\n")]
    assert process.returncode == -signal.SIGKILL
    store = opened(shared_name)

    held = [task.id for task in store.all_tasks(KEY)]
    assert held[: len(printed)] == printed
    assert len(held) <= len(printed) + 1
    assert len(set(held)) == len(held)
    assert [entry.task_id for entry in store.entries(KEY, None, None)] == held
    assert store.submissions(KEY) == len(held)
    assert store.open_call(KEY).ordinal == len(held) + 1
    store.abort_call()
    assert is_whole(shared_name)


def test_two_processes_share_a_store_that_neither_has_made(shared_name: str, opened: Opener) -> None:
    """Every call has an ordinal of its own; of two submissions with one client's id exactly one is taken."""
    processes = [start(shared_name, 150, "job-") for _ in range(2)]
    printed = [process.communicate()[0].split() for process in processes]
    assert [process.returncode for process in processes] == [0, 0]
    store = opened(shared_name)

    taken = [line for lines in printed for line in lines if line != "400"]
    tasks = store.all_tasks(KEY)
    assert [len(lines) for lines in printed] == [150, 150]
    assert sorted(task.id for task in tasks) == sorted(taken)
    assert sorted(str(task.external) for task in tasks) == sorted(f"job-{number}" for number in range(150))
    assert store.account_clock(KEY).ordinal == 300
    assert len(store.entries(KEY, None, None)) == 300
    assert len({task.ordinal for task in tasks}) == 150
    assert is_whole(shared_name)


def test_many_may_open_a_new_file_at_once(tmp_path: Path) -> None:
    """One of them lays it out, the others wait for it; threads stand for processes, since they start together."""
    together = Barrier(8)

    def begin(name: str) -> str:
        together.wait()
        store = open_store(name, start_clock("manual", 0))
        store.close()
        return name

    with ThreadPoolExecutor(8) as pool:
        for number in range(10):
            names = [f"sqlite:{tmp_path}/{number}.db"] * 8
            assert list(pool.map(begin, names)) == names


def test_new_file_that_another_is_writing_is_waited_for(sqlite_name: str, opened: Opener) -> None:
    """As when it is laid out just then by another process."""
    with closing(sqlite3.connect(sqlite_name.removeprefix("sqlite:"), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with ThreadPoolExecutor(1) as pool:
            opening = pool.submit(opened, sqlite_name)
            done = wait([opening], timeout=0.3).done
            other.execute("ROLLBACK")

    assert done == set()
    assert opening.result().all_tasks(None) == []


def test_threads_of_a_process_take_turns(
    shared_name: str, opened: Opener, make_task: TaskMaker, make_entry: EntryMaker
) -> None:
    """Each call is whole: what it adds is its own, and its ordinal is nobody else's."""
    store = opened(shared_name)

    def submit(_: int) -> int:
        ordinal = store.open_call("key-one").ordinal
        before = store.submissions("key-one")
        store.add_task(make_task(ordinal=ordinal), lambda _: False)
        assert store.submissions("key-one") == before + 1 == ordinal
        store.close_call("key-one", make_entry("key-one"))
        return ordinal

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(submit, range(200))) == list(range(1, 201))


def test_other_threads_see_a_call_whole_or_not_at_all(
    shared_name: str, opened: Opener, make_task: TaskMaker, make_entry: EntryMaker
) -> None:
    """Who looks while a call is open waits for its end, and can't end it."""
    store = opened(shared_name)
    with ThreadPoolExecutor(2) as pool:
        store.open_call("key-one")
        store.add_task(make_task(), lambda _: False)
        aborted, seen = pool.submit(store.abort_call), pool.submit(store.all_tasks, "key-one")
        ended, waiting = wait([aborted], timeout=10).done, wait([seen], timeout=0.3).not_done
        store.close_call("key-one", make_entry())

    assert (ended, waiting) == ({aborted}, {seen})
    assert aborted.exception() is None
    assert len(seen.result()) == 1


def test_other_process_sees_a_call_whole_or_not_at_all(
    shared_name: str, opened: Opener, make_task: TaskMaker, make_entry: EntryMaker
) -> None:
    """A second connection stands for it: it sees the time before, and then all."""
    first, second = opened(shared_name), opened(shared_name)
    first.open_call("key-one")
    first.add_task(make_task(), lambda _: False)

    assert second.all_tasks("key-one") == []
    assert second.account_clock("key-one").ordinal == 0
    first.close_call("key-one", make_entry())
    assert len(second.all_tasks("key-one")) == 1
    assert second.open_call("key-one").ordinal == 2


def test_clock_is_one_for_all_who_open_the_store(shared_name: str, opened: Opener) -> None:
    """A move that one makes is seen by the other, in its next call and outside of calls."""
    first, second = opened(shared_name), opened(shared_name)
    first.move_clock(30)
    second.move_clock(12)

    assert first.clock() == second.clock()
    assert first.clock().offset_ms == 42_000
    first.move_clock(1)
    second.open_call("key-one")
    assert second.clock().offset_ms == 43_000


def test_patience_with_another_writer_ends(
    sqlite_name: str, opened: Opener, call: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A clear error instead of a wait without end; afterwards the store works on."""
    first = opened(sqlite_name)
    monkeypatch.setattr(file_module, "_PATIENCE_SECONDS", 0.01)
    second = opened(sqlite_name)
    first.open_call("key-one")
    with pytest.raises(StoreError, match="can't do it now: database is locked"):
        second.open_call("key-two")
    first.abort_call()
    call(second, "key-two")

    assert first.account_clock("key-two").ordinal == 1


def test_patience_that_was_in_vain_is_short_until_a_call_succeeds(
    sqlite_name: str, opened: Callable[..., SqliteStore], call: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While another program keeps the file, one call waits long; those behind it are told at once."""
    monkeypatch.setattr(file_module, "_PATIENCE_SECONDS", 0.02)
    monkeypatch.setattr(file_module, "_IMPATIENCE_SECONDS", 0.01)
    first, second = opened(sqlite_name), opened(sqlite_name)

    def patience() -> int:
        (milliseconds,) = second._file.row("PRAGMA busy_timeout")
        return int(milliseconds)

    assert patience() == 20
    first.open_call("key-one")
    for _ in range(2):
        with pytest.raises(StoreError, match="locked"):
            second.open_call("key-two")
        assert patience() == 10
    first.abort_call()
    call(second, "key-two")
    assert patience() == 20


@pytest.mark.skipif(sys.platform == "win32", reason="there an open file can't be moved away")
def test_file_that_is_moved_away_is_missed(
    sqlite_name: str, opened: Opener, make_task: TaskMaker, call: Caller, tmp_path: Path
) -> None:
    """Nothing is taken that nobody would find again; back in its place it is the store that it was."""
    store, path = opened(sqlite_name), Path(sqlite_name.removeprefix("sqlite:"))
    call(store, "key-one", make_task())
    path.rename(tmp_path / "elsewhere")
    for _ in range(2):
        with pytest.raises(StoreError, match="not in its place"):
            store.open_call("key-one")
        with pytest.raises(StoreError, match="not in its place"):
            store.all_tasks("key-one")
        # Another file in its place is not it.
        path.touch()
    (tmp_path / "elsewhere").replace(path)
    call(store, "key-one", make_task(id="task-2"))

    assert [task.id for task in store.all_tasks("key-one")] == ["task-1", "task-2"]


def test_call_for_which_there_is_no_room_on_the_disk_has_not_happened(
    sqlite_name: str, opened: Callable[..., SqliteStore], make_task: TaskMaker, call: Caller
) -> None:
    """It is an error; with room again the store goes on where it was."""
    store = opened(sqlite_name)
    call(store, "key-one", make_task())
    (pages,) = store._file.row("PRAGMA page_count")
    store._file.row(f"PRAGMA max_page_count = {pages}")
    store.open_call("key-one")
    with pytest.raises(StoreError, match="full"):
        store.add_task(make_task(request=b"x" * 10**6), lambda _: False)
    store.abort_call()
    store._file.row("PRAGMA max_page_count = 1000000")
    call(store, "key-one", make_task(id="next"))

    assert [task.id for task in store.all_tasks("key-one")] == ["task-1", "next"]
    assert store.account_clock("key-one").ordinal == 2
