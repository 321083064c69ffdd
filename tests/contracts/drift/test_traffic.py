"""`understudy drift traffic`: what a recording shows that the contract does not have; nothing of what it has."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import httpx
import pytest

from contracts.cli import main
from contracts.drift import traffic
from contracts.drift.recordings import read_recording
from contracts.drift.traffic import Traffic
from mockserver import Fake, Settings
from mockserver.transport import FakeTransport
from properties.promised import VENDORS, kinds, pack
from targets import in_process, make_fake

Json = Any
KEY = "sk-verysecret"


class Recorder:
    """Talks with a fake as with the vendor, under the vendor's own name, and writes down what was said."""

    def __init__(self, vendor: str) -> None:
        self.lines: list[Json] = []
        self.fake = Fake([pack(vendor)], Settings(clock="manual"), wall_ms=lambda: 0)
        self._client = httpx.Client(
            transport=FakeTransport(self.fake),
            base_url=f"https://{pack(vendor).behaviour.hosts[0]}",
            headers={"Authorization": f"Bearer {KEY}"},
        )

    def call(self, method: str, path: str, body: Json = None) -> httpx.Response:
        """One call; what is said goes into the recording."""
        answer = self._client.request(method, path, json=body)
        asked = {"method": method, "url": str(answer.request.url), "headers": dict(answer.request.headers)}
        said = {"status": answer.status_code, "headers": dict(answer.headers), "body": answer.json()}
        self.lines.append({"request": {**asked, "body": body}, "response": said})
        return answer


@lru_cache
def recorded(vendor: str) -> str:
    """Every kind of job of a vendor from submit to end, a failure, and two refusals."""
    recorder = Recorder(vendor)
    for kind in kinds(vendor):
        for body in [kind.fresh(each) for each in list(kind.examples.values())[:4]] + [kind.with_prompt("[[fail]] x")]:
            task = kind.task_id(recorder.call("POST", kind.submit.path, body).json())
            for seconds in (0, 8, 30, 200):
                recorder.fake.advance(seconds)
                recorder.call("GET", kind.poll_path(task))
        recorder.call("POST", kind.submit.path, {})
        recorder.call("GET", kind.poll_path("nobody"))
    return json.dumps(recorder.lines)


def lines(vendor: str) -> list[Json]:
    """A copy of the recording, to change."""
    return json.loads(recorded(vendor))  # type: ignore[no-any-return]


def write(folder: Path, talk: list[Json]) -> Path:
    """The recording as a file."""
    path = folder / "talk.jsonl"
    path.write_text("\n".join(map(json.dumps, talk)) + "\n", encoding="utf-8")
    return path


def judged(folder: Path, vendor: str, talk: list[Json]) -> set[tuple[str, str | None]]:
    """The kinds of what was found, and where."""
    verdict = Traffic(pack(vendor)).judge_all(read_recording(write(folder, talk)))
    return {(each.kind, each.pointer) for each in verdict.drifts.values()}


@pytest.mark.parametrize("vendor", VENDORS)
def test_traffic_that_keeps_the_contract_is_silent(tmp_path: Path, vendor: str) -> None:
    """Whole jobs, failures and refusals, of every kind: nothing is found, and all of it was judged."""
    verdict = Traffic(pack(vendor)).judge_all(read_recording(write(tmp_path, lines(vendor))))
    assert not verdict.drifts
    assert verdict.judged == len(lines(vendor))
    assert len(verdict.tasks) >= 5 * len(kinds(vendor))


Change = Callable[[Json, Json, Json], object]
"""Given the request, the response and the answer's body of one exchange; changes them where it applies."""


def _answered(change: Callable[[Json], object], *statuses: int) -> Change:
    def applied(_asked: Json, said: Json, body: Json) -> None:
        if said["status"] in (statuses or (200, 202)):
            change(body)

    return applied


def _submitted(change: Callable[[Json, Json], object]) -> Change:
    def applied(asked: Json, said: Json, _body: Json) -> None:
        if asked["body"] and said["status"] in (200, 202):
            change(asked, said)

    return applied


def _task(body: Json) -> Json:
    return body["task_info"]


def _data(body: Json) -> Json:
    return body["data"] if isinstance(body.get("data"), dict) else {}


def _refuse(detail: str) -> Callable[[Json, Json], object]:
    task = {
        "id": "8e1e315e-b50d-4334-a231-be7d19a372f4",
        "status": "failed",
        "created_at": "2026-01-01T00:00:00.000Z",
        "updated_at": "2026-01-01T00:00:00.000Z",
        "error": {"code": 2001, "title": "Invalid Request", "detail": detail},
    }
    return lambda _asked, said: said.update(status=400, body={"task_info": task})


def _word(old: str, new: str, name: str, at: Callable[[Json], Json]) -> Callable[[Json], object]:
    return lambda body: at(body).update({name: new}) if at(body).get(name) == old else None


