"""rocketchat_API off the event loop: bounded threads, escaped values, our faults.

The library does not escape query values, hides the headers of a refusal, and takes a redirect for
a success; the three are made good here, for every call at once.
"""

import asyncio
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any, Final, TypeVar
from urllib.parse import quote

import requests
import structlog
from rocketchat_API.APIExceptions.RocketExceptions import (
    RocketApiException,
    RocketBadStatusCodeException,
)
from rocketchat_API.rocketchat import RocketChat
from urllib3.exceptions import MaxRetryError

from bot.clock import Clock
from bot.errors import CredentialsRefused, Fault, OutcomeUnknown, Rejected, Retryable
from bot.rocketchat.documents import Document, items
from bot.rocketchat.faults import fault_for
from bot.rocketchat.records import Session

log = structlog.get_logger(__name__)

T = TypeVar("T")
Value = str | int | bool

_ME: Final = "me"
_PAGE: Final = 100
_CLOSED_WITHIN: Final = 1.0
"""Seconds."""
# A limit that counts anew this very moment may still be closed by the server's clock.
_SHORTEST_PAUSE: Final = timedelta(milliseconds=500)


class Transport(requests.Session):
    """A connection pool for one thread that remembers the last answer and follows no redirect.

    requests would carry the token's header along to another host.
    """

    def __init__(self) -> None:
        super().__init__()
        self.status = 0
        self.answered: Mapping[str, str] = {}
        self.losses = 0

    def hang_up(self, losses: int) -> None:
        """Let go of what was opened before there were so many losses; new ones are opened."""
        if losses != self.losses:
            self.close()
            self.losses = losses

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:  # noqa: ANN401 - as declared there
        """Send and remember."""
        self.status, self.answered = 0, {}
        response = super().send(request, **{**kwargs, "allow_redirects": False})
        self.status, self.answered = response.status_code, response.headers
        return response


