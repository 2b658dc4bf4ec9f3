"""A changelog's entries → the complete, ordered history of an issue's status.

By their times; where those contradict the steps themselves, as after Jira's clock was put back, or
where its machines do not agree on the time, by their ids, if that order makes sense.
"""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.jira.parsing import Unreadable, identifier, items, mapping, moment, number, text
from bot.jira.records import InitialStatus, Issue, IssueChanges, Problem, StatusChange


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    from_id: str
    from_name: str
    to_id: str
    to_name: str


def history_of(issue: Issue, entries: Iterable[object]) -> tuple[IssueChanges, list[Problem]]:
    """Put the entries of an issue's changelog in order, each id once.

    Args:
        issue: whose changelog it is; its status is the first one of an issue never moved.
        entries: in any order, about any field, with repetitions.

    Returns:
        The history, and what in the entries could not be understood.
    """
    changes: dict[str, StatusChange] = {}
    problems: list[Problem] = []
    initial: InitialStatus | None = None
    for entry in entries:
        step = _status_step(entry)
        if step is None:
            continue
        if not step.from_id and not step.from_name:
            # The entry of the creation itself, as Cloud's own webhooks show it.
            initial = InitialStatus(step.to_id, step.to_name)
            continue
        try:
            change = _change(issue.id, entry, step)
        except Unreadable as error:
            problems.append(Problem(issue_id=issue.id, reason=f"changelog: {error}"))
        else:
            changes[change.history_id] = change
    ordered = _in_order(changes.values())
    first = InitialStatus(ordered[0].from_id, ordered[0].from_name) if ordered else initial
    return (
        IssueChanges(
            issue=issue,
            initial_status=first or InitialStatus(issue.status_id, issue.status_name),
            changes=ordered,
        ),
        problems,
    )


def explains_status(history: IssueChanges) -> bool:
    """Tell whether the history ends where the issue is; if not, one of the two is stale."""
    issue = history.issue
    end_id, end_name = history.initial_status
    if history.changes:
        end_id, end_name = history.changes[-1].to_id, history.changes[-1].to_name
    if end_id and issue.status_id:
        return end_id == issue.status_id
    return end_name == issue.status_name


def _in_order(changes: Iterable[StatusChange]) -> tuple[StatusChange, ...]:
    by_time = tuple(sorted(changes, key=_order))
    if _is_chain(by_time):
        return by_time
    by_id = tuple(sorted(by_time, key=lambda change: number(change.history_id) or 0))
    return by_id if _is_chain(by_id) else by_time


def _is_chain(changes: Sequence[StatusChange]) -> bool:
    """Tell whether each step begins where the one before it ended."""
    return all(
        after.from_id == before.to_id
        if after.from_id and before.to_id
        else after.from_name == before.to_name
        for before, after in itertools.pairwise(changes)
    )


def _order(change: StatusChange) -> tuple[datetime, int, str]:
    return change.at, number(change.history_id) or 0, change.history_id


def _status_step(entry: object) -> _Step | None:
    """Return what an entry did to the status, None if it did nothing.

    Several status items in one entry are one step: from the first's start to the last's end.
    """
    found = [
        item
        for item in map(mapping, items(mapping(entry).get("items")))
        # Cloud writes `Status` at creation, Data Center has no `fieldId`.
        if (text(item.get("fieldId")) or text(item.get("field"))).casefold() == "status"
    ]
    if not found:
        return None
    return _Step(
        from_id=identifier(found[0].get("from")),
        from_name=text(found[0].get("fromString")),
        to_id=identifier(found[-1].get("to")),
        to_name=text(found[-1].get("toString")),
    )


def _change(issue_id: str, entry: object, step: _Step) -> StatusChange:
    found = mapping(entry)
    history_id = identifier(found.get("id"))
    if not history_id:
        raise Unreadable("an entry without an id")
    if not step.to_id and not step.to_name:
        raise Unreadable(f"entry {history_id[:40]} does not say to which status")
    return StatusChange(
        issue_id=issue_id,
        history_id=history_id,
        from_id=step.from_id,
        from_name=step.from_name,
        to_id=step.to_id,
        to_name=step.to_name,
        at=moment(found.get("created")),
    )
