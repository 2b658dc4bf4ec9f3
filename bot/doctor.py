"""`python -m bot doctor`: checks everything the bot needs and says how to mend what is wrong."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

import aiohttp

from bot.clock import SystemClock
from bot.directory import PeopleDirectory
from bot.errors import Fault, Rejected
from bot.jira.client import JiraClient
from bot.patience import Patience
from bot.rocketchat.connection import SUBSCRIBING, Connection, Lost
from bot.rocketchat.realtime import HANDSHAKE
from bot.rocketchat.records import Session
from bot.rocketchat.rest import RestGateway
from bot.settings import Settings
from bot.start import (
    CannotStart,
    chat_credentials,
    examine_jira,
    find_rooms,
    jira_credentials,
    role_names,
)
from bot.team import find_team, policy_of
from bot.texts import open_texts, problems_of
from storage import name_of, open_store
from storage.base import StoreError, StoreLocked

NEEDED_IN_JIRA: Mapping[str, str] = {
    "BROWSE_PROJECTS": "browse issues",
    "CREATE_ISSUES": "create issues",
    "ADD_COMMENTS": "comment",
    "CREATE_ATTACHMENTS": "attach files",
}
SLASH_SETTING = "Message_AllowUnrecognizedSlashCommand"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was checked."""

    good: bool
    what: str

    def __str__(self) -> str:
        """Return the line a person reads."""
        return f"{'ok   ' if self.good else 'WRONG'}  {self.what}"


async def examine(settings: Settings) -> list[Finding]:
    """Check policy, texts, storage, Rocket.Chat and Jira, each as far as it can be reached."""
    findings = [await _storage(settings), *_policy(settings), *_texts(settings)]
    rest = RestGateway(
        url=settings.rocketchat_url,
        timeout=Patience().request,
        roles_of_interest=tuple(role_names(settings)),
    )
    try:
        async for finding in _chat(settings, rest):
            findings.append(finding)  # noqa: PERF401 - what was found before a fault is said, too
    except (Fault, CannotStart) as fault:
        findings.append(Finding(good=False, what=f"Rocket.Chat: {fault}"))
    finally:
        await rest.close()
    findings += [finding async for finding in _jira(settings)]
    return findings


async def _storage(settings: Settings) -> Finding:
    name = name_of(settings.storage_url)
    try:
        async with open_store(settings.storage_url):
            return Finding(good=True, what=f"storage: {name}")
    except StoreLocked:
        # By the bot itself, most likely: who is asked whether all is well is not to be stopped.
        return Finding(
            good=True,
            what=f"storage: {name} is in use: by the bot, if it is running; if it is not, something"
            " else has it open",
        )
    except StoreError as error:
        return Finding(good=False, what=f"storage: {error}")


def _texts(settings: Settings) -> list[Finding]:
    problems = problems_of(settings)
    if problems:
        return [Finding(good=False, what=f"texts: {problem}") for problem in problems]
    languages = ", ".join(open_texts(settings).languages())
    return [Finding(good=True, what=f"texts: all can be written, in {languages}")]


def _policy(settings: Settings) -> Iterator[Finding]:
    try:
        policy_of(settings)
    except CannotStart as problem:
        for line in str(problem).splitlines():
            yield Finding(good=False, what=f"policy: {line}")
    else:
        named = settings.policy_file or "none, so what docs/policy.md says holds"
        yield Finding(good=True, what=f"policy: {named}")


async def _chat(settings: Settings, rest: RestGateway) -> AsyncIterator[Finding]:
    session = await rest.login(chat_credentials(settings))
    yield Finding(
        good=True, what=f"Rocket.Chat: {settings.rocketchat_url} knows us as {session.username}"
    )
    yield await hears(settings.rocketchat_url, session)
    checks = {
        "the channels": _rooms,
        "whether what is said while the bot is away can be read": _histories,
        "whether roles can be read": _visible_roles,
        "the roles of the settings": _known_roles,
        "whom the policy names": _named_people,
        "which commands work": _slash,
    }
    for name, check in checks.items():
        try:
            findings = [finding async for finding in check(settings, rest)]
        except CannotStart as problem:
            findings = [Finding(good=False, what=f"Rocket.Chat: {problem}")]
        except Rejected as fault:
            # What this server lacks or refuses says nothing of the rest.
            what = f"Rocket.Chat: {name} cannot be found out: {fault}"
            findings = [Finding(good=False, what=what)]
        for finding in findings:
            yield finding


