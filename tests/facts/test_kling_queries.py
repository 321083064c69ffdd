"""Reading tasks back: by the service's id, by the client's own, and in pages."""

from urllib.parse import quote

import httpx
import pytest

from fact_tables import Connect, broken
from kling_protocol import PROMPT, data_of, finished, poll, submitted
from targets import Json

TEXT, IMAGE = "/v1/videos/text2video", "/v1/videos/image2video"
JOBS: dict[str, dict[str, Json]] = {
    TEXT: {"prompt": PROMPT},
    IMAGE: {"prompt": PROMPT, "image": "https://example.com/first.png"},
}
both_operations = pytest.mark.parametrize("path", [pytest.param(TEXT, id="text"), pytest.param(IMAGE, id="image")])


def assert_unknown(answer: httpx.Response) -> None:
    """404/1203: there is no such task, for this caller and this operation."""
    assert (answer.status_code, answer.json()["code"]) == (404, 1203)
    assert answer.json().keys() == {"code", "message", "request_id"}


@both_operations
def test_poll_by_task_id(connect: Connect, path: str) -> None:
    """The id that the submit gave."""
    target = connect("kling")
    task_id = submitted(target, path, JOBS[path])

    assert poll(target, path, task_id)["task_id"] == task_id


@both_operations
@pytest.mark.parametrize(
    "own", ["order-4711", "0", "a b/c?d=e&f#g%20", "Bestellung ä ★ 🌊", "..", "x" * 300, '"quoted" + plus']
)
def test_poll_by_external_task_id(connect: Connect, path: str, own: str) -> None:
    """The client's own id works in its place, percent-encoded; it does not replace the task's."""
    target = connect("kling")
    task_id = submitted(target, path, {**JOBS[path], "external_task_id": own})

    seen = data_of(target.client.get(f"{path}/{_encoded(own)}"))

    assert seen["task_id"] == task_id != own
    assert seen["task_info"] == {"external_task_id": own}
    assert poll(target, path, task_id) == seen


def _encoded(own: str) -> str:
    # Dots alone would be taken for a step in the path, by the client already.
    return quote(own, safe="").replace(".", "%2E")


@both_operations
def test_poll_of_what_is_not_there(connect: Connect, path: str) -> None:
    """An unknown id, and an external id that nobody gave."""
    target = connect("kling")
    submitted(target, path, JOBS[path])

    for unknown in ("867283741759111202", "nobody", "%00", "%FF", "0" * 5000, "null", "{id}"):
        assert_unknown(target.client.get(f"{path}/{unknown}"))


def test_each_operation_has_tasks_of_its_own(connect: Connect) -> None:
    """A task is read where it was submitted, by either id."""
    target = connect("kling")
    task_id = submitted(target, TEXT, {**JOBS[TEXT], "external_task_id": "mine"})

    assert_unknown(target.client.get(f"{IMAGE}/{task_id}"))
    assert_unknown(target.client.get(f"{IMAGE}/mine"))


@both_operations
def test_task_of_another_account_does_not_exist(connect: Connect, path: str) -> None:
    """The key is the namespace, for polls and for lists."""
    target = connect("kling")
    task_id = submitted(target, path, {**JOBS[path], "external_task_id": "mine"})
    other = target.account(target.key + "-other")

    assert_unknown(other.get(f"{path}/{task_id}"))
    assert_unknown(other.get(f"{path}/mine"))
    assert data_of(other.get(path)) == []


@pytest.mark.parametrize("first", [TEXT, IMAGE])
@pytest.mark.parametrize("second", [TEXT, IMAGE])
def test_external_task_id_is_unique_in_the_account(connect: Connect, first: str, second: str) -> None:
    """A second task with it is 400/1201, whatever the operation, also once the first is over."""
    target = connect("kling")
    task_id = submitted(target, first, {**JOBS[first], "external_task_id": "mine"})
    finished(target, first, task_id)

    answer = target.client.post(second, json={**JOBS[second], "external_task_id": "mine"})

    assert (answer.status_code, answer.json()["code"]) == (400, 1201)
    assert broken(target) == {"/external_task_id": {"unique-in-account"}}
    assert [task["id"] for task in target.tasks()] == [task_id]


def test_another_account_may_use_the_same_external_task_id(connect: Connect) -> None:
    """Unique for each user account, not for all."""
    target = connect("kling")
    job = {**JOBS[TEXT], "external_task_id": "mine"}
    task_id = submitted(target, TEXT, job)
    other = target.account(target.key + "-other")

    other_id = data_of(other.post(TEXT, json=job))["task_id"]

    assert other_id != task_id
    assert data_of(other.get(f"{TEXT}/mine"))["task_id"] == other_id
    assert poll(target, TEXT, "mine")["task_id"] == task_id


