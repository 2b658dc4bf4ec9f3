"""Performs what is owed to the chat: messages and reactions."""

from datetime import timedelta
from typing import Protocol

from cachetools import TTLCache

from bot.cases.case import Person
from bot.cases.effects import Delivery, React, Recipient, Say, ToRoom, message_id_of
from bot.errors import Rejected
from bot.rocketchat.faults import NotFound
from bot.rocketchat.records import User

DEACTIVATED = "the account is deactivated"
_FRESH = timedelta(minutes=5)
_MOST = 10_000


class Sender(Protocol):
    """Sends one thing."""

    async def send(
        self, *, message_id: str, room_id: str, text: str, thread_id: str | None = None
    ) -> None:
        """Send a message under an id of our own; again with the same id is harmless."""
        ...

    async def react(self, *, message_id: str, emoji: str) -> None:
        """Set a reaction; again is harmless."""
        ...


class DirectRooms(Protocol):
    """Opens direct messages."""

    async def get_user(self, *, user_id: str) -> User:
        """Return somebody as they are now, or raise `Rejected`."""
        ...

    async def open_direct(self, username: str) -> str:
        """Return the id of the direct room with somebody; again is harmless."""
        ...


class ChatPerformer:
    """Sends messages and reactions.

    Args:
        installation: what the ids of our messages are derived from, besides their keys.
    """

    def __init__(self, *, sender: Sender, rooms: DirectRooms, installation: str) -> None:
        self._sender = sender
        self._rooms = rooms
        self._installation = installation
        self._direct: TTLCache[str, str] = TTLCache(_MOST, _FRESH.total_seconds())

    async def perform(self, delivery: Delivery) -> None:
        """Send it; see `bot.delivery.dispatcher.Performer`."""
        effect = delivery.owed.effect
        if isinstance(effect, Say):
            await self._sender.send(
                message_id=message_id_of(self._installation, delivery.owed.key),
                room_id=await self.room_of(effect.to),
                text=effect.text,
                thread_id=effect.to.thread_id,
            )
        elif isinstance(effect, React):
            await self._sender.react(message_id=effect.message_id, emoji=effect.emoji)
        else:
            raise TypeError(f"not for the chat: {effect.kind}")

    async def room_of(self, to: Recipient) -> str:
        """Return the id of a recipient's room, opened if there is none.

        Raises:
            Rejected: the account is deactivated or gone.
        """
        if isinstance(to, ToRoom):
            return to.room_id
        return to.room_id or await self._direct_room(to.person)

    async def _direct_room(self, person: Person) -> str:
        known = self._direct.get(person.id)
        if known is not None:
            return known
        # Asked by id, because names change. A new direct room with a deactivated user would
        # swallow the message without a word (Rocket.Chat 7.7.1 `createDirectMessage.ts`).
        try:
            user = await self._rooms.get_user(user_id=person.id)
        except NotFound:
            raise
        except Rejected:
            # Not every account may look at others: the name they last wrote under has to do.
            username = person.username
        else:
            if not user.active:
                raise Rejected(DEACTIVATED)
            username = user.username
        room_id = await self._rooms.open_direct(username)
        self._direct[person.id] = room_id
        return room_id
