"""The edge by which webhooks leave: a POST to exactly the address that was judged, bounded in time and size.

Written by hand, since it is so little: no library that could follow a redirect, ask a proxy or look the name up again.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import Mapping
from contextlib import suppress

from mockserver.letters import Webhook
from mockserver.lookup import Lookup, LookupFailedError
from mockserver.mail import Outcome
from mockserver.targets import IS_OFF, Target, TargetError, allowed, read_target, refusal

# How much is read of a receiver's answer, and how long behind its status, which is all that counts.
_ANSWER_BYTES_MAX, _ANSWER_SECONDS_MAX = 64 * 1024, 1.0
# A status below 200 is no answer yet; more of them than this is none either.
_INTERIM_MAX = 10
_STATUS_LINE = re.compile(rb"HTTP/1\.[01] ([1-9][0-9]{2})(?:[ \r\n].*)?", re.DOTALL)
_OK = 200


class _Refused(Exception):  # noqa: N818 - it ends an attempt, and is no error of ours
    """An attempt that ends before anything is sent; `is_final` when another would end so too."""

    def __init__(self, reason: str, *, is_final: bool) -> None:
        super().__init__(reason)
        self.is_final = is_final


class Courier:
    """Carries webhooks as far as the policy lets it: `off`, `loopback` or `any`. Belongs to one event loop."""

    def __init__(self, policy: str) -> None:
        self._policy = policy
        self._lookup = Lookup()
        self._certificates: ssl.SSLContext | None = None

    async def carry(self, webhook: Webhook) -> Outcome:
        """One attempt; whatever becomes of it is an outcome."""
        try:
            async with asyncio.timeout(webhook.timeout_seconds):
                target = self._target(webhook.url)
                reader, writer = await self._connection(target, await self._addresses(target))
                try:
                    status = await _exchange(reader, writer, target, webhook)
                except BaseException:
                    writer.transport.abort()
                    raise
        except _Refused as refused:
            return Outcome(None, str(refused), is_final=refused.is_final)
        except TimeoutError:
            return Outcome(None, f"no answer in {webhook.timeout_seconds:g} s")
        except (OSError, EOFError, ValueError) as problem:
            return Outcome(None, f"no answer ({problem})")
        await _drain(reader, writer)
        return Outcome(status)

    def _target(self, url: str) -> Target:
        if self._policy == "off":
            raise _Refused(IS_OFF, is_final=True)
        try:
            return read_target(url)
        except TargetError as problem:
            raise _Refused(str(problem), is_final=True) from None

    async def _addresses(self, target: Target) -> list[str]:
        try:
            found = await self._lookup.addresses(target.host)
        except LookupFailedError as problem:
            # A name of this machine is known without a name server.
            raise _Refused(str(problem), is_final=self._policy == "loopback") from None
        addresses = allowed(self._policy, found)
        if not addresses:
            raise _Refused(refusal(target.host, found), is_final=True)
        return addresses

    async def _connection(
        self, target: Target, addresses: list[str]
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """To the first address that takes it; the certificate, where there is one, is that of the host."""
        secured = {"ssl": await self._trusted(), "server_hostname": target.host} if target.scheme == "https" else {}
        for address in addresses[:-1]:
            with suppress(OSError):
                return await asyncio.open_connection(address, target.port, **secured)  # type: ignore[arg-type]
        return await asyncio.open_connection(addresses[-1], target.port, **secured)  # type: ignore[arg-type]

    async def _trusted(self) -> ssl.SSLContext:
        if self._certificates is None:
            # In a thread: reading them takes a while.
            self._certificates = await asyncio.to_thread(ssl.create_default_context)
        return self._certificates


def _head(target: Target, webhook: Webhook) -> bytes:
    headers: Mapping[str, str] = {
        "host": target.authority,
        **webhook.headers,
        **({"authorization": target.authorization} if target.authorization is not None else {}),
        "content-length": str(len(webhook.body)),
        "connection": "close",
    }
    lines = [f"POST {target.path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    return "\r\n".join(lines).encode("ascii")


async def _exchange(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, target: Target, webhook: Webhook
) -> int:
    """The status of the answer."""
    with suppress(ConnectionError):
        # Who has heard enough may have answered already.
        writer.write(_head(target, webhook) + webhook.body)
        await writer.drain()
    for _ in range(_INTERIM_MAX):
        line = await reader.readline()
        found = _STATUS_LINE.fullmatch(line)
        if found is None:
            message = "this is not HTTP" if line else "the connection was closed"
            raise ValueError(message)
        if int(found[1]) >= _OK:
            return int(found[1])
        while (await reader.readline()).strip():
            pass
    message = "nothing but interim answers"
    raise ValueError(message)


async def _drain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Reads a part of what stands behind the status, so that its sender may end in peace, then hangs up."""
    size = 0
    try:
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(_ANSWER_SECONDS_MAX):
                while size < _ANSWER_BYTES_MAX and (part := await reader.read(_ANSWER_BYTES_MAX)):
                    size += len(part)
    finally:
        writer.transport.abort()
