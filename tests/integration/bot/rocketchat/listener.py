"""A listener that writes down what it hears."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.rocketchat.realtime import Realtime
from bot.rocketchat.records import IncomingMessage
from tests.waiting import eventually


class Recorder:
    """Keeps everything it is told; may be told to fail or to wait."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.messages: list[IncomingMessage] = []
        self.reasons: list[str] = []
        self.catching_up = asyncio.Event()
        self.may_finish = asyncio.Event()
        self.may_finish.set()
        self.failures: list[Exception] = []

    async def on_connected(self) -> None:
        self.heard.append("connected")
        self.catching_up.set()
        await self.may_finish.wait()
        self.heard.append("caught up")

    async def on_message(self, message: IncomingMessage) -> None:
        if self.failures:
            raise self.failures.pop()
        self.heard.append(message.id)
        self.messages.append(message)

    async def on_disconnected(self, reason: str) -> None:
        self.heard.append("disconnected")
        self.reasons.append(reason)

    async def on_roles_changed(self) -> None:
        self.heard.append("roles changed")

    async def hears(self, *events: str, within: float = 30) -> None:
        """Wait until these were heard, in this order, possibly with others in between."""

        def all_heard() -> bool:
            heard = iter(self.heard)
            return all(event in heard for event in events)

        try:
            await eventually(all_heard, within=within)
        except AssertionError:
            raise AssertionError(f"wanted {events}, heard {self.heard}") from None


@asynccontextmanager
async def running(realtime: Realtime, listener: Recorder) -> AsyncIterator[asyncio.Task[None]]:
    """Run a realtime connection for the length of a test."""
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(realtime.run(listener))
        try:
            yield task
        finally:
            task.cancel()
