"""One client over DDP."""

import asyncio
import contextlib
import logging
import random
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSCloseCode, WSMsgType, web

from sandbox.rocketchat.ddp.ejson import revive
from sandbox.rocketchat.ddp.errors import MethodError, from_refusal
from sandbox.rocketchat.ddp.heartbeat import Heartbeat, Pulse
from sandbox.rocketchat.ddp.limits import DdpLimiter
from sandbox.rocketchat.ddp.login import log_in
from sandbox.rocketchat.ddp.methods import MethodCall, methods_of
from sandbox.rocketchat.ddp.sending import Sender, Shuffle
from sandbox.rocketchat.ddp.subscriptions import (
    PUBLICATIONS,
    check_event,
    check_stream,
    may_hear,
    wants_collection,
)
from sandbox.rocketchat.errors import Refused
from sandbox.rocketchat.faults import Faults
from sandbox.rocketchat.model import Document, Token, User
from sandbox.rocketchat.wire import ddp_json, parse_json
from sandbox.rocketchat.workspace import Workspace

log = logging.getLogger(__name__)
DDP_VERSION = "1"
TIMED_OUT = 4000


@dataclass(frozen=True, slots=True, kw_only=True)
class Realtime:
    """What all connections share."""

    workspace: Workspace
    faults: Faults
    limiter: DdpLimiter
    heartbeat: Heartbeat
    rng: random.Random
    shuffle: Shuffle | None
    sessions: set["Connection"] = field(default_factory=set)
    closing: set["asyncio.Task[None]"] = field(default_factory=set)


