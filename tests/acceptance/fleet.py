"""Several bots on one database, each a process of its own, and the people who type to them."""

import asyncio
import os
import signal
from pathlib import Path

from tests.acceptance.faults.process import Bot, Launcher
from tests.acceptance.faults.scene import Scene
from tests.acceptance.faults.verdict import Verdict
from tests.world import World

NAMES = ("anna", "bert", "cleo")


class Fleet(Scene):
    """A scene with more than one bot.

    Args:
        url: of the database; its tables are there.
        poll_seconds: between two looks at Jira.
    """

    def __init__(
        self, folder: Path, launcher: Launcher, *, url: str, poll_seconds: float = 0.2
    ) -> None:
        super().__init__(folder, launcher)
        self.url = url
        self.world = World(
            folder, storage_url=url, log_format="json", poll_interval_seconds=poll_seconds
        )
        self.bots: dict[str, Bot] = {}

    async def __aexit__(self, *exc_info: object) -> None:
        for bot in self.bots.values():
            bot.send(signal.SIGKILL)
            await bot.wait_gone()
        await super().__aexit__(None, None, None)

    async def launch(self, *names: str) -> None:
        """Start bots and wait until they take commands."""
        env = {name.upper(): str(value) for name, value in self.world.values().items()}
        env |= {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        for name in names:
            self.starts += 1
            log = self._logs / f"{self.starts:04}-{name}.log"
            self.bots[name] = await self._launcher.start(env, log, fork=True)
        for name in names:
            bot = self.bots[name]
            assert await bot.wait_ready(), f"{name} ended by itself ({bot.status}):\n{bot.tail()}"

    async def fell(self, name: str) -> None:
        """Kill one."""
        self.bots[name].send(signal.SIGKILL)
        assert await self.bots[name].wait_gone() == -signal.SIGKILL
        self.kills += 1

    def freeze(self, name: str) -> None:
        """Let one hang."""
        self.bots[name].send(signal.SIGSTOP)

    def thaw(self, name: str) -> None:
        """Let it go on."""
        self.bots[name].send(signal.SIGCONT)

    async def dismiss(self) -> None:
        """Let all of them stop by themselves."""
        for name, bot in self.bots.items():
            bot.send(signal.SIGTERM)
            status = await bot.wait_gone()
            assert status == 0, f"{name} did not stop well ({status}):\n{bot.tail()}"

    async def all_done(self, *, within: float = 30.0) -> Verdict:
        """Wait until nothing that is owed is missing; returns how it stands then."""
        deadline = asyncio.get_running_loop().time() + within
        while True:
            verdict = self.judge().on_servers()
            if not verdict.missing or asyncio.get_running_loop().time() > deadline:
                return verdict
            await asyncio.sleep(0.1)

    async def verdict(self, *, within: float = 30.0) -> Verdict:
        """Wait until all is done, stop, and compare servers and database with what was owed."""
        await self.all_done(within=within)
        await self.dismiss()
        servers = self.judge().on_servers()
        store = await self.judge().in_store(self.url)
        servers.problems += [f"in the store, {problem}" for problem in store.problems]
        return servers

    def events(self, event: str) -> dict[str, int]:
        """Return how often each bot logged an event, over all its runs."""
        counts = dict.fromkeys(self.bots, 0)
        for log in self._logs.glob("*.log"):
            name = log.stem.split("-", 1)[1]
            counts[name] += log.read_text(errors="replace").count(f'"event": "{event}"')
        return counts

    def account(self, verdict: Verdict) -> str:
        """Say what is wrong, and what the bots were doing."""
        figures = (
            f"{self.kills} kills, {self.starts} starts, {verdict.owed} owed,"
            f" {verdict.missing} missing, {verdict.double} double,"
            f" {verdict.unexpected} unexpected, {verdict.disordered} out of order"
        )
        return "\n".join([figures, *verdict.problems[:20], self.history()])
