"""What a refusing answer of Rocket.Chat means to us, whichever way the request went.

    Rejected
    ├── NotFound        what was asked for does not exist, or we may not know that it does
    └── Unsupported     this server does not know the endpoint, or not with these parameters
    CredentialsRefused
    └── NotAccepted     a 401, with the code that a login needs to say why

Servers before 9.0 answer 400 with a code where 9.0 answers 403 `error-forbidden`, and some
routes give no code at all, so the meaning is looked up by code, by text, then by status.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, Final

from bot.errors import CredentialsRefused, Fault, OutcomeUnknown, Rejected, Retryable
from bot.rocketchat.text import shorten

LONGEST_WAIT = timedelta(minutes=10)

_CODE_AT_END = re.compile(r"\[([\w.-]+)\]\s*$")
_CODE_ALONE = re.compile(r"[\w.-]+")
_SECONDS_IN_TEXT = re.compile(r"must wait (\d{1,6}) seconds")
_SHOWN_OF_AN_UNKNOWN_ERROR = 200

_NOT_ALLOWED = "Rocket.Chat does not allow the bot to do this here; is it a member of the room?"
_READ_ONLY = (
    "the room is read-only; for a direct message this usually means that the user is deactivated"
)

# Rocket.Chat 7.7.1 `canSendMessage.ts`, `BeforeSavePreventMention.ts`, and the route handlers.
_REASONS: Final[Mapping[str, str]] = {
    "error-not-allowed": _NOT_ALLOWED,
    "not-allowed": _NOT_ALLOWED,
    "not allowed": _NOT_ALLOWED,
    "not-authorized": _NOT_ALLOWED,
    "not_authorized": _NOT_ALLOWED,
    "no-permission": _NOT_ALLOWED,
    "error-forbidden": _NOT_ALLOWED,
    "forbidden": _NOT_ALLOWED,
    "unauthorized": _NOT_ALLOWED,
    "error-unauthorized": "the bot's roles lack the permission for this",
    "not enough permission": "the bot's roles lack the permission for this",
    "you can't send messages because the room is readonly.": _READ_ONLY,
    "you_have_been_muted": "the bot is muted in this room",
    "room_is_blocked": "the direct message is blocked by one of its two users",
    "room_is_archived": "the room is archived",
    "error-room-archived": "the room is archived",
    "error-abac-room-locked": "the room is locked by an access attribute",
    "error-message-size-exceeded": "the message is longer than this workspace allows",
    "error-action-not-allowed": "this workspace does not allow the bot to do this, for instance "
    "to notify a whole room",
    "error-invalid-message": "the message is empty",
    "error-file-too-large": "the file is larger than this workspace allows",
    "error-invalid-file-type": "this workspace does not accept this type of file",
    "error-file-upload-disabled": "file uploads are turned off in this workspace",
    "error-direct-message-file-upload-not-allowed": "this workspace does not allow files in "
    "direct messages",
    "error-direct-message-max-user-exceeded": "too many users for one direct message",
    "error-user-is-federated": "this cannot be done for a user of another server",
}
_MISSING: Final[Mapping[str, str]] = {
    "error-invalid-room": "the room does not exist, or the bot may not see it",
    "error-room-not-found": "the room does not exist, or the bot may not see it",
    "invalid-channel": "the room does not exist, or the bot may not see it",
    "error-invalid-user": "there is no such user",
    "user not found.": "there is no such user",
    "error-message-not-found": "the message does not exist any more",
    "resource not found": "Rocket.Chat has no such thing, or does not show it to the bot",
}
_UNSUPPORTED = frozenset({"invalid-params", "error-invalid-params"})


class NotFound(Rejected):
    """What was asked for does not exist, or we may not know that it does."""


class Unsupported(Rejected):
    """This server does not know the endpoint, or not with these parameters."""


class NotAccepted(CredentialsRefused):
    """The server answered 401.

    Attributes:
        code: the server's own, for instance `totp-required`.
    """

    def __init__(self, code: str) -> None:
        super().__init__("Rocket.Chat does not accept the bot's credentials")
        self.code = code


def fault_for(  # noqa: PLR0911 - one line per meaning is the table
    *, status: int, body: object, headers: Mapping[str, str], now: datetime, writes: bool
) -> Fault:
    """Return the fault that an answer which is not a success stands for.

    A 401 is only a suspicion: some routes answer so for a lack of permission, and the caller
    should ask `me` before believing it.

    Args:
        status: the HTTP status, or 200 for something that is not Rocket.Chat's answer at all.
        body: the decoded JSON, or anything else if it was none.
        headers: of the answer; looked up in any letter case.
        now: for a rate limit given as a point in time.
        writes: the request would have changed something.
    """
    answer: Mapping[str, Any] = body if isinstance(body, dict) else {}
    known = {name.casefold(): value for name, value in headers.items()}
    text = error_text(answer)
    if status == HTTPStatus.TOO_MANY_REQUESTS or "error-too-many-requests" in text:
        wait = asked_wait(text, known, now)
        return Retryable("Rocket.Chat asks the bot to slow down", retry_after=wait)
    if status == HTTPStatus.UNAUTHORIZED:
        return NotAccepted(error_code(answer))
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        wait = asked_wait(text, known, now)
        return Retryable("Rocket.Chat is not available (503)", retry_after=wait)
    if HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR:
        return _refusal(status, answer, text)
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        return Rejected(
            f"the address answers with a redirect ({status}): "
            "set ROCKETCHAT_URL to the address it leads to"
        )
    # A proxy gives up on a server that may still finish the work.
    kind = OutcomeUnknown if writes else Retryable
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return kind(f"Rocket.Chat failed with {status}")
    return kind("something other than Rocket.Chat answered, perhaps a proxy")


def error_code(answer: Mapping[str, Any]) -> str:
    """Return the code of a refusal in lower case, or its whole text when it has none."""
    kind = answer.get("errorType")
    if isinstance(kind, str) and kind:
        return kind.casefold()
    text = error_text(answer)
    at_end = _CODE_AT_END.search(text)
    return (at_end.group(1) if at_end else text.strip()).casefold()


def error_text(answer: Mapping[str, Any]) -> str:
    """Return what the server wrote about its refusal; empty when it says nothing."""
    for key in ("error", "message", "reason"):
        value = answer.get(key)
        if isinstance(value, str) and value:
            return value
    return ""


def asked_wait(text: str, headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """Return how long the server wants us to wait, at most `LONGEST_WAIT`; None if it is silent.

    The text gives whole seconds; `X-RateLimit-Reset` is finer, but an instant on the server's
    clock, so it is believed only while it does not contradict the text.

    Args:
        text: the refusal's text.
        headers: with names in lower case.
        now: aware, in UTC.
    """
    told = _SECONDS_IN_TEXT.search(text)
    seconds = timedelta(seconds=int(told.group(1))) if told else _retry_after(headers, now)
    until_reset = _until_reset(headers, now)
    finer = until_reset is not None and timedelta(0) < until_reset < (seconds or LONGEST_WAIT)
    asked = until_reset if finer else seconds
    return None if asked is None else min(max(asked, timedelta(0)), LONGEST_WAIT)


def _refusal(status: int, answer: Mapping[str, Any], text: str) -> Rejected:
    code = error_code(answer)
    for key in (code, text.casefold()):
        if key in _REASONS:
            return Rejected(_REASONS[key])
        if key in _MISSING:
            # Without a code of its own a 404 may as well mean that the route is not there.
            kind = NotFound if key != "resource not found" else Unsupported
            return kind(_MISSING[key])
    if code in _UNSUPPORTED:
        return Unsupported(f"this Rocket.Chat does not accept the request: {_shown(text)}")
    if status in {HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED}:
        return Unsupported("this Rocket.Chat does not know the request, or not what it is about")
    if status == HTTPStatus.FORBIDDEN:
        return Rejected(_NOT_ALLOWED)
    return Rejected(f"Rocket.Chat refused ({status}): {_shown(text) or 'without a reason'}")


def _shown(text: str) -> str:
    return shorten(" ".join(text.split()), _SHOWN_OF_AN_UNKNOWN_ERROR)


def _retry_after(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """Read the standard header, which proxies send."""
    value = headers.get("retry-after", "").strip()
    if value.isdecimal():
        return timedelta(seconds=min(int(value[:9]), LONGEST_WAIT.total_seconds()))
    try:
        at = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    return at.replace(tzinfo=at.tzinfo or UTC) - now


def _until_reset(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    value = headers.get("x-ratelimit-reset", "").strip()
    if not value.isdecimal():
        return None
    try:
        return datetime.fromtimestamp(int(value[:15]) / 1000, UTC) - now
    except (OverflowError, ValueError, OSError):
        return None
