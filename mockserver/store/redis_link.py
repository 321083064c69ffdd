"""The way to a Redis or Valkey server: one connection, scripts that run there whole, and trouble told in words.

A server that can't be reached is asked again after a pause; until then every question fails at once, so that whoever
answers calls meanwhile is not held up by it.
"""

from __future__ import annotations

import re
import threading
import time
from contextlib import suppress
from hashlib import sha1
from typing import Any, TypeAlias
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import redis
from redis.backoff import NoBackoff
from redis.exceptions import NoScriptError, RedisError
from redis.retry import Retry

from mockserver.store.protocol import StoreError, UnusableStoreError

Word: TypeAlias = bytes | str | int | float
Reply: TypeAlias = Any

_CONNECT_SECONDS, _ANSWER_SECONDS = 1, 5
# How long a server that could not be reached is left alone.
_PAUSE_SECONDS = 0.5
# The first that answers all that is asked.
_OLDEST = (6, 2)
_NAMESPACE = "understudy"
_NAMESPACE_MAX = 100
# What the addresses of Valkey stand for; the protocol is the same.
_SCHEMES = {"redis": "redis", "rediss": "rediss", "valkey": "redis", "valkeys": "rediss"}
# Whatever goes wrong on the way, or with a value that no message can hold.
_TROUBLE = (RedisError, OSError, UnicodeError)


class Script:
    """A script in Lua, known to the server by its digest once it has seen it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.digest = sha1(text.encode(), usedforsecurity=False).hexdigest()


class RedisLink:
    """The connection, and the prefix of all keys."""

    def __init__(self, address: str) -> None:
        url, namespace = _read(address)
        self.name = _without_secrets(address)
        # In braces: a cluster keeps all of them on one of its servers, as scripts need it.
        self.prefix = f"{{{namespace}}}:"
        self.client_id = b"0"
        self._down_until = 0.0
        self._pause = threading.Event()
        try:
            self._client: Any = redis.Redis.from_url(
                url,
                single_connection_client=True,
                protocol=2,
                socket_connect_timeout=_CONNECT_SECONDS,
                socket_timeout=_ANSWER_SECONDS,
                # Nothing is sent twice unless we say so: what was done and not heard of would be done again.
                retry=Retry(NoBackoff(), 0),
                redis_connect_func=self._greet,
            )
        except (TypeError, ValueError) as problem:
            # An option that the library doesn't know, or can't use.
            raise unusable(self.name, str(problem), "write it like redis://HOST:6379/0") from None
        except _TROUBLE as problem:
            raise self._unreachable(problem) from None

    def _greet(self, connection: Any) -> None:
        """Says who we are, and asks under which number the server knows this connection."""
        connection.on_connect()
        connection.send_command("CLIENT", "ID")
        # Where it isn't told, a lock whose holder has died is waited for until it runs out.
        with suppress(redis.ResponseError):
            self.client_id = b"%d" % connection.read_response()

    def _unreachable(self, problem: Exception) -> UnusableStoreError:
        return unusable(self.name, str(problem), "start the server, or name the address of one that runs")

    def check(self) -> None:
        """UnusableStoreError unless the server answers, and is new enough."""
        try:
            self._client.execute_command("PING")
            told = str(self._client.info("server").get("redis_version", ""))
        except redis.ResponseError:
            # One that keeps its version to itself is taken as it is.
            return
        except _TROUBLE as problem:
            raise self._unreachable(problem) from None
        if tuple(map(int, re.findall(r"\d+", told)[:2])) < _OLDEST and told:
            oldest = ".".join(map(str, _OLDEST))
            raise unusable(self.name, f"it is Redis {told}", f"{oldest} or newer is needed, or any Valkey")

    def run(self, script: Script, *words: Word, again: bool = True) -> Reply:
        """What the script answers; StoreError when the server can't be reached, or can't do it.

        A connection that broke while nobody used it shows with the next question: that one is asked `again`, on a new
        connection, unless the server may have heard it.
        """
        try:
            return self._ask(script, words)
        except redis.ConnectionError as problem:
            if not again or isinstance(problem, redis.TimeoutError) or self._is_down():
                raise self._trouble(problem) from None
        except _TROUBLE as problem:
            raise self._trouble(problem) from None
        try:
            return self._ask(script, words)
        except _TROUBLE as problem:
            raise self._trouble(problem) from None

    def _ask(self, script: Script, words: tuple[Word, ...]) -> Reply:
        if self._is_down():
            message = "it could not be reached a moment ago"
            raise redis.ConnectionError(message)
        try:
            return self._client.execute_command("EVALSHA", script.digest, 1, self.prefix, *words)
        except NoScriptError:
            return self._client.execute_command("EVAL", script.text, 1, self.prefix, *words)

    def _is_down(self) -> bool:
        return time.monotonic() < self._down_until

    def _trouble(self, problem: Exception) -> StoreError:
        if isinstance(problem, (redis.ConnectionError, redis.TimeoutError, OSError)) and not self._is_down():
            self._down_until = time.monotonic() + _PAUSE_SECONDS
        return StoreError(f"the store {self.name} can't do it now: {problem}")

    def is_connected(self, client_id: bytes) -> bool:
        """Whether the server still knows this connection; True where it doesn't tell."""
        try:
            return bool(self._client.execute_command("CLIENT", "LIST", "ID", client_id))
        except redis.ResponseError:
            return True
        except _TROUBLE as problem:
            raise self._trouble(problem) from None

    def wait(self, seconds: float) -> None:
        """A pause, for who waits for another worker."""
        self._pause.wait(seconds)

    def close(self) -> None:
        """Hangs up."""
        with suppress(*_TROUBLE):
            self._client.close()


def unusable(name: str, why: str, way_out: str) -> UnusableStoreError:
    """Why the store at this address can't be used."""
    return UnusableStoreError(f"{name} can't be used as a store: {why}; {way_out}")


def _read(address: str) -> tuple[str, str]:
    """The URL as the library reads it, and the namespace, which is ours."""
    parts = urlsplit(address)
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    namespace = options.pop("namespace", _NAMESPACE)
    if not namespace.isprintable() or not 0 < len(namespace) <= _NAMESPACE_MAX or set("{}") & set(namespace):
        way_out = "write something like ?namespace=team-a"
        raise unusable(_without_secrets(address), "its namespace is empty, too long, or has braces in it", way_out)
    url = urlunsplit((_SCHEMES[parts.scheme.lower()], parts.netloc, parts.path, urlencode(options), ""))
    return url, namespace


def _without_secrets(address: str) -> str:
    """The address for people: no user, no password, no options."""
    parts = urlsplit(address)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
