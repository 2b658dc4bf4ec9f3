"""Programs of the project as processes of their own, with an environment of their own."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

ROOT = Path(__file__).parent.parent


class Program:
    """A process: `async with Program("bot", "run", folder=…, settings=…) as bot`.

    Killed when the block is left, if it has not ended by then.

    Args:
        module: what `python -m` runs.
        *arguments: of its command line.
        folder: where it is started; with nothing of the project in it.
        settings: environment variables; there are no others but what Python itself needs.
    """

    def __init__(
        self, module: str, *arguments: str, folder: Path, settings: Mapping[str, str] | None = None
    ) -> None:
        self._command = (sys.executable, "-m", module, *arguments)
        self._folder = folder
        self._environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            **(settings or {}),
        }
        self._changed = asyncio.Event()
        self._reading: list[asyncio.Task[None]] = []
        self._process: asyncio.subprocess.Process | None = None
        self.stdout = ""
        self.stderr = ""

    @property
    def output(self) -> str:
        """Return everything it has written."""
        return self.stdout + self.stderr

    async def __aenter__(self) -> Self:
        self._process = await asyncio.create_subprocess_exec(
            *self._command,
            cwd=self._folder,
            env=self._environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        self._reading = [
            asyncio.create_task(self._read("stdout", self._process.stdout)),
            asyncio.create_task(self._read("stderr", self._process.stderr)),
        ]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._process is not None
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()
        await asyncio.gather(*self._reading)

    async def ends(self, *, within: float = 40) -> int:
        """Wait until it has ended by itself; returns its exit code."""
        assert self._process is not None
        try:
            async with asyncio.timeout(within):
                await asyncio.gather(*self._reading)
                return await self._process.wait()
        except TimeoutError as error:
            raise AssertionError(f"still running; it wrote: {self.output}") from error

    def send(self, number: signal.Signals) -> None:
        """Send it a signal."""
        assert self._process is not None
        self._process.send_signal(number)

    async def stop(self, *, within: float = 40) -> int:
        """Ask it to stop, as a service manager does; returns its exit code."""
        self.send(signal.SIGTERM)
        return await self.ends(within=within)

    async def says(self, *parts: str, within: float = 40) -> str:
        """Wait until it has written a line with all these parts; returns the line."""
        try:
            async with asyncio.timeout(within):
                while True:
                    for line in self.output.splitlines():
                        if all(part in line for part in parts):
                            return line
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError as error:
            raise AssertionError(f"it never wrote {parts}; it wrote: {self.output}") from error

    async def logs(self, event: str, *, within: float = 40) -> dict[str, Any]:
        """Wait for an event in a log of `LOG_FORMAT=json`; returns it."""
        line = await self.says(f'"event": "{event}"', within=within)
        found: dict[str, Any] = json.loads(line)
        return found

    async def _read(self, name: str, stream: asyncio.StreamReader | None) -> None:
        assert stream is not None
        while line := await stream.readline():
            setattr(self, name, getattr(self, name) + line.decode())
            self._changed.set()
