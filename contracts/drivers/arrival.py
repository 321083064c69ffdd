"""The first words with a service: is anybody there, and does it know the key? Without either nothing can be judged."""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus
from uuid import UUID

from contracts.cases.case import Case, Credentials
from contracts.drivers.caller import Caller, GoneError
from contracts.drivers.composing import POLL, Composer
from contracts.drivers.jobs import Job
from contracts.exchange import Exchange
from specs.pack import Pack

# An id that nobody was given.
NOBODYS = str(UUID("5eed0000-c0ff-4eee-a000-000000000000"))
_DENIED = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)


def job_case(job: Job) -> Case:
    """The submit of a job."""
    if job.case is not None:
        return job.case
    case = Case(operation=job.operation, expects="accepted", words=job.words, law=job.law, body=job.body)
    return replace(case, expects="either") if job.may_be_refused else case


class Arrival:
    """Asks what costs nothing, then for one job of each operation until one is let in."""

    def __init__(self, pack: Pack, caller: Caller, composer: Composer) -> None:
        self._caller = caller
        self._composer = composer
        self._poll = next((each.id for each in pack.operations.values() if each.role == POLL), None)

    async def arrive(self, jobs: tuple[Job, ...]) -> dict[int, Exchange]:
        """The jobs that are under way now, by their place in `jobs`; GoneError when there is no way in."""
        is_denied = await self._is_denied("key")
        begun: dict[int, Exchange] = {}
        for number, job in _first_of_each(jobs):
            begun[number] = await self._caller.ask(self._composer.question(job_case(job)))
            if begun[number].status not in _DENIED:
                return begun
        # A service that lets anybody read says nothing about the key when it answers a poll.
        if begun and (is_denied or not await self._is_denied("bad")):
            last = begun[max(begun)]
            message = (
                f"{last.url} refuses the key: status {last.status} for a valid call"
                f" ({_beginning(last.body)}); give one that it knows with --key"
            )
            self._caller.forget(lambda each: each.status in _DENIED)
            raise GoneError(message)
        return begun

    async def _is_denied(self, credentials: Credentials) -> bool:
        if self._poll is None:
            return False
        key_is_bad = credentials == "bad"
        case = Case(
            operation=self._poll,
            expects="refused",
            words="a task that nobody was given" + (", with a bad key" if key_is_bad else ""),
            situation="key_invalid" if key_is_bad else "task_unknown",
            credentials=credentials,
            task=NOBODYS,
        )
        exchange = await self._caller.ask(self._composer.question(case))
        return exchange.status in _DENIED


def _first_of_each(jobs: tuple[Job, ...]) -> list[tuple[int, Job]]:
    first: dict[str, tuple[int, Job]] = {}
    for number, job in enumerate(jobs):
        first.setdefault(job.operation, (number, job))
    return list(first.values())


def _beginning(body: bytes) -> str:
    text = " ".join(body.decode("utf-8", "replace").split())
    return text[:200] if text else "an empty answer"
