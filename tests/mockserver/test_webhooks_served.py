"""Webhooks of `understudy serve`: signed with the secret of the accounts file, and owed beyond a kill."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from mockserver.signing import is_signed, signing_key
from receivers import receiving, status
from webhook_desk import SECRET

Json = Any
SUBMIT = "/v1/videos/text2video"


@contextmanager
def server(*words: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """A server of one vendor whose clock stands still, and its process."""
    command = [sys.executable, "-m", "contracts.cli", "serve", "kling", "--port", "0", "--log", "off"]
    with subprocess.Popen([*command, "--clock", "manual", *words], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().split(" ")[-1].strip()
        try:
            yield url, process
        finally:
            process.terminate()
            process.wait(20)


async def test_webhooks_outlive_a_killed_server(tmp_path: Path) -> None:
    """What nobody has taken yet is tried again by the next server; each attempt is signed."""
    accounts = tmp_path / "accounts.json"
    accounts.write_text(json.dumps({"key": {"webhook_secret": SECRET}}))
    words = ("--store", f"sqlite:{tmp_path / 'store.db'}", "--accounts", str(accounts))
    async with receiving(status(503)) as receiver, httpx.AsyncClient(timeout=60, trust_env=False) as client:
        with server(*words) as (url, process):
            body = {"model_name": "kling-v3", "prompt": "a cat", "callback_url": f"{receiver.url}/hook"}
            headers = {"Authorization": "Bearer key"}
            assert (await client.post(url + SUBMIT, json=body, headers=headers)).is_success
            await receiver.wait_for(1)
            await client.post(f"{url}/__understudy/clock", json={"advance_seconds": 0})
            process.send_signal(signal.SIGKILL)
            await asyncio.to_thread(process.wait, 20)
        with server(*words) as (url, _):
            await client.post(f"{url}/__understudy/clock", json={"advance_seconds": 1000})
            log = (await client.get(f"{url}/__understudy/webhooks?key=key")).json()["deliveries"]

    assert [(each["event"], each["attempt"], each["status"]) for each in log] == [
        ("submitted", 1, 503),
        ("submitted", 2, 204),
        ("processing", 1, 204),
        ("succeed", 1, 204),
    ]
    assert len(receiver.arrived) == 4
    for arrived in receiver.arrived:
        name, seconds = arrived.headers["webhook-id"], int(arrived.headers["webhook-timestamp"])
        header = arrived.headers["webhook-signature"]
        assert is_signed(signing_key(SECRET), name, seconds, arrived.body, header)
