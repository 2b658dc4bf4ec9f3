"""An HTTP answer of Jira as a value, and what it means when it is not a success.

    Retryable           408 409 423 425 429 5xx, a suspended site
    OutcomeUnknown      5xx to a write that was sent: it may have been carried out
    CredentialsRefused  401, a locked or disabled login
    └── NotJira         a redirect, a page instead of data
    Rejected            every other 4xx
    └── NotVisible      404, 403 to a read: missing or hidden, nobody can tell which

That we are still logged in is not checked here: see `bot.jira.connection`.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from urllib.parse import urlsplit

from bot.errors import CredentialsRefused, Fault, OutcomeUnknown, Rejected, Retryable
from bot.jira.documents import one_line
from bot.jira.parsing import items, mapping

# A blocked Data Center user is told to wait 292 billion years; Cloud's quotas reset every hour.
LONGEST_WAIT = timedelta(hours=1)

_TRY_AGAIN = frozenset({408, 409, 423, 425, 429})
_SHOWN = 300
_TAGS = re.compile(r"<(script|style)\b.*?</\1\s*>|<[^>]*>", re.DOTALL | re.IGNORECASE)
_SECONDS = re.compile(r"[0-9]+(?:\.[0-9]+)?", re.ASCII)
_MOST_DIGITS = 15


class NotJira(CredentialsRefused):
    """Something else is at the address, or stands in front of it."""


class NotVisible(Rejected):
    """What was asked for does not exist, or our account may not see it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer, read completely.

    Attributes:
        headers: as they came; looked up without regard to case by aiohttp's mapping.
        body: never shown by repr: it may hold what a customer wrote.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    @property
    def is_success(self) -> bool:
        """Whether the status is 2xx."""
        return self.status // 100 == 2  # noqa: PLR2004 - the definition of 2xx

    def json(self) -> object:
        """Return the parsed body.

        Raises:
            ValueError: it is no JSON, or none that can be held.
        """
        # One character or number that nobody could have meant must not spoil a whole page.
        body = self.body.decode("utf-8-sig", "replace")
        try:
            parsed: object = json.loads(body, parse_int=_whole_number)
        except RecursionError as error:
            raise ValueError("nested too deeply") from error
        return parsed

    def find_json(self) -> object:
        """Return the parsed body, None if it is no JSON."""
        try:
            return self.json()
        except ValueError:
            return None

    def speaks_of_missing_thing(self) -> bool:
        """Tell a missing issue or project from a path that this server does not have.

        Only Jira's own resources answer with `errorMessages`; an unknown path gives a problem
        document, a page, or a framework's own words.
        """
        return isinstance(mapping(self.find_json()).get("errorMessages"), list)

    def is_from_elsewhere(self) -> bool:
        """Tell whether a 403 or 404 is a page of what stands in front of Jira, which uses JSON."""
        is_either = self.status in {HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND}
        return is_either and not isinstance(self.find_json(), dict)

    def date(self) -> datetime | None:
        """Return the server's time when it answered, None if a cache answered or it is absent."""
        return None if "Age" in self.headers else _http_date(self.headers.get("Date"))

    def retry_after(self, now: datetime) -> timedelta | None:
        """Return how long to wait, from `Retry-After` or `X-RateLimit-Reset`, bounded."""
        value = self.headers.get("Retry-After", "").strip()
        if _SECONDS.fullmatch(value):
            digits = value.partition(".")[0]
            return LONGEST_WAIT if len(digits) > _MOST_DIGITS else _bounded(float(value))
        until = _http_date(value) or _iso_date(self.headers.get("X-RateLimit-Reset"))
        return None if until is None else _bounded((until - (self.date() or now)).total_seconds())


