"""The server: one port for REST, DDP, downloads and the page."""

import asyncio
import random
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from aiohttp import WSCloseCode, web

from sandbox.rocketchat.ddp.connection import Connection, Realtime
from sandbox.rocketchat.ddp.heartbeat import Heartbeat
from sandbox.rocketchat.ddp.limits import DdpLimiter
from sandbox.rocketchat.ddp.sending import Shuffle
from sandbox.rocketchat.downloads import Downloads
from sandbox.rocketchat.faults import Faults
from sandbox.rocketchat.model import Document, Token
from sandbox.rocketchat.page import add_page
from sandbox.rocketchat.records import Records
from sandbox.rocketchat.rest.api import RestApi, address_of
from sandbox.rocketchat.version import Version
from sandbox.rocketchat.workspace import Workspace

LARGEST_FRAME = 4 * 1024 * 1024
LARGEST_BODY = 128 * 1024 * 1024
SHUTDOWN_SECONDS = 1.0
# The real server fetches the pages meanwhile; the sandbox fetches nothing.
PREVIEW_SECONDS = 0.02


def system_now() -> datetime:
    """Return the time of this machine."""
    return datetime.now(UTC)


class RocketChatServer:
    """A Rocket.Chat-compatible server, in memory.

    Args:
        version: the release to stand for: `7.7`, `8.8` or `9.0`.
        settings: other values than those of a fresh server.
        seed: for the identifiers and the shuffling.
        now: the clock.
        shuffle: how message events may overtake each other; None keeps their order.
        heartbeat: the pings over DDP.
        create_token_secret: what `users.createToken` asks for; refused if not given.
        page: a folder served at `/`.
        page_config: what the page plays with, served at `/page-config.json`; the attribute of
            that name may be set at any time.

    Raises:
        ValueError: the version is not one of those.
        KeyError: there is no such setting.
    """

    def __init__(
        self,
        *,
        version: str = "9.0",
        settings: Mapping[str, object] | None = None,
        seed: int | None = None,
        now: Callable[[], datetime] | None = None,
        shuffle: Shuffle | None = Shuffle(),  # noqa: B008 - a frozen value
        heartbeat: Heartbeat = Heartbeat(),  # noqa: B008 - a frozen value
        create_token_secret: str | None = None,
        page: Path | None = None,
        page_config: Mapping[str, object] | None = None,
    ) -> None:
        self.version = Version.parse(version)
        rng = random.Random(seed)
        self.workspace = Workspace(
            version=self.version,
            settings=settings or {},
            rng=rng,
            clock=now or system_now,
            create_token_secret=create_token_secret,
        )
        self.faults = Faults(self.workspace.streams, self.workspace.now)
        self.faults.refuse, self.faults.accept = self._close_port, self._open_port
        self.records = Records(self.workspace)
        self._realtime = Realtime(
            workspace=self.workspace,
            faults=self.faults,
            limiter=DdpLimiter(self.workspace),
            heartbeat=heartbeat,
            rng=rng,
            shuffle=shuffle,
        )
        self.workspace.accounts.on_revoked = self._end_connections
        self.workspace.messages.on_links = self._preview_soon
        self.page_config = page_config
        self._page = page
        self._host = "127.0.0.1"
        self._port = 0
        self._runner: web.AppRunner | None = None
        self._site: web.TCPSite | None = None

    @property
    def url(self) -> str:
        """Where the server is: `http://127.0.0.1:PORT`."""
        host = "127.0.0.1" if self._host in {"0.0.0.0", "::"} else self._host  # noqa: S104 - compared
        return f"http://{host}:{self._port}"

    async def start(self, *, host: str = "127.0.0.1", port: int = 0) -> None:
        """Begin to listen; port 0 takes any free one, which `url` then names.

        Raises:
            OSError: the port is taken.
        """
        self._host, self._port = host, port
        self._runner = web.AppRunner(
            self._application(), access_log=None, shutdown_timeout=SHUTDOWN_SECONDS
        )
        await self._runner.setup()
        await self._open_port()

    async def stop(self) -> None:
        """Close the port and every connection; the state stays readable."""
        self.faults.thaw()
        await asyncio.gather(*(self._say_goodbye(one) for one in list(self._realtime.sessions)))
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = self._site = None

    async def _say_goodbye(self, connection: Connection) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(connection.close(WSCloseCode.GOING_AWAY), SHUTDOWN_SECONDS)

    def _application(self) -> web.Application:
        api = RestApi(self.workspace, self.faults, self.records)
        downloads = Downloads(self.workspace)
        application = web.Application(client_max_size=LARGEST_BODY)
        application.router.add_route("*", "/api/v1/{path:.*}", api.handle)
        application.router.add_route("*", "/api/{path:info}", api.handle)
        application.router.add_post("/hooks/{id}/{token}", api.hook)
        application.router.add_get("/websocket", self._websocket)
        application.router.add_get("/file-upload/{id}/{name:.*}", downloads.file)
        application.router.add_get("/avatar/{name}", downloads.avatar)
        if self._page is not None:
            add_page(application, self._page, lambda: self.page_config)
        return application

    async def _websocket(self, request: web.Request) -> web.WebSocketResponse:
        await self.faults.wait_thawed()
        # Pings of the websocket itself are answered by the connection, unless it plays dead.
        socket = web.WebSocketResponse(
            autoping=False, max_msg_size=LARGEST_FRAME, compress=False, timeout=SHUTDOWN_SECONDS
        )
        await socket.prepare(request)
        await Connection(self._realtime, socket, address_of(request)).run()
        return socket

    def _end_connections(self, token: Token) -> None:
        for connection in list(self._realtime.sessions):
            if connection.token is token:
                connection.end_session()

    def _preview_soon(self, message: Document) -> None:
        """Send a message with links once more, with what the server would have fetched."""
        if self._runner is None or not self.workspace.settings.on("API_Embed"):
            return
        loop = asyncio.get_running_loop()
        loop.call_later(PREVIEW_SECONDS, self._preview, message["_id"])

    def _preview(self, message_id: str) -> None:
        if self.workspace.messages.find(message_id) is not None:
            self.workspace.messages.attach_previews(message_id, {"pageTitle": "A page"})

    async def _open_port(self) -> None:
        if self._runner is None or self._site is not None:
            return
        self._site = web.TCPSite(self._runner, self._host, self._port)
        await self._site.start()
        self._port = self._runner.addresses[0][1]

    async def _close_port(self) -> None:
        if self._site is None or self._runner is None:
            return
        await self._site.stop()
        self._site = None
        self.faults.close_websockets()
        for handler in list(self._runner.server.connections if self._runner.server else ()):
            if handler.transport is not None:
                handler.transport.abort()
