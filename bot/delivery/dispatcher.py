"""Carries out what is owed: per lane in order, lanes in parallel, again until it is done.

claim ─► perform ─┬─ done ──────────► finished, sent
                  ├─ not now ───────► waits: back-off, or as long as the server asks
                  ├─ not known ─────► the same, and looked for before it is done again
                  ├─ refused ───────► finished, failed, with the reason; a person is told
                  └─ no longer for its recipient ─► finished, skipped, with the reason
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

import structlog

from bot.cases.effects import Delivery, DeliveryState, Effect, Repeatable, Say, ToJira
from bot.clock import Clock
from bot.delivery.pace import back_off
from bot.errors import CredentialsRefused, Fault, OutcomeUnknown, Rejected, Retryable
from storage.base import (
    LEASE,
    DispatcherId,
    Store,
    StoreError,
    StoreUnavailable,
    Transaction,
)

log = structlog.get_logger(__name__)

_CREDENTIALS_PAUSE = timedelta(seconds=60)
_LONGEST_NAP = timedelta(seconds=5)
# As long as the claim is ours for certain, whatever the send itself took.
_INSIST = LEASE / 2
T = TypeVar("T")
FollowUp = Callable[[Transaction, Delivery, str], Awaitable[None]]


class Performer(Protocol):
    """Does what one kind of effect asks for, in the outside world."""

    async def perform(self, delivery: Delivery) -> object:
        """Carry the effect out and return what came of it.

        A delivery that is `doubtful` may have been carried out before: look first.

        Raises:
            OutcomeUnknown: it may have been carried out.
            Retryable: it was not, and may be tried again.
            Rejected: it was not, and never will be.
            CredentialsRefused: nobody asks again until that is mended.
        """
        ...


class Outcomes(Protocol):
    """What the rest of the program does about an outcome, in the transaction that records it."""

    async def on_done(self, tx: Transaction, delivery: Delivery, result: object) -> None:
        """The effect was carried out."""
        ...

    async def on_failed(self, tx: Transaction, delivery: Delivery, detail: str) -> None:
        """The effect was refused for good."""
        ...

    async def on_skipped(self, tx: Transaction, delivery: Delivery, detail: str) -> None:
        """The effect was no longer meant for its recipient."""
        ...

    async def on_delayed(self, tx: Transaction, delivery: Delivery) -> None:
        """The effect could not be carried out at the first try and is tried again."""
        ...


class Guard(Protocol):
    """Looks at a message right before it is sent."""

    async def objection_to(self, delivery: Delivery) -> str:
        """Return why its recipient must not get it any more; empty if they may.

        Raises:
            Fault: it could not be found out; nothing is sent until it can.
            StoreUnavailable: the same.
        """
        ...


class Dispatcher:
    """The one that sends.

    Args:
        performers: who performs each kind of effect.
        guard: asked before a message is sent.
        by: who claims; unique among the dispatchers of a store.
        at_once: how many lanes are served at the same time.
        hold_every: how often a claim is extended while something takes long.
    """

    def __init__(
        self,
        *,
        store: Store,
        performers: Mapping[type[Effect], Performer],
        guard: Guard,
        outcomes: Outcomes,
        clock: Clock,
        by: DispatcherId,
        at_once: int = 16,
        hold_every: timedelta = LEASE / 3,
    ) -> None:
        self._store = store
        self._performers = performers
        self._guard = guard
        self._outcomes = outcomes
        self._clock = clock
        self._by = by
        self._at_once = at_once
        self._hold_every = hold_every.total_seconds()
        self._wake = asyncio.Event()
        self._stopping = False
        self._running = 0
        self._group = asyncio.TaskGroup()

    def wake(self) -> None:
        """Look for due deliveries now."""
        self._wake.set()

    def stop(self) -> None:
        """Claim nothing more; `run` returns when what is under way has ended."""
        self._stopping = True
        self._wake.set()

    async def run(self) -> None:
        """Send what is owed until stopped."""
        async with asyncio.TaskGroup() as group:
            self._group = group
            while not self._stopping:
                self._wake.clear()
                try:
                    due, next_due = await self._claim()
                except StoreError:
                    # Also what has to be mended first: until then commands are taken all the same.
                    log.exception("claim_failed")
                    due, next_due = [], None
                for delivery in due:
                    self._running += 1
                    group.create_task(self._deliver(delivery), name=f"deliver-{delivery.id}")
                await self._nap(next_due)

    async def _claim(self) -> tuple[list[Delivery], datetime | None]:
        free = self._at_once - self._running
        if free <= 0:
            return [], None
        now = self._clock.now()
        async with self._store.transaction(durable=False) as tx:
            due = list(await tx.claim_due(by=self._by, now=now, limit=free))
            return due, await tx.find_next_due(now=now)

    async def _nap(self, next_due: datetime | None) -> None:
        pause = _LONGEST_NAP
        if next_due is not None and self._running < self._at_once:
            pause = min(pause, max(next_due - self._clock.now(), timedelta(0)))
        try:
            async with asyncio.timeout(pause.total_seconds()):
                await self._wake.wait()
        except TimeoutError:
            return

    async def _deliver(self, delivery: Delivery) -> None:
        try:
            await self._try(delivery)
        except Exception:
            # The claim lapses and the delivery comes back; sending it again is harmless. Whatever
            # went wrong with one must not end the others.
            log.exception("outcome_not_recorded", delivery=delivery.id)
        finally:
            self._running -= 1
            self._wake.set()

    async def _try(self, delivery: Delivery) -> None:
        tried = replace(delivery, attempts=delivery.attempts + 1)
        try:
            objection = await self._insist(lambda: self._guard.objection_to(delivery))
            result = None if objection else await self._perform(delivery, tried)
        except OutcomeUnknown as fault:
            await self._postpone(self._doubtful(tried), fault, fault.retry_after)
        except Retryable as fault:
            await self._postpone(_as_before(tried, delivery), fault, fault.retry_after)
        except CredentialsRefused as fault:
            await self._postpone(
                _as_before(tried, delivery), fault, _credentials_pause(delivery.owed.effect)
            )
        except Rejected as fault:
            await self._fail(tried, fault)
        except StoreUnavailable:
            raise
        except Exception as fault:
            # A defect of ours must not stop the others; the same again would fail the same way.
            log.exception("delivery_crashed", delivery=delivery.id)
            await self._fail(tried, Rejected(f"internal error ({type(fault).__name__})"))
        else:
            if objection:
                await self._skip(tried, objection)
            else:
                await self._done(tried, result)

    async def _perform(self, delivery: Delivery, tried: Delivery) -> object:
        effect = delivery.owed.effect
        if isinstance(effect, Repeatable):
            return await self._performers[type(effect)].perform(delivery)
        await self._note_doubt(tried)
        return await self._hold(delivery)

    async def _hold(self, delivery: Delivery) -> object:
        """Perform what may take longer than a claim, and keep the claim meanwhile."""
        holding = self._group.create_task(self._keep_claim(delivery), name=f"hold-{delivery.id}")
        try:
            return await self._performers[type(delivery.owed.effect)].perform(delivery)
        finally:
            holding.cancel()

    async def _keep_claim(self, delivery: Delivery) -> None:
        while True:
            await asyncio.sleep(self._hold_every)
            try:
                async with self._store.transaction(durable=False) as tx:
                    await tx.extend_claim(delivery.id, by=self._by, now=self._clock.now())
            except StoreError:
                # The next time may do; until then the claim is ours anyway.
                log.warning("claim_not_extended", delivery=delivery.id)

    async def _note_doubt(self, delivery: Delivery) -> None:
        # Written down before the request goes out: a crash in between must leave a trace, or the
        # issue would be created a second time, the file sent twice.
        async with self._store.transaction() as tx:
            try:
                await tx.save_claimed(self._doubtful(delivery))
            except KeyError:
                raise StoreUnavailable("Another bot has finished the delivery.") from None

    def _doubtful(self, delivery: Delivery) -> Delivery:
        # Since the newest try: after a second one, what the first left behind proves nothing.
        return replace(delivery, doubtful=True, doubtful_since=self._clock.now())

    async def _done(self, delivery: Delivery, result: object) -> None:
        effect = delivery.owed.effect
        sent = replace(delivery, state=DeliveryState.SENT, finished_at=self._clock.now())

        async def record() -> bool:
            # A message that is forgotten as sent is sent again, which the server makes harmless;
            # what came of asking Jira is not to be forgotten.
            async with self._store.transaction(durable=not isinstance(effect, Say)) as tx:
                first = await tx.finish(sent)
                if first:
                    await self._outcomes.on_done(tx, delivery, result)
                return first

        try:
            first = await self._insist(record)
        except Retryable as fault:
            # What came of it is out of date already; asking again gives something newer.
            await self._postpone(delivery, fault, fault.retry_after, tell=False)
            return
        if first:
            log.info(
                "delivery_sent",
                delivery=delivery.id,
                key=delivery.owed.key,
                attempts=delivery.attempts,
            )

    async def _postpone(
        self, delivery: Delivery, fault: Fault, asked: timedelta | None, *, tell: bool = True
    ) -> None:
        pause = back_off(delivery.attempts, asked=asked)
        later = replace(delivery, not_before=self._clock.now() + pause, detail=str(fault))

        async def record() -> bool:
            async with self._store.transaction() as tx:
                await tx.record_attempt(later)
                if tell and delivery.attempts == 1:
                    await self._outcomes.on_delayed(tx, delivery)
            return True

        await self._insist(record)
        log.warning(
            "delivery_postponed",
            delivery=delivery.id,
            key=delivery.owed.key,
            attempts=delivery.attempts,
            seconds=round(pause.total_seconds(), 1),
            reason=str(fault),
        )

    async def _fail(self, delivery: Delivery, fault: Fault) -> None:
        if await self._end(delivery, DeliveryState.FAILED, str(fault), self._outcomes.on_failed):
            log.error(
                "delivery_failed", delivery=delivery.id, key=delivery.owed.key, reason=str(fault)
            )

    async def _skip(self, delivery: Delivery, why: str) -> None:
        if await self._end(delivery, DeliveryState.SKIPPED, why, self._outcomes.on_skipped):
            log.info("delivery_skipped", delivery=delivery.id, key=delivery.owed.key, reason=why)

    async def _end(
        self, delivery: Delivery, state: DeliveryState, detail: str, follow_up: FollowUp
    ) -> bool:
        ended = replace(delivery, state=state, finished_at=self._clock.now(), detail=detail)

        async def record() -> bool:
            async with self._store.transaction() as tx:
                first = await tx.finish(ended)
                if first:
                    await follow_up(tx, delivery, detail)
                return first

        return await self._insist(record)

    async def _insist(self, work: Callable[[], Awaitable[T]]) -> T:
        """Work with the storage, also if it is away for a moment: until then all is in doubt.

        Returns:
            What `work` does.
        """
        attempts = 0
        until = self._clock.now() + _INSIST
        while True:
            try:
                return await work()
            except StoreUnavailable:
                attempts += 1
                pause = back_off(attempts)
                if self._stopping or self._clock.now() + pause > until:
                    raise
            await asyncio.sleep(pause.total_seconds())


def _credentials_pause(effect: Effect) -> timedelta | None:
    # The session of the chat is renewed by itself and at once; Jira locks out who asks too often.
    return _CREDENTIALS_PAUSE if isinstance(effect, ToJira) else None


def _as_before(tried: Delivery, delivery: Delivery) -> Delivery:
    """Return the delivery with the doubt it had before a try that certainly did nothing."""
    return replace(tried, doubtful=delivery.doubtful, doubtful_since=delivery.doubtful_since)