DRIFTS: dict[str, tuple[str, Change, tuple[str, str | None]]] = {
    "a member is new": ("mulerouter", _answered(lambda b: _task(b).update(eta=5)), ("field-added", "/task_info/eta")),
    "a member is gone": (
        "mulerouter",
        _answered(lambda b: _task(b).pop("updated_at")),
        ("field-removed", "/task_info/updated_at"),
    ),
    "a member has another type": (
        "mulerouter",
        _answered(lambda b: _task(b).update(created_at=5)),
        ("type-changed", "/task_info/created_at"),
    ),
    "instants are written otherwise": (
        "mulerouter",
        _answered(lambda b: _task(b).update(created_at="yesterday")),
        ("format-changed", "/task_info/created_at"),
    ),
    "a state has a new word": (
        "mulerouter",
        _answered(_word("pending", "waiting", "status", _task)),
        ("status-added", "/task_info/status"),
    ),
    "a job is accepted with another status": (
        "mulerouter",
        _submitted(lambda _, said: said.update(status=201)),
        ("status-added", ""),
    ),
    "a path has moved": (
        "mulerouter",
        lambda asked, _said, _body: asked.update(url=asked["url"].replace("kling-v3", "kling-v4")),
        ("endpoint-changed", ""),
    ),
    "a longer job is taken": (
        "mulerouter",
        _submitted(lambda asked, _: "multi_prompt" in asked["body"] or asked["body"].update(duration=20)),
        ("limit-changed", "/duration"),
    ),
    "a job is refused that was fine": (
        "mulerouter",
        _submitted(lambda asked, said: asked["body"].get("duration") and _refuse("duration must be < 3")(asked, said)),
        ("limit-changed", "/duration"),
    ),
    "a new member has to be there": (
        "mulerouter",
        _submitted(_refuse("quality is required")),
        ("required-changed", "/quality"),
    ),
    "instants are text": (
        "kling",
        _answered(lambda b: _data(b) and _data(b).update(created_at=str(_data(b)["created_at"]))),
        ("type-changed", "/data/created_at"),
    ),
    "the end has another word": (
        "kling",
        _answered(_word("succeed", "succeeded", "task_status", _data)),
        ("status-added", "/data/task_status"),
    ),
    "progress is text": (
        "uniall",
        _answered(lambda b: "progress" in b and b.update(progress=str(b["progress"]))),
        ("type-changed", "/progress"),
    ),
    "a page instead of JSON": (
        "uniall",
        lambda _asked, said, _body: said["status"] == 200 and said.update(body="<html>"),
        ("format-changed", ""),
    ),
    "a code is text": (
        "powertokens",
        _answered(lambda b: b.update(code="0")),
        ("type-changed", "/code"),
    ),
    "an end that nobody knows": (
        "myrouter",
        _answered(lambda b: b.get("task") and _word("TASK_STATUS_SUCCEED", "TASK_STATUS_OK", "status", _inner)(b)),
        ("status-added", "/task/status"),
    ),
}


def _inner(body: Json) -> Json:
    return body["task"]


@pytest.mark.parametrize("name", DRIFTS)
def test_a_drift_is_one_finding_of_its_kind(tmp_path: Path, name: str) -> None:
    """However often it is seen, where it is, and nothing beside it."""
    vendor, change, found = DRIFTS[name]
    talk = lines(vendor)
    for each in talk:
        change(each["request"], each["response"], each["response"]["body"])
    assert judged(tmp_path, vendor, talk) == {found}


def finished(talk: list[Json]) -> int:
    """Where the first answer stands that has a result."""
    return next(at for at, each in enumerate(talk) if each["response"]["body"].get("videos"))


def test_a_task_that_goes_back_is_found_across_exchanges(tmp_path: Path) -> None:
    """Each answer by itself is fine."""
    talk = lines("mulerouter")
    at = finished(talk)
    back = copy.deepcopy(talk[at])
    back["response"]["body"]["task_info"]["status"] = "processing"
    del back["response"]["body"]["videos"]
    assert not judged(tmp_path, "mulerouter", [*talk[:at], back])
    assert ("shape-changed", "/task_info/status") in judged(tmp_path, "mulerouter", [*talk[: at + 1], back])


