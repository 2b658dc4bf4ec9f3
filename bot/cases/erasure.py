"""What is left of a case, and of what was written about it, when people are forgotten.

Whatever somebody may have typed goes, unless it is named here: a new field of text is erased until
somebody decides that it may stay. Numbers, times and states are left as they are.
"""

import hashlib
import re
from collections.abc import Callable, Collection, Iterator, Mapping
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
_LEVELS = re.compile(r"level \d to \d")


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
        owed = replace(self._blank(delivery.owed), key=self._key(delivery.owed.key))
        detail = delivery.detail
        return replace(delivery, owed=owed, detail=ERASED if self.mentions(detail) else detail)

    def case_of_others(self, case: Case) -> Case:
        """Return a case that belongs to somebody else without what the forgotten wrote in it.

        Its title stays, whoever gave it: those who are left need it.
        """
        files = tuple(one for one in case.files if not self.is_gone(one.by))
        bare: Case = self._without_theirs(replace(case, files=files))
        return bare

    def entry_of_others(self, entry: TimelineEntry) -> TimelineEntry:
        """Return an entry of such a case, erased if they wrote it."""
        theirs = entry.by is not None and self.is_gone(entry.by)
        return self.entry(entry) if theirs else entry

    def mentions(self, text: str) -> bool:
        """Tell whether a name of theirs stands in a text, as words of its own."""
        return any(
            re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text, re.IGNORECASE)
            for name in (*self.ids, *self.names)
        )

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
