"""The edge by which webhooks leave: a POST to exactly the address that was judged, bounded in time and size.

No redirect is followed and no proxy is asked: either would lead to where nobody has looked.
"""

from __future__ import annotations

import asyncio
from base64 import b64encode
from contextlib import suppress
from typing import NamedTuple

import httpx

from mockserver.letters import Webhook
from mockserver.lookup import Lookup, LookupFailedError
from mockserver.mail import Outcome
from mockserver.targets import IS_OFF, allowed, refusal

# How much is read of a receiver's answer; only its status counts.
_ANSWER_BYTES_MAX, _ANSWER_SECONDS_MAX = 64 * 1024, 1.0
_PORTS = {"http": 80, "https": 443}
_PORT_MAX = 65535
# A connection serves one webhook: names that share an address would else share a connection, certificate and all.
_LIMITS = httpx.Limits(max_keepalive_connections=0)


class _Refused(Exception):  # noqa: N818 - it ends an attempt, and is no error of ours
    """An attempt that ends before anything is sent; `is_final` when another would end so too."""

    def __init__(self, reason: str, *, is_final: bool) -> None:
        super().__init__(reason)
        self.is_final = is_final


class _Target(NamedTuple):
    url: httpx.URL
    host: str


class Courier:
    """Carries webhooks as far as the policy lets it: `off`, `loopback` or `any`. Belongs to one event loop."""

    def __init__(self, policy: str) -> None:
        self._policy = policy
        self._lookup = Lookup()
        self._transports: dict[str, httpx.AsyncHTTPTransport] = {}

    async def carry(self, webhook: Webhook) -> Outcome:
        """One attempt; whatever becomes of it is an outcome."""
        try:
            async with asyncio.timeout(webhook.timeout_seconds):
                target = self._target(webhook.url)
                response = await self._post(webhook, target, await self._addresses(target))
            await _read(response)
            return Outcome(response.status_code)
        except _Refused as refused:
            return Outcome(None, str(refused), is_final=refused.is_final)
        except TimeoutError:
            return Outcome(None, f"no answer in {webhook.timeout_seconds:g} s")
        except httpx.HTTPError as problem:
            return Outcome(None, f"no answer ({str(problem) or type(problem).__name__})")

    def _target(self, text: str) -> _Target:
        if self._policy == "off":
            raise _Refused(IS_OFF, is_final=True)
        try:
            url = httpx.URL(text)
            host, port = url.raw_host.decode("ascii"), url.port or _PORTS.get(url.scheme, 0)
        except (httpx.InvalidURL, ValueError) as problem:
            message = f"this is no URL ({problem})"
            raise _Refused(message, is_final=True) from None
        if url.scheme not in _PORTS or not host or not 0 < port <= _PORT_MAX:
            message = "this is no http or https URL"
            raise _Refused(message, is_final=True)
        return _Target(url, host)

    async def _addresses(self, target: _Target) -> list[str]:
        try:
            found = await self._lookup.addresses(target.host)
        except LookupFailedError as problem:
            # A name of this machine is known without a name server.
            raise _Refused(str(problem), is_final=self._policy == "loopback") from None
        addresses = allowed(self._policy, found)
        if not addresses:
            raise _Refused(refusal(target.host, found), is_final=True)
        return addresses

    async def _post(self, webhook: Webhook, target: _Target, addresses: list[str]) -> httpx.Response:
        """To the first address that takes the connection."""
        transport = await self._transport(target.url.scheme)
        for address in addresses[:-1]:
            with suppress(httpx.ConnectError, httpx.ConnectTimeout):
                return await transport.handle_async_request(_request(webhook, target, address))
        return await transport.handle_async_request(_request(webhook, target, addresses[-1]))

    async def _transport(self, scheme: str) -> httpx.AsyncHTTPTransport:
        if scheme not in self._transports:
            # In a thread: reading the certificates takes a while, and what is not encrypted needs none.
            self._transports[scheme] = await asyncio.to_thread(
                httpx.AsyncHTTPTransport, verify=scheme == "https", limits=_LIMITS
            )
        return self._transports[scheme]


def _request(webhook: Webhook, target: _Target, address: str) -> httpx.Request:
    """The request to this address, in the name of the host."""
    url = target.url
    headers = {"host": url.netloc.decode("ascii"), **webhook.headers, "connection": "close"}
    if url.userinfo:
        credentials = f"{url.username}:{url.password}".encode()
        headers["authorization"] = "Basic " + b64encode(credentials).decode()
    there = httpx.URL(scheme=url.scheme, host=address, port=url.port, raw_path=url.raw_path)
    return httpx.Request("POST", there, headers=headers, content=webhook.body, extensions={"sni_hostname": target.host})


async def _read(response: httpx.Response) -> None:
    """A part of the body, so that its sender may end in peace; what becomes of it makes no difference."""
    assert isinstance(response.stream, httpx.AsyncByteStream)  # noqa: S101 - it is an async transport's
    size = 0
    try:
        with suppress(httpx.HTTPError, TimeoutError):
            async with asyncio.timeout(_ANSWER_SECONDS_MAX):
                async for part in response.stream:
                    size += len(part)
                    if size > _ANSWER_BYTES_MAX:
                        break
    finally:
        await response.aclose()
