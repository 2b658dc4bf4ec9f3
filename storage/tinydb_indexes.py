"""What can be looked up without decoding a document."""

import sys
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from bot.cases.case import Case, CaseState, Level, Milestone
from bot.cases.query import CaseQuery


class MultiIndex:
    """From a text to the numbers filed under it. Lean: nearly always it is one number."""

    def __init__(self) -> None:
        self._numbers: dict[str, tuple[int, ...]] = {}

    def add(self, text: str, number: int) -> None:
        """File the number; an empty text files nothing."""
        if text:
            self._numbers[text] = (*self._numbers.get(text, ()), number)

    def discard(self, text: str, number: int) -> None:
        """Take the number out."""
        rest = tuple(n for n in self._numbers.get(text, ()) if n != number)
        if rest:
            self._numbers[text] = rest
        else:
            self._numbers.pop(text, None)

    def find(self, text: str) -> list[int]:
        """Return the numbers filed under the text, ascending."""
        return sorted(self._numbers.get(text, ()))


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """What the indexes know of a case."""

    customer: str
    owner: str
    level: Level
    state: CaseState
    alert_open: bool
    text: str
    issue_id: str
    issue_key: str
    threads: tuple[str, ...]
    owners: tuple[str, ...]
    """At any level."""
    severity: str
    product: str
    milestone: Milestone | None
    with_issue: bool
    waiting: bool
    due_at: datetime | None
    updated_at: datetime
    erased: bool

    @classmethod
    def of(cls, case: Case) -> "CaseFacts":
        """Return the facts of a case."""
        owner = case.owners.at(case.level)
        return cls(
            customer=sys.intern(case.customer.id),
            owner=sys.intern(owner.id) if owner else "",
            level=case.level,
            state=case.state,
            alert_open=case.alert is not None and case.alert.is_open,
            # A line end is in no word, so no word is found across the two.
            text=f"{case.name}\n{case.title}".casefold(),
            issue_id=(case.issue and case.issue.id) or "",
            issue_key=case.issue.key.casefold() if case.issue else "",
            threads=case.threads,
            owners=tuple(
                sys.intern(one.id) for one in map(case.owners.at, Level) if one is not None
            ),
            severity=sys.intern(case.severity.casefold()),
            product=sys.intern(case.product.casefold()),
            milestone=case.progress.milestone,
            with_issue=case.issue is not None,
            waiting=case.question is not None,
            due_at=case.due_at,
            updated_at=case.updated_at,
            erased=case.erased_at is not None,
        )

    def match(self, query: CaseQuery) -> bool:
        """Tell whether the case belongs into the list of a query that is `folded`."""
        return (
            (query.state is None or self.state is query.state)
            and (query.level is None or self.level is query.level)
            and (query.owner is None or self.owner == query.owner)
            and (query.customer is None or self.customer == query.customer)
            and (query.alert_open is None or self.alert_open is query.alert_open)
            and all(word in self.text for word in query.words)
            and self._match_people(query)
            and self._match_progress(query)
            and self._match_age(query)
        )

    def _match_people(self, query: CaseQuery) -> bool:
        return (
            (query.owned_by is None or query.owned_by in self.owners)
            and not (query.unowned and self.owner)
            and (query.waiting is None or self.waiting is query.waiting)
        )

    def _match_progress(self, query: CaseQuery) -> bool:
        return (
            query.severity in {"", self.severity}
            and query.product in {"", self.product}
            and (query.milestone is None or self.milestone is query.milestone)
            and (query.with_issue is None or self.with_issue is query.with_issue)
            and (
                query.due_before is None
                or (self.due_at is not None and self.due_at <= query.due_before)
            )
        )

    def _match_age(self, query: CaseQuery) -> bool:
        return (query.erased is None or self.erased is query.erased) and (
            query.changed_before is None or self.updated_at < query.changed_before
        )


def folded(query: CaseQuery) -> CaseQuery:
    """Return the query with its texts in the form in which cases are filed."""
    return replace(
        query,
        words=tuple(word.casefold() for word in query.words),
        severity=query.severity.casefold(),
        product=query.product.casefold(),
    )


class CaseIndex:
    """Finds the numbers of cases."""

    def __init__(self) -> None:
        self._facts: dict[int, CaseFacts] = {}
        self._newest = 0
        self._open_alerts: set[int] = set()
        self._with_due: set[int] = set()
        self._by_customer = MultiIndex()
        self.by_issue = MultiIndex()
        self.by_issue_key = MultiIndex()
        self.by_thread = MultiIndex()

    def replace(self, number: int, facts: CaseFacts | None) -> CaseFacts | None:
        """File a case anew, None for not at all; return what was filed before."""
        before = self._facts.pop(number, None)
        if before is not None:
            self._open_alerts.discard(number)
            self._with_due.discard(number)
            for index, text in self._places(before):
                index.discard(text, number)
        if facts is not None:
            self._facts[number] = facts
            self._newest = max(self._newest, number)
            if facts.alert_open:
                self._open_alerts.add(number)
            if facts.due_at is not None:
                self._with_due.add(number)
            for index, text in self._places(facts):
                index.add(text, number)
        return before

    def search(self, query: CaseQuery) -> list[int]:
        """Return the numbers of the cases that match, newest first."""
        query, facts = folded(query), self._facts
        return sorted(
            (
                number
                for number in self._candidates(query)
                if _within(number, query) and facts[number].match(query)
            ),
            reverse=True,
        )

    def _candidates(self, query: CaseQuery) -> Iterable[int]:
        if query.alert_open:
            return self._open_alerts
        if query.customer is not None:
            return self._by_customer.find(query.customer)
        if query.due_before is not None:
            return self._with_due
        if query.above is not None:
            recent = range(query.above + 1, self._newest + 1)
            return filter(self._facts.__contains__, recent)
        return self._facts

    def _places(self, facts: CaseFacts) -> Iterable[tuple[MultiIndex, str]]:
        yield self._by_customer, facts.customer
        yield self.by_issue, facts.issue_id
        yield self.by_issue_key, facts.issue_key
        for thread in facts.threads:
            yield self.by_thread, thread


def _within(number: int, query: CaseQuery) -> bool:
    above = query.above is None or number > query.above
    return above and (query.below is None or number < query.below)