def test_empty_external_task_id_is_none(connect: Connect) -> None:
    """The vendor's sample sends the empty string; any number of tasks may."""
    target = connect("kling")
    job = {**JOBS[TEXT], "external_task_id": ""}

    first, second = (data_of(target.client.post(TEXT, json=job)) for _ in range(2))

    assert first["task_id"] != second["task_id"]
    assert "external_task_id" not in first["task_info"] or first["task_info"]["external_task_id"] == ""


def test_refused_job_does_not_take_its_external_task_id(connect: Connect) -> None:
    """A job that became no task leaves nothing behind."""
    target = connect("kling")
    job = {**JOBS[TEXT], "external_task_id": "mine"}
    for refused in ({**job, "duration": "99"}, {**job, "prompt": "[[reject]]"}):
        assert target.client.post(TEXT, json=refused).status_code == 400

    submitted(target, TEXT, job)


@both_operations
def test_list_is_newest_first(connect: Connect, path: str) -> None:
    """`data` holds this operation's tasks as their polls show them, the newest first."""
    target = connect("kling")
    other = IMAGE if path == TEXT else TEXT
    submitted(target, other, JOBS[other])
    ids = []
    for number in range(3):
        target.advance(200)
        ids.append(submitted(target, path, {**JOBS[path], "external_task_id": f"order-{number}"}))

    listed = data_of(target.client.get(path))

    assert [task["task_id"] for task in listed] == ids[::-1]
    assert listed == [poll(target, path, task_id) for task_id in ids[::-1]]
    assert [task["task_status"] for task in listed] == ["submitted", "succeed", "succeed"]


def test_tasks_of_one_instant_are_listed_newest_first(connect: Connect) -> None:
    """The order does not depend on the clock's resolution."""
    target = connect("kling")
    ids = [submitted(target, TEXT, JOBS[TEXT]) for _ in range(5)]

    assert [task["task_id"] for task in data_of(target.client.get(TEXT))] == ids[::-1]


def test_list_without_tasks(connect: Connect) -> None:
    """An account that has done nothing gets an empty array."""
    assert data_of(connect("kling").client.get(IMAGE)) == []


def test_pages(connect: Connect) -> None:
    """30 tasks on a page and the first page, unless asked otherwise; beyond the last page there is nothing."""
    target = connect("kling")
    ids = [submitted(target, TEXT, JOBS[TEXT]) for _ in range(32)][::-1]

    def page(query: str) -> list[str]:
        return [task["task_id"] for task in data_of(target.client.get(f"{TEXT}{query}"))]

    assert page("") == ids[:30]
    assert page("?pageNum=2") == ids[30:]
    assert page("?pageNum=1") == ids[:30]
    assert page("?pageSize=500") == ids
    assert page("?pageNum=2&pageSize=5") == ids[5:10]
    assert page("?pageSize=5&pageNum=7") == ids[30:]
    assert page("?pageNum=32&pageSize=1") == ids[31:]
    assert page("?pageNum=33&pageSize=1") == []
    assert page("?pageNum=1000&pageSize=500") == []
    assert page("?page=2&status=succeed") == ids[:30]


@both_operations
@pytest.mark.parametrize("name", ["pageNum", "pageSize"])
@pytest.mark.parametrize("value", ["0", "-1", "beyond", "1.5", "", "one", "1e2", "null"])
def test_page_outside_its_range(connect: Connect, path: str, name: str, value: str) -> None:
    """`pageNum` 1 to 1000, pageSize 1 to 500, whole numbers; else 400/1201."""
    target = connect("kling")
    most = {"pageNum": 1000, "pageSize": 500}[name]

    answer = target.client.get(path, params={name: str(most + 1) if value == "beyond" else value})

    assert (answer.status_code, answer.json()["code"]) == (400, 1201)
    assert name in answer.json()["message"]
    assert set(broken(target)) == {f"/{name}"}


@both_operations
@pytest.mark.parametrize("query", ["pageNum=1&pageSize=1", "pageNum=1000&pageSize=500"])
def test_page_within_its_range(connect: Connect, path: str, query: str) -> None:
    """Each boundary itself."""
    assert data_of(connect("kling").client.get(f"{path}?{query}")) == []
