"""A logged-in conversation with one Jira: which dialect it speaks, and that it still knows us.

Jira answers a login it does not recognise as it answers a stranger: with success and nothing
in it. So an answer counts as "nothing there" only when the same answer names our account, or
`myself` does (Jira Cloud and Data Center 10 alike).
"""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from http import HTTPStatus
from urllib.parse import unquote

import aiohttp

from bot.clock import Clock
from bot.errors import CredentialsRefused, OutcomeUnknown, Rejected, Retryable
from bot.jira import parsing
from bot.jira.answers import Answer, NotJira, fault_in, reason_in
from bot.jira.dialect import SERVER_INFO_PATHS, Dialect, Request, dialect_of
from bot.jira.records import Account, CloudCredentials, Credentials, ServerInfo
from bot.jira.transport import Transport

# What a server without a resource answers, and Cloud for resources that it has removed.
_ABSENT = frozenset(
    {
        HTTPStatus.NOT_FOUND,
        HTTPStatus.METHOD_NOT_ALLOWED,
        HTTPStatus.GONE,
        HTTPStatus.NOT_IMPLEMENTED,
    }
)


class Connection:
    """Asks requests and returns only answers that can be believed.

    Connects by itself at the first request, so that a Jira that is down when the program
    starts is found when it is up. Safe to share between tasks.

    Attributes:
        searches_leniently: whether a search may be asked to pass over what does not exist.
    """

    def __init__(
        self,
        *,
        url: str,
        credentials: Credentials,
        session: aiohttp.ClientSession,
        clock: Clock,
        timeout: timedelta,
        upload_timeout: timedelta,
    ) -> None:
        self._transport = Transport(
            url=url,
            credentials=credentials,
            session=session,
            timeout=timeout,
            upload_timeout=upload_timeout,
        )
        self._credentials = credentials
        self._clock = clock
        self._ahead = timedelta()
        self.searches_leniently = True
        self._connecting = asyncio.Lock()
        self._server: ServerInfo | None = None
        self._account: Account | None = None

    async def connect(self) -> ServerInfo:
        """Ask the server what it is, and whether it knows us.

        Raises:
            CredentialsRefused: it answers and does not accept us, or is no Jira.
            Retryable: it cannot be reached, or is not ready.
        """
        server = await self._server_info()
        await self._whoami(dialect_of(server.deployment))
        self._server = server
        return server

    async def server(self) -> ServerInfo:
        """Return what the server is, connecting first if that has not happened yet."""
        async with self._connecting:
            return self._server or await self.connect()

    async def dialect(self) -> Dialect:
        """Return how to ask this server."""
        return dialect_of((await self.server()).deployment)

    async def whoami(self) -> Account:
        """Return the account behind the credentials, asked anew.

        Raises:
            CredentialsRefused: there is none.
        """
        return await self._whoami(await self.dialect())

    def server_now(self) -> datetime:
        """Return the server's time, from the last answer that told it."""
        return self._clock.now() + self._ahead

    async def ask(self, request: Request) -> Answer:
        """Return a successful answer.

        Raises:
            Rejected: refused, and we are still logged in.
            CredentialsRefused: we are not.
            Retryable: nothing was done.
            OutcomeUnknown: a write may have been carried out.
        """
        answer = await self._send(request)
        if not answer.is_success:
            raise await self._fault(request, answer)
        # A write that succeeded has happened, whoever the server thinks has done it.
        if not request.is_write and _is_login_failed(answer.headers):
            await self.whoami()
        return answer

    async def ask_if_present(self, request: Request) -> Answer | None:
        """Return a successful answer, or None when this server does not have the resource.

        A 404 that speaks of a missing issue or project counts as a refusal.
        """
        answer = await self._send(request)
        if answer.is_success:
            return answer
        if answer.status in _ABSENT and not answer.speaks_of_missing_thing():
            await self.confirm(answer)
            return None
        raise await self._fault(request, answer)

    async def read(self, request: Request) -> object:
        """Return the data of a successful answer."""
        return self.data(await self.ask(request), request)

    def data(self, answer: Answer, request: Request) -> object:
        """Return the data of an answer.

        Raises:
            CredentialsRefused: it is a page for people, such as a login form.
            Retryable: it is damaged.
            OutcomeUnknown: either of these, after a write.
        """
        try:
            return answer.json()
        except ValueError as error:
            kind = answer.headers.get("Content-Type", "nothing it names").partition(";")[0][:60]
            if request.is_write:
                raise OutcomeUnknown(f"Jira answered a write with {kind}, no data") from error
            if "json" in kind.lower():
                raise Retryable("Jira sent damaged data") from error
            raise NotJira(
                f"Jira answered with {kind} instead of data: JIRA_URL is not its address, or a "
                "login page stands in front of it"
            ) from error

    async def confirm(self, answer: Answer) -> None:
        """Make sure that an answer with nothing in it was given to us, not to a stranger.

        Costs nothing when the answer names our account, else one request.

        Raises:
            CredentialsRefused: it was not.
        """
        if not self._names_us(answer.headers):
            await self.whoami()

    async def _send(self, request: Request) -> Answer:
        answer = await self._transport.send(request)
        if (date := answer.date()) is not None:
            self._ahead = date - self._clock.now()
        return answer

    async def _fault(self, request: Request, answer: Answer) -> Exception:
        fault = fault_in(answer, now=self._clock.now(), is_write=request.is_write)
        if not isinstance(fault, Rejected):
            return fault
        if answer.is_from_elsewhere():
            # The address was right when we connected: while Jira restarts, a proxy may know no
            # such path, or let nobody pass.
            return _not_jira(answer)
        await self.confirm(answer)
        return fault

    async def _server_info(self) -> ServerInfo:
        for path in SERVER_INFO_PATHS:
            request = Request(method="GET", path=path)
            answer = await self._send(request)
            if answer.is_success:
                found = self.data(answer, request)
                self._learn_time(answer, found)
                return parsing.server_info(found, url=self._transport.url)
            fault = fault_in(answer, now=self._clock.now(), is_write=False)
            if answer.status not in _ABSENT or not isinstance(fault, Rejected):
                raise fault
        # A small stand-in may not tell; then who we log in as does.
        is_cloud = isinstance(self._credentials, CloudCredentials)
        return ServerInfo(
            deployment="cloud" if is_cloud else "datacenter",
            version="",
            base_url=self._transport.url,
        )

    def _learn_time(self, answer: Answer, server_info: object) -> None:
        if answer.date() is None:
            try:
                told = parsing.moment(parsing.mapping(server_info).get("serverTime"))
            except parsing.Unreadable:
                return
            self._ahead = told - self._clock.now()

    async def _whoami(self, dialect: Dialect) -> Account:
        request = dialect.myself()
        answer = await self._send(request)
        if not answer.is_success:
            fault = fault_in(answer, now=self._clock.now(), is_write=False)
            if not isinstance(fault, Rejected):
                raise fault
            if self._server is not None and answer.is_from_elsewhere():
                raise _not_jira(answer)
            if answer.is_from_elsewhere() or answer.status == HTTPStatus.NOT_FOUND:
                raise NotJira(
                    f"there is no Jira at JIRA_URL (status {answer.status}): check the address,"
                    " with its path if it has one, such as https://jira.example.org/jira"
                )
            raise CredentialsRefused(f"Jira does not tell who we are: {fault}") from fault
        try:
            self._account = parsing.account(self.data(answer, request))
        except parsing.Unreadable as error:
            raise CredentialsRefused(f"Jira does not tell who we are: {error}") from error
        return self._account

    def _names_us(self, headers: Mapping[str, str]) -> bool:
        if self._account is None:
            return False
        names = {unquote(headers.get("X-AUSERNAME", "")), headers.get("X-AAccountId", "")}
        return bool(names & {self._account.name, self._account.id})


def _not_jira(answer: Answer) -> Retryable:
    return Retryable(
        f"something in front of Jira answered in its place (status {answer.status}): "
        f"{reason_in(answer)}"
    )


def _is_login_failed(headers: Mapping[str, str]) -> bool:
    """Markers that even a successful answer carries when it was given to a stranger."""
    reason = headers.get("X-Seraph-LoginReason", "")
    anonymous = headers.get("X-AUSERNAME", "").casefold() == "anonymous"
    return anonymous or "AUTHENTICATED_FAILED" in reason or "AUTHENTICATION_DENIED" in reason
