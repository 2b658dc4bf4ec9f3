"""The Jira side's twin of the router: what was read of an issue becomes transitions of its cases.

reading ─► which status changes are new ─► for each case, in order: handler ─► committed
"""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

import structlog

from bot.cases.case import Case, IssueId, TrackedIssue
from bot.cases.transitions import Transition
from bot.clock import Clock
from bot.desk import Desk, Rules, Texts, remember_project
from bot.duplicates import list_moved_cases, original_of
from bot.errors import Retryable
from bot.jira.records import Issue, IssueChanges, StatusChange
from storage.base import Store, Transaction

log = structlog.get_logger(__name__)

INITIAL = "initial"
"""Stands for the history id of the status an issue was created in, which has no entry."""

OnTransitions = Callable[[Desk, Case, Sequence[Transition]], Awaitable[Case]]
OnGone = Callable[[Desk, Case], Awaitable[None]]


class OnDuplicate(Protocol):
    """What to do when the issue of a case is a duplicate of another one."""

    async def __call__(
        self, desk: Desk, case: Case, original: tuple[IssueId, str], *, reference: str
    ) -> None:
        """See `handlers.on_duplicate.on_duplicate`."""
        ...


OnDistinct = Callable[[Desk, Case, TrackedIssue], Awaitable[Case]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reactions:
    """What is done about what Jira shows."""

    on_transitions: OnTransitions
    """What changes mean to a case."""
    on_gone: OnGone
    """What to do when an issue can no longer be seen."""
    on_duplicate: OnDuplicate
    on_distinct: OnDistinct
    """What to do when an issue is no duplicate after all; returns the case as saved."""


class Tracker:
    """Takes cases through the changes of their issues, each change once.

    Args:
        reactions: what is done about what was read.
    """

    def __init__(
        self,
        *,
        store: Store,
        rules: Rules,
        texts: Texts,
        clock: Clock,
        reactions: Reactions,
    ) -> None:
        self._store = store
        self._rules = rules
        self._texts = texts
        self._clock = clock
        self._reactions = reactions

    async def select(self, updated: Mapping[str, datetime]) -> Collection[str]:
        """Return the ids of the issues that are followed and not yet handled in this version.

        Args:
            updated: issue id to Jira's `updated`.
        """
        wanted = []
        async with self._store.transaction(durable=False) as tx:
            for issue_id, at in updated.items():
                tracked = await tx.find_issue(IssueId(issue_id))
                if tracked is not None and tracked.updated_at != at:
                    wanted.append(issue_id)
        return wanted

    async def apply(self, reading: IssueChanges) -> int:
        """Handle what is new in a reading.

        Safe to repeat, with the same or an older reading: a change is handled if it comes after
        the last one that was. Made durable by the next durable transaction.

        Returns:
            How many changes were new.
        """
        issue = reading.issue
        async with self._store.transaction(durable=False) as tx:
            tracked = await tx.find_issue(IssueId(issue.id))
            if tracked is None:
                return 0
            cases = await tx.list_cases_by_issue(tracked.id)
            new = await self._advance(tx, tracked, reading, cases)
        if new:
            log.info("issue_changed", issue=issue.key, transitions=new)
        return new

    async def follow(self, tx: Transaction, case: Case, reading: IssueChanges) -> None:
        """Bring a case that was linked to an existing issue up to its present status.

        What the issue went through before is not told. Other cases of the issue come as far as
        the reading does, or what this one was told at once would reach it again with theirs.

        Raises:
            Retryable: the reading is older than what was handled meanwhile; the issue has to be
                read again, and nothing of this transaction may be kept.
        """
        issue = reading.issue
        tracked = await tx.find_issue(IssueId(issue.id))
        if tracked is not None and _is_older(reading, tracked):
            # The change that was handled reached its other cases only: this one would miss it.
            raise Retryable(f"{issue.key} has changed since it was looked up")
        if tracked is not None:
            others = [one for one in await tx.list_cases_by_issue(tracked.id) if one.id != case.id]
            await self._advance(tx, tracked, reading, others)
        at = reading.changes[-1].at if reading.changes else issue.created_at
        present = _transition(issue, _linking(case), issue.status_id, issue.status_name, at)
        taken = await self._take(self._desk(tx), case, [present])
        await self._follow_original(tx, [taken], reading)

    async def _advance(
        self, tx: Transaction, tracked: TrackedIssue, reading: IssueChanges, cases: Sequence[Case]
    ) -> int:
        """Take cases through what is new in a reading; return how many changes were new."""
        new = _new_transitions(reading, tracked)
        handled = _handled(tracked, reading)
        taken = [
            await self._take(self._desk(tx), await _renamed(tx, case, handled), new)
            for case in cases
        ]
        if handled.project != tracked.project:
            # Moved: its changes are found there from the next poll on.
            await remember_project(tx, handled.project)
        await tx.save_issue(handled)
        if not _is_outdated(reading, tracked):
            await self._follow_original(tx, taken, reading)
            await self._take_back(tx, handled, reading)
        return len(new)

    async def _follow_original(
        self, tx: Transaction, cases: Sequence[Case], reading: IssueChanges
    ) -> None:
        """Let the cases of a duplicate follow what it is a duplicate of."""
        original = original_of(reading.issue)
        if original is None:
            return
        reference = reading.changes[-1].history_id if reading.changes else INITIAL
        for case in cases:
            await self._reactions.on_duplicate(
                self._desk(tx), case, (IssueId(original.id), original.key), reference=reference
            )

    async def _take_back(
        self, tx: Transaction, tracked: TrackedIssue, reading: IssueChanges
    ) -> None:
        """Let the cases that left an issue as a duplicate follow it again if it is none."""
        if tracked.duplicate_of is None or original_of(reading.issue) is not None:
            return
        issue = reading.issue
        moved = await list_moved_cases(tx, tracked)
        distinct = replace(tracked, duplicate_of=None)
        await tx.save_issue(distinct)
        at = reading.changes[-1].at if reading.changes else issue.created_at
        for case in moved:
            back = await self._reactions.on_distinct(self._desk(tx), case, distinct)
            present = _transition(issue, _linking(back), issue.status_id, issue.status_name, at)
            await self._take(self._desk(tx), back, [present])

    async def report_missing(self, issue_ids: Sequence[str], *, after: int) -> None:
        """Count one more look that did not find these issues; at `after` looks, tell a person."""
        async with self._store.transaction() as tx:
            for issue_id in issue_ids:
                tracked = await tx.find_issue(IssueId(issue_id))
                if tracked is None:
                    continue
                missed = replace(tracked, misses=tracked.misses + 1)
                await tx.save_issue(missed)
                if missed.misses >= after:
                    for case in await tx.list_cases_by_issue(missed.id):
                        await self._reactions.on_gone(self._desk(tx), case)

    async def _take(self, desk: Desk, case: Case, transitions: Sequence[Transition]) -> Case:
        if transitions and transitions[0].history_id == INITIAL:
            case, transitions = await self._begin(desk, case, transitions)
        if transitions:
            case = await self._reactions.on_transitions(desk, case, transitions)
        return case

    async def _begin(
        self, desk: Desk, case: Case, transitions: Sequence[Transition]
    ) -> tuple[Case, Sequence[Transition]]:
        """Pass over a first status without a meaning: where a workflow begins is no news."""
        first = transitions[0]
        meaning = self._rules.statuses.meaning(
            status_id=first.status_id, status_name=first.status_name
        )
        if meaning is not None:
            return case, transitions
        begun = replace(case, progress=replace(case.progress, status=first.status_name))
        return await desk.save(begun, quietly=True), transitions[1:]

    def _desk(self, tx: Transaction) -> Desk:
        return Desk(tx=tx, now=self._clock.now(), rules=self._rules, texts=self._texts)


def _new_transitions(reading: IssueChanges, tracked: TrackedIssue) -> list[Transition]:
    issue = reading.issue
    transitions = [
        _transition(issue, change.history_id, change.to_id, change.to_name, change.at)
        for change in _new_changes(reading, tracked)
    ]
    if tracked.handled_at is None:
        status_id, status_name = reading.initial_status
        first = _transition(issue, INITIAL, status_id, status_name, issue.created_at)
        transitions.insert(0, first)
    return [
        replace(transition, current=False, resolution=None, fix_versions=(), duplicate=False)
        if number < len(transitions) - 1
        else transition
        for number, transition in enumerate(transitions)
    ]


def _new_changes(reading: IssueChanges, tracked: TrackedIssue) -> Sequence[StatusChange]:
    """Return what comes after the last change that was handled.

    Where the reading has that one, its place counts and not its time: clocks may be put back.
    """
    changes = _settled(reading)
    if not tracked.handled_id:
        # No more than the status it was created in, which comes before every change.
        return changes
    for place, change in enumerate(changes):
        if change.history_id == tracked.handled_id:
            return changes[place + 1 :]
    return [change for change in changes if _position(change) > _handled_position(tracked)]


def _settled(reading: IssueChanges) -> Sequence[StatusChange]:
    """Return the changes that the issue's own fields already show.

    A search may show an issue as it was before a change that its changelog has: resolution and
    versions would be the wrong ones. What is left out comes with a later reading.
    """
    issue, changes = reading.issue, reading.changes
    if not changes or changes[-1].to_id == issue.status_id:
        return changes
    return [change for change in changes if change.at <= issue.updated_at]


def _transition(
    issue: Issue, history_id: str, status_id: str, status_name: str, at: datetime
) -> Transition:
    return Transition(
        issue_id=IssueId(issue.id),
        history_id=history_id,
        status_id=status_id,
        status_name=status_name,
        at=at,
        resolution=issue.resolution,
        fix_versions=tuple(version.name for version in issue.fix_versions),
        duplicate=original_of(issue) is not None,
    )


def _linking(case: Case) -> str:
    """Return what stands for a history id when a case is linked; linking again is another one."""
    at = case.issue.requested_at if case.issue else case.updated_at
    return f"linked-{at:%Y%m%d%H%M%S%f}"


def _position(change: StatusChange) -> tuple[datetime, int]:
    return change.at, _number(change.history_id)


def _handled_position(tracked: TrackedIssue) -> tuple[datetime, int]:
    if tracked.handled_at is None:
        raise ValueError("nothing of this issue was handled yet")
    return tracked.handled_at, _number(tracked.handled_id)


def _number(history_id: str) -> int:
    # Changes of the same second are told apart by their ids, which are numbers as text.
    return int(history_id) if history_id.isdecimal() else 0


def _is_older(reading: IssueChanges, tracked: TrackedIssue) -> bool:
    """Tell whether a change was handled that the reading does not have."""
    if tracked.handled_at is None or not tracked.handled_id:
        return False
    if any(change.history_id == tracked.handled_id for change in reading.changes):
        return False
    handled = _handled_position(tracked)
    return all(_position(change) < handled for change in reading.changes)


def _is_outdated(reading: IssueChanges, tracked: TrackedIssue) -> bool:
    """Tell whether the issue was seen as it was later than in the reading."""
    return tracked.updated_at is not None and reading.issue.updated_at < tracked.updated_at


def _handled(tracked: TrackedIssue, reading: IssueChanges) -> TrackedIssue:
    issue = reading.issue
    handled = replace(tracked, misses=0)
    if new := _new_changes(reading, tracked):
        handled = replace(handled, handled_at=new[-1].at, handled_id=new[-1].history_id)
    elif tracked.handled_at is None:
        handled = replace(handled, handled_at=issue.created_at, handled_id="")
    if _is_outdated(reading, tracked):
        # Another bot, or a webhook, has seen it as it was later: the key may be a former one.
        return handled
    return replace(
        handled,
        key=issue.key,
        url=issue.url,
        project=issue.project_key,
        updated_at=issue.updated_at,
        status=issue.status_name,
    )


async def _renamed(tx: Transaction, case: Case, tracked: TrackedIssue) -> Case:
    """Return the case with the issue's present key, which changes when it is moved."""
    if case.issue is None or case.issue.key == tracked.key:
        return case
    renamed = replace(case, issue=replace(case.issue, key=tracked.key, url=tracked.url))
    await tx.save_case(renamed)
    return renamed
