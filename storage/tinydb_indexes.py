"""What can be looked up without decoding a document."""

import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from operator import attrgetter

from bot.cases.case import Case, CaseId, CaseState, Level, Milestone
from bot.cases.query import CaseQuery, CaseTitle


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

    number: int
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
            number=int(case.id),
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
        found = [self._facts[number] for number in self._candidates(query)]
        for sieve in _sieves(query):
            found = sieve(found)
        return sorted([facts.number for facts in found], reverse=True)

    def title_of(self, number: int) -> CaseTitle:
        """Return what a case is about."""
        facts = self._facts[number]
        return CaseTitle(CaseId(number), facts.text.partition("\n")[2], facts.product)

    def _candidates(self, query: CaseQuery) -> Iterable[int]:
        if query.ids is not None:
            return filter(self._facts.__contains__, set(query.ids))
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


_Found = list[CaseFacts]

# What a query and the facts of a case call the same; None does not restrict.
_VALUES = (
    "state", "customer", "owner", "level", "alert_open", "milestone", "with_issue", "waiting",
    "erased",
)  # fmt: skip
# The same of texts, which are filed without regard to case; "" does not restrict.
_TEXTS = ("severity", "product")


def _sieves(query: CaseQuery) -> Iterator[Callable[[_Found], _Found]]:
    """Yield what keeps the cases of a query, to be used one after the other.

    Only what the query restricts is looked at, over all cases at once: asking each case about
    everything takes several times as long.
    """
    for word in query.words:
        yield partial(_with_word, word.casefold())
    for name in _VALUES:
        if (wanted := getattr(query, name)) is not None:
            yield partial(_having, attrgetter(name), wanted)
    for name in _TEXTS:
        if wanted := getattr(query, name):
            yield partial(_having, attrgetter(name), wanted.casefold())
    yield from _sieves_of_rest(query)


def _having(get: Callable[[CaseFacts], object], wanted: object, found: _Found) -> _Found:
    return [one for one in found if get(one) == wanted]


def _with_word(word: str, found: _Found) -> _Found:
    return [one for one in found if word in one.text]


def _sieves_of_rest(query: CaseQuery) -> Iterator[Callable[[_Found], _Found]]:
    if (above := query.above) is not None:
        yield lambda found: [one for one in found if one.number > above]
    if (below := query.below) is not None:
        yield lambda found: [one for one in found if one.number < below]
    if (owner := query.owned_by) is not None:
        yield lambda found: [one for one in found if owner in one.owners]
    if query.unowned:
        yield lambda found: [one for one in found if not one.owner]
    if (due := query.due_before) is not None:
        yield lambda found: [one for one in found if one.due_at and one.due_at <= due]
    if (changed := query.changed_before) is not None:
        yield lambda found: [one for one in found if one.updated_at < changed]
