"""The servers and the bot as processes of their own, as they are in real life."""

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import psutil

from benchmarks.seed import fill
from benchmarks.servers import CHANNELS
from storage.tinydb import TinyDBStore

Deployment = Literal["cloud", "datacenter"]
ROOT = Path(__file__).parent.parent
_START_WITHIN = 180.0
_STOP_WITHIN = 20.0
_LONGEST_LINE = 1 << 26


class Servers:
    """The process with both servers, as `benchmarks.servers` runs them.

    Attributes:
        facts: where they are and how to log in.
    """

    def __init__(self, process: asyncio.subprocess.Process, facts: dict[str, Any]) -> None:
        self._process = process
        self.facts = facts

    async def ask(self, do: str, **arguments: object) -> Any:  # noqa: ANN401 - as the command has it
        """Have a command carried out and return its answer."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": do, **arguments}).encode() + b"\n")
        await self._process.stdin.drain()
        answer = await _read(self._process)
        if problem := answer.get("problem"):
            raise RuntimeError(f"{do}: {problem}")
        return answer


@contextlib.asynccontextmanager
async def servers(deployment: Deployment = "cloud") -> AsyncIterator[Servers]:
    """Run both servers until the block is left."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.servers", deployment,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        cwd=ROOT, limit=_LONGEST_LINE,
    )  # fmt: skip
    try:
        async with asyncio.timeout(_START_WITHIN):
            facts = await _read(process)
        yield Servers(process, facts)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await _end(process)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bot:
    """The bot's process."""

    process: psutil.Process
    log: Path


@contextlib.asynccontextmanager
async def bot(
    there: Servers,
    folder: Path,
    *,
    url: str = "",
    name: str = "bot",
    command: Sequence[str] = ("-m", "bot", "run"),
) -> AsyncIterator[Bot]:
    """Run the bot until the block is left; it is ready at the start.

    Args:
        there: the servers it speaks to.
        folder: where it is started, with its store in `cases.json`.
        url: of another store.
        name: of its log; each of several bots needs its own.
        command: what the interpreter is to run.
    """
    log = folder / f"{name}.log"
    env = _environment(there, url or f"tinydb:///{folder / 'cases.json'}")
    with log.open("wb") as written:
        process = await asyncio.create_subprocess_exec(
            sys.executable, *command,
            cwd=folder, env=env, stderr=written,
        )  # fmt: skip
    try:
        async with asyncio.timeout(_START_WITHIN):
            while b'"event": "ready"' not in log.read_bytes():
                if process.returncode is not None:
                    raise RuntimeError(f"the bot did not start: {log.read_text()}")
                await asyncio.sleep(0.05)
        yield Bot(process=psutil.Process(process.pid), log=log)
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        await _end(process)


async def prepare_store(folder: Path, cases: int) -> Path:
    """Write a store with so many cases, and return its file."""
    path = folder / "cases.json"
    async with TinyDBStore(path) as store:
        await fill(store, cases)
    return path


def _environment(there: Servers, storage_url: str) -> dict[str, str]:
    facts = there.facts
    # Settings of whoever runs this must not reach the bot.
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {
        **inherited,
        "PYTHONPATH": str(ROOT),
        "ROCKETCHAT_URL": facts["chat"],
        "ROCKETCHAT_USER_ID": facts["bot_id"],
        "ROCKETCHAT_AUTH_TOKEN": facts["bot_token"],
        "SUPPORT_CHANNELS": ",".join(("support", *CHANNELS)),
        "JIRA_URL": facts["jira"],
        "JIRA_EMAIL": facts["jira_email"],
        "JIRA_API_TOKEN": facts["jira_api_token"],
        "JIRA_PROJECT": "BUG",
        "STORAGE_URL": storage_url,
        "HTTP_PORT": "0",
        "LOG_FORMAT": "json",
    }


async def _read(process: asyncio.subprocess.Process) -> dict[str, Any]:
    assert process.stdout is not None
    line = await process.stdout.readline()
    if not line:
        raise RuntimeError("the servers have ended")
    answer: dict[str, Any] = json.loads(line)
    return answer


async def _end(process: asyncio.subprocess.Process) -> None:
    try:
        async with asyncio.timeout(_STOP_WITHIN):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
