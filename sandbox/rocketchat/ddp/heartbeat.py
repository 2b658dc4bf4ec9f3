"""Pings of the server, and the end of a client that does not answer."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Heartbeat:
    """When the server pings and when it gives up, in seconds.

    Args:
        interval: silence of the client after which it is asked.
        timeout: further silence after which the connection is closed.
        at_once: whether there is a first ping right after the connection.
    """

    interval: float = 30.0
    timeout: float = 30.0
    at_once: bool = True


class Pulse:
    """Watches one connection."""

    def __init__(
        self,
        heartbeat: Heartbeat,
        *,
        ping: Callable[[], None],
        give_up: Callable[[], Awaitable[None]],
    ) -> None:
        self._heartbeat = heartbeat
        self._ping = ping
        self._give_up = give_up
        self._heard = asyncio.Event()

    def heard(self) -> None:
        """Note that the client sent something."""
        self._heard.set()

    async def run(self) -> None:
        """Ping in silence; return when the client is given up."""
        if self._heartbeat.at_once:
            self._ping()
        while True:
            if await self._listen(self._heartbeat.interval):
                continue
            self._ping()
            if not await self._listen(self._heartbeat.timeout):
                await self._give_up()
                return

    async def _listen(self, seconds: float) -> bool:
        self._heard.clear()
        try:
            await asyncio.wait_for(self._heard.wait(), seconds)
        except TimeoutError:
            return False
        return True
