"""Cases sent to a fake without a socket, just as the driver would send them: what each member of a case means."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote, urlencode

from contracts.cases import Case
from mockserver.fake import Fake
from mockserver.messages import Answer, Call
from properties.promised import BASE, spots
from specs import Operation, Pack
from specs.pointers import resolve

Json = Any
HEADERS = {
    "missing": None,
    "empty": "",
    "bad": "Bearer mock-invalid",
    "lower-case": "bearer {key}",
    "other-case": "Bearer {swapped}",
    "longer": "Bearer {key}x",
    "shorter": "Bearer {cut}",
}


class Sender:
    """A client of one vendor under one key, with a task of each kind to poll."""

    def __init__(self, fake: Fake, pack: Pack, key: str) -> None:
        self.fake = fake
        self.pack = pack
        self.key = key
        self._tasks: dict[str, str] = {}

    def send(self, case: Case) -> Answer:
        """The answer to the case; to the second call, of one that is sent twice."""
        operation = self.pack.operations[case.operation]
        for each in case.before:
            first = self.send(each)
            assert (first.status < 300) is (each.expects == "accepted"), (each.words, first.body)
        if case.repeat:
            first = self._send(operation, case)
            assert first.status < 300, (case.words, first.body)
        return self._send(operation, case)

    def _send(self, operation: Operation, case: Case) -> Answer:
        path, query = self._address(operation, case)
        content = case.raw if case.raw is not None else b"" if case.body is None else json.dumps(case.body).encode()
        headers = {}
        said = self._authorization(case)
        if said is not None:
            headers[b"authorization"] = said.encode()
        if case.content_type is not None:
            headers[b"content-type"] = case.content_type.encode()
        call = Call(case.method or operation.method, path, query, headers, content, BASE)
        return self.fake.handle(self.fake.vendors[self.pack.name], call)[0]

    def _authorization(self, case: Case) -> str | None:
        if case.authorization is not None:
            return case.authorization.replace("{key}", self.key)
        said = HEADERS.get(case.credentials, "Bearer {key}")
        if said is None:
            return None
        for mark, key in (("{key}", self.key), ("{swapped}", self.key.swapcase()), ("{cut}", self.key[:-1])):
            said = said.replace(mark, key)
        return said

    def _address(self, operation: Operation, case: Case) -> tuple[str, str]:
        query = dict(case.query)
        path = operation.path
        if operation.id_name is not None and not case.without_task:
            task = case.task if case.task is not None else self._task(operation)
            if operation.id_location == "query":
                query[operation.id_name] = task
            else:
                encoded = quote(task, safe="") if task.strip(".") else task.replace(".", "%2E")
                path = path.replace(f"{{{operation.id_name}}}", encoded)
        return path, urlencode(query)

    def _task(self, poll: Operation) -> str:
        """A task that the poll can read."""
        if poll.tasks not in self._tasks:
            submits = [each for each in self.pack.operations.values() if each.role == "submit"]
            submit = next(each for each in submits if poll.tasks in ("*", each.tasks))
            body = next(iter(submit.examples.values()))
            answer = self._send(submit, Case(operation=submit.id, expects="accepted", words="", body=body))
            template = self.pack.behaviour.answers[submit.answer].bodies["queued"]
            self._tasks[poll.tasks] = resolve(json.loads(answer.body), next(spots(template, "$task.id")))
        return self._tasks[poll.tasks]


def must_be(pack: Pack, case: Case, status: int) -> str:
    """What is wrong with the status of an answer to the case; empty when nothing is."""
    operation = pack.operations[case.operation]
    if case.expects == "accepted":
        wanted = pack.behaviour.answers[operation.answer].status
        return "" if status == wanted else f"{status} instead of {wanted}"
    if case.expects == "either":
        documented = {str(each) for each in operation.responses}
        return "" if status < 500 or str(status) in documented - {"500"} else f"{status} where none may be"
    if case.situation is None:
        # A case about the model, and no other, may be refused by what the pack documents for an unknown one.
        model = pack.behaviour.model
        is_about_it = model is not None and f":{model.pointer}:" in (case.constraint or "")
        statuses = {operation.refusals[model.unknown].status} if model is not None and is_about_it else set()
        return "" if 400 <= status < 500 or status in statuses else f"{status} instead of a refusal"
    # With a key that is nearly the account's a fake knows another account, which has no such task.
    wanted = operation.refusals["task_unknown" if case.situation == "key_near" else case.situation].status
    return "" if status == wanted else f"{status} instead of {wanted}"
