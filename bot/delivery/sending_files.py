"""Performs what is owed to the chat as a file: made, uploaded, once."""

import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from bot.cases.effects import Content, Delivery, Recipient, SendFile
from bot.rocketchat.records import IncomingMessage, Room

# Longer than the clocks of two servers differ.
_MARGIN = timedelta(minutes=5)


class Chat(Protocol):
    """The chat server's files and rooms."""

    async def upload_file(self, *, room_id: str, source: Path, name: str, caption: str = "") -> str:
        """Post a file as a message; again means twice."""
        ...

    async def get_room(self, room_id: str) -> Room:
        """Return a room by its id."""
        ...

    async def messages_since(self, room: Room, since: datetime) -> list[IncomingMessage]:
        """Return what was sent in a room since then."""
        ...


class Rooms(Protocol):
    """Knows where a recipient is."""

    async def room_of(self, to: Recipient) -> str:
        """Return the id of a recipient's room, opened if there is none."""
        ...


class Writer(Protocol):
    """Makes the files."""

    async def write(self, content: Content, to: Path) -> None:
        """Write what was asked for at `to`."""
        ...


class FilePerformer:
    """Sends files that are made from what is kept."""

    def __init__(self, *, chat: Chat, rooms: Rooms, writer: Writer) -> None:
        self._chat = chat
        self._rooms = rooms
        self._writer = writer

    async def perform(self, delivery: Delivery) -> None:
        """Make and send it; see `bot.delivery.dispatcher.Performer`.

        An upload cannot be given an id of ours, so after one of unknown outcome the room is read:
        no other file has the same name.
        """
        effect = delivery.owed.effect
        if not isinstance(effect, SendFile):
            raise TypeError(f"not a file: {effect.kind}")
        room_id = await self._rooms.room_of(effect.to)
        since = delivery.owed_at - _MARGIN
        if delivery.doubtful and await self._is_there(room_id, effect.name, since):
            return
        with tempfile.TemporaryDirectory(prefix="casebot-") as folder:
            made = Path(folder) / "export"
            await self._writer.write(effect.content, made)
            await self._chat.upload_file(
                room_id=room_id, source=made, name=effect.name, caption=effect.caption
            )

    async def _is_there(self, room_id: str, name: str, since: datetime) -> bool:
        room = await self._chat.get_room(room_id)
        return any(
            file.name == name
            for message in await self._chat.messages_since(room, since)
            for file in message.files
        )
