"""A plain REST caller and a plain DDP client: what they send and get is what a test sees."""

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp

from sandbox.rocketchat.server import RocketChatServer

Frame = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, headers and body of an answer."""

    status: int
    headers: Mapping[str, str]
    body: Any

    @property
    def error(self) -> tuple[int, str | None, str | None]:
        """Status, `error` and `errorType`."""
        return self.status, self.body.get("error"), self.body.get("errorType")


class Rest:
    """Calls routes as one user, or as nobody."""

    def __init__(
        self, session: aiohttp.ClientSession, server: RocketChatServer, username: str | None
    ) -> None:
        self._session = session
        self._server = server
        self.headers: dict[str, str] = {}
        self.token = ""
        if username is not None:
            user = server.workspace.user(username)
            self.token = server.workspace.accounts.open_session(user)[0]
            self.headers = {"X-User-Id": user.id, "X-Auth-Token": self.token}

    async def get(self, path: str, /, **query: str) -> Answer:
        return await self.call("GET", f"/api/v1/{path}", params=query)

    async def post(self, path: str, /, body: object = None, **fields: object) -> Answer:
        return await self.call("POST", f"/api/v1/{path}", json=fields if body is None else body)

    async def call(self, method: str, path: str, **options: Any) -> Answer:  # noqa: ANN401 - aiohttp's own
        headers = {**self.headers, **options.pop("headers", {})}
        url = self._server.url + path
        async with self._session.request(method, url, headers=headers, **options) as response:
            text = await response.text(errors="replace")
            is_json = response.content_type == "application/json"
            return Answer(response.status, response.headers, json.loads(text) if is_json else text)

    async def send(self, rid: str, text: str, **more: object) -> Answer:
        return await self.post("chat.sendMessage", message={"rid": rid, "msg": text, **more})


class Ddp:
    """A DDP client without any comfort."""

    def __init__(self, session: aiohttp.ClientSession, server: RocketChatServer) -> None:
        self._session = session
        self._server = server
        self.frames: list[Frame] = []
        self.farewell: str | None = None
        self._numbers = 0
        self._reading: asyncio.Task[None] | None = None
        self.socket: aiohttp.ClientWebSocketResponse

    async def open(self) -> None:
        url = self._server.url.replace("http", "ws") + "/websocket"
        self.socket = await self._session.ws_connect(url)
        self._reading = asyncio.create_task(self._read(), name="ddp test client")

    async def connect(self, username: str | None = None) -> "Ddp":
        await self.open()
        await self.say(msg="connect", version="1", support=["1"])
        await self.wait(lambda frame: frame.get("msg") == "connected")
        if username is not None:
            user = self._server.workspace.user(username)
            token = self._server.workspace.accounts.open_session(user)[0]
            answer = await self.method("login", {"resume": token})
            assert "error" not in answer, answer
        return self

    async def close(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)
            await self.socket.close()

    async def _read(self) -> None:
        while True:
            received = await self.socket.receive()
            if received.type is aiohttp.WSMsgType.TEXT:
                self.frames.append(json.loads(received.data))
            elif received.type is aiohttp.WSMsgType.CLOSE:
                self.farewell = received.extra
            if self.socket.closed:
                return

    async def say(self, **frame: object) -> None:
        await self.socket.send_str(json.dumps(frame))

    async def wait(self, test: Callable[[Frame], object], within: float = 5.0) -> Frame:
        """Return the first frame, come or to come, that fits."""
        deadline = asyncio.get_running_loop().time() + within
        while True:
            for frame in self.frames:
                if test(frame):
                    return frame
            if asyncio.get_running_loop().time() > deadline:
                raise AssertionError(f"no such frame within {within} s: {self.frames[-5:]}")
            await asyncio.sleep(0.005)

    async def method(self, name: str, *params: object) -> Frame:
        self._numbers += 1
        number = str(self._numbers)
        await self.say(msg="method", method=name, id=number, params=params)
        return await self.wait(lambda frame: frame.get("msg") == "result" and frame["id"] == number)

    async def subscribe(self, name: str, event: str, options: object = False) -> Frame:  # noqa: FBT002 - as on the wire
        self._numbers += 1
        sub_id = f"s{self._numbers}"
        await self.say(msg="sub", id=sub_id, name=name, params=[event, options])
        return await self.wait(
            lambda frame: frame.get("subs") == [sub_id] or frame.get("id") == sub_id
        )

    def events(self, collection: str, event: str) -> list[list[Any]]:
        """The arguments of the events that have come."""
        return [
            frame["fields"]["args"]
            for frame in self.frames
            if frame.get("msg") == "changed"
            and frame["collection"] == collection
            and frame["fields"]["eventName"] == event
        ]

    def mine(self) -> list[list[Any]]:
        """The arguments of `__my_messages__` that have come."""
        return self.events("stream-room-messages", "__my_messages__")
