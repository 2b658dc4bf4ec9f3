"""What has to be known before the bot can work: who it is, which rooms, which Jira."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TypeVar

import aiohttp
import structlog

from bot.cases.access import Role
from bot.cases.case import Level, RoomId
from bot.cases.milestones import fold
from bot.clock import Clock
from bot.delivery.pace import back_off
from bot.errors import CredentialsRefused, Fault, Rejected, Retryable
from bot.jira.answers import NotJira
from bot.jira.client import JiraClient
from bot.jira.records import CloudCredentials, PersonalToken
from bot.jira.records import Credentials as JiraCredentials
from bot.rocketchat.records import (
    Credentials,
    PasswordCredentials,
    Room,
    TokenCredentials,
)
from bot.rocketchat.rest import RestGateway
from bot.settings import Settings
from storage.base import Store

log = structlog.get_logger(__name__)

INSTALLATION = "installation"
_TIME_WITHIN = timedelta(seconds=5)
_CLOCKS_AGREE = timedelta(seconds=2)
T = TypeVar("T")


class CannotStart(Exception):
    """The bot cannot work as it is set up; the message says what to mend."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rooms:
    """The rooms the bot works in.

    Attributes:
        unjoined: the names of those that it is no member of, and could not become one.
    """

    accepted: frozenset[str]
    levels: Mapping[Level, RoomId]
    unjoined: tuple[str, ...] = ()


def chat_credentials(settings: Settings) -> Credentials:
    """Return how to log in to Rocket.Chat; a token is preferred to a password."""
    token = settings.rocketchat_auth_token.get_secret_value()
    if settings.rocketchat_user_id and token:
        return TokenCredentials(user_id=settings.rocketchat_user_id, auth_token=token)
    return PasswordCredentials(
        username=settings.rocketchat_username,
        password=settings.rocketchat_password.get_secret_value(),
    )


def jira_credentials(settings: Settings) -> JiraCredentials:
    """Return how to log in to Jira; an e-mail with an API token means Cloud."""
    token = settings.jira_api_token.get_secret_value()
    if settings.jira_email and token:
        return CloudCredentials(email=settings.jira_email, api_token=token)
    return PersonalToken(token=settings.jira_token.get_secret_value())


def role_names(settings: Settings) -> Mapping[str, frozenset[Role]]:
    """Return what each configured Rocket.Chat role means; one may mean several things."""
    lists = {
        Role.ANALYST: settings.analyst_roles,
        Role.SPECIALIST: settings.specialist_roles,
        Role.RND: settings.rnd_roles,
        Role.ADMIN: settings.admin_roles,
    }
    names = {name for listed in lists.values() for name in listed}
    return {
        name: frozenset(role for role, listed in lists.items() if name in listed) for name in names
    }


async def installation(store: Store) -> str:
    """Return the id of this installation, made at its first start and never changed."""
    async with store.transaction() as tx:
        known = await tx.get_mark(INSTALLATION)
        if known is None:
            known = secrets.token_hex(4)
            await tx.set_mark(INSTALLATION, known)
        return known


async def until_reachable(server: str, ask: Callable[[], Awaitable[T]]) -> T:
    """Ask until the server answers; a server that is down is waited for.

    Raises:
        CannotStart: it is there and refuses.
    """
    attempts = 0
    while True:
        try:
            return await ask()
        except CredentialsRefused as fault:
            raise CannotStart(str(fault)) from fault
        except Rejected as fault:
            raise CannotStart(f"{server} refuses: {fault}") from fault
        except Retryable as fault:
            attempts += 1
            pause = back_off(attempts, asked=fault.retry_after)
            log.warning(
                "server_unreachable",
                server=server,
                reason=str(fault),
                again_in_seconds=round(pause.total_seconds(), 1),
            )
            await asyncio.sleep(pause.total_seconds())


