"""Making the server fail on purpose; no part of the vendor's interface."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol

from sandbox.rocketchat.streams import Streams
from sandbox.rocketchat.wire import to_ms

When = Callable[[Mapping[str, Any]], bool]
Act = Literal["answer", "drop_before", "drop_after", "delay"]
Step = Literal["received", "done", "sent"]
Watch = Callable[[Step, str, Mapping[str, Any]], None]
ANY = "*"
UNAVAILABLE_PAGE = (
    "<html><head><title>503 Service Temporarily Unavailable</title></head>"
    "<body><h1>503 Service Temporarily Unavailable</h1></body></html>"
)


@dataclass(slots=True, kw_only=True)
class Fault:
    """Something that happens to the next requests of a route."""

    path: str
    act: Act
    times: int
    when: When | None = None
    status: int = 500
    body: str | Mapping[str, object] = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 0.0

    def fits(self, path: str, params: Mapping[str, Any]) -> bool:
        """Tell whether it applies to a request."""
        if self.times <= 0 or self.path not in {ANY, path}:
            return False
        return self.when is None or self.when(params)


class Closable(Protocol):
    """An open websocket."""

    half_open: bool

    def abort(self) -> None:
        """Cut the connection."""
        ...


class Faults:
    """What goes wrong next.

    Routes are named without `/api/v1/` (`chat.sendMessage`); `*` is any.
    `when` gets the parameters of the request (the body of a POST).

    Attributes:
        watch: told of each step, as it happens, so that something may be made to go wrong right
            there: a request was `received`, was `done` and is about to be answered (its route and
            its parameters); a frame was `sent` (`websocket`, and the frame).
    """

    def __init__(self, streams: Streams, now: Callable[[], datetime]) -> None:
        self._streams = streams
        self._now = now
        self._planned: list[Fault] = []
        self._thawed = asyncio.Event()
        self._thawed.set()
        self.connections: set[Closable] = set()
        self.half_open = False
        self.duplicates = 0
        self.reorders = 0
        self.watch: Watch | None = None
        self.refuse: Callable[[], Awaitable[None]] | None = None
        self.accept: Callable[[], Awaitable[None]] | None = None

    # Requests

    def fail_next(
        self,
        path: str = ANY,
        *,
        times: int = 1,
        status: int = 500,
        body: str | Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        when: When | None = None,
    ) -> None:
        """Answer the next requests with an error and carry nothing out.

        Args:
            path: which route.
            times: how many requests.
            status: of the answer.
            body: JSON of a mapping, else as it is; the server's own for 500 if not given.
            headers: of the answer.
            when: only requests whose parameters it accepts.
        """
        if body is None:
            body = {"success": False, "error": "Internal server error"}
        self._plan(path, "answer", times, when, status=status, body=body, headers=headers or {})

    def too_many_requests(
        self, path: str = ANY, *, times: int = 1, seconds: int = 1, when: When | None = None
    ) -> None:
        """Answer the next requests with 429 and the headers of the limiter."""
        reset = to_ms(self._now() + timedelta(seconds=seconds))
        self.fail_next(
            path,
            times=times,
            status=429,
            body={
                "success": False,
                "error": "Error, too many requests. Please slow down. You must wait "
                f"{seconds} seconds before trying this endpoint again. "
                "[error-too-many-requests]",
            },
            headers={
                "X-RateLimit-Limit": "10",
                "X-RateLimit-Remaining": "0",
                "X-RateLimit-Reset": str(reset),
            },
            when=when,
        )

    def unavailable(self, path: str = ANY, *, times: int = 1, when: When | None = None) -> None:
        """Answer the next requests as a proxy does while the server is away: 503, HTML."""
        headers = {"Content-Type": "text/html"}
        self.fail_next(
            path, times=times, status=503, body=UNAVAILABLE_PAGE, headers=headers, when=when
        )

    def drop_after(self, path: str = ANY, *, times: int = 1, when: When | None = None) -> None:
        """Carry the next requests out, then close the connection without an answer."""
        self._plan(path, "drop_after", times, when)

    def drop_before(self, path: str = ANY, *, times: int = 1, when: When | None = None) -> None:
        """Close the connection without carrying the request out."""
        self._plan(path, "drop_before", times, when)

    def delay(
        self, path: str = ANY, *, seconds: float, times: int = 1, when: When | None = None
    ) -> None:
        """Let the next requests wait before they are carried out."""
        self._plan(path, "delay", times, when, seconds=seconds)

    def _plan(
        self,
        path: str,
        act: Act,
        times: int,
        when: When | None,
        *,
        status: int = 500,
        body: str | Mapping[str, object] = "",
        headers: Mapping[str, str] | None = None,
        seconds: float = 0.0,
    ) -> None:
        self._planned.append(
            Fault(
                path=path,
                act=act,
                times=times,
                when=when,
                status=status,
                body=body,
                headers=headers or {},
                seconds=seconds,
            )
        )

    def take(self, path: str, params: Mapping[str, Any]) -> Fault | None:
        """Return the first fault that applies to a request, and count it as used."""
        if not self._planned:
            return None
        for fault in self._planned:
            if fault.fits(path, params):
                fault.times -= 1
                if not fault.times:
                    self._planned.remove(fault)
                return fault
        return None

    def notice(self, step: Step, path: str, params: Mapping[str, Any]) -> None:
        """Tell whoever watches; called by the server."""
        if self.watch is not None:
            self.watch(step, path, params)

    # The whole server

    def freeze(self) -> None:
        """Take requests and frames in, but answer none until `thaw`."""
        self._thawed.clear()

    def thaw(self) -> None:
        """Go on with everything that has waited."""
        self._thawed.set()

    async def wait_thawed(self) -> None:
        """Wait while the server is frozen."""
        if not self._thawed.is_set():
            await self._thawed.wait()

    async def refuse_connections(self) -> None:
        """Close the port and cut every connection; the state stays."""
        if self.refuse is not None:
            await self.refuse()

    async def accept_connections(self) -> None:
        """Open the same port again."""
        if self.accept is not None:
            await self.accept()

    # Websockets and streams

    def close_websockets(self) -> None:
        """Cut every websocket; clients may come back at once."""
        for connection in list(self.connections):
            connection.abort()

    def half_open_websockets(self, *, on: bool = True) -> None:
        """Leave the websockets open but answer and send nothing, old ones and new ones."""
        self.half_open = on
        for connection in self.connections:
            connection.half_open = on

    def silence_streams(self, *, on: bool = True) -> None:
        """Store what happens, but tell no listener."""
        self._streams.silent = on

    def duplicate_events(self, times: int = 1) -> None:
        """Send the next message events twice, per connection and event."""
        self.duplicates += times

    def reorder_events(self, times: int = 1) -> None:
        """Hold the next message events back until another has overtaken them."""
        self.reorders += times

    def clear(self) -> None:
        """End all faults; closed ports stay closed until `accept_connections`."""
        self._planned.clear()
        self.duplicates = self.reorders = 0
        self.half_open_websockets(on=False)
        self.silence_streams(on=False)
        self.thaw()
