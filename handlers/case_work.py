"""`/case` alone: my work, the most urgent first, each with the command to type next."""

from collections.abc import Iterable, Sequence

from bot.cases.access import LEVEL_ROLES, Actor, Role
from bot.cases.case import Case, CaseId, CaseState, Level, UserId
from bot.cases.clocks import is_overdue
from bot.cases.evidence import missing
from bot.cases.next_steps import NextStep, Task, next_step
from bot.cases.query import CaseQuery
from bot.desk import Desk
from handlers.context import Context, Handler, Request

SHOWN = 8
# More than anybody works on at a time; whoever owns more is shown how to list them.
_OWNED = 200
_UNTAKEN = 20
_WAITS = frozenset({Task.WAIT_FOR_CUSTOMER, Task.WAIT_FOR_ISSUE})


async def run(context: Context, request: Request) -> str:
    """Show what to do next: a customer's own cases, or the work of one of the team."""
    del request
    if not context.actor.is_staff:
        return await _for_customer(context)
    to_do, waiting = await work_of(context, context.actor)
    return context.write(
        "case_work", steps=to_do[:SHOWN], more=len(to_do) - SHOWN, waiting=len(waiting)
    )


async def _for_customer(context: Context) -> str:
    query = CaseQuery(customer=context.actor.person.id, state=CaseState.OPEN)
    cases, total = await context.tx.list_cases(query, limit=SHOWN)
    asked_first = sorted(cases, key=lambda case: case.question is None)
    return context.write("customer/case_work", cases=asked_first, more=total - SHOWN)


async def work_of(desk: Desk, actor: Actor) -> tuple[Sequence[NextStep], Sequence[NextStep]]:
    """Return what somebody does next, and what of theirs waits for others.

    Of their own cases and of those nobody has taken where they work, the most urgent first.
    """
    found: dict[CaseId, Case] = {}
    for query, limit in _queries(actor):
        cases, _ = await desk.tx.list_cases(query, limit=limit)
        found |= {case.id: case for case in cases}
    steps = _steps_of(desk, found.values())
    waiting = [step for step in steps if step.task in _WAITS and not step.overdue]
    return [step for step in steps if step not in waiting], waiting


def _steps_of(desk: Desk, cases: Iterable[Case]) -> Sequence[NextStep]:
    """Return the next step of each case that has one, the most urgent first."""
    policy = desk.rules.policy
    steps = (
        next_step(case, missing=missing(case, policy), overdue=is_overdue(case, policy, desk.now))
        for case in cases
    )
    return sorted(filter(None, steps), key=lambda step: step.urgency)


def _queries(actor: Actor) -> list[tuple[CaseQuery, int]]:
    mine = [(query, _OWNED) for query in _own_work(actor.person.id)]
    # An administrator may work everywhere, and is not told of everything.
    untaken = [
        (CaseQuery(level=level, unowned=True, with_issue=False, state=CaseState.OPEN), _UNTAKEN)
        for level in Level
        if actor.roles & LEVEL_ROLES[level] - {Role.ADMIN}
    ]
    return mine + untaken


def _own_work(user_id: UserId) -> Sequence[CaseQuery]:
    """Return what finds the cases that somebody has to do something about."""
    return (
        CaseQuery(owner=user_id, state=CaseState.OPEN),
        CaseQuery(owned_by=user_id, alert_open=True),
    )


HANDLER = Handler(
    verb="work",
    usage="case work",
    summary="your work and what to do next; case alone is the same",
    customer_summary="your open cases, and what we asked you",
    example="case work",
    run=run,
    case=False,
)