async def find_rooms(settings: Settings, rest: RestGateway) -> Rooms:
    """Return the rooms of the settings, joining those that are open to join.

    Raises:
        CannotStart: some do not exist, or the bot was not invited; all of them are named.
    """
    first = settings.support_channels[0]
    names = {
        Level.ANALYSIS: first,
        Level.CONFIRMATION: settings.level2_channel or first,
        Level.ASSESSMENT: settings.level3_channel or first,
    }
    found: dict[str, Room] = {}
    missing: list[str] = []
    unjoined: list[str] = []
    for name in dict.fromkeys([*settings.support_channels, *names.values()]):
        try:
            room = await rest.find_room(name)
        except Rejected:  # there is one, and it is private
            room = None
        if room is None:
            missing.append(f"'{name}'")
            continue
        if room.type == "c" and not await _join(rest, room):
            unjoined.append(name)
        found[name] = room
    if missing:
        raise CannotStart(
            f"there is no channel {' and no channel '.join(missing)} that the bot can see. Create"
            " what is missing, or invite the bot to it, or mend SUPPORT_CHANNELS, LEVEL2_CHANNEL or"
            " LEVEL3_CHANNEL."
        )
    return Rooms(
        accepted=frozenset(room.id for room in found.values()),
        levels={level: RoomId(found[name].id) for level, name in names.items()},
        unjoined=tuple(unjoined),
    )


async def _join(rest: RestGateway, room: Room) -> bool:
    """Become a member; False if we are none in the end, as far as the server tells."""
    try:
        await rest.join_room(room)
    except Rejected as fault:
        try:
            if any(one.id == room.id for one in await rest.list_rooms()):
                return True
        except Rejected:
            log.info("membership_unknown", channel=room.name)
            return True
        log.warning(
            "channel_not_joined",
            channel=room.name,
            problem="The bot is no member of it and takes no commands there. Invite it.",
            reason=str(fault),
        )
        return False
    return True


async def chat_time(http: aiohttp.ClientSession, url: str, clock: Clock) -> datetime:
    """Return the time by the chat server's clock; ours if it does not say.

    The first start counts by the clock that dates the messages, or a machine whose clock is ahead
    would pass over the first commands.
    """
    timeout = aiohttp.ClientTimeout(total=_TIME_WITHIN.total_seconds())
    try:
        async with http.get(f"{url}/api/info", timeout=timeout, allow_redirects=False) as answer:
            there = parsedate_to_datetime(answer.headers.get("Date", "")).astimezone(UTC)
    except (aiohttp.ClientError, TimeoutError, ValueError, OverflowError):
        return clock.now()
    here = clock.now()
    # The header has whole seconds only: as long as the clocks agree, ours is the finer one.
    return here if abs(here - there) < _CLOCKS_AGREE else there


async def check_jira(settings: Settings, client: JiraClient) -> list[str]:
    """Return what is wrong with Jira's side of the settings; empty if nothing, or if it is down.

    Raises:
        CannotStart: Jira refuses the credentials.
    """
    try:
        return await examine_jira(settings, client)
    except Fault as fault:
        log.warning("server_unreachable", server="Jira", reason=str(fault))
        return []


async def examine_jira(settings: Settings, client: JiraClient) -> list[str]:
    """Return what is wrong with Jira's side of the settings; empty if nothing.

    Raises:
        CannotStart: Jira refuses the credentials.
        Fault: Jira cannot be asked now.
    """
    try:
        await client.connect()
        statuses = await client.list_statuses(settings.jira_project)
    except NotJira as fault:
        raise CannotStart(f"{fault}.") from fault
    except CredentialsRefused as fault:
        raise CannotStart(
            f"{fault}. Check JIRA_EMAIL and JIRA_API_TOKEN, or JIRA_TOKEN."
        ) from fault
    except Rejected as fault:
        return [f"JIRA_PROJECT {settings.jira_project}: {fault}"]
    types = frozenset[str]().union(*(one.issue_types for one in statuses))
    return [
        *unknown_type(settings, types),
        *unknown_statuses(settings, {(one.id, one.name) for one in statuses}),
    ]


def unknown_type(settings: Settings, present: Collection[str]) -> list[str]:
    """Return a sentence if the Jira project is known to have no such type of issue."""
    wanted = settings.jira_issue_type.strip().casefold()
    if not present or wanted in {name.strip().casefold() for name in present}:
        return []
    project, known = settings.jira_project, ", ".join(sorted(present))
    doubt = f"JIRA_ISSUE_TYPE is '{settings.jira_issue_type}', which the project {project} does not"
    return [f"{doubt} have. It has: {known}."]


def unknown_statuses(settings: Settings, present: set[tuple[str, str]]) -> list[str]:
    """Return a sentence for each status of the map that the Jira project does not have."""
    there = {status_id for status_id, _ in present}
    there |= {fold(name) for _, name in present}
    names = ", ".join(sorted(name for _, name in present))
    return [
        f"JIRA_STATUS_MAP names the status '{written}', which the project"
        f" {settings.jira_project} does not have. It has: {names}."
        for status, written in settings.statuses.as_written.items()
        if status not in there
    ]
