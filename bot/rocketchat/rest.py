"""Everything asked of Rocket.Chat over REST that is not a delivery."""

from collections.abc import Collection
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from bot.clock import Clock, SystemClock
from bot.errors import CredentialsRefused, Rejected, Retryable
from bot.rocketchat.api import Api
from bot.rocketchat.documents import clean, iso, items, message_from, room_from, user_from
from bot.rocketchat.faults import NotFound, Unsupported
from bot.rocketchat.files import Files
from bot.rocketchat.history import History
from bot.rocketchat.login import log_in
from bot.rocketchat.records import (
    Credentials,
    IncomingMessage,
    Room,
    Session,
    User,
)
from bot.rocketchat.roles import Roles

THREADS = 4


class RestGateway:
    """The workspace, to be asked. Call `login` first.

    Raises from every method, besides what it says: `Retryable` when the server cannot be asked
    now, `Rejected` when it refuses, `CredentialsRefused` when it no longer knows us.
    """

    def __init__(
        self,
        *,
        url: str,
        timeout: timedelta,
        threads: int = THREADS,
        roles_of_interest: Collection[str] = (),
        clock: Clock | None = None,
    ) -> None:
        """Prepare; nothing is asked.

        Args:
            url: of the workspace, with its path if it has one.
            timeout: for connecting, and for each wait for data.
            threads: how many calls go on at once.
            roles_of_interest: names or ids of the roles that `user_roles` has to find even where
                the server shows no user's roles.
            clock: for what is remembered for a while.
        """
        self._clock = clock or SystemClock()
        self._api = Api(url=url, timeout=timeout, threads=threads, clock=self._clock)
        self._history = History(self._api)
        self._roles = Roles(self._api, of_interest=roles_of_interest, clock=self._clock)
        self._files = Files(self._api)

    async def close(self) -> None:
        """Wait for the calls under way, then let go of everything."""
        await self._api.close()

    async def login(self, credentials: Credentials) -> Session:
        """Log in, make sure that the server knows us, and use the session from now on.

        Raises:
            CredentialsRefused: the message says what is wrong and what to do about it.
            Retryable: the server cannot be asked now.
        """
        self._api.session = await log_in(self._api, credentials)
        self._roles.forget()
        return self._api.session

    async def me(self) -> User:
        """Return our own user."""
        user = user_from(await self._api.get("me"))
        if user is None:
            raise CredentialsRefused("Rocket.Chat does not know the bot's session any more")
        return user

    async def get_user(self, *, user_id: str | None = None, username: str | None = None) -> User:
        """Return a user by id or by name; one of the two.

        Raises:
            NotFound: there is no such user.
        """
        if user_id is not None:
            answer = await self._api.get("users.info", userId=user_id)
        elif username is not None:
            answer = await self._api.get("users.info", username=username.removeprefix("@"))
        else:
            raise TypeError("user_id or username")
        user = user_from(answer.get("user"))
        if user is None:
            raise NotFound("there is no such user")
        return user

    async def user_roles(self, user_id: str) -> frozenset[str] | None:
        """Return ids and names of a user's roles; None if the server hides them.

        Where the server shows no roles these are only the ones of interest, up to a minute old
        unless `forget_roles` was called.

        Raises:
            NotFound: there is no such user.
        """
        return await self._roles.of(user_id)

    async def sees_roles(self) -> bool:
        """Tell whether the server lets the bot know the roles of others."""
        session = self._api.session
        return session is not None and await self._roles.are_visible_to(session.user_id)

    async def unknown_roles(self, roles: Collection[str]) -> list[str]:
        """Return those that are neither the id nor the name of a role here, sorted."""
        return await self._roles.unknown(roles)

    async def list_members(self, roles: Collection[str]) -> list[User]:
        """Return the active users who have one of these roles, by id or name, each once.

        Empty if the server does not let the bot know.
        """
        return await self._roles.members(roles)

    def forget_roles(self) -> None:
        """Ask again next time: roles have changed."""
        self._roles.forget()

    async def find_room(self, name: str) -> Room | None:
        """Return the channel or private room with this name, None if there is none.

        Asked in every way a server may offer, down to looking through our own rooms.

        Raises:
            Rejected: there is one, and the bot may not see it.
        """
        plain = name.removeprefix("#")
        refusal: Rejected | None = None
        for method in ("rooms.info", "channels.info"):
            try:
                answer = await self._api.get(method, roomName=plain)
            except (NotFound, Unsupported):
                continue
            except Rejected as error:
                refusal = refusal or error
                continue
            room = room_from(answer.get("room") or answer.get("channel"))
            if room is not None:
                return room
        for room in await self._own_rooms():
            if room.name == plain:
                return room
        if refusal is not None:
            raise refusal
        return None

    async def _own_rooms(self) -> list[Room]:
        try:
            return await self.list_rooms()
        except Unsupported:
            return []

    async def get_room(self, room_id: str) -> Room:
        """Return a room by its id.

        Raises:
            NotFound: there is no such room, or we may not know of it.
        """
        room = room_from((await self._api.get("rooms.info", roomId=room_id)).get("room"))
        if room is None:
            raise NotFound("the room does not exist, or the bot may not see it")
        return room

    async def join_room(self, room: Room) -> None:
        """Become a member of a public channel; does nothing if we are one.

        Raises:
            Rejected: it is private: somebody has to invite the bot.
        """
        if room.type != "c":
            raise Rejected(f"the bot cannot join {room.name or room.id}: invite it there")
        try:
            await self._api.post("channels.join", {"roomId": room.id})
        except Unsupported:
            await self._api.post("rooms.join", {"roomId": room.id})

    async def list_rooms(self, updated_since: datetime | None = None) -> list[Room]:
        """Return our rooms in no order; only those where anything happened since, if given.

        All of them where the server cannot tell.
        """
        since = {} if updated_since is None else {"updatedSince": iso(updated_since)}
        try:
            answer = await self._api.get_patiently("rooms.get", **since)
        except Unsupported as missing:
            # A subscription does not move with every message of its room: no use asking since when.
            try:
                answer = await self._api.get_patiently("subscriptions.get")
            except Unsupported:
                raise missing from None
        rooms = map(room_from, items(answer.get("update")))
        return [room for room in rooms if room is not None]

    async def open_direct(self, username: str) -> str:
        """Return the id of our direct message room with a user, made if there is none.

        Raises:
            NotFound: there is no such user.
        """
        answer = await self._api.post("im.create", {"username": username.removeprefix("@")})
        room = room_from(answer.get("room"))
        if room is None:
            raise Retryable("Rocket.Chat opened a direct message and did not say its id")
        return room.id

    async def messages_since(self, room: Room, since: datetime) -> list[IncomingMessage]:
        """Return a room's messages sent at or after `since`, oldest first, threads included."""
        return await self._history.since(room, since)

    async def read_message(self, message_id: str) -> IncomingMessage | None:
        """Return a message as it is now; None if it is gone or not for us to see."""
        try:
            answer = await self._api.get("chat.getMessage", msgId=message_id)
        except Rejected:
            return None
        own = self._api.session
        return message_from(answer.get("message"), own_id=own.user_id if own else "")

    async def public_settings(self, names: Collection[str]) -> dict[str, Any]:
        """Return the values of these public settings; unknown ones are left out."""
        # Page by page: a server that does not know the filter lists all it has.
        found = await self._api.get_all("settings.public", "settings", _id=",".join(sorted(names)))
        return {
            clean(setting.get("_id")): setting.get("value")
            for setting in found
            if isinstance(setting, dict) and setting.get("_id") in names
        }

    async def download_file(self, *, file_id: str, name: str, to: Path, limit: int) -> int:
        """Store a file of a message at `to`, complete or not at all; return its size in bytes.

        Args:
            file_id: of the file, not of its message.
            name: as in the message.
            to: in an existing folder.
            limit: longest size to accept, in bytes.

        Raises:
            Rejected: it is gone, too long, or the bot is not a member of its room.
        """
        return await self._files.download(file_id=file_id, name=name, to=to, limit=limit)

    async def upload_file(
        self,
        *,
        room_id: str,
        source: Path,
        name: str,
        caption: str = "",
        thread_id: str | None = None,
    ) -> str:
        """Post a file as a message and return the message's id. Again means twice.

        Raises:
            OutcomeUnknown: it may have been posted.
        """
        return await self._files.upload(
            room_id=room_id, source=source, name=name, caption=caption, thread_id=thread_id
        )