def test_lives_are_followed_from_chunk_to_chunk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A result that changes is found also when it was first seen long before, and only once."""
    monkeypatch.setattr(traffic, "_CHUNK", 4)
    talk = lines("mulerouter")
    at = finished(talk)
    again = copy.deepcopy(talk[at])
    again["response"]["body"]["videos"] = ["https://elsewhere.example/other.mp4"]
    assert not judged(tmp_path, "mulerouter", talk)
    assert len(judged(tmp_path, "mulerouter", [*talk[: at + 1], again])) == 1


def test_other_hosts_are_listed_and_a_stand_in_is_judged(tmp_path: Path) -> None:
    """Nothing is guessed about a host that is not the vendor's; a fake at a loopback address speaks as the vendor."""
    talk = lines("uniall")
    host = pack("uniall").behaviour.hosts[0]
    elsewhere = json.loads(json.dumps(talk).replace(f"https://{host}", "https://cdn.example"))
    local = json.loads(json.dumps(talk).replace(f"https://{host}", "http://127.0.0.1:4100"))
    verdict = Traffic(pack("uniall")).judge_all(read_recording(write(tmp_path, elsewhere + local)))
    assert (verdict.judged, verdict.hosts) == (len(talk), {"cdn.example": len(talk)})
    assert not verdict.drifts


@pytest.mark.parametrize("given", ["cdn.example", "https://cdn.example/", "CDN.example"])
def test_a_further_host_may_be_given_as_a_url(tmp_path: Path, given: str) -> None:
    """What somebody copies from where it stands."""
    host = pack("uniall").behaviour.hosts[0]
    elsewhere = json.loads(json.dumps(lines("uniall")).replace(f"https://{host}", "https://cdn.example"))
    path = str(write(tmp_path, elsewhere))
    assert main(["drift", "traffic", "uniall", path]) == 3
    assert main(["drift", "traffic", "uniall", path, "--host", given]) == 0


def test_the_command_ends_with_what_it_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """0 nothing, 1 findings, 3 could not check; the report has all of it, and no key is told anywhere."""
    monkeypatch.chdir(tmp_path)
    talk = lines("uniall")
    path = str(write(tmp_path, talk))
    assert main(["drift", "traffic", "uniall", path]) == 0
    assert main(["drift", "traffic", "kling", path]) == 3
    assert "could not check" in capsys.readouterr().out
    talk[0]["response"]["body"][f"echo-{KEY}"] = KEY
    write(tmp_path, talk)
    assert main(["drift", "traffic", "uniall", path, "--json", "found.json"]) == 1
    report, said = (tmp_path / "found.json").read_text(encoding="utf-8"), capsys.readouterr().out
    (finding,) = json.loads(report)["findings"]
    assert finding["kind"] == "field-added"
    assert {"operation", "pointer", "documented", "encoded", "message"} <= set(finding)
    assert KEY not in report + said


def test_accepted_drift_is_silent_until_its_day(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`understudy.toml` of the folder: status 0 and a line that says why; 1 again when it is over or of no use."""
    monkeypatch.chdir(tmp_path)
    talk = lines("uniall")
    talk[0]["response"]["body"]["eta"] = 5
    path = str(write(tmp_path, talk))
    words = ["drift", "traffic", "uniall", path]
    assert main([*words, "--json", "found.json", "--sarif", "s", "--junit", "j", "--markdown", "m"]) == 1
    (finding,) = json.loads(Path("found.json").read_text(encoding="utf-8"))["findings"]
    entry = f'[[waivers]]\nfingerprint = "{finding["fingerprint"]}"\nrun = "drift traffic uniall"\nreason = "told us"\n'
    Path("understudy.toml").write_text(f"{entry}expires = 9999-01-01\n", encoding="utf-8")
    assert main(words) == 0
    assert "waived until 9999-01-01 (told us): field-added" in capsys.readouterr().out
    Path("understudy.toml").write_text(f"{entry}expires = 2020-01-01\n", encoding="utf-8")
    assert main(words) == 1
    assert "waiver-expired" in capsys.readouterr().out
    assert main([*words, "--markdown", str(tmp_path / "no" / "where.md")]) == 2


def test_a_broken_file_tells_what_was_found_before(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is lost: findings are told, and that the rest could not be read."""
    path = write(tmp_path, lines("uniall"))
    path.write_text(path.read_text(encoding="utf-8") + "{broken\n", encoding="utf-8")
    assert main(["drift", "traffic", "uniall", str(path)]) == 3
    assert "is no JSON" in capsys.readouterr().out


def test_a_fakes_journal_is_traffic_too(tmp_path: Path) -> None:
    """What the admin API tells of calls is read; bodies that it does not tell are not judged."""
    kind = kinds("mulerouter")[0]
    with in_process(make_fake("mulerouter"), "mulerouter") as target:
        account = target.client
        task = kind.task_id(account.post(kind.submit.path, json=kind.fresh(kind.examples["minimal"])).json())
        account.get(kind.poll_path(task))
        path = tmp_path / "journal.json"
        path.write_text(json.dumps(target.admin("GET", "/requests")), encoding="utf-8")
    verdict = Traffic(pack("mulerouter")).judge_all(read_recording(path))
    assert (verdict.judged, verdict.without_body, len(verdict.drifts)) == (2, 2, 0)
