"""A process that submits through the fake, given STORE KEY COUNT PREFIX, and prints each id it was given."""

import json
import sys

from mockserver import Fake, Settings
from mockserver.clock import start_clock
from mockserver.messages import Call
from mockserver.store.opening import open_store
from specs import load


def main(name: str, key: str, count: int, prefix: str) -> None:
    """The n-th submission carries the client's id PREFIX + n; a refusal prints its status."""
    pack = load("kling")
    operation = pack.operations["createTextToVideo"]
    store = open_store(name, start_clock("manual", 0))
    fake = Fake([pack], Settings(clock="manual"), lambda: 0, store)
    headers = {b"authorization": f"Bearer {key}".encode(), b"content-type": b"application/json"}
    for number in range(count):
        body = {**operation.examples["minimal"], "external_task_id": f"{prefix}{number}"}
        call = Call(operation.method, operation.path, "", headers, json.dumps(body).encode(), "http://fake")
        answer, entry = fake.handle(fake.vendors[pack.name], call)
        sys.stdout.write(f"{entry.task_id or answer.status}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4])
