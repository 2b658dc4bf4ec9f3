"""A way to a server that can go silent, as a network does that loses a machine."""

import asyncio
from pathlib import Path
from typing import Self


class Proxy:
    """Passes connections on to a server on a socket of this machine. Use with `async with`.

    Attributes:
        port: where it listens.
        connections: how many were opened.
    """

    def __init__(self, target: Path) -> None:
        self.port = 0
        self.connections = 0
        self._target = target
        self._server: asyncio.Server | None = None
        self._silent: set[int] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._writers: list[asyncio.StreamWriter] = []

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._pass_on, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for writer in self._writers:
            writer.transport.abort()
        await asyncio.gather(
            *(writer.wait_closed() for writer in self._writers), return_exceptions=True
        )

    def swallow(self) -> None:
        """Swallow, from now on, whatever the present connections carry; they stay open."""
        self._silent |= set(range(self.connections + 1))

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        number = self.connections
        there, to_there = await asyncio.open_unix_connection(self._target)
        self._writers += [writer, to_there]
        for source, sink in ((reader, to_there), (there, writer)):
            task = asyncio.ensure_future(self._pump(number, source, sink))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _pump(
        self, number: int, source: asyncio.StreamReader, sink: asyncio.StreamWriter
    ) -> None:
        try:
            while data := await source.read(1 << 16):
                if number not in self._silent:
                    sink.write(data)
                    await sink.drain()
        except ConnectionError:
            pass
        finally:
            if number not in self._silent:
                sink.close()
