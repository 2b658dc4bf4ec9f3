"""A scene with several bots on one database: in each round one of them is struck, or all."""

import asyncio
import os
import random
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.acceptance.faults.process import Bot, Launcher
from tests.acceptance.faults.scene import Scene
from tests.acceptance.faults.verdict import Verdict
from tests.postgres import Server
from tests.world import Deployment

NAMES = ("anna", "bert", "cleo", "dora", "emil")


class Squad(Scene):
    """Several bots; what a scene does to its bot is done to those that are chosen.

    Args:
        server: of the database; may be killed.
        bots: how many.
        clocks_ahead: by how many seconds the clock of a bot is wrong, by its name.

    Attributes:
        url: of the database.
        chosen: the bots that are struck, stopped and started; all of them at first.
    """

    def __init__(
        self,
        folder: Path,
        launcher: Launcher,
        *,
        server: Server,
        bots: int = 3,
        clocks_ahead: Mapping[str, float] | None = None,
        version: str = "9.0",
        deployment: Deployment = "cloud",
        poll_seconds: float = 0.1,
    ) -> None:
        super().__init__(
            folder,
            launcher,
            version=version,
            deployment=deployment,
            poll_seconds=poll_seconds,
            storage_url=(url := server.create_store()),
        )
        self.url = url
        self.server = server
        self.names: Sequence[str] = NAMES[:bots]
        self.chosen: Sequence[str] = self.names
        self._clocks_ahead = clocks_ahead or {}
        self._bots: dict[str, Bot] = {}
        self._sent_away: set[Bot] = set()

    async def __aexit__(self, *exc_info: object) -> None:
        for bot in self._bots.values():
            if bot.runs:
                bot.send(signal.SIGKILL)
                await bot.wait_gone()
        await super().__aexit__(None, None, None)

    @property
    def bot(self) -> Bot:
        """Return the first of those that are chosen."""
        return self._bots[self.chosen[0]]

    def choose(self, dice: random.Random) -> None:
        """Choose who is struck next: mostly one, now and then several or all."""
        how_many = dice.choice((1, 1, 1, 1, 2, len(self.names)))
        self.chosen = dice.sample(self.names, how_many)

    async def start(self, *, fork: bool | None = None) -> Bot:
        """Start those that are chosen and do not run; they are not ready when this returns."""
        env = {name.upper(): str(value) for name, value in self.world.values().items()}
        env |= {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        for name in self.chosen:
            if name in self._bots and self._bots[name].runs:
                continue
            self.starts += 1
            self._bots[name] = await self._launcher.start(
                env,
                self._logs / f"{self.starts:04}-{name}.log",
                fork=self.fork if fork is None else fork,
                clock_ahead=self._clocks_ahead.get(name, 0.0),
            )
        return self.bot

    async def ready(self) -> None:
        """Start whoever does not run, and wait until all take commands."""
        for name, bot in self._bots.items():
            assert bot.runs or bot in self._sent_away, self._ended_by_itself(name)
        chosen, self.chosen = self.chosen, self.names
        await self.start()
        self.chosen = chosen
        for name, bot in self._bots.items():
            url = await bot.wait_ready()
            assert url, self._ended_by_itself(name)
            self._point_hook(url)

    def strike(self) -> None:
        """Kill those that are chosen, this instant."""
        for bot in self._those_chosen().values():
            self._sent_away.add(bot)
            bot.send(signal.SIGKILL)

    async def kill(self) -> None:
        """Kill those that are chosen, if they have not been struck already, and see them gone."""
        self.strike()
        for name, bot in self._those_chosen().items():
            assert await bot.wait_gone() == -signal.SIGKILL, self._ended_by_itself(name)
            self.kills += 1

    async def stop(self) -> None:
        """Let those that are chosen stop by themselves."""
        stopping = self._those_chosen()
        for name, bot in stopping.items():
            # Before that, nobody has told the process what to do about the signal.
            assert await bot.wait_ready(), self._ended_by_itself(name)
        for bot in stopping.values():
            self._sent_away.add(bot)
            bot.send(signal.SIGTERM)
        for name, bot in stopping.items():
            assert await bot.wait_gone() == 0, self._ended_by_itself(name)

    def logged(self, name: str, event: str) -> bool:
        """Tell whether a bot logged an event in one of its runs."""
        return any(
            f'"event": "{event}"' in log.read_text(errors="replace")
            for log in self._logs.glob(f"*-{name}.log")
        )

    async def hang(self, dice: random.Random) -> None:
        """Let one bot hang, with whatever it holds, and come back."""
        bot = self._bots[dice.choice(self.names)]
        bot.send(signal.SIGSTOP)
        try:
            await asyncio.sleep(dice.uniform(0.2, 2.0))
        finally:
            bot.send(signal.SIGCONT)

    async def lose_database(self, dice: random.Random) -> None:
        """Stop the database at once, as in a crash, and start it again a while later."""
        await asyncio.to_thread(self.server.stop)
        try:
            await asyncio.sleep(dice.uniform(0.1, 1.5))
        finally:
            await asyncio.to_thread(self.server.start)

    async def finish(self, *, within: float = 30.0, again: bool = True) -> Verdict:
        """See `Scene.finish`; with all of them."""
        self.chosen = self.names
        return await super().finish(within=within, again=again)

    def _those_chosen(self) -> Mapping[str, Bot]:
        return {name: self._bots[name] for name in self.chosen}

    def _ended_by_itself(self, name: str) -> str:
        bot = self._bots[name]
        return f"{name} ended by itself ({bot.status}):\n{bot.tail()}"
