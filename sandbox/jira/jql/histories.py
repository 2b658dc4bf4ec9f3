"""`WAS` and `CHANGED`: searching in what an issue used to be."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sandbox.jira.jql.choices import CHOICES, Choice, find_accounts, resolve
from sandbox.jira.jql.context import Context, operands, to_second
from sandbox.jira.jql.plan import Node, nothing
from sandbox.jira.jql.syntax import Clause, Empty, Predicate, Value
from sandbox.jira.model import Account, ChangeItem, History, Issue

_DAY = timedelta(days=1)
_PAIR = 2


@dataclass(frozen=True, slots=True)
class _Span:
    """A value an issue had from `start` until `end` (None: still)."""

    value: str | None
    start: datetime
    end: datetime | None
    by: Account | None


@dataclass(frozen=True, slots=True)
class _Period:
    """A stretch of time; both ends count."""

    start: datetime | None
    end: datetime | None

    def holds(self, moment: datetime) -> bool:
        at = to_second(moment)
        return (self.start is None or at >= self.start) and (self.end is None or at <= self.end)

    def meets(self, span: _Span) -> bool:
        started = self.end is None or to_second(span.start) <= self.end
        over = self.start is not None and span.end is not None and to_second(span.end) < self.start
        return started and not over


def _changes(issue: Issue, field_id: str) -> list[tuple[History, ChangeItem]]:
    found = [(h, item) for h in issue.histories for item in h.items if item.field_id == field_id]
    return sorted(found, key=lambda pair: (pair[0].created, pair[0].id))


def _spans(issue: Issue, field_id: str, current: Sequence[str]) -> list[_Span]:
    changes = _changes(issue, field_id)
    if not changes:
        return [_Span(v, issue.created, None, issue.creator) for v in current or (None,)]
    spans: list[_Span] = []
    value, start, by = changes[0][1].from_id, issue.created, issue.creator
    for history, item in changes:
        spans.append(_Span(value, start, history.created, by))
        value, start, by = item.to_id, history.created, history.author
    return [*spans, _Span(value, start, None, by)]


def _value_ids(values: Sequence[Any] | None) -> set[str | None]:
    if values is None:
        return {None, ""}
    return {
        identifier
        for value in values
        for identifier in (
            (value.account_id, value.key, value.name) if isinstance(value, Account) else (value.id,)
        )
    }


def _period(context: Context, predicate: Predicate, field: str) -> _Period | None:
    dates = [context.date(operand, field) for operand in operands(predicate.operand)]
    if None in dates or not dates or (predicate.name == "during") != (len(dates) == _PAIR):
        return None
    first, last = dates[0], dates[-1]
    if predicate.name == "after":
        return _Period(first, None)
    if predicate.name == "before":
        return _Period(None, first)
    if predicate.name == "on" and first is not None:
        return _Period(first, first + _DAY - timedelta(seconds=1))
    return _Period(first, last)


@dataclass(slots=True)
class _Conditions:
    """The predicates of a clause, read."""

    periods: list[_Period]
    authors: list[set[Account]]
    sources: list[set[str | None]]
    targets: list[set[str | None]]


def _read(context: Context, clause: Clause, choice: Choice) -> _Conditions:
    conditions = _Conditions([], [], [], [])
    for predicate in clause.predicates:
        if predicate.name in {"after", "before", "on", "during"}:
            period = _period(context, predicate, clause.field)
            if period is not None:
                conditions.periods.append(period)
        elif predicate.name == "by":
            conditions.authors.append(_authors(context, predicate))
        else:
            ids: set[str | None] = set()
            for operand in operands(predicate.operand):
                ids |= _value_ids(resolve(context, clause, choice, operand))
            (conditions.sources if predicate.name == "from" else conditions.targets).append(ids)
    return conditions


def _authors(context: Context, predicate: Predicate) -> set[Account]:
    found: set[Account] = set()
    for operand in operands(predicate.operand):
        if isinstance(operand, Value):
            accounts = find_accounts(context, operand.text)
            if not accounts:
                context.problems.append(f"The user '{operand.text}' does not exist.")
            found.update(accounts)
        elif context.user is not None:
            found.add(context.user)
    return found


def _changed(conditions: _Conditions, field_id: str) -> Callable[[Issue], bool]:
    def fits(history: History, item: ChangeItem) -> bool:
        return (
            all(period.holds(history.created) for period in conditions.periods)
            and all(history.author in authors for authors in conditions.authors)
            and all(item.from_id in ids for ids in conditions.sources)
            and all(item.to_id in ids for ids in conditions.targets)
        )

    return lambda issue: any(fits(*change) for change in _changes(issue, field_id))


def build(context: Context, clause: Clause, name: str) -> Node:
    """Make a `WAS` or `CHANGED` clause ready."""
    choice = CHOICES.get(name)
    if choice is None or choice.history_id is None:
        context.problems.append(f"History searches do not support the '{clause.field}' field.")
        return Node(nothing)
    field_id, held = choice.history_id, choice.held
    conditions = _read(context, clause, choice)
    if clause.operator == "changed":
        return Node(_changed(conditions, field_id))
    wanted: set[str | None] = set()
    for operand in operands(clause.operand) or (Empty(),):
        wanted |= _value_ids(resolve(context, clause, choice, operand))

    def was(issue: Issue) -> bool:
        current = [str(_identifier(value)) for value in held(issue)]
        return any(
            span.value in wanted
            and all(period.meets(span) for period in conditions.periods)
            and all(span.by in authors for authors in conditions.authors)
            for span in _spans(issue, field_id, current)
        )

    if clause.operator in {"was not", "was not in"}:
        return Node(lambda issue: not was(issue))
    return Node(was)


def _identifier(value: Any) -> Any:  # noqa: ANN401 - any value of a field
    return value.account_id if isinstance(value, Account) else value.id
