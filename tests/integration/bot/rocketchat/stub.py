"""A server that answers as each test tells it, for what the sandbox is too well-behaved to do."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

API = "/api/v1/"
ME = {"_id": "bot1", "username": "casebot", "success": True}


class Peer:
    """The server's end of one websocket."""

    def __init__(self, socket: web.WebSocketResponse) -> None:
        self.socket = socket
        self.subs: list[dict[str, Any]] = []

    async def send(self, *documents: object) -> None:
        for document in documents:
            await self.socket.send_str(json.dumps(document))

    async def receive(self) -> dict[str, Any]:
        """Return what the client says next; a connection that ends here ends the script."""
        received = await self.socket.receive()
        if received.type is not WSMsgType.TEXT:
            raise ConnectionResetError
        document: dict[str, Any] = json.loads(received.data)
        return document

    async def expect(self, msg: str) -> dict[str, Any]:
        document = await self.receive()
        assert document["msg"] == msg, document
        return document

    async def handshake(self) -> None:
        """Let the client in, up to and including the subscription to messages."""
        await self.expect("connect")
        await self.send({"msg": "connected", "session": "s"})
        login = await self.expect("method")
        await self.send(
            {"msg": "updated", "methods": [login["id"]]},
            {"msg": "result", "id": login["id"], "result": {"id": "bot1"}},
        )
        await self.until_messages()
        await self.send({"msg": "ready", "subs": [self.subs[-1]["id"]]})

    async def until_messages(self) -> None:
        while not self.subs or self.subs[-1]["name"] != "stream-room-messages":
            self.subs.append(await self.expect("sub"))

    async def event(self, stream: str, event: str, *args: object) -> None:
        await self.send(changed(stream, event, *args))

    async def message(self, message_id: str, **changes: object) -> None:
        document = {**message(message_id), **changes}
        extra = {"roomParticipant": True, "roomType": "c", "roomName": "support"}
        await self.event("stream-room-messages", "__my_messages__", document, extra)

    async def until_closed(self) -> None:
        async for _ in self.socket:
            pass


def changed(stream: str, event: str, *args: object) -> dict[str, object]:
    fields = {"eventName": event, "args": list(args)}
    return {"msg": "changed", "collection": stream, "id": "id", "fields": fields}


def message(message_id: str) -> dict[str, object]:
    return {
        "_id": message_id,
        "rid": "r1",
        "msg": f"text of {message_id}",
        "ts": {"$date": 1_795_428_000_000},
        "_updatedAt": {"$date": 1_795_428_000_001},
        "u": {"_id": "u1", "username": "jane", "name": "Jane"},
    }


@dataclass
class Request:
    verb: str
    method: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any


Script = Callable[[Peer], Awaitable[None]]
Answer = Callable[[Request], web.StreamResponse | Awaitable[web.StreamResponse]]


@dataclass
class Stub:
    """Answers by REST method name (or path), and runs one script per websocket, the last again."""

    url: str = ""
    answers: dict[str, Answer] = field(default_factory=dict)
    scripts: list[Script] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    sockets: int = 0

    def asked(self, method: str) -> list[Request]:
        return [request for request in self.requests if request.method == method]

    def answer(self, method: str, body: object, *, status: int = 200, **headers: str) -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers[method] = lambda _: web.json_response(body, status=status, headers=named)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        if request.path.endswith("/websocket"):
            return await self._websocket(request)
        raw = await request.read()
        seen = Request(
            verb=request.method,
            method=request.path.partition(API)[2] or request.path,
            query=dict(request.query),
            headers=dict(request.headers),
            body=_decoded(raw),
        )
        self.requests.append(seen)
        answer = self.answers.get(seen.method)
        if answer is None:
            return web.json_response({"success": False, "error": "Not found"}, status=404)
        given = answer(seen)
        return given if isinstance(given, web.StreamResponse) else await given

    async def _websocket(self, request: web.Request) -> web.StreamResponse:
        if not self.scripts:
            return web.Response(status=404)
        script = self.scripts[min(self.sockets, len(self.scripts) - 1)]
        self.sockets += 1
        socket = web.WebSocketResponse(max_msg_size=0)
        await socket.prepare(request)
        try:
            await script(Peer(socket))
        except ConnectionError:
            pass
        finally:
            await socket.close()
        return socket


def _decoded(raw: bytes) -> object:
    try:
        decoded: object = json.loads(raw)
    except ValueError:
        return raw
    return decoded


@asynccontextmanager
async def serving(stub: Stub) -> AsyncIterator[Stub]:
    """Let a stub answer on a free port of this machine."""
    app = web.Application(client_max_size=2**26)
    app.router.add_route("*", "/{path:.*}", stub.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    stub.url = f"http://{host}:{port}"
    try:
        yield stub
    finally:
        await runner.cleanup()
