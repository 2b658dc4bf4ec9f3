"""A Jira issue changed its status: who is told what."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.cases.case import Alert, Case, CaseState, Level, MessageId, Milestone, TimelineKind
from bot.cases.clocks import told
from bot.cases.effects import Audience, Recipient, Say, ToPerson
from bot.cases.milestones import Meaning, Move, Nothing, advance, classify, is_fix, tell
from bot.cases.transitions import Transition
from bot.cases.views import ForCustomers
from bot.desk import Desk
from handlers.drafts import solution

CLOSED = "the case is closed"
TOLD_LATER = "told together with a newer one"
_CUSTOMER_TEXTS = {
    Move.REACHED: "customer/milestone",
    Move.AGAIN: "customer/again",
    Move.BACK: "customer/back",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Overtaken(ForCustomers):
    """A milestone the customer is told of together with a newer one."""

    milestone: Milestone
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A case on its way through one transition; `case` is as it will be saved."""

    desk: Desk
    before: Case
    case: Case
    transition: Transition
    hold: bool
    """Whether the customer is told of it later, together with a newer one."""
    overtaken: tuple[Overtaken, ...] = ()
    """What is still to be told of earlier ones."""


async def on_transitions(desk: Desk, case: Case, transitions: Sequence[Transition]) -> Case:
    """Take a case through the status changes of its issue, and owe what people are to be told.

    Doing it again for the same changes owes nothing new: every key names the change. Milestones
    that were overtaken long ago, as after an outage, are told in one message with the newest.

    Args:
        desk: what to work with.
        case: the case as it is kept.
        transitions: oldest first.

    Returns:
        The case as saved.
    """
    if case.erased_at is not None:
        return await _follow(desk, case, transitions)
    overtaken: tuple[Overtaken, ...] = ()
    newest = _newest_told(desk, case, transitions)
    for transition in transitions:
        meaning = _meaning(desk, transition)
        move = classify(case.progress, meaning)
        progress = advance(
            case.progress, status=transition.status_name, meaning=meaning, at=transition.at
        )
        step = Step(
            desk=desk,
            before=case,
            case=replace(case, progress=progress),
            transition=transition,
            hold=move in _CUSTOMER_TEXTS
            and transition is not newest
            and desk.now - transition.at >= desk.rules.overtaken_after,
            overtaken=overtaken,
        )
        milestone = None if meaning is None or isinstance(meaning, Nothing) else meaning
        case = await _carry_out(step, move, milestone)
        overtaken = _still_to_tell(step, move, milestone)
        await desk.note(
            case, TimelineKind.STATUS, f"{transition.status_name} ({move.value})", internal=True
        )
    return await desk.save(case)


async def _follow(desk: Desk, case: Case, transitions: Sequence[Transition]) -> Case:
    """Keep where the issue is; nobody is left who is to be told."""
    progress = case.progress
    for transition in transitions:
        progress = advance(
            progress,
            status=transition.status_name,
            meaning=_meaning(desk, transition),
            at=transition.at,
        )
    return await desk.save(replace(case, progress=progress), quietly=True)


def _meaning(desk: Desk, transition: Transition) -> Meaning | None:
    if transition.duplicate:
        # What becomes of the other issue is what counts, and the case is on its way there.
        return Nothing.MEANS_NOTHING
    return desk.rules.statuses.meaning(
        status_id=transition.status_id, status_name=transition.status_name
    )


def _newest_told(desk: Desk, case: Case, transitions: Sequence[Transition]) -> Transition | None:
    """Return the last transition the customer is told of, or None."""
    newest = None
    progress = case.progress
    for transition in transitions:
        meaning = _meaning(desk, transition)
        move = classify(progress, meaning)
        progress = advance(
            progress, status=transition.status_name, meaning=meaning, at=transition.at
        )
        if move in _CUSTOMER_TEXTS and isinstance(meaning, Milestone):
            newest = transition
            progress = tell(progress, meaning)
    return newest


def _still_to_tell(step: Step, move: Move, milestone: Milestone | None) -> tuple[Overtaken, ...]:
    if move not in _CUSTOMER_TEXTS or milestone is None:
        return step.overtaken
    if not step.hold:
        return ()
    return (*step.overtaken, Overtaken(milestone=milestone, at=step.transition.at))


async def _carry_out(step: Step, move: Move, milestone: Milestone | None) -> Case:
    if move is Move.DONE:
        return await _alert(step)
    if move is Move.REOPENED:
        return await _reopen(step, milestone)
    if move is Move.UNMAPPED:
        await _tell_specialist(step, "staff/unmapped", about="unmapped status")
        return step.case
    if milestone is not None and move in _CUSTOMER_TEXTS:
        return await _tell_customer(step, _CUSTOMER_TEXTS[move], milestone)
    return step.case


