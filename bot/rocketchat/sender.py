"""Deliveries: messages and reactions, sent so that sending again does no harm."""

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from difflib import SequenceMatcher
from http import HTTPStatus
from typing import Any, Final

import aiohttp

from bot.clock import Clock, SystemClock
from bot.errors import CredentialsRefused, Fault, OutcomeUnknown, Rejected, Retryable
from bot.rocketchat.documents import Document
from bot.rocketchat.faults import error_text, fault_for
from bot.rocketchat.gate import Gate
from bot.rocketchat.records import Session

TIMEOUT = timedelta(seconds=20)

_SEND: Final = "chat.sendMessage"
_REACT: Final = "chat.react"
_READ: Final = "chat.getMessage"
_ME: Final = "me"
# A workspace may replace words of a message as it stores it.
_ALIKE: Final = 0.6


class Absent(Retryable):
    """Something answered that knows no such path: a proxy for now, or the server for good."""


class Sender:
    """Sends on behalf of the bot, over one connection pool.

    Raises from every method, besides what it says: `Retryable` when nothing was done and asking
    again later is safe, `CredentialsRefused` when the server no longer accepts the session.
    """

    def __init__(
        self,
        *,
        url: str,
        session: aiohttp.ClientSession,
        credentials: Callable[[], Session],
        clock: Clock | None = None,
        timeout: timedelta = TIMEOUT,
    ) -> None:
        """Prepare; nothing is sent.

        Args:
            url: of the workspace, with its path if it has one.
            session: stays the caller's to close.
            credentials: asked before every request, so a new token is used at once.
            clock: for rate limits that the server gives as a point in time.
            timeout: for one request, answer included.
        """
        self._api = url.rstrip("/") + "/api/v1/"
        self._http = session
        self._credentials = credentials
        self._clock = clock or SystemClock()
        self._timeout = aiohttp.ClientTimeout(total=timeout.total_seconds())
        self._gate = Gate(self._clock)

    async def send(
        self, *, message_id: str, room_id: str, text: str, thread_id: str | None = None
    ) -> None:
        """Send a message; returns once the server keeps it. Sending it again changes nothing.

        Args:
            message_id: of our own making; it is what makes sending again harmless.
            room_id: where to.
            text: at most as long as the workspace allows; links get no previews.
            thread_id: the first message of the thread to answer in.

        Raises:
            Rejected: the server refuses, and will again; the message is the reason.
            OutcomeUnknown: no answer came; ask `was_stored`, or just send it again.
        """
        message = {"_id": message_id, "rid": room_id, "msg": text}
        if thread_id is not None:
            message["tmid"] = thread_id
        try:
            await self._post(_SEND, {"message": message, "previewUrls": []})
        except Rejected:
            # An id that is stored already is refused with an error that says nothing of it
            # (Rocket.Chat 7.7.1 `sendMessage.ts`), and only after the checks of the room, which
            # may have become read-only since.
            stored = await self._find(message_id)
            if stored is not None and self._is_ours(stored, room_id, text):
                return
            raise

    async def react(self, *, message_id: str, emoji: str) -> None:
        """Put a reaction on a message; doing it again changes nothing.

        Args:
            message_id: the message to react to.
            emoji: a short name, with or without colons.

        Raises:
            Rejected: the message is gone, or the emoji or the reaction is not allowed.
        """
        # Without `shouldReact` a second call would take the reaction away.
        body = {"messageId": message_id, "emoji": emoji, "shouldReact": True}
        try:
            await self._post(_REACT, body)
        except Absent as fault:
            # A proxy that passes requests on to the server shows that the server itself lacks
            # it; then nothing that waits behind the reaction must wait for ever.
            await self._exchange("GET", _ME)
            raise Rejected("this Rocket.Chat knows no reactions") from fault

    async def was_stored(self, message_id: str, room_id: str) -> bool:
        """Tell whether the server keeps a message of ours with this id in this room."""
        stored = await self._find(message_id)
        return stored is not None and self._is_in(stored, room_id)

    async def _find(self, message_id: str) -> Document | None:
        try:
            answer = await self._request("GET", _READ, params={"msgId": message_id})
        except Rejected:
            return None
        message = answer.get("message")
        return message if isinstance(message, dict) else None

    def _is_in(self, stored: Document, room_id: str) -> bool:
        author = stored.get("u")
        own_id = self._credentials().user_id
        return (
            stored.get("rid") == room_id
            and isinstance(author, dict)
            and author.get("_id") == own_id
        )

    def _is_ours(self, stored: Document, room_id: str, text: str) -> bool:
        if not self._is_in(stored, room_id):
            return False
        # Since edited or removed by a moderator: it had been there.
        if stored.get("editedAt") is not None or stored.get("t") == "rm":
            return True
        return _alike(str(stored.get("msg", "")), text)

    async def _post(self, method: str, body: Mapping[str, Any]) -> Document:
        return await self._request("POST", method, body=body)

    async def _request(
        self,
        verb: str,
        method: str,
        *,
        body: Mapping[str, Any] | None = None,
        params: Mapping[str, str] | None = None,
    ) -> Document:
        """Make one request and return the answer, or raise the fault it stands for."""
        try:
            return await self._exchange(verb, method, body=body, params=params)
        except CredentialsRefused:
            # One 401 proves nothing: some routes answer so for a lack of permission.
            me = await self._exchange("GET", _ME)
            # With anonymous reading `me` may answer without knowing us.
            if me.get("_id") != self._credentials().user_id:
                raise
            raise Rejected("Rocket.Chat knows the bot and does not allow this") from None

    async def _exchange(
        self,
        verb: str,
        method: str,
        *,
        body: Mapping[str, Any] | None = None,
        params: Mapping[str, str] | None = None,
    ) -> Document:
        who = self._credentials()
        headers = {"X-User-Id": who.user_id, "X-Auth-Token": who.auth_token}
        writes = body is not None
        await self._gate.pass_through(method)
        try:
            # A redirect is not followed: it would carry the token to wherever it leads.
            async with self._http.request(
                verb,
                self._api + method,
                json=body,
                params=params,
                headers=headers,
                timeout=self._timeout,
                allow_redirects=False,
            ) as response:
                raw = await response.read()
                status, answered = response.status, response.headers
                self._gate.note(method, answered)
        except (aiohttp.ClientError, OSError) as error:
            raise transport_fault(error, writes=writes) from error
        answer = _decoded(raw)
        if status == HTTPStatus.OK and isinstance(answer, dict) and answer.get("success") is True:
            return answer
        if status == HTTPStatus.OK and isinstance(answer, dict) and "success" in answer:
            raise Rejected(f"Rocket.Chat refused: {error_text(answer) or 'without a reason'}")
        fault = fault_for(
            status=status,
            body=answer,
            headers=answered,
            now=self._clock.now(),
            writes=writes,
        )
        if isinstance(fault, Rejected) and _is_from_elsewhere(status, answer):
            raise Absent(str(fault))
        raise fault


