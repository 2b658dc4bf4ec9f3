"""Jira's webhooks, without a server: is a call genuine, and which issue does it speak of."""

import hashlib
import hmac
import re
from collections.abc import Mapping

_ISSUE_EVENTS = frozenset({"jira:issue_created", "jira:issue_updated", "jira:issue_deleted"})
_COMMENT_EVENTS = frozenset({"comment_created", "comment_updated", "comment_deleted"})
_ID = re.compile(r"[0-9]{1,19}", re.ASCII)
_COMMENT_SELF = re.compile(r"/issue/([0-9]{1,19})/comment/", re.ASCII)


def verify(secret: str, body: bytes, header: str | None) -> bool:
    """Tell whether `X-Hub-Signature` proves that whoever sent `body` knows the secret.

    Args:
        secret: an empty one proves nothing, and refuses everything.
        body: the bytes as they came, before any parsing.
        header: `sha256=<hex>`; the method is read from it, and no other is accepted.
    """
    method, _, signature = (header or "").strip().partition("=")
    if not secret or method.strip().lower() != "sha256":
        return False
    expected = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    # As bytes: comparing text that is not ASCII would raise instead of refusing.
    given = signature.strip().lower().encode("utf-8", "replace")
    return hmac.compare_digest(expected.encode(), given)


def issue_id_of(payload: object) -> str | None:
    """Return the id of the issue that a webhook's payload is about.

    A Data Center comment event names no issue; there it is read from the comment's own address.

    Returns:
        The immutable id in digits, or None when the event is of no interest or unreadable.
    """
    if not isinstance(payload, Mapping):
        return None
    event = payload.get("webhookEvent")
    if not isinstance(event, str) or event not in _ISSUE_EVENTS | _COMMENT_EVENTS:
        return None
    issue = payload.get("issue")
    if isinstance(issue, Mapping) and (found := _issue_id(issue.get("id"))):
        return found
    comment = payload.get("comment")
    if event in _COMMENT_EVENTS and isinstance(comment, Mapping):
        return _issue_in(comment.get("self"))
    return None


def _issue_id(value: object) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 10**19:
        return str(value)
    return value if isinstance(value, str) and _ID.fullmatch(value) else None


def _issue_in(address: object) -> str | None:
    match = _COMMENT_SELF.search(address[:2000]) if isinstance(address, str) else None
    return match[1] if match else None
