"""What can be looked up without decoding a document."""

import sys
from collections.abc import Iterable
from dataclasses import dataclass

from bot.cases.case import Case, CaseState, Level
from storage.base import CaseQuery


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
        )

    def match(self, query: CaseQuery, words: tuple[str, ...]) -> bool:
        """Tell whether the case belongs into the list; `words` are the query's, folded."""
        return (
            (query.state is None or self.state is query.state)
            and (query.level is None or self.level is query.level)
            and (query.owner is None or self.owner == query.owner)
            and (query.customer is None or self.customer == query.customer)
            and (query.alert_open is None or self.alert_open is query.alert_open)
            and all(word in self.text for word in words)
        )


class CaseIndex:
    """Finds the numbers of cases."""

    def __init__(self) -> None:
        self._facts: dict[int, CaseFacts] = {}
        self._open_alerts: set[int] = set()
        self._by_customer = MultiIndex()
        self.by_issue = MultiIndex()
        self.by_issue_key = MultiIndex()
        self.by_thread = MultiIndex()

    def replace(self, number: int, facts: CaseFacts | None) -> CaseFacts | None:
        """File a case anew, None for not at all; return what was filed before."""
        before = self._facts.pop(number, None)
        if before is not None:
            self._open_alerts.discard(number)
            for index, text in self._places(before):
                index.discard(text, number)
        if facts is not None:
            self._facts[number] = facts
            if facts.alert_open:
                self._open_alerts.add(number)
            for index, text in self._places(facts):
                index.add(text, number)
        return before

    def search(self, query: CaseQuery) -> list[int]:
        """Return the numbers of the cases that match, newest first."""
        words = tuple(word.casefold() for word in query.words)
        facts = self._facts
        return sorted(
            (number for number in self._candidates(query) if facts[number].match(query, words)),
            reverse=True,
        )

    def _candidates(self, query: CaseQuery) -> Iterable[int]:
        if query.alert_open:
            return self._open_alerts
        if query.customer is not None:
            return self._by_customer.find(query.customer)
        return self._facts

    def _places(self, facts: CaseFacts) -> Iterable[tuple[MultiIndex, str]]:
        yield self._by_customer, facts.customer
        yield self.by_issue, facts.issue_id
        yield self.by_issue_key, facts.issue_key
        for thread in facts.threads:
            yield self.by_thread, thread
