"""Which workspace roles a user has, in the two ways a bot may learn it."""

import asyncio
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

import structlog

from bot.clock import Clock
from bot.errors import Rejected
from bot.rocketchat.api import Api
from bot.rocketchat.documents import clean, items, user_from
from bot.rocketchat.faults import NotFound
from bot.rocketchat.records import User

log = structlog.get_logger(__name__)

# For a server that does not announce changes of roles; others make us forget at once.
LIFETIME = timedelta(minutes=1)
_OPENING = frozenset({"view-full-other-user-info", "access-permissions"})


class Roles:
    """Looks roles up, by id and by name: custom roles have generated ids.

    A user's roles are in `users.info` only for those with `view-full-other-user-info`; else the
    members of the roles that matter are listed, which needs `access-permissions`.
    """

    def __init__(self, api: Api, *, of_interest: Collection[str], clock: Clock) -> None:
        self._api = api
        self._of_interest = frozenset(of_interest)
        self._clock = clock
        self._lock = asyncio.Lock()
        self._names: dict[str, str] = {}
        self._members: dict[str, frozenset[str]] | None = None
        self._names_until: datetime | None = None
        self._members_until: datetime | None = None
        self._forgotten = 0

    def forget(self) -> None:
        """Ask the server again next time; what is being asked now does not count either."""
        self._names_until = self._members_until = None
        self._forgotten += 1

    async def of(self, user_id: str) -> frozenset[str] | None:
        """Return the ids and names of the user's roles, or None if the server hides them.

        Raises:
            NotFound: there is no such user.
        """
        roles = await self._shown(user_id)
        async with self._lock:
            if roles is not None:
                names = await self._current_names()
                return frozenset(roles) | {names[id_] for id_ in roles if id_ in names}
            members = await self._current_members()
        return None if members is None else members.get(user_id, frozenset())

    async def _shown(self, user_id: str) -> Collection[str] | None:
        """Return the ids of the roles that the server shows with a user, None if it hides them."""
        try:
            answer = await self._api.get("users.info", userId=user_id)
        except NotFound:
            raise
        except Rejected:
            # Who may not look at people may still list the members of a role.
            return None
        user = user_from(answer.get("user"))
        if user is None:
            raise NotFound("there is no such user")
        return user.roles

    async def are_visible_to(self, user_id: str) -> bool:
        """Tell whether we, whose id this is, may know the roles of others in either way."""
        async with self._lock:
            if await self._current_members():
                return True
        # Our own roles are always shown: looking ourselves up would prove nothing.
        own = await self.of(user_id) or frozenset()
        answer = await self._api.get("permissions.listAll")
        return any(
            not own.isdisjoint(items(permission.get("roles")))
            for permission in items(answer.get("update"))
            if isinstance(permission, dict) and permission.get("_id") in _OPENING
        )

    async def unknown(self, roles: Collection[str]) -> list[str]:
        """Return those that are neither the id nor the name of a role here, sorted.

        Raises:
            Rejected: the server does not list its roles.
        """
        names = await self._list_names()
        return sorted(set(roles).difference(names, names.values()))

    async def members(self, roles: Collection[str]) -> list[User]:
        """Return the active users with one of these roles; empty if the server hides them."""
        found: dict[str, User] = {}
        for id_, name in (await self._current_names()).items():
            if id_ not in roles and name not in roles:
                continue
            try:
                raw = await self._users_in(id_, name)
            except Rejected:
                return []
            users = [user for user in map(user_from, raw) if user is not None and user.active]
            found |= {user.id: user for user in users}
        return list(found.values())

    async def _current_names(self) -> dict[str, str]:
        """Return the names of the roles by id; those of interest where none are listed."""
        if self._names_until is None or self._clock.now() >= self._names_until:
            try:
                self._names = await self._list_names()
            except Rejected as refusal:
                # Whoever has which is known all the same, if only by id.
                log.warning(
                    "roles_not_listed",
                    problem="Rocket.Chat does not list its roles, so those of the settings are"
                    " found by their ids only.",
                    reason=str(refusal),
                )
                self._names = {name: name for name in self._of_interest}
            self._names_until = self._clock.now() + LIFETIME
        return self._names

    async def _list_names(self) -> dict[str, str]:
        answer = await self._api.get("roles.list")
        return {
            clean(role.get("_id")): clean(role.get("name"))
            for role in items(answer.get("roles"))
            if isinstance(role, dict)
        }

    async def _current_members(self) -> dict[str, frozenset[str]] | None:
        if self._members_until is None or self._clock.now() >= self._members_until:
            forgotten = self._forgotten
            try:
                self._members = await self._list_members() if self._of_interest else None
            except Rejected:
                self._members = None
            if forgotten == self._forgotten:
                self._members_until = self._clock.now() + LIFETIME
        return self._members

    async def _list_members(self) -> dict[str, frozenset[str]]:
        members: dict[str, frozenset[str]] = {}
        for id_, name in (await self._current_names()).items():
            if self._of_interest.isdisjoint((id_, name)):
                continue
            for user in await self._users_in(id_, name):
                user_id = clean(user.get("_id")) if isinstance(user, dict) else ""
                members[user_id] = members.get(user_id, frozenset()) | {id_, name}
        return members

    async def _users_in(self, role_id: str, name: str) -> list[Any]:
        """Return who has a role: servers before 8.0 know it by its name only."""
        refusal: Rejected | None = None
        is_answered = False
        for role in dict.fromkeys((role_id, name)):
            try:
                found = await self._api.get_all("roles.getUsersInRole", "users", role=role)
            except Rejected as error:
                refusal = refusal or error
                continue
            if found:
                return found
            is_answered = True
        if refusal is not None and not is_answered:
            raise refusal
        return []
