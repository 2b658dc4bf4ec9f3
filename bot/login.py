"""Who the bot is logged in as, renewed when the server has forgotten it."""

import asyncio

import structlog

from bot.delivery.pace import back_off
from bot.errors import CredentialsRefused, Fault
from bot.rocketchat.realtime import Listener, Realtime
from bot.rocketchat.records import Credentials, Session
from bot.rocketchat.rest import RestGateway

log = structlog.get_logger(__name__)


class Login:
    """The bot's session on the chat server."""

    def __init__(self, rest: RestGateway, credentials: Credentials) -> None:
        self._rest = rest
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
        refusals = 0
        while True:
            try:
                await realtime.run(listener)
            except CredentialsRefused as fault:
                refusals += 1
                log.error("session_refused", reason=str(fault))  # noqa: TRY400 - the reason is all there is
            await asyncio.sleep(back_off(max(1, refusals)).total_seconds())
            try:
                await self.renew()
            except Fault as fault:
                log.error("login_failed", reason=str(fault))  # noqa: TRY400 - same
            else:
                refusals = 0
