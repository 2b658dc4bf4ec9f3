"""One websocket to Rocket.Chat, from the connect to its loss."""

from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit, urlunsplit

import aiohttp
import structlog

from bot.errors import CredentialsRefused
from bot.rocketchat import frames
from bot.rocketchat.frames import Changed, Frame
from bot.rocketchat.records import Session

log = structlog.get_logger(__name__)

MESSAGES: Final = "stream-room-messages"
OF_ALL: Final = "stream-notify-logged"
MY_MESSAGES: Final = "__my_messages__"
# Not the changes of rooms: a new room's messages come by themselves, and each message in a room
# would bring one of these besides.
USERS_CHANGED: Final = ("roles-change", "Users:NameChanged")

SUBSCRIBING: Final = "for the subscription to messages"

# A message with its previews and attachments can be far longer than its text.
LARGEST_FRAME: Final = 32 * 1024 * 1024
# How long a peer that may be gone gets to answer our goodbye, in seconds.
_GOODBYE: Final = 1.0

_LOGIN_CALL: Final = "login"
_MESSAGES_SUB: Final = "messages"
# Refusals of a login that pass by themselves.
_PASSING: Final = frozenset({"too-many-requests", "500", "503", "internal-server-error"})


class Lost(Exception):
    """The connection is over; another one may work. Says why, for an administrator."""


class Connection:
    """A websocket that speaks DDP; opened once.

    Attributes:
        heard: how many frames the server has sent.
        waiting: what for, while it is being opened.
    """

    def __init__(
        self, http: aiohttp.ClientSession, url: str, *, on_frame: Callable[[], None]
    ) -> None:
        self.heard = 0
        self.waiting = "for the websocket"
        self._http = http
        self._url = websocket_url(url)
        self._on_frame = on_frame
        self._opened: aiohttp.ClientWebSocketResponse | None = None

    async def open(
        self, session: Session, *, plain_options: bool, on_event: Callable[[Changed], None]
    ) -> None:
        """Connect, log in and subscribe.

        Args:
            session: whom to log in as.
            plain_options: try the older form of subscriptions first, not second.
            on_event: gets the events that arrive before this returns.

        Raises:
            CredentialsRefused: the server does not accept the session's token.
            Lost: anything else went wrong.
        """
        self._opened = await self._connect()
        self.waiting = "for the server's hello"
        await self._send(frames.CONNECT)
        await self._until_connected()
        self.waiting = "for the login"
        await self._send(frames.login(_LOGIN_CALL, session.auth_token))
        await self._until_logged_in()
        self.waiting = SUBSCRIBING
        # A server handles one connection's frames in order: when the messages are ready, the
        # others are as well, or never will be.
        await self._subscribe_extras(plain_options=plain_options)
        await self._subscribe_messages(plain_options=plain_options)
        await self._until_subscribed(plain_options=plain_options, on_event=on_event)

    async def receive(self) -> Frame | None:
        """Return the next frame, None for one that does not concern us; pings are answered."""
        received = await self._socket.receive()
        if received.type is aiohttp.WSMsgType.TEXT:
            self.heard += 1
            self._on_frame()
            frame = frames.parse(received.data)
            if type(frame) is frames.Ping:
                await self._send(frames.pong(frame.id))
                return None
            return frame
        if received.type is aiohttp.WSMsgType.BINARY:
            return None
        raise Lost(f"the server closed the connection (code {self._socket.close_code})")

    async def read_event(self) -> Changed | None:
        """Return the next event of an open connection, None for any other frame.

        Raises:
            Lost: the connection, or only its subscription to messages, has ended.
        """
        frame = await self.receive()
        if type(frame) is Changed:
            return frame
        if type(frame) is frames.NoSub:
            if frame.id.startswith(_MESSAGES_SUB):
                raise Lost("the server ended the subscription to messages")
            _log_missing_stream(frame)
        return None

    async def ping(self) -> None:
        """Ask for a sign of life."""
        await self._send(frames.ping())

    async def close(self) -> None:
        """Hang up; does nothing when it was never opened or is closed already."""
        if self._opened is not None:
            await self._opened.close()

    @property
    def _socket(self) -> aiohttp.ClientWebSocketResponse:
        if self._opened is None:
            raise RuntimeError("not opened")
        return self._opened

    async def _connect(self) -> aiohttp.ClientWebSocketResponse:
        try:
            return await self._http.ws_connect(
                self._url,
                max_msg_size=LARGEST_FRAME,
                timeout=aiohttp.ClientWSTimeout(ws_close=_GOODBYE),
            )
        except aiohttp.WSServerHandshakeError as error:
            raise Lost(
                f"no websocket at this address (HTTP {error.status}): "
                "check ROCKETCHAT_URL, and that a proxy in between passes websockets on"
            ) from error
        except (aiohttp.ClientError, OSError) as error:
            raise Lost(f"cannot reach Rocket.Chat ({type(error).__name__})") from error

    async def _send(self, frame: str) -> None:
        try:
            await self._socket.send_str(frame)
        except (aiohttp.ClientError, ConnectionError) as error:
            raise Lost("the connection broke while sending") from error

    async def _until_connected(self) -> None:
        while True:
            match await self.receive():
                case frames.Connected():
                    return
                case frames.Failed():
                    raise Lost("the server does not speak version 1 of DDP")

    async def _until_logged_in(self) -> None:
        while True:
            frame = await self.receive()
            if not isinstance(frame, frames.Result) or frame.id != _LOGIN_CALL:
                continue
            if frame.problem is None:
                return
            said = frame.problem.reason or frame.problem.code
            if frame.problem.code.casefold() in _PASSING:
                raise Lost(f"the server cannot log the bot in now: {said}")
            raise CredentialsRefused(f"Rocket.Chat refused the bot's token: {said}")

    async def _subscribe_extras(self, *, plain_options: bool) -> None:
        for number, event in enumerate(USERS_CHANGED):
            sub = frames.subscribe(f"extra-{number}", OF_ALL, event, plain=plain_options)
            await self._send(sub)

    async def _subscribe_messages(self, *, plain_options: bool) -> None:
        sub_id = f"{_MESSAGES_SUB}-{'plain' if plain_options else 'full'}"
        await self._send(frames.subscribe(sub_id, MESSAGES, MY_MESSAGES, plain=plain_options))

    async def _until_subscribed(
        self, *, plain_options: bool, on_event: Callable[[Changed], None]
    ) -> None:
        tried_both = False
        while True:
            frame = await self.receive()
            match frame:
                case Changed():
                    on_event(frame)
                case frames.Ready() if any(id_.startswith(_MESSAGES_SUB) for id_ in frame.ids):
                    return
                case frames.NoSub() if not frame.id.startswith(_MESSAGES_SUB):
                    _log_missing_stream(frame)
                case frames.NoSub() | frames.Malformed():
                    if tried_both:
                        raise Lost(f"the server refuses the subscription to messages: {frame}")
                    tried_both = True
                    await self._subscribe_messages(plain_options=not plain_options)


def websocket_url(url: str) -> str:
    """Return the address of the websocket for a workspace's address."""
    parts = urlsplit(url)
    scheme = {"http": "ws", "https": "wss"}.get(parts.scheme, parts.scheme)
    return urlunsplit((scheme, parts.netloc, parts.path.rstrip("/") + "/websocket", "", ""))


def _log_missing_stream(frame: frames.NoSub) -> None:
    if frame.problem is not None:
        log.info("realtime_stream_refused", subscription=frame.id, code=frame.problem.code)