async def hears(url: str, session: Session, *, within: timedelta = HANDSHAKE) -> Finding:
    """Try whether the bot would hear what is said: proxies may not pass websockets on."""
    problem = ""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        for plain_options in (False, True):
            connection = Connection(http, url, on_frame=lambda: None)
            try:
                async with asyncio.timeout(within.total_seconds()):
                    await connection.open(
                        session, plain_options=plain_options, on_event=lambda _: None
                    )
            except Lost as lost:
                problem = str(lost)
            except TimeoutError:
                problem = f"waited {within.total_seconds():g} s {connection.waiting}"
            else:
                return Finding(good=True, what="Rocket.Chat: what is said is heard at once")
            finally:
                await connection.close()
            if connection.waiting != SUBSCRIBING:
                break
    return Finding(good=False, what=f"Rocket.Chat: nothing that is said is heard: {problem}")


async def _rooms(settings: Settings, rest: RestGateway) -> AsyncIterator[Finding]:
    rooms = await find_rooms(settings, rest)
    yield Finding(good=True, what=f"Rocket.Chat: all {len(rooms.accepted)} channels are there")
    for name in rooms.unjoined:
        yield Finding(
            good=False,
            what=f"Rocket.Chat: the bot is no member of the channel '{name}' and may not join it,"
            " so it takes no commands there. Invite it.",
        )


async def _histories(settings: Settings, rest: RestGateway) -> AsyncIterator[Finding]:
    ours = await rest.list_rooms()
    names = {*settings.support_channels, settings.level2_channel, settings.level3_channel}
    now = SystemClock().now()
    for room in ours:
        if room.name in names:
            await rest.messages_since(room, now)
    yield Finding(good=True, what="Rocket.Chat: what is said while the bot is away can be read")


async def _visible_roles(_: Settings, rest: RestGateway) -> AsyncIterator[Finding]:
    visible = await rest.sees_roles()
    yield Finding(
        good=visible,
        what="Rocket.Chat: roles can be read"
        if visible
        else "Rocket.Chat hides people's roles from the bot, so everybody would be a customer."
        " Give the bot a role with the permission view-full-other-user-info"
        " or access-permissions.",
    )


async def _known_roles(settings: Settings, rest: RestGateway) -> AsyncIterator[Finding]:
    for role in await rest.unknown_roles(role_names(settings)):
        yield Finding(
            good=False,
            what=f"Rocket.Chat has no role '{role}', so nobody can have it. Create it, or mend"
            " ANALYST_ROLES, SPECIALIST_ROLES, RND_ROLES or ADMIN_ROLES.",
        )


async def _named_people(settings: Settings, rest: RestGateway) -> AsyncIterator[Finding]:
    try:
        policy = policy_of(settings)
    except CannotStart:  # said already
        return
    directory = PeopleDirectory(rest=rest, roles=role_names(settings))
    _, problems = await find_team(policy, directory)
    for problem in problems:
        yield Finding(good=False, what=f"policy: {problem}")


async def _slash(_: Settings, rest: RestGateway) -> AsyncIterator[Finding]:
    try:
        public = await rest.public_settings([SLASH_SETTING])
    except Rejected as fault:
        # The commands that matter need no setting.
        yield Finding(
            good=True,
            what="commands: '!case', '!escalate' and mentions work; whether '/case' does is not"
            f" told ({fault})",
        )
        return
    if public.get(SLASH_SETTING) is True:
        what = "commands: '/case', '/escalate', '!case' and mentions work"
    else:
        what = (
            "commands: '!case', '!escalate' and mentions work; '/case' does not reach the bot"
            f" from web clients until an administrator turns on {SLASH_SETTING}"
        )
    yield Finding(good=True, what=f"{what}; '/status' and '/help' belong to Rocket.Chat itself")


async def _lacking(settings: Settings, client: JiraClient) -> list[str]:
    try:
        lacking = await client.lacking_permissions(settings.jira_project, list(NEEDED_IN_JIRA))
    except Rejected:  # without the project, and that is said
        return []
    return [NEEDED_IN_JIRA[one] for one in lacking]


async def _jira(settings: Settings) -> AsyncIterator[Finding]:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        client = JiraClient(
            url=settings.jira_url,
            credentials=jira_credentials(settings),
            session=http,
            clock=SystemClock(),
            timeout=Patience().request,
        )
        try:
            server = await client.connect()
            account = await client.whoami()
            problems = await examine_jira(settings, client)
            lacking = await _lacking(settings, client)
        except (Fault, CannotStart) as fault:
            yield Finding(good=False, what=f"Jira: {fault}")
            return
        yield Finding(
            good=True,
            what=f"Jira: {server.deployment} {server.version} knows us as {account.display_name}",
        )
        for problem in problems:
            yield Finding(good=False, what=f"Jira: {problem}")
        for what in lacking:
            yield Finding(
                good=False,
                what=f"Jira: the account may not {what} in the project {settings.jira_project}."
                " Give it a project role that may.",
            )
        if not problems:
            what = "Jira: the issue type and every status of JIRA_STATUS_MAP exist"
            yield Finding(good=True, what=what)
