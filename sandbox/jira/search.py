"""Carries out searches: parse, compile, narrow by the index, test, sort."""

from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import total_ordering
from typing import Any

from sandbox.jira.jql.compiler import compile_condition, compile_order
from sandbox.jira.jql.context import Context
from sandbox.jira.jql.parser import parse
from sandbox.jira.jql.plan import Node, SortKey, everything
from sandbox.jira.jql.syntax import Query
from sandbox.jira.model import Account, Issue
from sandbox.jira.site import Site

Position = tuple[Any, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """What a search found.

    Attributes:
        issues: snapshots in the order asked; ties by when they were last indexed.
        problems: what the query names that does not exist, in Data Center's words.
        position: returns where an issue stands in the order, to go on after it.
    """

    issues: list[Issue]
    problems: list[str]
    position: Callable[[Issue], Position]

    def after(self, position: Position) -> list[Issue]:
        """Return the issues that stand after a position."""
        return self.issues[bisect_right(self.issues, position, key=self.position) :]


def run(site: Site, query: Query, *, user: Account | None, reconcile: Iterable[int] = ()) -> Found:
    """Return what somebody finds.

    Args:
        site: to search.
        query: as read.
        user: sees only what they may, and has dates read in their zone.
        reconcile: ids whose current state is searched, whatever the index says.
    """
    context = Context(site=site, user=user, now=site.now())
    node = Node(everything) if query.where is None else compile_condition(context, query.where)
    keys = compile_order(context, query.order)
    fresh = {i: site.issues[i] for i in reconcile if i in site.issues}
    # Permissions apply at once; only the contents of the index are behind.
    matches = [
        issue
        for issue in site.index.candidates(node.bounds)
        if issue.id not in fresh and not issue.archived
        if node.test(issue) and site.can_see(user, issue)
    ]
    matches.extend(i for i in fresh.values() if node.test(i) and site.can_see(user, i))
    _sort(matches, keys)
    return Found(
        issues=matches, problems=context.problems, position=lambda issue: _position(issue, keys)
    )


def matches(site: Site, jql: str, issue: Issue) -> bool:
    """Tell whether an issue as it is now fits a query, whoever asks."""
    query = parse(jql)
    if query.where is None:
        return True
    context = Context(site=site, user=None, now=site.now(), unrestricted=True)
    return compile_condition(context, query.where).test(issue)


def _sort(issues: list[Issue], keys: list[SortKey]) -> None:
    issues.sort(key=lambda issue: issue.doc)
    for sort in reversed(keys):
        issues.sort(key=_present_first(sort), reverse=sort.descending)


def _present_first(sort: SortKey) -> Callable[[Issue], tuple[bool, Any]]:
    def key(issue: Issue) -> tuple[bool, Any]:
        value = sort.key(issue)
        return (value is None, "" if value is None else value)

    return key


@total_ordering
class _Reversed:
    """Orders the other way round."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:  # noqa: ANN401 - anything ordered
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Reversed) and bool(self.value == other.value)

    def __lt__(self, other: "_Reversed") -> bool:
        return bool(other.value < self.value)

    __hash__ = None  # type: ignore[assignment]


def _position(issue: Issue, keys: list[SortKey]) -> Position:
    parts: list[Any] = []
    for sort in keys:
        value = _present_first(sort)(issue)
        parts.append(_Reversed(value) if sort.descending else value)
    # Reversing a stable sort keeps ties in their old order, so the last part is never reversed.
    return (*parts, issue.doc)
