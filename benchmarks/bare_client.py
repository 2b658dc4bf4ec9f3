"""The least that posting to the chat server can cost: one aiohttp request per message."""

import asyncio
import itertools
import time
from collections.abc import Iterator
from typing import Self

import aiohttp

from benchmarks.world import Servers


class BareClient:
    """Posts as somebody the bot does not hear. `async with BareClient(servers) as client`."""

    def __init__(self, there: Servers) -> None:
        self._url = f"{there.facts['chat']}/api/v1/chat.sendMessage"
        self._headers = {
            "X-User-Id": there.facts["poster_id"],
            "X-Auth-Token": there.facts["poster_token"],
        }
        self._rooms: list[str] = there.facts["quiet_rooms"]
        self._http: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        """Open the connection pool."""
        self._http = aiohttp.ClientSession(headers=self._headers)
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        """Close it."""
        assert self._http is not None
        await self._http.close()

    async def post_one_by_one(self, count: int) -> list[float]:
        """Return how many seconds each of so many posts took."""
        seconds = []
        for _ in range(count):
            began = time.perf_counter()
            await self._post(self._rooms[0])
            seconds.append(time.perf_counter() - began)
        return seconds

    async def post_at_once(self, count: int) -> float:
        """Post so many messages, in all rooms in parallel; return how many seconds it took."""
        rooms = itertools.islice(itertools.cycle(self._rooms), count)
        began = time.perf_counter()
        await asyncio.gather(*(self._work(rooms) for _ in self._rooms))
        return time.perf_counter() - began

    async def _work(self, rooms: Iterator[str]) -> None:
        for room in rooms:
            await self._post(room)

    async def _post(self, room: str) -> None:
        assert self._http is not None
        message = {"rid": room, "msg": "*CASE-42* is at Level 1, Analysis."}
        async with self._http.post(self._url, json={"message": message}) as answer:
            assert (await answer.json())["success"]
