"""People at their clients: what the web and the mobile application do with what is typed.

They use REST and DDP over real sockets, against the sandbox or a real server.
"""

import asyncio
import hashlib
import json
import re
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from types import TracebackType
from typing import Any, Self

import aiohttp

from sandbox.rocketchat.ids import ID_ALPHABET, ID_LENGTH
from sandbox.rocketchat.model import Document
from sandbox.rocketchat.wire import parse_iso, to_ms

UNRECOGNIZED = "Message_AllowUnrecognizedSlashCommand"
SLASH = re.compile(r"^/(\S+)\s*(.*)$", re.DOTALL)
RECONNECT_SECONDS = 0.05
# The cursor of the server is strict, and messages share milliseconds.
OVERLAP = 15_000
REFUSED_FROM = 400

Predicate = Callable[[Document], object]


class RefusedError(Exception):
    """The server refused what the person did; carries status and body."""

    def __init__(self, status: int, body: Mapping[str, Any]) -> None:
        super().__init__(f"{status}: {body.get('error')}")
        self.status = status
        self.body = body


class WebClient:
    """A person at the web client.

    `async with WebClient(url, "ana", "password") as ana:` logs in and listens
    to everything the person can see. Comes back by itself when the websocket
    is cut, and reads what it missed.
    """

    def __init__(self, base_url: str, username: str, password: str) -> None:
        self.username = username
        self.user_id = ""
        # What only this person was shown, by the server or by the client itself.
        self.ephemerals: list[Document] = []
        self._base_url = base_url.rstrip("/")
        self._password = password
        self._session: aiohttp.ClientSession | None = None
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._listening: asyncio.Task[None] | None = None
        self._headers = {"X-Forwarded-For": _address(username)}
        self._token = ""
        self._commands: set[str] = set()
        self._seen: dict[str, Document] = {}
        self._names: dict[str, str] = {}
        self._waiting: list[tuple[Predicate, asyncio.Future[Document]]] = []

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession()
        try:
            await self._log_in()
            await self._connect()
        except BaseException:
            await self._session.close()
            raise
        self._listening = asyncio.create_task(self._listen(), name=f"client of {self.username}")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)
        if self._socket is not None:
            await self._socket.close()
        if self._session is not None:
            await self._session.close()

    # What the person does

    async def type(
        self,
        room: str,
        text: str,
        *,
        thread: str | None = None,
        message_id: str | None = None,
    ) -> Document | None:
        """Type a line and press enter.

        Args:
            room: identifier or name of a room, or `@username`.
            text: what is typed; a slash at its beginning is the client's to handle.
            thread: the message whose thread it is typed in.
            message_id: the `_id` to send it with; a random one if not given.

        Returns:
            The message as stored; None when the line never became one.

        Raises:
            RefusedError: the server did not take it.
        """
        line = text.strip()
        rid = await self.find_room(room)
        match = SLASH.match(line)
        if match is not None and not await self._should_post(match, rid, thread):
            return None
        return await self.send(rid, line, thread=thread, message_id=message_id)

    async def send(
        self,
        room: str,
        text: str,
        *,
        thread: str | None = None,
        message_id: str | None = None,
    ) -> Document:
        """Send a message as it is, without looking for a slash."""
        message: Document = {
            "_id": message_id or "".join(secrets.choice(ID_ALPHABET) for _ in range(ID_LENGTH)),
            "rid": await self.find_room(room),
            "msg": text,
        }
        if thread is not None:
            message["tmid"] = thread
        answer = await self.post("chat.sendMessage", {"message": message})
        stored: Document = answer["message"]
        return stored

    async def _should_post(self, match: re.Match[str], rid: str, thread: str | None) -> bool:
        """Run a known command; tell whether the line is to be posted as it is."""
        command = self._recognize(match[1])
        if command is not None:
            await self._run(command, match[2], rid, thread)
            return False
        if await self._posts_unrecognized():
            return True
        text = f"No such command: `/{match[1]}`"
        self.ephemerals.append({"rid": rid, "msg": text, "private": True})
        return False

    def _recognize(self, word: str) -> str | None:
        # The web client looks the word up as it is written, case and all.
        return word if word in self._commands else None

    async def _posts_unrecognized(self) -> bool:
        # The real client has its settings at hand: asking here must not use up the limit.
        headers = {"X-Forwarded-For": _address(secrets.token_hex())}
        query = {"_id": UNRECOGNIZED}
        answer = await self._request("GET", "settings.public", params=query, headers=headers)
        return any(one["value"] is True for one in answer["settings"])

    async def _run(self, command: str, params: str, rid: str, thread: str | None) -> None:
        if command == "open":
            return
        body = {"command": command, "params": params, "roomId": rid}
        await self.post("commands.run", {**body, **({"tmid": thread} if thread else {})})

    async def open_direct(self, username: str) -> str:
        """Open the direct room with somebody; return its identifier."""
        answer = await self.post("im.create", {"username": username.lstrip("@")})
        rid = str(answer["room"]["_id"])
        self._names[f"@{username.lstrip('@')}"] = rid
        return rid

    async def react(self, message_id: str, emoji: str, *, on: bool = True) -> None:
        """Put a reaction under a message, or take it away."""
        body = {"messageId": message_id, "emoji": emoji, "shouldReact": on}
        await self.post("chat.react", body)

    async def edit(self, message: Document, text: str) -> Document:
        """Change the text of a message."""
        body = {"roomId": message["rid"], "msgId": message["_id"], "text": text}
        edited: Document = (await self.post("chat.update", body))["message"]
        return edited

    async def delete(self, message: Document) -> None:
        """Delete a message."""
        await self.post("chat.delete", {"roomId": message["rid"], "msgId": message["_id"]})

    async def upload(
        self,
        room: str,
        name: str,
        content: bytes,
        *,
        kind: str = "application/octet-stream",
        caption: str | None = None,
        thread: str | None = None,
    ) -> Document:
        """Send a file with a caption; return the message that shows it."""
        rid = await self.find_room(room)
        form = aiohttp.FormData(quote_fields=False)  # browsers send names as they are
        form.add_field("file", content, filename=name, content_type=kind)
        file = (await self._request("POST", f"rooms.media/{rid}", data=form))["file"]
        body: Document = {"description": caption} if caption is not None else {}
        body |= {"tmid": thread} if thread is not None else {}
        answer = await self.post(f"rooms.mediaConfirm/{rid}/{file['_id']}", body)
        message: Document = answer["message"]
        return message

    # What the person sees

    def messages(self, room: str | None = None) -> Sequence[Document]:
        """Return the messages seen, as they are now, by time.

        Args:
            room: identifier, name or `@username` of a room already used; all if not given.
        """
        rid = self._names.get(room, room) if room is not None else None
        found = [one for one in self._seen.values() if rid in {None, one["rid"]}]
        return sorted(found, key=lambda one: int(one["ts"]["$date"]))

    def texts(self, room: str | None = None) -> Sequence[str]:
        """Return the texts of the messages seen, by time."""
        return [one["msg"] for one in self.messages(room)]

    async def wait_for(self, predicate: Predicate, within: float = 10.0) -> Document:
        """Return the first message, seen already or to come, that fits.

        Raises:
            AssertionError: none came in time; says what was seen last.
        """
        for message in self.messages():
            if predicate(message):
                return message
        future: asyncio.Future[Document] = asyncio.get_running_loop().create_future()
        waiting = (predicate, future)
        self._waiting.append(waiting)
        try:
            return await asyncio.wait_for(future, within)
        except TimeoutError as error:
            last = list(self.texts())[-5:]
            raise AssertionError(
                f"{self.username} saw no such message within {within} s; the last: {last}"
            ) from error
        finally:
            self._waiting.remove(waiting)

    async def find_room(self, room: str) -> str:
        """Return the identifier of a room given by identifier, name or `@username`."""
        if room.startswith("@"):
            return self._names.get(room) or await self.open_direct(room)
        name = room.lstrip("#")
        if name not in self._names and name not in self._names.values():
            await self._learn_rooms()
        return self._names.get(name, name)

    async def _learn_rooms(self) -> None:
        answer = await self.get("subscriptions.get")
        for one in answer["update"]:
            prefix = "@" if one["t"] == "d" else ""
            self._names[f"{prefix}{one['name']}"] = one["rid"]

    # REST

    async def get(self, path: str, **query: str) -> Document:
        """Call a route with a query."""
        return await self._request("GET", path, params=query)

    async def post(self, path: str, body: Mapping[str, object]) -> Document:
        """Call a route with a body."""
        return await self._request("POST", path, json=dict(body))

    async def _request(self, method: str, path: str, **options: Any) -> Document:  # noqa: ANN401 - aiohttp's own
        assert self._session is not None, "use `async with`"  # noqa: S101 - a mistake of the caller
        url = f"{self._base_url}/api/v1/{path}"
        headers = {**self._headers, **options.pop("headers", {})}
        async with self._session.request(method, url, headers=headers, **options) as answer:
            body: Document = json.loads(await answer.text())
            if answer.status >= REFUSED_FROM:
                raise RefusedError(answer.status, body)
            return body

    async def _log_in(self) -> None:
        body = {"user": self.username, "password": self._password}
        data = (await self.post("login", body))["data"]
        self.user_id, self._token = data["userId"], data["authToken"]
        self._headers |= {"X-User-Id": self.user_id, "X-Auth-Token": self._token}
        commands = await self.get("commands.list", count="0")
        self._commands = {one["command"] for one in commands["commands"]}
        await self._learn_rooms()

    # DDP

    async def _connect(self) -> None:
        assert self._session is not None, "use `async with`"  # noqa: S101 - a mistake of the caller
        url = f"{self._base_url.replace('http', 'ws', 1)}/websocket"
        self._socket = await self._session.ws_connect(url, headers=self._headers)
        await self._say({"msg": "connect", "version": "1", "support": ["1"]})
        await self._until(lambda frame: frame.get("msg") == "connected")
        login = {"msg": "method", "method": "login", "id": "1", "params": [{"resume": self._token}]}
        await self._say(login)
        await self._until(lambda frame: frame.get("msg") == "result")
        streams = (
            ("stream-room-messages", "__my_messages__"),
            ("stream-notify-user", f"{self.user_id}/message"),
        )
        for number, (name, event) in enumerate(streams):
            sub = {"msg": "sub", "id": f"s{number}", "name": name, "params": [event, False]}
            await self._say(sub)
            await self._until(lambda frame: frame.get("msg") in {"ready", "nosub"})

    async def _say(self, frame: Document) -> None:
        assert self._socket is not None, "connect first"  # noqa: S101 - a mistake of this module
        await self._socket.send_str(json.dumps(frame))

    async def _until(self, wanted: Predicate) -> None:
        assert self._socket is not None, "connect first"  # noqa: S101 - a mistake of this module
        async for received in self._socket:
            if received.type is not aiohttp.WSMsgType.TEXT:
                continue
            frame = json.loads(received.data)
            await self._take(frame)
            if wanted(frame):
                return
        raise ConnectionError("the server closed the websocket")

    async def _listen(self) -> None:
        while True:
            try:
                await self._until(lambda _: False)
            except (ConnectionError, aiohttp.ClientError, ValueError):
                await self._again(self._connect)
                await self._again(self._catch_up)

    async def _again(self, attempt: Callable[[], Awaitable[None]]) -> None:
        while True:
            await asyncio.sleep(RECONNECT_SECONDS)
            try:
                return await attempt()
            except (ConnectionError, aiohttp.ClientError, RefusedError, ValueError):
                continue

    async def _catch_up(self) -> None:
        for rid in set(self._names.values()):
            newest = self.messages(rid)
            since = newest[-1]["ts"]["$date"] - OVERLAP if newest else 0
            query = {"roomId": rid, "type": "UPDATED", "next": str(since), "count": "100"}
            try:
                answer = await self.get("chat.syncMessages", **query)
            except RefusedError:
                continue
            for message in answer["result"]["updated"]:
                self._see({**message, "ts": {"$date": _milliseconds(message["ts"])}})

    async def _take(self, frame: Document) -> None:
        if frame.get("msg") == "ping":
            await self._say({"msg": "pong"})
        if frame.get("msg") != "changed":
            return
        args = frame["fields"]["args"]
        if frame["collection"] == "stream-notify-user":
            self.ephemerals.append(args[0])
        elif frame["collection"] == "stream-room-messages":
            self._see(args[0])

    def _see(self, message: Document) -> None:
        self._seen[message["_id"]] = message
        for predicate, future in self._waiting:
            if not future.done() and predicate(message):
                future.set_result(message)


class MobileClient(WebClient):
    """A person at the mobile application: unknown commands are posted whatever the setting."""

    def _recognize(self, word: str) -> str | None:
        # A prefix is enough here: `/st` may run `/status`.
        return next((one for one in sorted(self._commands) if one.startswith(word)), None)

    async def _posts_unrecognized(self) -> bool:
        return True


def _address(username: str) -> str:
    """Return an address of this person's own: the limiter counts by address."""
    first, second, third = hashlib.sha256(username.encode()).digest()[:3]
    return f"10.{first}.{second}.{third}"


def _milliseconds(text: str) -> int:
    moment = parse_iso(text)
    return to_ms(moment) if moment else 0
