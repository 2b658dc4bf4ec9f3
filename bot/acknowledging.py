"""Reactions on Done alerts: they come as our own messages, sent again with who reacted.

A reaction that was set while the stream was away is found when it is back: the messages of alerts
that nobody has acknowledged are then read once.
"""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Protocol

import structlog

from bot.cases.access import Actor
from bot.cases.case import CaseState, MessageId, Person
from bot.cases.query import CaseQuery
from bot.clock import Clock
from bot.desk import Desk, Rules, Texts
from bot.errors import Fault
from bot.rocketchat.records import IncomingMessage
from handlers.on_reaction import on_reaction, unseen_alert
from storage.base import Store, StoreUnavailable

log = structlog.get_logger(__name__)

_SEEN = re.compile(r":(?:\+1|thumbsup|white_check_mark|heavy_check_mark|eyes)(?:_tone\d)?:")
_MOST_PEOPLE = 10
_MOST_ALERTS = 200
_NEWEST = 3


class Directory(Protocol):
    """Knows the people on the chat server."""

    async def actor(self, person: Person) -> Actor | None:
        """Return somebody with their roles, or None for another bot."""
        ...

    async def find_person(self, user_name: str) -> Person | None:
        """Return the person of that name, or None."""
        ...


class Acknowledging:
    """Lets specialists acknowledge an alert by a reaction.

    Args:
        read: returns a message as it is now, or None.
    """

    def __init__(
        self,
        *,
        store: Store,
        directory: Directory,
        read: Callable[[str], Awaitable[IncomingMessage | None]],
        rules: Rules,
        texts: Texts,
        clock: Clock,
    ) -> None:
        self._store = store
        self._directory = directory
        self._read = read
        self._rules = rules
        self._texts = texts
        self._clock = clock

    async def take(self, message: IncomingMessage) -> None:
        """Acknowledge the alert that a message of ours tells of, if somebody has reacted so.

        Raises:
            Fault: who reacted could not be found out; asking again is safe.
            StoreUnavailable: the same.
        """
        names = who_has_seen(message.reactions)
        if not names or not await self._is_unseen_alert(MessageId(message.id)):
            return
        actors = [actor for name in names if (actor := await self._actor(name)) is not None]
        async with self._store.transaction() as tx:
            desk = Desk(tx=tx, now=self._clock.now(), rules=self._rules, texts=self._texts)
            if await on_reaction(desk, MessageId(message.id), actors):
                log.info("alert_acknowledged", message_id=message.id)

    async def catch_up(self) -> None:
        """Look at the alerts nobody has acknowledged, for reactions that were not heard of."""
        try:
            for message_id in await self._unseen():
                message = await self._read(message_id)
                if message is not None:
                    await self.take(message)
        except (Fault, StoreUnavailable) as fault:
            # They are reminded again, and may react to that.
            log.warning("reactions_unread", reason=str(fault))

    async def _unseen(self) -> list[MessageId]:
        query = CaseQuery(alert_open=True, state=CaseState.OPEN)
        async with self._store.transaction(durable=False) as tx:
            cases, _ = await tx.list_cases(query, limit=_MOST_ALERTS)
        alerts = (case.alert for case in cases if case.alert is not None)
        return [
            message_id
            for alert in alerts
            if alert.acknowledged_by is None
            for message_id in alert.messages[-_NEWEST:]
        ]

    async def _is_unseen_alert(self, message_id: MessageId) -> bool:
        async with self._store.transaction(durable=False) as tx:
            return unseen_alert(await tx.find_case_by_thread(message_id), message_id) is not None

    async def _actor(self, user_name: str) -> Actor | None:
        person = await self._directory.find_person(user_name)
        return await self._directory.actor(person) if person else None


def who_has_seen(reactions: Mapping[str, Sequence[str]]) -> list[str]:
    """Return the user names of those who reacted in a way that says "seen", each once."""
    names = (name for emoji, who in reactions.items() if _SEEN.fullmatch(emoji) for name in who)
    return list(dict.fromkeys(names))[:_MOST_PEOPLE]
