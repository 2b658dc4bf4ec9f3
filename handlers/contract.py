"""What every text is given: the one place that says so.

Whoever passes a text a new variable names it here; a test compares this with the templates.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from bot.cases.access import Actor, Role
from bot.cases.case import (
    Alert,
    Case,
    CaseFile,
    IssueLink,
    Level,
    Milestone,
    Person,
    TimelineEntry,
    UserId,
)
from bot.cases.clocks import Moment
from bot.cases.files import Declined
from bot.cases.next_steps import NextStep
from bot.cases.profile import Profile
from bot.incidents import Extent
from handlers import ALL
from handlers.case_proof import LedgerLine
from handlers.context import Handler
from handlers.hand_over import Answered
from handlers.on_issue import FoundIssue
from handlers.on_transition import Overtaken

_ERASURE = dict.fromkeys(("entries", "files", "messages", "shown", "waiting"), int)

VARIABLES: Mapping[str, Any] = {
    "acknowledged": Person | None,
    "actor": Actor,
    "ahead": int,
    "alert": Alert,
    "alert_was_open": bool,
    "answer": str,
    "answered": bool,
    "answers": Sequence[Answered],
    "as_of": datetime | None,
    "at": datetime,
    "before": Person | None,
    "began": datetime,
    "begins_at": datetime | None,
    "by": Person,
    "case": Case,
    "cases": Sequence[Case],
    "choice": str,
    "command": str,
    "count": int,
    "counted": int,
    "customer_ignored": bool,
    "cut": str,
    "days": int,
    "declined": Sequence[Declined],
    "detail": str,
    "direct": bool,
    "draft": str,
    "due": int,
    "duplicate": str,
    "earlier": int,
    "entries": Sequence[TimelineEntry],
    "everything": bool,
    "extent": Extent,
    "file": str,
    "files": Sequence[str],
    "flag": str,
    "former": Person | None,
    "handler": Handler,
    "handlers": Sequence[Handler],
    "id": str,
    "incident": str,
    "instead_of": Person | None,
    "issue": FoundIssue | IssueLink,
    "issues": Sequence[str],
    "item": str,
    "items": Sequence[tuple[NextStep, Moment | None]],
    "key": str,
    "lacking": Sequence[str],
    "languages": Mapping[str, str],
    "lasted": int,
    "left": str,
    "length": int,
    "letter": str,
    "level": Level,
    "limits": Sequence[Moment],
    "lines": Sequence[LedgerLine],
    "linked": bool,
    "longest": int,
    "may_override": bool,
    "milestone": Milestone | None,
    "missing": Sequence[str],
    "moment": Moment,
    "more": int,
    "most": int,
    "name": str,
    "names": Sequence[str],
    "nearest": str,
    "needed": Sequence[str],
    "notes": Sequence[TimelineEntry],
    "now": datetime,
    "number": int,
    "original": str,
    "others": Sequence[Case],
    "override": str,
    "overtaken": Sequence[Overtaken],
    "owner": Person | None,
    "p": str,
    "page": int,
    "pages": int,
    "people": Sequence[Person],
    "person": Person,
    "prefix": str,
    "profile": Profile,
    "reason": str,
    "rows": Sequence[tuple[Case, Milestone | None]],
    "shown": str,
    "siblings": Sequence[Case],
    "since": datetime,
    "soon": int,
    "status": str,
    "steps": Sequence[NextStep],
    "text": str,
    "to_assign": Sequence[Case],
    "to_close": Sequence[Case],
    "to_wait": Sequence[Case],
    "told": bool,
    "total": int,
    "undelivered": str,
    "unread": Sequence[TimelineEntry],
    "usage": str,
    "verb": str,
    "versions": str,
    "waiting": int,
    "what": str,
    "who": str,
    "why": str,
    "word": str,
    "words": str,
}
"""Name to type, as the team gets it; customers get the views of `bot.cases.views` instead."""

SPECIAL: Mapping[str, Mapping[str, Any]] = {
    **dict.fromkeys(("case_erase", "case_erase_preview"), _ERASURE),
    "staff/hand_over": {"notes": int},
    "staff/file_not_copied": {"file": CaseFile},
}
"""Text to variables that mean something else there than elsewhere."""

_CUSTOMER = Actor(person=Person(id=UserId(""), username=""), roles=frozenset({Role.CUSTOMER}))
_TEAM_VERBS = tuple(handler.verb for handler in ALL if not _CUSTOMER.may(handler.verb))
_TEAM_TEXTS = frozenset({
    "case_show",
    "case_work",
    "erase_beyond",
    "refusals/erase_blocked",
    "refusals/forwarded_already",
    "refusals/has_issue",
    "refusals/only_customer",
})  # fmt: skip


def is_for_the_team_only(name: str) -> bool:
    """Tell whether a text is an answer to a command that no customer may use."""
    if name in _TEAM_TEXTS:
        return True
    verb = name.removeprefix("case_")
    return any(verb == one or verb.startswith(f"{one}_") for one in _TEAM_VERBS)
