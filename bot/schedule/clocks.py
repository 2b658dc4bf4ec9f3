"""Looks which cases the clock has something to say about, and who wants a digest."""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

import structlog

from bot.cases.access import Actor
from bot.cases.case import CaseId, CaseState, Person
from bot.cases.query import CaseQuery
from bot.clock import Clock
from bot.desk import Desk, Rules, Texts
from bot.errors import Fault
from storage.base import Store, Transaction

log = structlog.get_logger(__name__)

One = TypeVar("One", CaseId, Actor)
_PAGE = 100
_MARK = "clocks.policy"
"""The policy that the stored times were worked out with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Speakers:
    """Who says what is due; each tells whether anybody is told something."""

    of_case: Callable[[Desk, CaseId], Awaitable[bool]]
    of_digest: Callable[[Desk, Actor], Awaitable[bool]]


class Clocks:
    """Says what is due, and works out anew what is due when the policy has changed.

    Args:
        speakers: say it.
        actor_of: finds what somebody is to the process; None for another bot.
        wake: called when somebody is to be told something.
    """

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        rules: Rules,
        texts: Texts,
        speakers: Speakers,
        actor_of: Callable[[Person], Awaitable[Actor | None]],
        wake: Callable[[], None],
    ) -> None:
        self._store = store
        self._clock = clock
        self._rules = rules
        self._texts = texts
        self._speakers = speakers
        self._actor_of = actor_of
        self._wake = wake
        self._policy = hashlib.sha256(repr(rules.policy).encode()).hexdigest()[:16]
        self._settled = False

    async def look(self) -> None:
        """Say what is due now."""
        if not self._settled:
            await self._settle()
        await self._look_at_cases()
        await self._look_at_digests()

    async def _look_at_cases(self) -> None:
        """Say what is due, each case by itself: one that fails holds up no other."""
        failed: set[CaseId] = set()
        while due := await self._due(failed):
            for case_id in due:
                if not await self._said(self._speakers.of_case, case_id, about=case_id):
                    failed.add(case_id)

    async def _due(self, failed: set[CaseId]) -> list[CaseId]:
        query = CaseQuery(due_before=self._clock.now())
        async with self._store.transaction(durable=False) as tx:
            # What failed is still due, and must not hide what comes after it.
            cases, _ = await tx.list_cases(query, limit=_PAGE + len(failed))
        return sorted(case.id for case in cases if case.id not in failed)

    async def _look_at_digests(self) -> None:
        async with self._store.transaction(durable=False) as tx:
            due = await tx.list_digests(before=self._clock.now())
        for profile in due:
            actor = await self._actor(profile.person)
            if actor is not None:
                await self._said(self._speakers.of_digest, actor, about=actor.person.id)

    async def _actor(self, person: Person) -> Actor | None:
        """Return what somebody is now; None: the server does not tell, so a later look asks."""
        try:
            found = await self._actor_of(person)
        except Fault:
            log.warning("digest_waits_for_roles", user_id=person.id)
            return None
        return found or Actor(person=person, roles=frozenset())

    async def _said(
        self, speak: Callable[[Desk, One], Awaitable[bool]], one: One, *, about: object
    ) -> bool:
        """Let somebody speak of one thing; False if that failed."""
        try:
            async with self._store.transaction() as tx:
                told = await speak(self._desk(tx), one)
        except Exception:
            log.exception("clock_failed", about=str(about))
            return False
        if told:
            self._wake()
        return True

    async def _settle(self) -> None:
        """Work out anew when each open case is due, if that was done with another policy."""
        async with self._store.transaction(durable=False) as tx:
            known = await tx.get_mark(_MARK)
        below: CaseId | None = None
        while known != self._policy:
            async with self._store.transaction() as tx:
                query = CaseQuery(state=CaseState.OPEN, below=below)
                cases, _ = await tx.list_cases(query, limit=_PAGE)
                for case_id in sorted(case.id for case in cases):
                    await self._save_anew(tx, case_id)
                if len(cases) < _PAGE:
                    await tx.set_mark(_MARK, self._policy)
                    log.info("clocks_settled", policy=self._policy)
                    break
            below = min(case.id for case in cases)
        self._settled = True

    async def _save_anew(self, tx: Transaction, case_id: CaseId) -> None:
        case = await tx.find_case(case_id)
        if case is not None:
            await self._desk(tx).save(case, quietly=True)

    def _desk(self, tx: Transaction) -> Desk:
        return Desk(tx=tx, now=self._clock.now(), rules=self._rules, texts=self._texts)
