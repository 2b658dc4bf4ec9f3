"""The frames on their way to one client."""

import asyncio
import random
from dataclasses import dataclass

from aiohttp import web

from sandbox.rocketchat.faults import Faults

# A client that does not read is cut off before it takes all memory.
MOST_WAITING = 100_000
OVERTAKEN_WITHIN = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Shuffle:
    """How often a message event is held for a moment, so that a close one overtakes it.

    The real server asks for access per message and listener, in parallel, so
    two messages may arrive swapped.
    """

    rate: float = 0.1
    hold: float = 0.003


class Sender:
    """Sends frames in order, except where messages may overtake each other."""

    def __init__(
        self,
        socket: web.WebSocketResponse,
        *,
        faults: Faults,
        rng: random.Random,
        shuffle: Shuffle | None,
    ) -> None:
        self._socket = socket
        self._faults = faults
        self._rng = rng
        self._shuffle = shuffle
        self._waiting: asyncio.Queue[str] = asyncio.Queue()
        self._held: list[str] = []
        self.half_open = faults.half_open
        self.overrun = False

    def put(self, frame: str) -> None:
        """Send a frame after all that wait."""
        if self.half_open:
            return
        if self._waiting.qsize() >= MOST_WAITING:
            self.overrun = True
            return
        self._waiting.put_nowait(frame)

    def put_message(self, frame: str) -> None:
        """Send a message event, which may overtake its neighbour or be overtaken."""
        loop = asyncio.get_running_loop()
        if self._faults.duplicates > 0:
            self._faults.duplicates -= 1
            self.put(frame)
        if self._faults.reorders > 0:
            self._faults.reorders -= 1
            self._held.append(frame)
            loop.call_later(OVERTAKEN_WITHIN, self._release)
        elif self._shuffle is not None and self._rng.random() < self._shuffle.rate:
            loop.call_later(self._shuffle.hold, self.put, frame)
        else:
            self.put(frame)
            self._release()

    def _release(self) -> None:
        held, self._held = self._held, []
        for frame in held:
            self.put(frame)

    async def run(self) -> None:
        """Send until the connection ends."""
        while True:
            frame = await self._waiting.get()
            await self._faults.wait_thawed()
            if not self.half_open:
                try:
                    await self._socket.send_str(frame)
                except ConnectionError:
                    return
                self._faults.notice("sent", "websocket", {"frame": frame})