def reason_in(answer: Answer) -> str:
    """Return what the server says went wrong, on one line; its status if it says nothing."""
    found = mapping(answer.find_json())
    said = [entry for entry in items(found.get("errorMessages")) if isinstance(entry, str)]
    said += [
        f"{name}: {text}"
        for name, text in mapping(found.get("errors")).items()
        if isinstance(text, str)
    ]
    for key in ("message", "errorMessage", "error", "detail"):
        other = found.get(key)
        if not said and isinstance(other, str):
            said = [other]
    if not said and not found:
        said = [_TAGS.sub(" ", answer.body[: _SHOWN * 20].decode("utf-8", "replace"))]
    limit = _SHOWN * 5 if found else _SHOWN
    return one_line("; ".join(said), limit=limit) or f"status {answer.status}"


def fault_in(answer: Answer, *, now: datetime, is_write: bool) -> Fault:
    """Turn an answer that is no success into the one fault it means.

    Args:
        answer: any status but 2xx.
        now: used for dates in headers when the server does not give its own.
        is_write: whether doing it twice would do harm.
    """
    status, reason = answer.status, reason_in(answer)
    if status // 100 == 3:  # noqa: PLR2004 - the definition of 3xx
        return NotJira(
            f"Jira redirects{_target(answer)} instead of answering: JIRA_URL is not its address, "
            "or a login page stands in front of it"
        )
    if status == HTTPStatus.UNAUTHORIZED or _is_login_refused(answer):
        return CredentialsRefused(_login_reason(answer))
    wait = answer.retry_after(now)
    if status in _TRY_AGAIN or _is_suspended(answer):
        return Retryable(f"Jira cannot do it now (status {status}): {reason}", retry_after=wait)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        # A 503 that names a time was refused at the door; any other may have come too late.
        refused = status == HTTPStatus.SERVICE_UNAVAILABLE and wait is not None
        kind = OutcomeUnknown if is_write and not refused else Retryable
        return kind(f"Jira failed (status {status}): {reason}", retry_after=wait)
    if status == HTTPStatus.NOT_FOUND or (status == HTTPStatus.FORBIDDEN and not is_write):
        return NotVisible(f"Jira does not show it (status {status}): {reason}")
    return Rejected(f"Jira refused (status {status}): {reason}")


def _is_login_refused(answer: Answer) -> bool:
    """Recognise a 403 that is about who we are, by its structure and never by its words."""
    if answer.status != HTTPStatus.FORBIDDEN:
        return False
    denied = "AUTHENTICATION_DENIED" in answer.headers.get("X-Seraph-LoginReason", "")
    # A bearer token that Cloud cannot read is answered with `error` alone.
    unreadable = set(mapping(answer.find_json())) == {"error"}
    return denied or unreadable or "X-Authentication-Denied-Reason" in answer.headers


def _login_reason(answer: Answer) -> str:
    if "CAPTCHA" in answer.headers.get("X-Authentication-Denied-Reason", ""):
        return (
            "Jira has locked this login after several wrong passwords: log in once with a browser, "
            "then use a personal access token"
        )
    return (
        f"Jira does not accept our credentials (status {answer.status}: {reason_in(answer)}): "
        "the token is wrong, has expired or is for another Jira"
    )


def _target(answer: Answer) -> str:
    """Name the host only: the rest of such an address may be somebody's session."""
    try:
        host = urlsplit(answer.headers.get("Location", "")).hostname
    except ValueError:
        return ""
    return f" to {one_line(host, limit=100)}" if host else ""


def _whole_number(digits: str) -> int | None:
    return int(digits) if len(digits) < _MOST_DIGITS * 2 else None


def _is_suspended(answer: Answer) -> bool:
    """A Cloud site that is asleep or moving says so under a key that nothing else uses."""
    return answer.status == HTTPStatus.NOT_FOUND and set(mapping(answer.find_json())) == {
        "errorMessage"
    }


def _bounded(seconds: float) -> timedelta:
    return min(timedelta(seconds=max(seconds, 0.0)), LONGEST_WAIT)


def _http_date(value: str | None) -> datetime | None:
    try:
        return _in_utc(parsedate_to_datetime(value)) if value else None
    except (ValueError, TypeError, OverflowError):
        return None


def _iso_date(value: str | None) -> datetime | None:
    try:
        return _in_utc(datetime.fromisoformat(value.strip())) if value else None
    except (ValueError, OverflowError):
        return None


def _in_utc(found: datetime) -> datetime:
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
