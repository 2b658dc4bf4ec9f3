"""The bot as a process of its own, to be killed at any time."""

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Coroutine, Iterator, Mapping
from pathlib import Path
from typing import Self

from tests.waiting import eventually

ROOT = Path(__file__).parents[3]
ARGUMENTS = ("run", "--env-file", os.devnull)
READY_WITHIN = 60.0
GONE_WITHIN = 30.0


class Bot:
    """One run of the bot.

    Attributes:
        status: how it ended: its exit code, or the negative number of the signal; None before.
    """

    def __init__(self, pid: int, log: Path) -> None:
        self.pid = pid
        self.log = log
        self.status: int | None = None
        self.gone = asyncio.Event()
        self._read = 0
        self._rest = b""
        self._ready = ""

    @property
    def runs(self) -> bool:
        """Whether it has not ended yet, as far as is known."""
        return not self.gone.is_set()

    def end(self, status: int) -> None:
        """Note that it has ended."""
        self.status = status
        self.gone.set()

    def send(self, number: signal.Signals) -> None:
        """Send a signal; nothing happens if it has ended."""
        if self.runs:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    async def wait_gone(self) -> int:
        """Wait until it has ended and return how."""
        async with asyncio.timeout(GONE_WITHIN):
            await self.gone.wait()
        assert self.status is not None
        return self.status

    def endpoint(self) -> str:
        """Return where its endpoints are, or nothing while it is not ready."""
        if not self._ready and self.log.exists():
            with self.log.open("rb") as log:
                log.seek(self._read)
                new = log.read()
            self._read += len(new)
            *lines, self._rest = (self._rest + new).split(b"\n")
            for line in lines:
                if line.startswith(b"{") and (entry := json.loads(line)).get("event") == "ready":
                    self._ready = str(entry["endpoints"])
        return self._ready

    async def wait_ready(self) -> str:
        """Wait until it takes commands; returns where its endpoints are, or nothing if it ended."""
        async with asyncio.timeout(READY_WITHIN):
            while self.runs and not self.endpoint():
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self.gone.wait(), 0.02)
        return self.endpoint()

    def tail(self, lines: int = 30) -> str:
        """Return the last lines of its log."""
        if not self.log.exists():
            return ""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])


@contextlib.contextmanager
def forker() -> Iterator[Path]:
    """Run a process that forks bots; returns the socket on which it takes orders."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "orders"
        process = subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-m", "tests.acceptance.faults.launcher", str(path)], cwd=ROOT
        )
        try:
            yield path
        finally:
            process.kill()
            process.wait()


class Launcher:
    """Starts bots: by the command itself, or forked from a process that has it loaded.

    Args:
        orders: the socket of that process.
    """

    def __init__(self, orders: Path) -> None:
        self._orders = orders
        self._forker: asyncio.StreamWriter | None = None
        self._bots: dict[int, Bot] = {}
        self._ended: dict[int, int] = {}
        self._pids: asyncio.Queue[int] = asyncio.Queue()
        self._one_by_one = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        for bot in list(self._bots.values()):
            bot.send(signal.SIGKILL)
        if self._forker is not None:
            self._forker.close()
            await self._forker.wait_closed()
        await asyncio.gather(*self._tasks)

    async def start(
        self, env: Mapping[str, str], log: Path, *, fork: bool, clock_ahead: float = 0.0
    ) -> Bot:
        """Start one; it is not ready yet when this returns.

        Args:
            env: its environment.
            log: where it writes.
            fork: whether it is forked from one that has the program loaded.
            clock_ahead: by how many seconds its clock is wrong; only for one that is forked.
        """
        pid = await (self._fork(env, log, clock_ahead) if fork else self._run(env, log))
        bot = Bot(pid, log)
        self._bots[pid] = bot
        if pid in self._ended:
            self._end(pid, self._ended.pop(pid))
        return bot

    async def _run(self, env: Mapping[str, str], log: Path) -> int:
        with log.open("ab") as output:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "bot", *ARGUMENTS,
                cwd=ROOT, env=env, stdin=asyncio.subprocess.DEVNULL, stdout=output, stderr=output,
            )  # fmt: skip

        async def watch() -> None:
            self._end(process.pid, await process.wait())

        self._keep(watch())
        return process.pid

    async def _fork(self, env: Mapping[str, str], log: Path, clock_ahead: float) -> int:
        async with self._one_by_one:
            if self._forker is None:
                self._forker = await self._connect()
            order = {
                "env": dict(env),
                "log": str(log),
                "arguments": ARGUMENTS,
                "clock_ahead": clock_ahead,
            }
            self._forker.write(json.dumps(order).encode() + b"\n")
            return await self._pids.get()

    async def _connect(self) -> asyncio.StreamWriter:
        await eventually(self._orders.exists, within=READY_WITHIN)
        reader, writer = await asyncio.open_unix_connection(self._orders)
        self._keep(self._listen(reader))
        return writer

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        async for line in reader:
            facts = json.loads(line)
            if "status" in facts:
                self._end(facts["pid"], facts["status"])
            else:
                self._pids.put_nowait(facts["pid"])

    def _end(self, pid: int, status: int) -> None:
        bot = self._bots.pop(pid, None)
        if bot is None:
            self._ended[pid] = status
        else:
            bot.end(status)

    def _keep(self, work: Coroutine[object, object, None]) -> None:
        self._tasks.add(asyncio.ensure_future(work))