async def _tell_customer(step: Step, name: str, milestone: Milestone) -> Case:
    case = step.case
    key = f"case/{case.id}/status/{step.transition.reference}/customer"
    about = f"milestone {milestone}"
    to = ToPerson(person=case.customer)
    skipped = CLOSED if case.state is CaseState.CLOSED else ""
    if not skipped and step.hold:
        skipped = TOLD_LATER
    if skipped:
        await step.desk.owe(
            Say(to=to, text=""),
            key=key,
            case=case,
            about=about,
            because=step.transition.reference,
            skipped=skipped,
        )
    else:
        sent = await step.desk.tell_customer(
            "customer/caught_up" if step.overtaken else name,
            case,
            key=key,
            about=about,
            because=step.transition.reference,
            milestone=milestone,
            overtaken=step.overtaken,
            at=step.transition.at,
        )
        case = _in_thread(told(case, step.desk.now), sent)
    if skipped == CLOSED:
        return case
    return replace(case, progress=tell(case.progress, milestone))


async def tell_present(desk: Desk, case: Case, *, key: str) -> Case:
    """Tell the customer where the issue is if it came there while the case was closed.

    Returns:
        The case as saved.
    """
    milestone = case.progress.milestone
    if milestone in {None, Milestone.DONE, case.progress.told} or case.progress.behind:
        return case
    sent = await desk.tell_customer(
        "customer/milestone",
        case,
        key=key,
        about=f"milestone {milestone}",
        milestone=milestone,
    )
    changed = replace(case, progress=tell(case.progress, milestone))
    return await desk.save(_in_thread(told(changed, desk.now), sent))


def _in_thread(case: Case, sent: MessageId) -> Case:
    """Return the case with a message to the customer who may answer in its thread."""
    return replace(case, threads=(*case.threads, sent))


def specialist_of(desk: Desk, case: Case) -> Recipient:
    """Return who answers for the customer: the specialist, or the specialists' room."""
    if case.owners.specialist is not None:
        return ToPerson(person=case.owners.specialist)
    return desk.room_of(Level.CONFIRMATION)


async def _tell_specialist(
    step: Step,
    name: str,
    *,
    about: str,
    alert: Alert | None = None,
    alert_was_open: bool = False,
    draft: str = "",
) -> MessageId:
    return await step.desk.say(
        name,
        specialist_of(step.desk, step.case),
        key=f"case/{step.case.id}/status/{step.transition.reference}/specialist",
        case=step.case,
        about=about,
        because=step.transition.reference,
        audience=Audience.CONTACT if alert else Audience.ANYBODY,
        status=step.transition.status_name,
        alert=alert,
        alert_was_open=alert_was_open,
        draft=draft,
    )


async def _alert(step: Step) -> Case:
    transition = step.transition
    alert = Alert(
        opened_at=step.desk.now,
        resolution=transition.resolution or "",
        is_fix=is_fix(transition.resolution),
        fix_versions=transition.fix_versions,
        reminded_at=step.desk.now,
    )
    alerted = replace(step, case=replace(step.case, alert=alert))
    draft = await solution(step.desk, alerted.case, alert)
    said = await _tell_specialist(
        alerted, "staff/done", about="alert Done", alert=alert, draft=draft
    )
    await step.desk.note(alerted.case, TimelineKind.ALERT, "opened", internal=True)
    case = alerted.case
    return replace(case, alert=replace(alert, messages=(said,)), threads=(*case.threads, said))


async def _reopen(step: Step, milestone: Milestone | None) -> Case:
    alert = step.before.alert
    was_open = alert is not None and alert.is_open
    reopened = replace(step, case=replace(step.case, alert=None))
    await _tell_specialist(
        reopened, "staff/reopened", about="issue reopened", alert_was_open=was_open
    )
    knows = step.before.progress.told
    if milestone is None or milestone is knows:
        # They were never told of Done, so for them nothing has changed.
        return reopened.case
    knew = knows is Milestone.DONE
    return await _tell_customer(
        reopened, "customer/reopened" if knew else _without_done(step, milestone), milestone
    )


def _without_done(step: Step, milestone: Milestone) -> str:
    """Return how a customer who never heard of Done is told where it is now."""
    knows = step.before.progress.told
    if knows is not None and milestone.rank < knows.rank:
        return "customer/back"
    return "customer/milestone"
