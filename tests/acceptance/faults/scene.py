"""Both servers, the bot in a process of its own, and people who type: what a play is played in."""

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from types import TracebackType
from typing import Self

from sandbox.jira.webhook_store import Webhook
from tests.acceptance.faults.cast import STAGES, add_people, room_id
from tests.acceptance.faults.process import Bot, Launcher
from tests.acceptance.faults.script import Line
from tests.acceptance.faults.verdict import Judge, Verdict
from tests.world import Deployment, World

SECRET = "the secret of the webhook"
# The server may let a message overtake one that it was sent just before; which is then the first
# nobody can say. So lines of a room keep this apart, and the server gets its turn in between.
BETWEEN_LINES = 0.015
A_TURN = 0.005


class Scene:
    """A world whose bot is started, killed and started again.

    Args:
        folder: for the bot's data and logs.
        launcher: starts the bots.
        fork: whether they are forked from one that has the program loaded.
        version: of Rocket.Chat.
        deployment: of Jira.
        poll_seconds: between two looks at Jira.
        storage_url: where the bot keeps what it has; a file of its own if empty.

    Attributes:
        typed: every line that became a message, in the order the server stored them.
        messages: the `_id` of each line's message, by the identity of the line.
        kills: how many bots were killed.
        starts: how many were started.
    """

    def __init__(
        self,
        folder: Path,
        launcher: Launcher,
        *,
        fork: bool = True,
        version: str = "9.0",
        deployment: Deployment = "cloud",
        poll_seconds: float = 0.1,
        storage_url: str = "",
    ) -> None:
        self.world = World(
            folder,
            version=version,
            deployment=deployment,
            jira_webhook_secret=SECRET,
            log_format="json",
            poll_interval_seconds=poll_seconds,
            storage_url=storage_url or f"tinydb:///{folder / 'cases.json'}",
        )
        self.folder = folder
        self.fork = fork
        self.typed: list[Line] = []
        self.messages: dict[int, str] = {}
        self.kills = 0
        self.starts = 0
        self._logs = folder / "logs"
        self._launcher = launcher
        self._bot: Bot | None = None
        self._stack = contextlib.AsyncExitStack()
        self._last_typed: dict[str, float] = {}
        self._hook: Webhook | None = None
        self._renewing = asyncio.Lock()
        self._is_revived = False
        self._struck: Bot | None = None

    async def __aenter__(self) -> Self:
        self._logs.mkdir()
        await self._stack.enter_async_context(self.world)
        add_people(self.world)
        for stage in STAGES:
            room_id(self.world, stage.room)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bot is not None and self._bot.runs:
            self._bot.send(signal.SIGKILL)
            await self._bot.wait_gone()
        await self._stack.aclose()

    # The bot

    @property
    def bot(self) -> Bot:
        """Return the bot that was started last."""
        assert self._bot is not None, "no bot was started"
        return self._bot

    async def start(self, *, fork: bool | None = None) -> Bot:
        """Start the bot; it is not ready when this returns."""
        assert self._bot is None or not self._bot.runs, "one bot at a time"
        env = {name.upper(): str(value) for name, value in self.world.values().items()}
        env |= {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        self.starts += 1
        self._bot = await self._launcher.start(
            env, self._logs / f"{self.starts:04}.log", fork=self.fork if fork is None else fork
        )
        return self._bot

    async def ready(self) -> None:
        """Start the bot if there is none, and wait until it takes commands."""
        if self._bot is None or not self._bot.runs:
            await self.start()
        url = await self.bot.wait_ready()
        assert url, f"the bot ended by itself ({self.bot.status}):\n{self.bot.tail()}"
        self._point_hook(url)

    def strike(self) -> None:
        """Kill the bot this instant."""
        if self.bot.runs:
            self._struck = self.bot
            self.bot.send(signal.SIGKILL)

    async def kill(self) -> None:
        """Kill the bot, if it has not been struck already, and wait until it is gone."""
        self.strike()
        status = await self.bot.wait_gone()
        assert status == -signal.SIGKILL, f"it had ended by itself ({status}):\n{self.bot.tail()}"
        self.kills += 1

    @contextlib.asynccontextmanager
    async def revived(self) -> AsyncIterator[None]:
        """Start the bot again whenever it has been struck, until the block is left."""
        reviving = asyncio.create_task(self._revive(), name="supervisor")
        self._is_revived = True
        try:
            yield
        finally:
            self._is_revived = False
            # Not in the middle of a start: a bot would run that nobody knows of.
            async with self._renewing:
                reviving.cancel()
            outcome = (await asyncio.gather(reviving, return_exceptions=True))[0]
            if isinstance(outcome, Exception):
                raise outcome
        if self._struck is self.bot:
            await self.kill()

    async def _revive(self) -> None:
        while True:
            if await self.bot.wait_ready():
                self._point_hook(self.bot.endpoint())
            await self.bot.gone.wait()
            async with self._renewing:
                await self.kill()
                await self.start()

    async def stop(self) -> None:
        """Let the bot stop by itself."""
        self.bot.send(signal.SIGTERM)
        status = await self.bot.wait_gone()
        assert status == 0, f"it did not stop well ({status}):\n{self.bot.tail()}"

    def history(self) -> str:
        """Return the last lines of the last bots' logs."""
        parts = []
        for log in sorted(self._logs.glob("*.log"))[-3:]:
            lines = log.read_text(errors="replace").splitlines()[-25:]
            parts.append("\n".join([f"--- {log.name}", *lines]))
        return "\n".join(parts)

    # The webhook

    def add_webhook(self) -> None:
        """Let Jira tell the bot what happens, wherever it is."""
        self._hook = self.world.jira.site.add_webhook("http://127.0.0.1:9/nobody", SECRET)

    def _point_hook(self, url: str) -> None:
        if self._hook is not None:
            self._hook.url = f"{url}/webhooks/jira"

    # The people

    async def type(self, line: Line) -> None:
        """Let somebody type a line."""
        loop, room = asyncio.get_running_loop(), line.stage.room
        pause = self._last_typed.get(room, 0) + BETWEEN_LINES - loop.time()
        await asyncio.sleep(max(pause, A_TURN))
        thread = None if line.story is None or line.opens else line.story.thread
        message = self.world.chat.workspace.post(
            line.author, room_id(self.world, room), line.text, thread=thread
        )
        self._last_typed[room] = loop.time()
        if line.opens and line.story is not None:
            line.story.thread = message["_id"]
        self.typed.append(line)
        self.messages[id(line)] = message["_id"]

    # The end

    def judge(self) -> Judge:
        """Return who compares what was owed with what is there."""
        return Judge(self.world, self.typed)

    async def settle(self, *, within: float) -> Verdict:
        """Wait until nothing that is owed is missing; returns how it stands then."""
        deadline = asyncio.get_running_loop().time() + within
        pause = 0.05
        while True:
            verdict = self.judge().on_servers()
            if not verdict.missing or asyncio.get_running_loop().time() > deadline:
                return verdict
            assert self._is_revived or self.bot.runs, f"it ended by itself:\n{self.bot.tail()}"
            await asyncio.sleep(pause)
            pause = min(pause * 1.3, 0.5)

    async def finish(self, *, within: float = 30.0, again: bool = True) -> Verdict:
        """Wait until all is done, stop, start once more to see nothing repeated, and compare.

        Args:
            within: seconds for what is still owed.
            again: whether to start once more; what is then read again must change nothing.
        """
        await self.ready()
        verdict = await self.settle(within=within)
        if verdict.good and again:
            await self.stop()
            await self.ready()
            await self._polled()
        await self.stop()
        servers = self.judge().on_servers()
        store = await self.judge().in_store(str(self.world.values()["storage_url"]))
        servers.add(store, where="in the store")
        return servers

    async def _polled(self) -> None:
        """Wait until Jira has been searched twice more: all of the first was handled."""
        requests = self.world.jira.requests

        def searches() -> int:
            return sum(count for route, count in requests.items() if "/search" in route)

        seen = searches()
        if not self.world.jira.records.issues:
            return
        async with asyncio.timeout(20):
            while searches() < seen + 2:  # noqa: ASYNC110 - the server tells nobody
                await asyncio.sleep(0.05)
