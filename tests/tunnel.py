"""A way to a server that can go dead without a word: no bytes pass any more, and nothing is closed.

What a lost route, a firewall that forgot a connection or a frozen machine looks like from here.
"""

import asyncio
import contextlib
from typing import Self
from urllib.parse import urlsplit, urlunsplit

_CHUNK = 64 * 1024


class _Way:
    """One connection through the tunnel."""

    def __init__(self) -> None:
        self.asks = asyncio.Event()
        self.answers = asyncio.Event()
        self.asks.set()
        self.answers.set()


class Tunnel:
    """Passes everything on to the server at `target`, until told otherwise.

    Attributes:
        url: of this end of it.
        swallowed: how many bytes went into a dead connection.
    """

    def __init__(self, target: str) -> None:
        parts = urlsplit(target)
        assert parts.hostname is not None
        assert parts.port is not None
        self._parts = parts
        self._host, self._port = parts.hostname, parts.port
        self._ways: set[_Way] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self.url = ""
        self.swallowed = 0

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        port = self._server.sockets[0].getsockname()[1]
        self.url = urlunsplit(self._parts._replace(netloc=f"127.0.0.1:{port}"))
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def die(self, *, only_answers: bool = False) -> None:
        """Let nothing pass on the connections there are; new ones work.

        Args:
            only_answers: what is asked still arrives.
        """
        for way in self._ways:
            way.answers.clear()
            if not only_answers:
                way.asks.clear()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        way = _Way()
        self._ways.add(way)
        there, back = await asyncio.open_connection(self._host, self._port)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._pass(reader, back, way.asks))
                group.create_task(self._pass(there, writer, way.answers))
        finally:
            self._ways.discard(way)
            self._tasks.discard(task)
            for end in (writer, back):
                end.close()

    async def _pass(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, alive: asyncio.Event
    ) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await source.read(_CHUNK):
                if not alive.is_set():
                    self.swallowed += len(data)
                    continue
                sink.write(data)
                await sink.drain()
            if alive.is_set():
                sink.write_eof()
