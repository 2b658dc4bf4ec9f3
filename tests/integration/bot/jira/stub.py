"""A server on loopback that answers what a test tells it to, also what no Jira should."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from aiohttp import web

Handler = Callable[["Call"], "Reply | Awaitable[Reply]"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request as it arrived."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> dict[str, object]:
        parsed: dict[str, object] = json.loads(self.body)
        return parsed


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What to answer.

    Attributes:
        drop: close the connection instead.
        hang: answer only when the server stops.
        short: promise more bytes than are sent.
    """

    status: int = 200
    json: object = None
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    drop: bool = False
    hang: bool = False
    short: bool = False


class Stub:
    """Answers scripted routes; what has no script is 404 without a word of Jira's."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.url = ""
        self._routes: dict[tuple[str, str], list[Reply | Handler]] = {}
        self._stopping = asyncio.Event()
        self._runner: web.ServerRunner | None = None

    def on(self, method: str, path: str, *replies: Reply | Handler) -> None:
        """Answer a route with these in turn; the last one stays."""
        self._routes[method, path] = list(replies)

    def paths(self, containing: str = "") -> list[str]:
        """Return `METHOD /path` of the requests so far."""
        asked = [f"{call.method} {call.path}" for call in self.calls]
        return [one for one in asked if containing in one]

    async def __aenter__(self) -> Self:
        self._runner = web.ServerRunner(web.Server(self._handle), shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stopping.set()
        assert self._runner is not None
        await self._runner.cleanup()

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        call = Call(
            method=request.method,
            path=request.path,
            query=dict(request.query),
            headers=request.headers.copy(),
            body=await request.read(),
        )
        self.calls.append(call)
        script = self._routes.get((call.method, call.path), [Reply(status=404, body=b"nothing")])
        step = script.pop(0) if len(script) > 1 else script[0]
        reply = step if isinstance(step, Reply) else step(call)
        if not isinstance(reply, Reply):
            reply = await reply
        if reply.hang:
            await self._stopping.wait()
        if reply.drop or reply.hang:
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        return await self._answer(request, reply)

    async def _answer(self, request: web.BaseRequest, reply: Reply) -> web.StreamResponse:
        body = reply.body if reply.body is not None else json.dumps(reply.json).encode()
        kind = "application/json" if reply.body is None else "text/plain"
        headers = {"Content-Type": kind, **reply.headers}
        if not reply.short:
            return web.Response(status=reply.status, body=body, headers=headers)
        response = web.StreamResponse(status=reply.status, headers=headers)
        response.content_length = len(body) + 100
        await response.prepare(request)
        await response.write(body)
        assert request.transport is not None
        request.transport.close()
        return response
