"""Puts the parts of the bot together, once everything they need is known."""

import asyncio
import contextlib
import os
import secrets
import socket
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

import aiohttp
import structlog

import handlers
from bot.acknowledging import Acknowledging
from bot.cases.case import FileId, Level, MessageId, Person, RoomId, UserId
from bot.cases.effects import (
    AttachFile,
    CommentIssue,
    CreateIssue,
    FollowOriginal,
    LinkIssue,
    React,
    Recipient,
    Say,
    SendFile,
    ToPerson,
    ToRoom,
)
from bot.clock import Clock
from bot.delivery.attachments import AttachmentPerformer
from bot.delivery.chat import ChatPerformer
from bot.delivery.comments import CommentPerformer
from bot.delivery.dispatcher import Dispatcher
from bot.delivery.exports import Exports
from bot.delivery.inbox import Intake
from bot.delivery.issues import IssuePerformer
from bot.delivery.sending_files import FilePerformer
from bot.desk import JIRA_READ, Desk, Rules
from bot.directory import PeopleDirectory
from bot.errors import CredentialsRefused, Fault
from bot.guard import AudienceGuard
from bot.incidents import Incident
from bot.jira.changes import ChangeReader
from bot.jira.client import JiraClient
from bot.login import Login
from bot.metrics import Metrics
from bot.outcomes import CaseOutcomes
from bot.patience import Patience
from bot.reactions import REACTIONS
from bot.rocketchat.realtime import Realtime
from bot.rocketchat.records import IncomingMessage
from bot.rocketchat.rest import RestGateway
from bot.rocketchat.sender import Sender
from bot.schedule.clocks import Clocks, Speakers
from bot.schedule.duty import Duty
from bot.schedule.poll_jira import JiraHealth, Poller
from bot.schedule.watchdog import Watchdog
from bot.settings import Settings
from bot.start import Rooms, role_names
from bot.team import Team
from bot.texts import language_of
from bot.tracking import Tracker
from bot.vigilance import Vigilance
from bot.web.app import Readiness
from bot.wording import Wording
from handlers.context import ChatMessage, SentFile
from handlers.on_clock import on_clock
from handlers.on_digest import on_digest
from handlers.on_retention import announce, erase_aged, to_announce
from handlers.router import Router
from storage.base import DispatcherId, Store, StoreUnavailable

log = structlog.get_logger(__name__)

T = TypeVar("T")

