"""What the clock has to say about a case, and when: decided from the case and the policy alone.

    response   nobody has answered the customer yet
    update     the customer has heard nothing since the last word
    level      the case stays at its level
    untaken    nobody has taken it at its new level
    silence    the customer hears nothing while the issue sits
    alert      the customer has not been contacted after Done

While a question waits for the customer, `update`, `level` and `silence` stand still. From the Jira
issue on only `silence` counts, after Done only the alert, and `update` again where the customer
says that it is still broken. A closed case has no clock.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from bot.cases.calendar import Calendar, calendar_of
from bot.cases.case import Alert, Case, CaseState, Level, Person, Question
from bot.cases.policy import Limits, Policy


class Clock(StrEnum):
    """What is counted."""

    RESPONSE = "response"
    UPDATE = "update"
    LEVEL = "level"
    UNTAKEN = "untaken"
    SILENCE = "silence"
    ALERT = "alert"


_UNSHOWN = frozenset({Clock.SILENCE, Clock.ALERT})
"""How often people are told, no time by which something is to be done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """When somebody is told that a clock is near its limit, or at it."""

    clock: Clock
    at: datetime
    limit_at: datetime
    since: datetime
    """Counted from then."""

    @property
    def near(self) -> bool:
        """Whether the limit is still to come."""
        return self.at < self.limit_at

    @property
    def name(self) -> str:
        """Return what is remembered once it was told: the same count is told of once."""
        return f"{self.count} {'near' if self.near else 'limit'}"

    @property
    def count(self) -> str:
        """Return what names this run of the clock."""
        return f"{self.clock} {self.since:%Y-%m-%dT%H:%M:%S.%f}"


def next_due(case: Case, policy: Policy) -> datetime | None:
    """Return when the clock has something to say about the case next; None: never."""
    return min((moment.at for moment in to_tell(case, policy)), default=None)


def to_tell(case: Case, policy: Policy) -> list[Moment]:
    """Return what is still to be told of the case as it is, earliest first."""
    moments = [
        moment
        for limit in running(case, policy)
        for moment in (_near(limit, case, policy), limit)
        if moment is not None and not (case.warned and moment.name in case.warned)
    ]
    return sorted(moments, key=lambda moment: moment.at)


def running(case: Case, policy: Policy) -> list[Moment]:
    """Return the limits of the clocks that are running, earliest first."""
    if case.state is CaseState.CLOSED:
        return []
    calendar = calendar_of(policy.hours)
    limits = limits_of(case, policy)
    counted: tuple[Moment | None, ...]
    if case.alert is not None:
        broken = case.alert.broken_at is not None
        counted = (
            _alert(case.alert, policy) if case.alert.is_open else None,
            _update(case, limits, calendar) if broken else None,
        )
    elif case.issue is not None:
        counted = (_silence(case, policy),)
    else:
        counted = (
            _response(case, limits, calendar),
            _update(case, limits, calendar),
            _level(case, limits, calendar),
            _untaken(case, limits, calendar),
        )
    return sorted((one for one in counted if one), key=lambda limit: limit.at)


def shown(case: Case, policy: Policy) -> list[Moment]:
    """Return the limits that people are shown with the case, earliest first."""
    return [limit for limit in running(case, policy) if limit.clock not in _UNSHOWN]


def next_limit(case: Case, policy: Policy) -> Moment | None:
    """Return the limit that comes first, or passed first."""
    return next(iter(shown(case, policy)), None)


def is_overdue(case: Case, policy: Policy, now: datetime) -> bool:
    """Tell whether a limit has passed, or the customer still waits after a Done reminder."""
    if case.alert is not None and case.alert.is_open:
        return case.alert.reminders > 0
    return any(limit.limit_at <= now for limit in shown(case, policy))


def limits_of(case: Case, policy: Policy) -> Limits:
    """Return the limits that count for the case."""
    return policy.limits_by_severity.get(case.severity.casefold(), policy.limits)


def told(case: Case, at: datetime) -> Case:
    """Return the case after a person or a milestone has written to the customer."""
    return replace(case, told_at=at, answered_at=case.answered_at or at)


def asked(case: Case, question: Question, policy: Policy) -> Case:
    """Return the case after the customer was asked something: it waits for them."""
    case = _stood_still(case, question.at, policy)
    return replace(told(case, question.at), question=question)


def heard(case: Case, at: datetime, policy: Policy) -> Case:
    """Return the case after its customer wrote: nothing waits for them any more."""
    if case.question is None:
        return replace(case, heard_at=at)
    case = _stood_still(case, at, policy)
    return replace(case, heard_at=at, question=None, resumed_at=at)


def unasked(case: Case, at: datetime, policy: Policy) -> Case:
    """Return the case without its question, which its customer never read."""
    return replace(_stood_still(case, at, policy), question=None, resumed_at=at)


def handed_over(case: Case, customer: Person, at: datetime, policy: Policy) -> Case:
    """Return the case as another customer's: what the former was asked or told is not theirs.

    They have been told of no milestone, and a Done alert is open again until they are contacted.
    """
    case = _stood_still(case, at, policy)
    alert = case.alert
    return replace(
        case,
        customer=customer,
        customer_since=at,
        question=None,
        resumed_at=at if case.question else case.resumed_at,
        progress=replace(case.progress, told=None, reached=()),
        alert=Alert(
            opened_at=at,
            resolution=alert.resolution,
            is_fix=alert.is_fix,
            fix_versions=alert.fix_versions,
            reminded_at=at,
        )
        if alert
        else None,
    )


