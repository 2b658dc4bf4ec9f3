"""What is left of a case, and of what was written about it, when people are forgotten.

Whatever somebody may have typed goes, unless it is named here: a new field of text is erased until
somebody decides that it may stay. Numbers, times and states are left as they are.
"""

import hashlib
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import datetime
from enum import Enum
from typing import Any, TypeVar

from bot.cases.case import Case, Person, TimelineEntry, TimelineKind, UserId
from bot.cases.effects import Delivery

ERASED = "erased"
"""Stands where a text stood."""
NOBODY = "erased person"
"""Stands where a name stood; it has a space, which no user name has."""
RECIPIENT_ERASED = "the data of its recipient was erased"
CASE_ERASED = "what was written in the case was erased"
"""Why something that was still owed is not sent."""

T = TypeVar("T")

_KEPT = frozenset(
    {
        "Case.severity",
        "IssueLink.id",
        "IssueLink.key",
        "IssueLink.url",
        "Progress.status",
        "Alert.resolution",
        "Alert.fix_versions",
        "ToRoom.room_id",
        "React.emoji",
        "LinkIssue.issue_key",
        "AttachFile.issue_id",
        "CaseExport.format",
        "Owed.about",
        "Owed.because",
        "Owed.skipped",
    }
)
"""Fields of text that nobody typed, or that say no more than a number does."""
_KEPT_KINDS = frozenset({TimelineKind.STATUS, TimelineKind.LINKED, TimelineKind.CONFIRMED})
"""Entries whose text is Jira's or ours."""
_CLOSED = TimelineKind.CLOSED
_LEVELS = re.compile(r"level \d to \d")
_OF_FILE = re.compile(r"file .*?( not copied)?", re.DOTALL)
"""What the ledger calls a file; its name was somebody's."""
_NAMING = frozenset({TimelineKind.CHANGED, TimelineKind.TAKEN})
"""Entries in which we wrote somebody's name, whoever gave the command."""