class Connection:
    """Reads the frames of a client and answers them; a listener of streams."""

    def __init__(self, realtime: Realtime, socket: web.WebSocketResponse, address: str) -> None:
        self._realtime = realtime
        self._workspace = realtime.workspace
        self._socket = socket
        self._address = address
        self._sender = Sender(
            socket, faults=realtime.faults, rng=realtime.rng, shuffle=realtime.shuffle
        )
        self._pulse = Pulse(realtime.heartbeat, ping=self._ping, give_up=self._give_up)
        self._session: str | None = None
        self._closing: int | None = None
        self._subscriptions: dict[str, tuple[str, str]] = {}
        self._methods = methods_of(realtime.workspace.version)
        self._user: User | None = None
        self.token: Token | None = None

    # A listener

    @property
    def user(self) -> User | None:
        """Who is logged in here, if anybody."""
        return self._user

    def deliver(self, frame: str, *, message: bool = False) -> None:
        """Send a frame of a stream."""
        if message:
            self._sender.put_message(frame)
        else:
            self._sender.put(frame)
        if self._sender.overrun:
            self.abort()

    # Something that can be broken

    @property
    def half_open(self) -> bool:
        """Whether the connection is open but dead."""
        return self._sender.half_open

    @half_open.setter
    def half_open(self, on: bool) -> None:
        self._sender.half_open = on

    def abort(self) -> None:
        """Cut the connection without a farewell."""
        transport = self._socket._req.transport if self._socket._req else None  # noqa: SLF001 - aiohttp has no other way to cut it
        if transport is not None:
            transport.abort()

    async def close(self, code: int = WSCloseCode.GOING_AWAY, reason: bytes = b"") -> None:
        """End the connection."""
        await self._socket.close(code=code, message=reason)

    # Life

    async def run(self) -> None:
        """Serve the client until it goes."""
        self._realtime.sessions.add(self)
        self._realtime.faults.connections.add(self)
        tasks = [
            asyncio.create_task(self._sender.run(), name="sandbox ddp sender"),
            asyncio.create_task(self._pulse.run(), name="sandbox ddp heartbeat"),
        ]
        if not self._workspace.version.since(9):
            self._sender.put('{"server_id":"0"}')
        try:
            await self._read()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self._leave()

    async def _read(self) -> None:
        async for received in self._socket:
            await self._realtime.faults.wait_thawed()
            if self.half_open:
                continue
            self._pulse.heard()
            if received.type is WSMsgType.PING:
                with contextlib.suppress(ConnectionError):
                    await self._socket.pong(received.data)
            elif received.type in {WSMsgType.TEXT, WSMsgType.BINARY}:
                self._take(received.data)
            if self._closing is not None:
                code, self._closing = self._closing, None
                await self._finish(code)
                return

    async def _finish(self, code: int) -> None:
        """Let what is said last get out, then close."""
        await asyncio.sleep(0)
        await self.close(code)

    def _leave(self) -> None:
        self._realtime.sessions.discard(self)
        self._realtime.faults.connections.discard(self)
        for collection, event in self._subscriptions.values():
            self._workspace.streams.remove(collection, event, self)
        self._subscriptions.clear()
        user, self._user = self._user, None
        if user is not None:
            self._note_absence(user)

    def _note_absence(self, user: User) -> None:
        if not any(one.user is user for one in self._realtime.sessions):
            self._workspace.disconnected(user)

    def _ping(self) -> None:
        self._send({"msg": "ping"})

    async def _give_up(self) -> None:
        await self.close(TIMED_OUT, b"TIMEOUT")

    def _send(self, frame: Document) -> None:
        self._sender.put(ddp_json(frame))

    # Frames

    def _take(self, data: str | bytes) -> None:
        try:
            text = data if isinstance(data, str) else data.decode("utf-8", "replace")
            frame = parse_json(text, revive)
        except ValueError:
            self._send({"msg": "error", "reason": "Parse error"})
            return
        if isinstance(frame, list) and len(frame) == 1:
            frame = frame[0]
        if not isinstance(frame, dict) or not isinstance(frame.get("msg"), str):
            self._send({"msg": "error", "reason": "Bad request", "offendingMessage": frame})
            return
        self._dispatch(frame)

    def _dispatch(self, frame: Document) -> None:
        kind = frame["msg"]
        if kind == "connect":
            self._connect(frame)
        elif self._session is None:
            self._send({"msg": "error", "reason": "Must connect first", "offendingMessage": frame})
        elif kind == "ping":
            self._send({"msg": "pong"} | ({"id": frame["id"]} if "id" in frame else {}))
        elif kind == "method":
            self._method(frame)
        elif kind == "sub":
            self._subscribe(frame)
        elif kind == "unsub":
            self._unsubscribe(frame)
        elif kind != "pong":
            self._send({"msg": "error", "reason": "Bad request", "offendingMessage": frame})

    def _connect(self, frame: Document) -> None:
        if self._session is not None:
            self._send({"msg": "error", "reason": "Already connected", "offendingMessage": frame})
        elif frame.get("version") != DDP_VERSION:
            self._send({"msg": "failed", "version": DDP_VERSION})
            self._closing = WSCloseCode.OK
        else:
            self._session = self._workspace.ids.new()
            self._send({"msg": "connected", "session": self._session})

    # Methods

    def _method(self, frame: Document) -> None:
        call_id, name = frame.get("id"), frame.get("method")
        if not isinstance(call_id, str) or not isinstance(name, str):
            self._closing = WSCloseCode.PROTOCOL_ERROR
            return
        params = frame.get("params")
        answer: Document = {"msg": "result", "id": call_id}
        try:
            self._count(name)
            result = self._call(name, params if isinstance(params, list) else [])
            if result is not None:
                answer["result"] = result
        except MethodError as error:
            answer["error"] = error.document()
        except Refused as refused:
            answer["error"] = from_refusal(refused).document()
        except Exception:
            # The top of every method: a defect of ours must look like one of theirs.
            log.exception("method failed: %s", name)
            answer["error"] = MethodError(500, "Internal server error").document()
        self._send(answer)
        self._send({"msg": "updated", "methods": [call_id]})

    def _count(self, name: str) -> None:
        session = str(self._session)
        self._realtime.limiter.check(name, session=session, user=self._user, address=self._address)

    def _call(self, name: str, params: list[Any]) -> object:
        if name == "login":
            return self._login(params)
        if name == "logout" and self._workspace.version.has_methods:
            self._logout()
            return None
        method = self._methods.get(name)
        if method is None:
            raise MethodError(404, f"Method '{name}' not found")
        if self._user is None:
            raise MethodError("error-invalid-user", "Invalid user")
        return method(MethodCall(workspace=self._workspace, user=self._user, params=params))

    def _login(self, params: list[Any]) -> Document:
        before = self._user
        user, self.token, result = log_in(self._workspace, params)
        self._user = user
        if before is not None and before is not user:
            self._drop_refused()
            self._note_absence(before)
        self._workspace.connected(user)
        fields: Document = {"username": user.username, "name": user.name}
        if user.email is not None:
            fields["emails"] = [{"address": user.email, "verified": user.email_verified}]
        self._send({"msg": "added", "collection": "users", "id": user.id, "fields": fields})
        return result

    def _logout(self) -> None:
        token, self.token = self.token, None
        user, self._user = self._user, None
        self._drop_refused()
        if user is not None:
            self._note_absence(user)
        if token is not None:
            self._workspace.accounts.revoke(token)

    def _drop_refused(self) -> None:
        """End what only the user before may hear; nothing is said, nobody asked."""
        for sub_id, (collection, event) in list(self._subscriptions.items()):
            if not may_hear(self._workspace, collection, event, self._user):
                del self._subscriptions[sub_id]
                self._workspace.streams.remove(collection, event, self)

    def end_session(self) -> None:
        """Close the connection: the token it lives on is gone."""
        self.token = None
        self._user = None
        task = asyncio.create_task(self.close(WSCloseCode.PROTOCOL_ERROR), name="sandbox ddp close")
        self._realtime.closing.add(task)
        task.add_done_callback(self._realtime.closing.discard)

    # Subscriptions

    def _subscribe(self, frame: Document) -> None:
        sub_id, name = frame.get("id"), frame.get("name")
        if not isinstance(sub_id, str) or not isinstance(name, str):
            self._closing = WSCloseCode.PROTOCOL_ERROR
            return
        params = frame.get("params")
        given = params if isinstance(params, list) else []
        try:
            self._count(name)
            check_stream(name)
            if name not in PUBLICATIONS:
                self._listen(sub_id, name, given)
        except MethodError as error:
            self._send({"msg": "nosub", "id": sub_id, "error": error.document()})
            return
        self._send({"msg": "ready", "subs": [sub_id]})

    def _listen(self, sub_id: str, name: str, params: list[Any]) -> None:
        event = check_event(self._workspace, name, params[0] if params else None, self._user)
        if sub_id in self._subscriptions:
            return
        self._subscriptions[sub_id] = (name, event)
        self._workspace.streams.add(name, event, self)
        if wants_collection(params[1] if len(params) > 1 else None):
            fields = {"eventName": event}
            self._send({"msg": "added", "collection": name, "id": "id", "fields": fields})

    def _unsubscribe(self, frame: Document) -> None:
        sub_id = frame.get("id")
        if not isinstance(sub_id, str):
            return
        held = self._subscriptions.pop(sub_id, None)
        if held is not None:
            self._workspace.streams.remove(*held, self)
        self._send({"msg": "nosub", "id": sub_id})