def at_level(case: Case, level: Level, at: datetime, *, by: Person) -> Case:
    """Return the case after somebody brought it to a level; who had it before is remembered."""
    return replace(
        case,
        level=level,
        level_since=at,
        waited=timedelta(),
        handed_by=case.owners.at(case.level) or by,
        returned=None,
    )


def settled(case: Case, at: datetime, policy: Policy) -> Case:
    """Return the case as it is saved: what follows from the rest of it is worked out here."""
    if case.answered_at is None and any(case.owners.at(level) for level in Level):
        case = replace(case, answered_at=at)
    return replace(case, due_at=next_due(case, policy))


def restarted(case: Case, at: datetime) -> Case:
    """Return the case after it was taken up again: its clocks begin anew."""
    return replace(case, level_since=at, waited=timedelta(), resumed_at=at, offered_at=at)


def warned(case: Case, told_of: Iterable[Moment]) -> Case:
    """Return the case after somebody was told; what was told of earlier counts is forgotten."""
    names = {*case.warned, *(moment.name for moment in told_of)}
    newest: dict[str, str] = {}
    for name in sorted(names):  # names of a clock are in the order of their counts
        newest[name.split()[0]] = name.rsplit(" ", 1)[0]
    kept = (name for name in names if name.rsplit(" ", 1)[0] == newest[name.split()[0]])
    return replace(case, warned=tuple(sorted(kept)))


def _near(limit: Moment, case: Case, policy: Policy) -> Moment | None:
    """Return the warning before a limit; the clocks that begin by telling somebody have none."""
    if limit.clock not in {Clock.RESPONSE, Clock.UPDATE, Clock.LEVEL}:
        return None
    calendar = calendar_of(policy.hours)
    limits = limits_of(case, policy)
    length = _length(limit.clock, case, limits)
    waited = case.waited if limit.clock is Clock.LEVEL else timedelta()
    at = calendar.add(limit.since, length * limits.warn_at + waited)
    return replace(limit, at=at) if at < limit.limit_at else None


def _length(clock: Clock, case: Case, limits: Limits) -> timedelta:
    lengths = {
        Clock.RESPONSE: limits.first_response,
        Clock.UPDATE: limits.next_update,
        Clock.LEVEL: limits.level.get(case.level),
    }
    return lengths[clock] or timedelta()


def _limit(clock: Clock, since: datetime, at: datetime) -> Moment:
    return Moment(clock=clock, at=at, limit_at=at, since=since)


def _response(case: Case, limits: Limits, calendar: Calendar) -> Moment | None:
    if case.answered_at is not None or limits.first_response is None:
        return None
    at = calendar.add(case.opened_at, limits.first_response)
    return _limit(Clock.RESPONSE, case.opened_at, at)


def _update(case: Case, limits: Limits, calendar: Calendar) -> Moment | None:
    answered = case.told_at or case.answered_at
    if answered is None or case.question is not None or limits.next_update is None:
        return None
    since = max(answered, case.resumed_at or answered)
    return _limit(Clock.UPDATE, since, calendar.add(since, limits.next_update))


def _level(case: Case, limits: Limits, calendar: Calendar) -> Moment | None:
    limit = limits.level.get(case.level)
    if case.question is not None or limit is None:
        return None
    since = case.level_since or case.opened_at
    return _limit(Clock.LEVEL, since, calendar.add(since, limit + case.waited))


def _untaken(case: Case, limits: Limits, calendar: Calendar) -> Moment | None:
    since = case.level_since
    if since is None or case.owners.at(case.level) is not None or limits.untaken is None:
        return None
    return _limit(Clock.UNTAKEN, since, calendar.add(since, limits.untaken))


def _silence(case: Case, policy: Policy) -> Moment | None:
    if policy.silence is None or case.question is not None or case.issue is None:
        return None
    told_of = (case.told_at, case.offered_at, case.issue.requested_at)
    since = max(at for at in told_of if at is not None)
    return _limit(Clock.SILENCE, since, since + policy.silence)


def _alert(alert: Alert, policy: Policy) -> Moment:
    since = alert.reminded_at or alert.opened_at
    if alert.snoozed_until is not None:
        calendar = calendar_of(policy.hours)
        return _limit(Clock.ALERT, since, calendar.add(alert.snoozed_until, timedelta()))
    if policy.alerts.every is not None:
        return _limit(Clock.ALERT, since, since + policy.alerts.every)
    return _limit(Clock.ALERT, since, calendar_of(policy.hours).add(since, policy.alerts.repeat))


def _stood_still(case: Case, until: datetime, policy: Policy) -> Case:
    """Return the case with the time counted for which it has waited for its customer."""
    if case.question is None:
        return case
    since = max(case.question.at, case.level_since or case.opened_at)
    return replace(case, waited=case.waited + calendar_of(policy.hours).between(since, until))
