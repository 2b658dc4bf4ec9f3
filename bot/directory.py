"""The people on the chat server: who they are, and what they are to the process."""

import re
from collections.abc import Mapping
from datetime import timedelta

import structlog
from cachetools import LRUCache, TTLCache

from bot.cases.access import Actor, Role
from bot.cases.case import Person, UserId
from bot.errors import Fault, Rejected
from bot.rocketchat.records import IncomingMessage, User
from bot.rocketchat.rest import RestGateway

log = structlog.get_logger(__name__)

_FRESH = timedelta(minutes=1)
_MOST = 10_000
_PAIR = 2
_ID = re.compile(r"[A-Za-z0-9]{17,24}")
_PROGRAMS = frozenset({"bot", "app"})
"""Rocket.Chat's own roles for programs: two bots that answer each other never stop."""


class PeopleDirectory:
    """Looks people up and remembers them for a minute.

    Args:
        rest: where to ask.
        roles: Rocket.Chat role, by name or id, to what it means to the process.
    """

    def __init__(self, *, rest: RestGateway, roles: Mapping[str, frozenset[Role]]) -> None:
        self._rest = rest
        self._roles = roles
        self._warned = False
        self._actors = _nobody_yet()
        self._pairs: LRUCache[str, bool] = LRUCache(_MOST)

    async def actor(self, person: Person) -> Actor | None:
        """Return somebody with their roles, or None for another bot.

        Raises:
            Fault: the server could not be asked.
        """
        known = self._actors
        names = known.get(person.id)
        if names is None:
            names = await self._names(person)
            known[person.id] = names
        return self._as_actor(person, names)

    async def find_actor(self, person: Person) -> Actor | None:
        """Return somebody as they are now; None where the server does not tell, or for a bot.

        What the server told within the last minute still counts, unless a role has changed.

        Raises:
            Fault: the server could not be asked.
        """
        # Nothing at all may also mean that it was not told.
        known = self._actors
        names = known.get(person.id) or None
        if names is None:
            try:
                names = await self._rest.user_roles(person.id)
            except Rejected:
                return None
            if names:
                known[person.id] = names
        return None if names is None else self._as_actor(person, names)

    def _as_actor(self, person: Person, names: frozenset[str]) -> Actor | None:
        if names & _PROGRAMS:
            return None
        roles = frozenset[Role]().union(*(self._roles.get(name, ()) for name in names))
        return Actor(person=person, roles=roles or frozenset({Role.CUSTOMER}))

    async def _names(self, person: Person) -> frozenset[str]:
        try:
            names = await self._rest.user_roles(person.id)
        except Rejected:
            # Federated and removed users can write and cannot be looked up.
            return frozenset()
        if names is None and not self._warned:
            self._warned = True
            log.warning(
                "roles_hidden",
                problem="Rocket.Chat hides people's roles from the bot, so everybody is a customer."
                " Run `python -m bot doctor` for how to mend it.",
            )
        return names or frozenset()

    async def find_person(self, user_name: str) -> Person | None:
        """Return the person of that name, or else of that id, or None.

        Raises:
            Fault: the server could not be asked.
        """
        try:
            return _person(await self._rest.get_user(username=user_name))
        except Rejected:
            if not _ID.fullmatch(user_name):
                return None
        try:
            return _person(await self._rest.get_user(user_id=user_name))
        except Rejected:
            return None

    async def is_private(self, message: IncomingMessage, *, own_id: str) -> bool:
        """Tell whether only its sender and the bot read the room of a message.

        Raises:
            Fault: the server could not be asked.
        """
        room_id = message.room_id
        if message.room_type != "d":
            return False
        # A direct room of two is named after both, unless it is from before that was so
        # (Rocket.Chat 7.7.1 `createDirectRoom.ts`).
        if room_id in {message.sender_id + own_id, own_id + message.sender_id}:
            return True
        if room_id not in self._pairs:
            try:
                room = await self._rest.get_room(room_id)
            except Rejected:
                return False
            self._pairs[room_id] = room.people == _PAIR
        return self._pairs[room_id]

    def forget(self) -> None:
        """Ask again for everybody: somebody's roles have changed."""
        # A new one: what is being asked at this moment may be answered as it was before.
        self._actors = _nobody_yet()
        self._rest.forget_roles()

    async def administrators(self) -> list[Person]:
        """Return who has one of the administrators' roles; empty if the server hides it."""
        names = [name for name, roles in self._roles.items() if Role.ADMIN in roles]
        try:
            users = await self._rest.list_members(names)
        except Fault as fault:
            log.warning("administrators_unknown", reason=str(fault))
            return []
        return [_person(user) for user in users if not user.bot]


def _nobody_yet() -> TTLCache[str, frozenset[str]]:
    return TTLCache(_MOST, _FRESH.total_seconds())


def _person(user: User) -> Person:
    return Person(id=UserId(user.id), username=user.username, name=user.name)