class Api:
    """Calls the REST API in a few threads; every failure is one of ours.

    Attributes:
        session: whom to call as; None before the login.
        timeout: for connecting, and for each wait for data.
    """

    def __init__(self, *, url: str, timeout: timedelta, threads: int, clock: Clock) -> None:
        self.url = url.rstrip("/")
        self.session: Session | None = None
        self.timeout = timeout.total_seconds()
        self._clock = clock
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="rocketchat-rest")
        self._own = threading.local()
        self._transports: list[Transport] = []
        self._losses = 0
        self._running: set[asyncio.Future[Any]] = set()

    async def get(self, method: str, **params: Value) -> Document:
        """Ask; every value is escaped here.

        Args:
            method: for instance `rooms.info`.
            params: go into the query.
        """
        query = {name: quote(_spelled(value), safe="") for name, value in params.items()}
        return await self._checked(
            method,
            lambda client: client.call_api_get(method, kwargs=query),
            writes=False,
        )

    async def get_patiently(self, method: str, **params: Value) -> Document:
        """Ask, and wait whenever the server asks us to slow down.

        For what takes many requests: to begin anew each time would never come to an end.
        """
        while True:
            try:
                return await self.get(method, **params)
            except Retryable as fault:
                if fault.retry_after is None:
                    raise
                log.info("slowed_down", method=method, seconds=fault.retry_after.total_seconds())
                pause = max(fault.retry_after, _SHORTEST_PAUSE)
            await asyncio.sleep(pause.total_seconds())

    async def get_all(self, method: str, key: str, **params: Value) -> list[Any]:
        """Ask for a list and return all of it, page by page; patiently.

        A page may hold fewer than asked for, so the end is the stated total, or a page that brings
        nothing: empty, or the one before once more from a server that knows no pages.

        Args:
            method: for instance `commands.list`.
            key: where in the answer the list is.
            params: go into every query.
        """
        found: list[Any] = []
        before: list[Any] = []
        while True:
            answer = await self.get_patiently(method, count=_PAGE, offset=len(found), **params)
            page, total = items(answer.get(key)), answer.get("total")
            if not page or page == before:
                return found
            found += page
            if isinstance(total, int) and len(found) >= total:
                return found
            before = page

    async def post(self, method: str, body: Mapping[str, Any]) -> Document:
        """Change something."""
        return await self._checked(
            method, lambda client: client.call_api_post(method, body=dict(body)), writes=True
        )

    async def anonymous_post(self, method: str, body: Mapping[str, Any]) -> Document:
        """Change something without telling who we are; a 401 is not looked into."""
        return await self.run(
            lambda client: client.call_api_post(method, body=dict(body)),
            headers={},
            writes=True,
        )

    async def me_as(self, session: Session) -> Document:
        """Ask who this session belongs to."""
        return await self._me(_headers(session))

    async def upload(self, method: str, part: tuple[str, Any, str]) -> Document:
        """Upload one file as the part `file`: its name, the open file, its media type."""
        return await self._checked(
            method,
            lambda client: client.call_api_post(method, files={"file": part}, use_json=False),
            writes=True,
        )

    async def in_thread(self, work: Callable[[Transport, Mapping[str, str]], T]) -> T:
        """Do blocking work with a thread's transport and our headers."""
        headers = _headers(self.session)
        return await self._submit(lambda client: work(client.session, headers), writes=False)

    async def close(self) -> None:
        """Wait a moment for the calls under way, then let go of all connections.

        A thread that waits for a server that does not answer is left to itself.
        """
        self._threads.shutdown(wait=False, cancel_futures=True)
        if self._running:
            await asyncio.wait(self._running, timeout=_CLOSED_WITHIN)
        if self._running:
            log.warning("calls_abandoned", calls=len(self._running))
            return
        self._threads.shutdown()
        for transport in self._transports:
            transport.close()

    async def run(
        self,
        work: Callable[[RocketChat], Any],
        *,
        headers: Mapping[str, str],
        writes: bool,
    ) -> Document:
        """Run a call of the library in a thread and return its answer.

        Args:
            work: the call.
            headers: who we are.
            writes: the call would change something.
        """

        def call(client: RocketChat) -> Document:
            client.headers = dict(headers)
            answer = work(client)
            if isinstance(answer, dict) and answer.get("success") is not False:
                return answer
            raise self._refusal(client.session, answer, writes=writes)

        return await self._submit(call, writes=writes)

    async def _checked(
        self,
        method: str,
        work: Callable[[RocketChat], Any],
        *,
        writes: bool,
    ) -> Document:
        headers = _headers(self.session)
        try:
            return await self.run(work, headers=headers, writes=writes)
        except CredentialsRefused:
            if method == _ME or not headers:
                raise
            # One 401 proves nothing: some routes answer so for a lack of permission.
            me = await self._me(headers)
            if me.get("_id") != headers["X-User-Id"]:
                raise
            raise Rejected("Rocket.Chat knows the bot and does not allow this") from None

    async def _me(self, headers: Mapping[str, str]) -> Document:
        return await self.run(lambda client: client.me(), headers=headers, writes=False)

    async def _submit(self, work: Callable[[RocketChat], T], *, writes: bool) -> T:
        # Not ended by a cancellation of whoever waits for it: a thread cannot be.
        call = asyncio.ensure_future(
            asyncio.get_running_loop().run_in_executor(self._threads, self._guarded, work, writes)
        )
        self._running.add(call)
        call.add_done_callback(self._ended)
        return await asyncio.shield(call)

    def _ended(self, call: asyncio.Future[Any]) -> None:
        self._running.discard(call)
        if not call.cancelled():
            call.exception()  # seen, also if nobody waits for it any more

    def _guarded(self, work: Callable[[RocketChat], T], writes: bool) -> T:  # noqa: FBT001 - run_in_executor passes by position
        client = self._client()
        try:
            return work(client)
        except RocketApiException as error:
            raise self._refusal(client.session, error.response_json, writes=writes) from error
        except RocketBadStatusCodeException as error:
            body = error.response_json
            # The library's own text repeats the whole answer, whatever it is.
            raise self._refusal(client.session, body, writes=writes) from None
        except (requests.exceptions.InvalidHeader, UnicodeError):
            # The error's own text quotes the token.
            raise CredentialsRefused(
                "the bot's user id or token contains characters that cannot be right"
            ) from None
        except requests.RequestException as error:
            # What every thread keeps open may be as dead: one wait is enough to find that out.
            self._losses += 1
            raise transport_fault(error, writes=writes) from error

    def _client(self) -> RocketChat:
        """Return this thread's own client: a requests session is not made for sharing."""
        client = getattr(self._own, "client", None)
        if client is None:
            transport = Transport()
            self._transports.append(transport)
            client = RocketChat(server_url=self.url, session=transport, timeout=self.timeout)
            self._own.client = client
        client.session.hang_up(self._losses)
        return client

    def _refusal(self, transport: Transport, body: object, *, writes: bool) -> Fault:
        refused = isinstance(body, dict) and body.get("success") is False
        ok = transport.status < requests.codes.multiple_choices
        return fault_for(
            # A success that says it is none is a refusal.
            status=requests.codes.bad_request if refused and ok else transport.status,
            body=body,
            headers=transport.answered,
            now=self._clock.now(),
            writes=writes,
        )


def transport_fault(error: requests.RequestException, *, writes: bool) -> Fault:
    """Return the fault that a failure to exchange anything stands for.

    Args:
        error: what requests raised.
        writes: the call would have changed something.
    """
    kind = type(error).__name__
    if isinstance(error, ValueError):
        return Rejected("ROCKETCHAT_URL is not a web address")
    if isinstance(error, requests.exceptions.SSLError):
        return Retryable(f"the certificate of Rocket.Chat is not accepted ({kind})")
    never_sent = isinstance(error, requests.ConnectTimeout) or (
        isinstance(error, requests.ConnectionError)
        and bool(error.args)
        and isinstance(error.args[0], MaxRetryError)
    )
    if never_sent:
        return Retryable(f"cannot reach Rocket.Chat ({kind})")
    if writes:
        return OutcomeUnknown(f"the connection to Rocket.Chat broke ({kind})")
    return Retryable(f"the connection to Rocket.Chat broke ({kind})")


def _headers(session: Session | None) -> dict[str, str]:
    if session is None:
        return {}
    return {"X-User-Id": session.user_id, "X-Auth-Token": session.auth_token}


def _spelled(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