# Whoever asks whether we are ready does not wait for longer.
STORAGE_ANSWERS_WITHIN = timedelta(seconds=3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """What the parts reach the outside with."""

    settings: Settings
    texts: Wording
    clock: Clock
    store: Store
    http: aiohttp.ClientSession
    fresh: aiohttp.ClientSession
    """Opens a connection of its own for everything; for what is kept open."""
    rest: RestGateway
    login: Login
    client: JiraClient
    metrics: Metrics
    patience: Patience


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The parts that have a life of their own."""

    rules: Rules
    texts: Wording
    store: Store
    clock: Clock
    metrics: Metrics
    intake: Intake
    realtime: Realtime
    dispatcher: Dispatcher
    poller: Poller
    watchdog: Watchdog
    clocks: Clocks
    duty: Duty
    administrators: Callable[[], Awaitable[Sequence[Recipient]]]

    async def readiness(self) -> Readiness:
        """Return what works: the servers, the storage, and what the watchdog looks at."""
        return Readiness(
            chat=self.intake.connected,
            jira=self.poller.health in {JiraHealth.OK, JiraHealth.UNKNOWN},
            storage=await self._is_stored(),
            incidents=[incident.value for incident in self.watchdog.open],
        )

    async def _is_stored(self) -> bool:
        try:
            async with (
                asyncio.timeout(STORAGE_ANSWERS_WITHIN.total_seconds()),
                self.store.transaction(durable=False) as tx,
            ):
                await tx.get_time(JIRA_READ)
        except (StoreUnavailable, TimeoutError):
            return False
        return True

    async def poll(self) -> None:
        """Look what changed in Jira, if that is ours to do."""
        if self.duty.ours:
            await self.poller.poll()
        else:
            self.poller.stand_by()

    async def sweep(self) -> None:
        """Look at every followed issue once in a while, if that is ours to do."""
        if self.duty.ours:
            await self.poller.sweep_if_due()

    async def patrol(self) -> None:
        """Find what the chat's stream kept to itself, and ask for a new one if it did."""
        try:
            is_deaf = await self.intake.patrol() > 0
        except Fault as fault:
            log.warning("patrol_failed", reason=str(fault))
            # A stream may outlive its session; a new one is refused, and then we log in again.
            is_deaf = isinstance(fault, CredentialsRefused)
        if is_deaf:
            self.realtime.reconnect()

    async def watch(self) -> None:
        """Look for what has gone silent; each bot hears for itself, one of them tells."""
        if await self.watchdog.look(tell=self.duty.ours):
            self.dispatcher.wake()

    async def tell_time(self) -> None:
        """Say what the clock has to say, if that is ours to do."""
        if self.duty.ours:
            await self.clocks.look()

    async def retain(self) -> None:
        """Announce what comes of age, and erase what has, if that is ours to do."""
        if not self.duty.ours:
            return
        if await self._at_desk(to_announce):
            recipients = await self.administrators()
            await self._at_desk(lambda desk: announce(desk, recipients))
            self.dispatcher.wake()
        # Some at a time, so that nobody has to wait for long.
        while await self._at_desk(erase_aged):
            log.info("cases_erased")

    async def _at_desk(self, work: Callable[[Desk], Awaitable[T]]) -> T:
        async with self.store.transaction() as tx:
            desk = Desk(tx=tx, now=self.clock.now(), rules=self.rules, texts=self.texts)
            return await work(desk)

    async def keep_house(self) -> None:
        """Save how far the chat was read, and forget what is old."""
        await self.intake.save_mark()
        await self.intake.forget_old()
        async with self.store.transaction(durable=False) as tx:
            await tx.forget_dialogues(before=self.clock.now())

    async def measure(self) -> None:
        """Bring the metrics up to date; what is in a storage that is away stays as it was."""
        self.metrics.connected.set(int(self.intake.connected))
        for incident in Incident:
            on = incident in self.watchdog.open
            self.metrics.incident.labels(incident.value).set(int(on))
        with contextlib.suppress(StoreUnavailable, TimeoutError):
            async with asyncio.timeout(STORAGE_ANSWERS_WITHIN.total_seconds()):
                await self._measure_storage()

    async def _measure_storage(self) -> None:
        async with self.store.transaction(durable=False) as tx:
            pending = await tx.count_pending()
            oldest = await tx.find_oldest_pending()
            read_at = await tx.get_time(JIRA_READ)
        age = (self.clock.now() - oldest).total_seconds() if oldest else 0
        self.metrics.pending.set(pending)
        self.metrics.oldest.set(age)
        if read_at is not None:
            self.metrics.jira_read.set(read_at.timestamp())


def assemble(outside: Outside, rooms: Rooms, installation: str, team: Team) -> Parts:
    """Return the parts, wired and not yet started."""
    settings = outside.settings
    rules = Rules(
        installation=installation,
        level_rooms=rooms.levels,
        statuses=settings.statuses,
        language=language_of(settings, outside.texts) or settings.default_language,
        receipt=settings.receipt,
        confirmation=settings.confirmation,
        overtaken_after=settings.overtaken_after,
        policy=team.policy,
        people=team.people,
    )
    texts = outside.texts
    reader = ChangeReader(outside.client, outside.clock)
    tracker = Tracker(
        store=outside.store,
        rules=rules,
        texts=texts,
        clock=outside.clock,
        reactions=REACTIONS,
    )
    by = _who(installation)
    directory = PeopleDirectory(rest=outside.rest, roles=role_names(settings))
    guard = AudienceGuard(store=outside.store, directory=directory)
    dispatcher = _dispatcher(outside, rules, texts, tracker, reader, guard, by)
    poller = Poller(
        reader=reader,
        tracker=tracker,
        store=outside.store,
        clock=outside.clock,
        wake=dispatcher.wake,
    )
    intake = _intake(outside, rules, texts, rooms, dispatcher, directory)

    async def administrators() -> Sequence[Recipient]:
        people = await directory.administrators()
        # Where the server does not say who they are, those who act on alerts must do.
        room = ToRoom(room_id=rules.level_rooms[Level.CONFIRMATION])
        return [ToPerson(person=person) for person in people] or [room]

    vigilance = Vigilance(
        poller=poller,
        intake=intake,
        clock=outside.clock,
        poll_interval=settings.poll_interval,
    )
    watchdog = Watchdog(
        store=outside.store,
        clock=outside.clock,
        rules=rules,
        texts=texts,
        checks=vigilance.checks(webhooks=bool(settings.jira_webhook_secret.get_secret_value())),
        administrators=administrators,
    )
    return Parts(
        rules=rules,
        texts=texts,
        store=outside.store,
        clock=outside.clock,
        metrics=outside.metrics,
        intake=intake,
        realtime=Realtime(
            url=settings.rocketchat_url,
            session=outside.fresh,
            credentials=outside.login.session,
            clock=outside.clock,
            silence=outside.patience.silence,
        ),
        dispatcher=dispatcher,
        poller=poller,
        watchdog=watchdog,
        clocks=Clocks(
            store=outside.store,
            clock=outside.clock,
            rules=rules,
            texts=texts,
            speakers=Speakers(of_case=on_clock, of_digest=on_digest),
            actor_of=directory.actor,
            wake=dispatcher.wake,
        ),
        duty=Duty(store=outside.store, clock=outside.clock, by=by),
        administrators=administrators,
    )


def _who(installation: str) -> DispatcherId:
    """Return a name for this process, unlike any other's; readable, for whoever looks."""
    parts = (installation, socket.gethostname(), str(os.getpid()), secrets.token_hex(4))
    return DispatcherId("/".join(part.replace(" ", "-") for part in parts))


def _dispatcher(
    outside: Outside,
    rules: Rules,
    texts: Wording,
    tracker: Tracker,
    reader: ChangeReader,
    guard: AudienceGuard,
    by: DispatcherId,
) -> Dispatcher:
    settings = outside.settings
    sender = Sender(
        url=settings.rocketchat_url,
        session=outside.http,
        credentials=outside.login.session,
        clock=outside.clock,
        timeout=outside.patience.request,
    )
    chat = ChatPerformer(sender=sender, rooms=outside.rest, installation=rules.installation)
    issues = IssuePerformer(
        client=outside.client,
        reader=reader,
        store=outside.store,
        clock=outside.clock,
        project=settings.jira_project,
        issue_type=settings.jira_issue_type,
        installation=rules.installation,
        policy=rules.policy,
    )
    exports = Exports(outside.store, outside.clock, rules.policy)
    attachments = AttachmentPerformer(
        client=outside.client,
        chat=outside.rest,
        store=outside.store,
        clock=outside.clock,
        most_bytes=rules.policy.files.most_bytes,
        installation=rules.installation,
    )
    files = FilePerformer(chat=outside.rest, rooms=chat, writer=exports)
    return Dispatcher(
        store=outside.store,
        performers={
            Say: chat,
            React: chat,
            SendFile: files,
            CreateIssue: issues,
            LinkIssue: issues,
            FollowOriginal: issues,
            AttachFile: attachments,
            CommentIssue: CommentPerformer(
                jira=outside.client,
                clock=outside.clock,
                installation=rules.installation,
            ),
        },
        guard=guard,
        outcomes=CaseOutcomes(
            rules=rules,
            texts=texts,
            clock=outside.clock,
            tracker=tracker,
            metrics=outside.metrics,
        ),
        clock=outside.clock,
        by=by,
    )


def _intake(
    outside: Outside,
    rules: Rules,
    texts: Wording,
    rooms: Rooms,
    dispatcher: Dispatcher,
    directory: PeopleDirectory,
) -> Intake:
    me = outside.login.session()
    router = Router(
        handlers=handlers.ALL,
        conversations=handlers.CONVERSATIONS,
        store=outside.store,
        directory=directory,
        rules=rules,
        texts=texts,
        clock=outside.clock,
        me=me.username,
    )

    acknowledging = Acknowledging(
        store=outside.store,
        directory=directory,
        read=outside.rest.read_message,
        rules=rules,
        texts=texts,
        clock=outside.clock,
    )

    async def handle(message: IncomingMessage) -> None:
        if message.sender_id == me.user_id:
            await acknowledging.take(message)
            return
        private = await directory.is_private(message, own_id=me.user_id)
        if await router.handle(_chat_message(message, private=private)):
            outside.metrics.messages.inc()
            # What another bot has carried out, it tells of itself.
            dispatcher.wake()

    async def apologise(message: IncomingMessage) -> None:
        if message.sender_id == me.user_id:
            return
        await router.apologise(_chat_message(message, private=False))
        dispatcher.wake()

    return Intake(
        me=me.user_id,
        rooms=rooms.accepted,
        history=outside.rest,
        store=outside.store,
        clock=outside.clock,
        handle=handle,
        on_crash=apologise,
        on_roles_changed=directory.forget,
        on_caught_up=acknowledging.catch_up,
    )


def _chat_message(message: IncomingMessage, *, private: bool) -> ChatMessage:
    return ChatMessage(
        id=MessageId(message.id),
        room_id=RoomId(message.room_id),
        direct=private,
        text=message.text or next((file.caption for file in message.files if file.caption), ""),
        sender=Person(
            id=UserId(message.sender_id),
            username=message.sender_username,
            name=message.sender_name,
        ),
        sent_at=message.sent_at,
        thread_id=MessageId(message.thread_id) if message.thread_id else None,
        edited=message.edited,
        encrypted=message.encrypted,
        files=tuple(
            SentFile(id=FileId(file.id), name=file.name, size=file.size, media_type=file.type)
            for file in message.files
        ),
    )
