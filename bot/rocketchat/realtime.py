"""What happens in Rocket.Chat, as it happens: one websocket, kept alive and kept true.

The order after each connect is: log in, subscribe, let the listener catch up over REST, then hand
over what arrived meanwhile. So nothing falls between the two, and some of it comes twice.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final, Protocol

import aiohttp
import structlog
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, wait_random_exponential

from bot.clock import Clock, SystemClock
from bot.errors import CredentialsRefused, Fault
from bot.rocketchat.connection import (
    MESSAGES,
    MY_MESSAGES,
    OF_ALL,
    SUBSCRIBING,
    USERS_CHANGED,
    Connection,
    Lost,
)
from bot.rocketchat.documents import clean, message_from
from bot.rocketchat.frames import Changed
from bot.rocketchat.records import IncomingMessage, Session

log = structlog.get_logger(__name__)

HANDSHAKE = timedelta(seconds=20)
SILENCE = timedelta(seconds=15)
FIRST_PAUSE = timedelta(milliseconds=500)
LONGEST_PAUSE = timedelta(seconds=30)
STABLE = timedelta(seconds=10)

# Beyond this the socket is read more slowly, until the server or the watch over the silence gives
# up on the connection and the rest is caught up over REST.
BUFFERED_EVENTS: Final = 20_000


class Listener(Protocol):
    """Who wants to know. One call at a time, events in the order of their arrival.

    An exception from any of these ends the connection, and after a pause everything starts over
    with `on_connected`: a failure to take something in loses nothing. `CredentialsRefused` comes
    out of `Realtime.run`.
    """

    async def on_connected(self) -> None:
        """Catch up with what was missed; events are held back until this returns."""
        ...

    async def on_message(self, message: IncomingMessage) -> None:
        """Take in a message; the same one comes again after every change to it."""
        ...

    async def on_disconnected(self, reason: str) -> None:
        """Note the loss of a connection of which `on_connected` was told."""
        ...

    async def on_roles_changed(self) -> None:
        """Forget what is known about users: their roles or names are different now."""
        ...


class Realtime:
    """The live events of a workspace.

    Attributes:
        connected_since: when the present connection was ready; None while there is none.
        last_frame_at: when the server was last heard, on any connection.
    """

    def __init__(
        self,
        *,
        url: str,
        session: aiohttp.ClientSession,
        credentials: Callable[[], Session],
        clock: Clock | None = None,
        handshake: timedelta = HANDSHAKE,
        silence: timedelta = SILENCE,
        first_pause: timedelta = FIRST_PAUSE,
        longest_pause: timedelta = LONGEST_PAUSE,
        stable: timedelta = STABLE,
    ) -> None:
        """Prepare; nothing is connected before `run`.

        Args:
            url: of the workspace, with its path if it has one.
            session: stays the caller's to close.
            credentials: asked before every login, so a new token is used at once.
            clock: for the two attributes.
            handshake: connecting, logging in and subscribing may take this long together.
            silence: after this much of it the server is asked for a sign of life, and after as
                much again the connection counts as lost.
            first_pause: upper limit of the first pause before connecting again; it doubles.
            longest_pause: where doubling ends.
            stable: after a connection that lasted this long there is no pause.
        """
        self.connected_since: datetime | None = None
        self.last_frame_at: datetime | None = None
        self._url = url
        self._http = session
        self._credentials = credentials
        self._clock = clock or SystemClock()
        self._handshake = handshake.total_seconds()
        self._silence = silence.total_seconds()
        self._stable = stable.total_seconds()
        self._pause = wait_random_exponential(
            multiplier=first_pause.total_seconds(), max=longest_pause.total_seconds()
        )
        self._plain_options = False
        self._asked = asyncio.Event()

    def reconnect(self) -> None:
        """Give up the present connection, if there is one, for a new one that catches up."""
        self._asked.set()

    async def run(self, listener: Listener) -> None:
        """Stay connected until cancelled.

        Raises:
            CredentialsRefused: the server refused the token; log in, then call this again.
        """
        while True:
            retrying = AsyncRetrying(
                wait=self._pause,
                retry=retry_if_exception(lambda error: isinstance(error, Lost)),
                before_sleep=_log_pause,
                reraise=True,
            )
            # Returns after a connection that was stable; then the pauses begin small again.
            await retrying(self._live, listener)

    async def _live(self, listener: Listener) -> None:
        """Live through one connection; returns when it was stable before it was lost."""
        session = self._credentials()
        events: asyncio.Queue[Changed] = asyncio.Queue(BUFFERED_EVENTS)
        connection = Connection(self._http, self._url, on_frame=self._note_frame)
        try:
            await self._open(connection, session, events)
            began = asyncio.get_running_loop().time()
            self.connected_since = self._clock.now()
            log.info("realtime_connected")
            try:
                await self._serve(connection, events, listener, session.user_id)
            except Lost as lost:
                self.connected_since = None
                await _told(listener.on_disconnected(str(lost)))
                if asyncio.get_running_loop().time() - began < self._stable:
                    raise
                log.warning("realtime_lost", reason=str(lost), pause_seconds=0)
        finally:
            self.connected_since = None
            await connection.close()

    async def _open(
        self, connection: Connection, session: Session, events: asyncio.Queue[Changed]
    ) -> None:
        try:
            async with asyncio.timeout(self._handshake):
                await connection.open(
                    session, plain_options=self._plain_options, on_event=events.put_nowait
                )
        except TimeoutError as error:
            # A server might pass over a subscription whose options it does not understand.
            self._plain_options ^= connection.waiting == SUBSCRIBING
            raise Lost(f"waited {self._handshake:g} s {connection.waiting}") from error
        except asyncio.QueueFull as error:
            raise Lost("too many events before the connection was ready") from error

    async def _serve(
        self,
        connection: Connection,
        events: asyncio.Queue[Changed],
        listener: Listener,
        own_id: str,
    ) -> None:
        loop = asyncio.get_running_loop()
        tasks = [
            loop.create_task(_read(connection, events), name="rocketchat-read"),
            loop.create_task(self._watch_silence(connection), name="rocketchat-silence"),
            loop.create_task(_deliver(events, listener, own_id), name="rocketchat-deliver"),
            loop.create_task(self._until_asked(), name="rocketchat-reconnect"),
        ]
        # Not a task group: what fails in the moment we are cancelled would hide that we are.
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            ended = await asyncio.gather(*tasks, return_exceptions=True)
        # They fail for one reason; when two at once, the one not to be passed over.
        failures = [error for error in ended if isinstance(error, Exception)]
        raise min(failures, key=lambda error: isinstance(error, Lost))

    async def _watch_silence(self, connection: Connection) -> None:
        asked = False
        while True:
            heard = connection.heard
            await asyncio.sleep(self._silence)
            if connection.heard != heard:
                asked = False
            elif asked:
                raise Lost("the server fell silent")
            else:
                asked = True
                await connection.ping()

    async def _until_asked(self) -> None:
        self._asked.clear()
        await self._asked.wait()
        raise Lost("a new connection was asked for")

    def _note_frame(self) -> None:
        self.last_frame_at = self._clock.now()


async def _read(connection: Connection, events: asyncio.Queue[Changed]) -> None:
    while True:
        event = await connection.read_event()
        if event is not None:
            await events.put(event)


async def _deliver(events: asyncio.Queue[Changed], listener: Listener, own_id: str) -> None:
    await _told(listener.on_connected())
    while True:
        event = await events.get()
        await _told(_hand_over(event, listener, own_id))


async def _hand_over(event: Changed, listener: Listener, own_id: str) -> None:
    args = event.args
    if event.stream == MESSAGES and event.event == MY_MESSAGES:
        message = _message(args, own_id)
        if message is not None:
            await listener.on_message(message)
    elif event.stream == OF_ALL and event.event in USERS_CHANGED:
        await listener.on_roles_changed()


def _message(args: list[object], own_id: str) -> IncomingMessage | None:
    # Servers have been seen without the second argument (RocketChat/Rocket.Chat#12574).
    extra = args[1] if len(args) > 1 and isinstance(args[1], dict) else {}
    message = message_from(
        args[0] if args else None,
        room_type=clean(extra.get("roomType")),
        participant=extra.get("roomParticipant") is not False,
        own_id=own_id,
    )
    if message is None:
        log.debug("message_not_understood")
    return message


async def _told(call: Awaitable[None]) -> None:
    """Wait for the listener; whatever goes wrong there ends the connection."""
    try:
        await call
    except CredentialsRefused:
        raise
    except Fault as fault:
        raise Lost(str(fault)) from fault
    except Exception as error:
        log.exception("listener_failed")
        raise Lost("the bot failed to take in what happened") from error


def _log_pause(state: RetryCallState) -> None:
    error = state.outcome.exception() if state.outcome else None
    pause = state.next_action.sleep if state.next_action else 0.0
    log.warning("realtime_lost", reason=str(error), pause_seconds=round(pause, 2))