def nobody(token: str) -> Person:
    """Return who stands for somebody who is forgotten.

    Args:
        token: of this erasure, and telling nothing of them; what was one person stays one.
    """
    return Person(id=UserId(f"erased/{token}"), username=NOBODY, name=NOBODY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Eraser:
    """Forgets people."""

    is_gone: Callable[[Person], bool]
    """Who is forgotten."""
    ids: Collection[str]
    names: Collection[str]
    """All names they have had, as far as they are known; without the empty one."""
    ghost: Person
    """Who stands for them."""

    def knowing_files_of(self, case: Case) -> "Eraser":
        """Return it knowing the names of their files, too, which a server may have repeated."""
        files = (one.name for one in case.files if self.is_gone(one.by))
        return replace(self, names=[*self.names, *files])

    def case(self, case: Case, *, at: datetime) -> Case:
        """Return what is left of a case when nothing that was written in it stays."""
        bare = replace(case, files=(), threads=(), question=None, warned=(), language="en")
        return replace(self._blank(bare), erased_at=at)

    def entry(self, entry: TimelineEntry) -> TimelineEntry:
        """Return what is left of an entry of such a case."""
        if entry.kind in _KEPT_KINDS:
            return self._unname(entry)
        levels = _LEVELS.match(entry.text)
        return replace(self._blank(entry), text=levels[0] if levels else ERASED)

    def delivery(self, delivery: Delivery) -> Delivery:
        """Return what is left of a finished delivery of such a case."""
        owed = replace(
            self._blank(delivery.owed),
            key=self._key(delivery.owed.key),
            about=_about(delivery.owed.about),
        )
        detail = delivery.detail
        return replace(delivery, owed=owed, detail=ERASED if self.mentions(detail) else detail)

    def case_of_others(self, case: Case, entries: Iterable[TimelineEntry] = ()) -> Case:
        """Return a case that belongs to somebody else without what the forgotten wrote in it.

        Its title stays, whoever gave it: those who are left need it.

        Args:
            case: as it is kept.
            entries: its timeline, which says who closed it.
        """
        files = tuple(one for one in case.files if not self.is_gone(one.by))
        theirs = {one.text for one in entries if self._wrote(one) and one.kind is _CLOSED}
        reason = ERASED if case.closed_reason in theirs else case.closed_reason
        bare: Case = self._without_theirs(replace(case, files=files, closed_reason=reason))
        return bare

    def entry_of_others(self, entry: TimelineEntry) -> TimelineEntry:
        """Return an entry of such a case, erased if they wrote it, without the name we wrote."""
        if self._wrote(entry):
            return self.entry(entry)
        if entry.kind in _NAMING and self.mentions(entry.text):
            return replace(entry, text=self._naming().sub(NOBODY, entry.text))
        return entry

    def _wrote(self, entry: TimelineEntry) -> bool:
        return entry.by is not None and self.is_gone(entry.by)

    def mentions(self, text: str) -> bool:
        """Tell whether a name of theirs stands in a text, as words of its own."""
        return self._naming().search(text) is not None

    def _naming(self) -> re.Pattern[str]:
        known = sorted({*self.ids, *self.names}, key=len, reverse=True)
        either = "|".join(re.escape(name) for name in known) or "(?!)"
        return re.compile(rf"(?<!\w)(?:{either})(?!\w)", re.IGNORECASE)

    def _key(self, key: str) -> str:
        """Return a key that names nobody, still unlike any other."""
        if not any(part in self.ids for part in key.split("/")):
            return key
        return f"erased/{hashlib.sha256(key.encode()).hexdigest()[:24]}"

    def _blank(self, value: T) -> T:
        """Return a value without anything that somebody may have typed."""
        blank: T = self._walk(value, lambda text: ERASED if text else text)
        return blank

    def _unname(self, value: T) -> T:
        """Return a value with its texts, and without those who are forgotten."""
        unnamed: T = self._walk(value, lambda text: text)
        return unnamed

    def _without_theirs(self, value: Any) -> Any:  # noqa: ANN401 - the same type comes back
        if isinstance(value, Person) or not _is_value(value):
            return self._mapped(value, self._without_theirs)
        by = getattr(value, "by", None) or getattr(value, "contacted_by", None)
        if isinstance(by, Person) and self.is_gone(by):
            return self._blank(value)
        return self._of_fields(value, lambda _, part: self._without_theirs(part))

    def _walk(self, value: Any, text: Callable[[str], str]) -> Any:  # noqa: ANN401 - as above
        if isinstance(value, str) and not isinstance(value, Enum):
            return text(value)
        if isinstance(value, Person) or not _is_value(value):
            return self._mapped(value, lambda part: self._walk(part, text))
        return self._of_fields(
            value, lambda name, part: part if name in _KEPT else self._walk(part, text)
        )

    def _mapped(self, value: Any, change: Callable[[Any], Any]) -> Any:  # noqa: ANN401 - as above
        if isinstance(value, Person):
            return self.ghost if self.is_gone(value) else value
        if isinstance(value, tuple | list):
            return tuple(change(part) for part in value)
        if isinstance(value, Mapping):
            return {name: change(part) for name, part in value.items()}
        return value

    def _of_fields(self, value: Any, change: Callable[[str, Any], Any]) -> Any:  # noqa: ANN401 - as above
        kind = type(value).__name__
        return replace(
            value,
            **{
                one.name: change(f"{kind}.{one.name}", getattr(value, one.name))
                for one in fields(value)
                if one.name != "kind"
            },
        )


def _about(text: str) -> str:
    """Return what a delivery tells of, without the name of a file."""
    found = _OF_FILE.fullmatch(text)
    return f"file{found[1] or ''}" if found else text


def people_in(value: object) -> Iterator[Person]:
    """Return everybody in a value, as often as they are in it."""
    if isinstance(value, Person):
        yield value
    elif _is_value(value):
        for one in fields(value):  # type: ignore[arg-type]
            yield from people_in(getattr(value, one.name))
    elif isinstance(value, tuple | list):
        for part in value:
            yield from people_in(part)
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from people_in(part)


def _is_value(value: object) -> bool:
    return is_dataclass(value) and not isinstance(value, type)