def _is_from_elsewhere(status: int, answer: object) -> bool:
    """Tell whether a proxy answered in the server's place, which passes.

    While Rocket.Chat restarts, what stands before it may redirect or know no such path; the
    address itself was right when the bot started.
    """
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        return True
    ours = isinstance(answer, dict) and "success" in answer
    return status == HTTPStatus.NOT_FOUND and not ours


def transport_fault(error: Exception, *, writes: bool) -> Fault:
    """Return the fault that a failure to exchange anything stands for.

    Args:
        error: what aiohttp raised.
        writes: the request would have changed something.
    """
    kind = type(error).__name__
    match error:
        case aiohttp.InvalidURL():
            return Rejected("ROCKETCHAT_URL is not a web address")
        case aiohttp.ClientConnectorCertificateError() | aiohttp.ClientSSLError():
            return Retryable(f"the certificate of Rocket.Chat is not accepted ({kind})")
        case aiohttp.ClientConnectorError() | aiohttp.ConnectionTimeoutError():
            return Retryable(f"cannot reach Rocket.Chat ({kind})")
        case _ if writes:
            return OutcomeUnknown(f"the connection to Rocket.Chat broke ({kind})")
        case _:
            return Retryable(f"the connection to Rocket.Chat broke ({kind})")


def _decoded(raw: bytes) -> object:
    try:
        decoded: object = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return decoded


def _alike(stored: str, sent: str) -> bool:
    """Compare loosely: white space, letter case and single words may differ."""
    one, other = ("".join(filter(str.isalnum, text)).casefold() for text in (stored, sent))
    return one == other or SequenceMatcher(None, one, other).quick_ratio() >= _ALIKE
