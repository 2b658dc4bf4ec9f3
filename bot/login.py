"""Who the bot is logged in as, renewed when the server has forgotten it."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import structlog

from bot.delivery.pace import back_off
from bot.errors import CredentialsRefused, Fault
from bot.rocketchat.realtime import Listener, Realtime
from bot.rocketchat.records import Credentials, Session
from bot.rocketchat.rest import RestGateway

log = structlog.get_logger(__name__)

_LONG = 120.0
"""Seconds; twice the longest pause. A session refused after that had worked."""


class Login:
    """The bot's session on the chat server.

    Args:
        rest: where to log in.
        credentials: with what.
        pause: how long to wait after so many refusals in a row.
    """

    def __init__(
        self,
        rest: RestGateway,
        credentials: Credentials,
        *,
        pause: Callable[[int], timedelta] = back_off,
    ) -> None:
        self._rest = rest
        self._pause = pause
        self._credentials = credentials
        self._session: Session | None = None

    def session(self) -> Session:
        """Return the present session."""
        if self._session is None:
            raise RuntimeError("not logged in yet")
        return self._session

    async def renew(self) -> Session:
        """Log in.

        Raises:
            CredentialsRefused: the server does not know us.
            Retryable: it does not answer.
        """
        self._session = await self._rest.login(self._credentials)
        return self._session

    async def listen(self, realtime: Realtime, listener: Listener) -> None:
        """Listen for ever; when the session is refused, log in again, with growing pauses."""
        loop = asyncio.get_running_loop()
        refusals = 0
        while True:
            began = loop.time()
            try:
                await realtime.run(listener)
            except CredentialsRefused as fault:
                # A login that works proves nothing: the stream may refuse it all the same.
                refusals = 1 if loop.time() - began > _LONG else refusals + 1
                log.error("session_refused", reason=str(fault))  # noqa: TRY400 - the reason is all there is
            await asyncio.sleep(self._pause(max(1, refusals)).total_seconds())
            try:
                await self.renew()
            except Fault as fault:
                log.error("login_failed", reason=str(fault))  # noqa: TRY400 - same
