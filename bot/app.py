"""The composition root: builds everything, starts it, stops it cleanly."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any, TypeVar

import aiohttp
import structlog
from aiohttp import web

from bot.assembly import Outside, Parts, assemble
from bot.cases.calendar import calendar_of
from bot.cases.policy import Policy
from bot.clock import Clock, ShiftedClock, SystemClock
from bot.delivery.pace import back_off
from bot.directory import PeopleDirectory
from bot.errors import Retryable
from bot.jira.client import JiraClient
from bot.login import Login
from bot.metrics import Metrics
from bot.patience import Patience
from bot.rocketchat.rest import RestGateway
from bot.schedule.duty import RENEW_EVERY
from bot.schedule.scheduler import Clockwork
from bot.settings import Settings
from bot.start import (
    CannotStart,
    chat_credentials,
    chat_time,
    check_jira,
    find_rooms,
    installation,
    jira_credentials,
    role_names,
    until_reachable,
)
from bot.team import Team, find_team, policy_of
from bot.texts import open_texts
from bot.web.app import Endpoints, Readiness, build
from bot.wording import Wording
from storage import open_store
from storage.base import Store, StoreUnavailable

log = structlog.get_logger(__name__)

T = TypeVar("T")

# Less than a supervisor waits before it kills, which is ten seconds for many.
STOP_WITHIN = timedelta(seconds=7)
ANSWER_WITHIN = timedelta(seconds=1)
SWEEP_IF_DUE_EVERY = timedelta(minutes=1)
RETAIN_EVERY = timedelta(hours=1)
TELL_TIME_EVERY = timedelta(minutes=1)
PATROL_EVERY = timedelta(minutes=1)
WATCH_EVERY = timedelta(minutes=1)
KEEP_HOUSE_EVERY = timedelta(seconds=15)


class App:
    """The bot.

    Args:
        settings: checked already.
        clock: the time.
        patience: how long servers are waited for.

    Attributes:
        ready: set when commands are taken and messages sent.
        http_url: where the endpoints are, once it is ready.
        parts: what it consists of, once it is ready; for whoever starts it in the same process.
    """

    def __init__(
        self, settings: Settings, *, clock: Clock | None = None, patience: Patience | None = None
    ) -> None:
        self._settings = settings
        self._clock = clock or SystemClock()
        self._patience = patience or Patience()
        self._metrics = Metrics()
        self.ready = asyncio.Event()
        self.http_url = ""
        self.parts: Parts | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set, then finish what is in hand.

        Raises:
            CannotStart: something has to be mended first.
            StoreError: the storage cannot be opened.
        """
        policy = policy_of(self._settings)
        texts = open_texts(self._settings, zone=calendar_of(policy.hours).zone)
        async with AsyncExitStack() as stack:
            store = await _or_stopped(self._open_store(stack), stop)
            if store is None:
                return
            outside = await self._open(stack, store, texts)
            # Before the servers are asked: whoever watches must not end a bot that waits for them.
            await stack.enter_async_context(self._served())
            parts = await _or_stopped(self._prepare(outside, policy), stop)
            if parts is None:
                return
            self.parts = parts
            await self._live(parts, outside.login, stop)

    async def _open_store(self, stack: AsyncExitStack) -> Store:
        """Open the storage; a server that is away is waited for."""
        attempts = 0
        while True:
            try:
                return await stack.enter_async_context(open_store(self._settings.storage_url))
            except StoreUnavailable as fault:
                attempts += 1
                pause = back_off(attempts)
                log.warning("storage_unreachable", reason=str(fault))
            await asyncio.sleep(pause.total_seconds())

    async def _open(self, stack: AsyncExitStack, store: Store, texts: Wording) -> Outside:
        settings = self._settings
        # A bot whose own clock is wrong must not take what is others', nor keep what is due.
        clock = ShiftedClock(self._clock, store.clock_offset)
        http = await stack.enter_async_context(
            aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
        )
        # Its connections are never those that something else left open: after a loss they are as
        # dead as the one that was lost.
        fresh = await stack.enter_async_context(
            aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(force_close=True),
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        )
        rest = RestGateway(
            url=settings.rocketchat_url,
            timeout=self._patience.request,
            roles_of_interest=tuple(role_names(settings)),
        )
        stack.push_async_callback(rest.close)
        return Outside(
            settings=settings,
            texts=texts,
            clock=clock,
            store=store,
            http=http,
            fresh=fresh,
            rest=rest,
            login=Login(rest, chat_credentials(settings)),
            client=JiraClient(
                url=settings.jira_url,
                credentials=jira_credentials(settings),
                session=http,
                clock=clock,
                timeout=self._patience.request,
            ),
            metrics=self._metrics,
            patience=self._patience,
        )

    async def _prepare(self, outside: Outside, policy: Policy) -> Parts:
        await until_reachable("Rocket.Chat", outside.login.renew)
        rooms = await until_reachable(
            "Rocket.Chat", lambda: find_rooms(outside.settings, outside.rest)
        )
        for problem in await check_jira(outside.settings, outside.client):
            log.warning("setting_doubtful", problem=problem)
        team = await self._find_team(outside.rest, policy)
        parts = assemble(outside, rooms, await installation(outside.store), team)
        settings = outside.settings
        now = await chat_time(outside.http, settings.rocketchat_url, outside.clock)
        await parts.intake.open(now)
        return parts

    async def _find_team(self, rest: RestGateway, policy: Policy) -> Team:
        directory = PeopleDirectory(rest=rest, roles=role_names(self._settings))
        team, problems = await until_reachable("Rocket.Chat", lambda: find_team(policy, directory))
        for problem in problems:
            log.warning("policy_doubtful", problem=problem)
        return team

    async def _live(self, parts: Parts, login: Login, stop: asyncio.Event) -> None:
        clockwork = self._clockwork(parts)
        parts.store.subscribe(parts.dispatcher.wake)
        await parts.duty.renew()
        async with asyncio.TaskGroup() as group:
            taking_in = group.create_task(parts.intake.run(), name="intake")
            listening = group.create_task(
                login.listen(parts.realtime, parts.intake), name="realtime"
            )
            sending = group.create_task(parts.dispatcher.run(), name="dispatcher")
            announcing = group.create_task(self._announce(parts), name="announce")
            clockwork.start()
            heeding = group.create_task(clockwork.heed_clock(), name="clock")
            await stop.wait()
            log.info("stopping")
            heeding.cancel()
            clockwork.stop()
            handing_over = group.create_task(parts.duty.hand_over(), name="hand over")
            announcing.cancel()
            listening.cancel()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(STOP_WITHIN.total_seconds()):
                    await parts.intake.drain()
                    await parts.intake.save_mark()
                    parts.dispatcher.stop()
                    await asyncio.wait({sending, handing_over})
            taking_in.cancel()
            sending.cancel()
        log.info("stopped")

    def _clockwork(self, parts: Parts) -> Clockwork:
        settings = self._settings
        # Whoever wants to be reminded more often than that has said so.
        tell_every = min(TELL_TIME_EVERY, settings.reminder_interval or TELL_TIME_EVERY)
        clockwork = Clockwork()
        clockwork.every(settings.poll_interval, "poll_jira", parts.poll)
        clockwork.every(SWEEP_IF_DUE_EVERY, "sweep_jira", parts.sweep)
        clockwork.every(tell_every, "tell_time", parts.tell_time)
        # Apart: what cannot be read must not keep anybody from being told so.
        clockwork.every(PATROL_EVERY, "patrol", parts.patrol)
        clockwork.every(WATCH_EVERY, "watch", parts.watch)
        clockwork.every(RETAIN_EVERY, "retain", parts.retain)
        if parts.store.shared:
            clockwork.every(RENEW_EVERY, "renew_duty", parts.duty.renew)
        clockwork.every(KEEP_HOUSE_EVERY, "keep_house", parts.keep_house)
        return clockwork

    async def _announce(self, parts: Parts) -> None:
        await parts.intake.heard.wait()
        self.ready.set()
        log.info("ready", endpoints=self.http_url)

    async def _readiness(self) -> Readiness:
        if self.parts is None:  # the storage is open before anything can be asked
            return Readiness(chat=False, jira=False, storage=True)
        return await self.parts.readiness()

    async def _measure(self) -> None:
        if self.parts is not None:
            await self.parts.measure()

    async def _look_at(self, issue_id: str) -> None:
        if self.parts is None:
            raise Retryable("the bot is starting")
        await self.parts.poller.look_at([issue_id])

    @contextlib.asynccontextmanager
    async def _served(self) -> AsyncIterator[None]:
        settings = self._settings
        endpoints = Endpoints(
            readiness=self._readiness,
            registry=self._metrics.registry,
            measure=self._measure,
            webhook_secret=settings.jira_webhook_secret.get_secret_value(),
            on_hint=self._look_at,
        )
        runner = web.AppRunner(
            build(endpoints), access_log=None, shutdown_timeout=ANSWER_WITHIN.total_seconds()
        )
        await runner.setup()
        try:
            try:
                await web.TCPSite(runner, settings.http_host, settings.http_port).start()
            except OSError as error:
                raise CannotStart(
                    f"HTTP_HOST {settings.http_host} with HTTP_PORT {settings.http_port} cannot be"
                    f" used: {error.strerror}. Choose another port, or 0 for any free one."
                ) from error
            host, port = runner.addresses[0][:2]
            self.http_url = f"http://{host}:{port}"
            log.info("serving", endpoints=self.http_url)
            yield
        finally:
            await runner.cleanup()


async def _or_stopped(work: Coroutine[Any, Any, T], stop: asyncio.Event) -> T | None:
    """Do the work, or give it up when `stop` is set first; then None."""
    working = asyncio.ensure_future(work)
    stopping = asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
        return working.result() if working.done() else None
    finally:
        working.cancel()
        stopping.cancel()
        await asyncio.gather(working, stopping, return_exceptions=True)
