"""What a customer says of a solution: solved, or still broken.

contacted ─► asked ─► solved: the case is closed, with thanks
                 └──► still broken: open again, to its owner, with their words; Jira is not touched
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from bot.cases.case import Alert, Case, CaseId, CaseState, Milestone, TimelineKind
from bot.cases.clocks import heard, restarted
from bot.cases.effects import ToPerson
from bot.cases.milestones import tell
from bot.cases.query import CaseQuery
from bot.cases.refusals import Refusal
from handlers.context import Context
from handlers.files import keep_sent
from handlers.on_transition import specialist_of
from handlers.relay import with_threads
from handlers.sayings import Saying, Verdict

_MOST = 50


def waits_for_verdict(case: Case) -> bool:
    """Tell whether the customer is to say whether it is solved."""
    return case.state is CaseState.OPEN and case.alert is not None and not case.alert.broken_at


async def waiting(context: Context) -> Sequence[Case]:
    """Return the sender's cases whose solution they may judge."""
    query = CaseQuery(customer=context.actor.person.id, state=CaseState.OPEN)
    cases, _ = await context.tx.list_cases(query, limit=_MOST)
    return [case for case in cases if waits_for_verdict(case)]


async def which(context: Context, found: Case | None) -> Case | None:
    """Return the case that is judged: the one named, or the only one that waits for it.

    Raises:
        Refusal: several wait for it.
    """
    if found is not None:
        return found if judgeable(found) else None
    cases = await waiting(context)
    if len(cases) > 1:
        raise Refusal("which_verdict", cases=cases)
    return cases[0] if cases else None


def judgeable(case: Case) -> bool:
    """Tell whether anything can be said of a solution: there is one, be the case closed or not."""
    return case.alert is not None


async def take_saying(context: Context, saying: Saying, implied: Case | None) -> str | None:
    """Do what plain words say, if a case of the sender waits for it; None if none does.

    Args:
        context: the message.
        saying: what it says.
        implied: the case of the thread it was written in.
    """
    cases = {case.id: case for case in await waiting(context)}
    here = implied if implied is not None and waits_for_verdict(implied) else None
    if here is not None and here.customer.id != context.actor.person.id:
        # One of the team, whose own case may be meant.
        here = None
    if here is not None:
        cases = {here.id: here}
    if saying.plain and not await _was_asked_last(context, cases.values(), here):
        return None
    named = cases.get(saying.number) if saying.number is not None else None
    if named is None and not await _may_mean_any(context, saying, cases):
        return None
    if named is None and len(cases) > 1:
        raise Refusal("which_verdict", cases=list(cases.values()))
    case = named or next(iter(cases.values()))
    if saying.verdict is Verdict.SOLVED:
        return await solved(context, case, "")
    return await broken(context, case, saying.text if named else saying.whole)


async def _was_asked_last(context: Context, cases: Iterable[Case], here: Case | None) -> bool:
    """Tell whether nothing was said to them since they were asked of one of these solutions.

    Only then does a plain "yes" answer that, and no question of somebody else. In the thread of a
    case only what was said of that case counts.
    """
    asked_at = [case.alert.contacted_at for case in cases if case.alert]
    last = max((at for at in asked_at if at is not None), default=None)
    if last is None:
        return False
    query = CaseQuery(customer=context.actor.person.id, state=CaseState.OPEN)
    said_of = [here] if here else (await context.tx.list_cases(query, limit=_MOST))[0]
    return all(
        case.question is None and (case.told_at is None or case.told_at <= last) for case in said_of
    )


async def _may_mean_any(context: Context, saying: Saying, cases: Collection[CaseId]) -> bool:
    """Tell whether words that name none of these cases may be about one of them."""
    if saying.number is None or not cases:
        return bool(cases)
    if saying.verdict is Verdict.SOLVED:
        return False
    # "Still broken, 42 pages are missing" is no name; that of another case of theirs is.
    other = await context.tx.find_case(saying.number)
    return other is None or other.customer.id != context.actor.person.id


async def ask(context: Context, case: Case) -> Case:
    """Ask the customer whether it is solved.

    Returns:
        The case, still to be saved.
    """
    if case.alert is None or case.customer.id == context.actor.person.id:
        return case
    asked = await context.tell_customer(
        "customer/verdict",
        case,
        key=f"case/{case.id}/verdict/{case.alert.opened_at.isoformat()}",
        about="solved or still broken?",
    )
    return with_threads(case, asked)


async def solved(context: Context, case: Case, text: str) -> str:
    """Close the case; an open alert ends with it."""
    me = context.actor.person
    ended = _ended(context, case, "the customer says that it is solved")
    changed = await context.save(
        replace(
            heard(ended, context.now, context.rules.policy),
            state=CaseState.CLOSED,
            closed_reason="solved, the customer says",
        )
    )
    await context.note(changed, TimelineKind.HEARD, text or "solved", by=me)
    await context.note(changed, TimelineKind.CLOSED, "solved", by=me)
    await _tell_team(context, changed, "staff/solved", text)
    return context.write("case_solved", case=changed)


async def broken(context: Context, case: Case, text: str) -> str:
    """Open the case again and bring the words to its owner."""
    me = context.actor.person
    ended = _ended(context, case, "the customer says that it is still broken")
    if ended.alert is None:
        raise ValueError(f"nothing was said to be solved in {case.name}")
    again = replace(
        heard(ended, context.now, context.rules.policy),
        state=CaseState.OPEN,
        closed_reason="",
        alert=replace(ended.alert, broken_at=context.now),
    )
    changed = await context.save(restarted(again, context.now))
    await context.note(changed, TimelineKind.REOPENED, text or "still broken", by=me)
    files = await keep_sent(context, changed)
    await _tell_team(context, changed, "staff/broken", text)
    answer = context.write("case_broken", case=changed, text=text)
    return f"{answer}\n{files}".strip()


def _ended(context: Context, case: Case, how: str) -> Case:
    """Return the case without an open alert: whoever speaks of the solution knows of it."""
    alert = case.alert
    if alert is None or not alert.is_open:
        return case
    known: Alert = replace(
        alert,
        contacted_by=context.actor.person,
        contacted_at=context.now,
        contacted_how=how,
    )
    return replace(case, alert=known, progress=tell(case.progress, Milestone.DONE))


async def _tell_team(context: Context, case: Case, name: str, text: str) -> None:
    """Tell who speaks for the case; in a room only that there is something to read."""
    to = specialist_of(context, case)
    said = await context.say(
        name,
        to,
        key=f"verdict/{context.message.key}",
        case=case,
        about=name.removeprefix("staff/"),
        text=text if isinstance(to, ToPerson) else "",
    )
    known = await context.tx.find_case(case.id)
    if known is not None:
        await context.save(with_threads(known, said), quietly=True)
