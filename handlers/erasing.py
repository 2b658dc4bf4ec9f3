"""Forgetting people: their cases keep numbers, times and states, and nothing that was written."""

from dataclasses import dataclass, replace

from bot.cases.archiving import Dossier
from bot.cases.case import Case, Person, TimelineEntry, TimelineKind
from bot.cases.effects import Delivery, DeliveryState
from bot.cases.erasure import CASE_ERASED, RECIPIENT_ERASED, Eraser
from bot.desk import Desk
from bot.holdings import Holdings


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """An erasure that was decided on."""

    eraser: Eraser
    reason: str
    """For the timelines, naming nobody."""
    by: Person | None = None
    """Who decided it; None: the clock."""


async def erase_person(desk: Desk, holdings: Holdings, order: Order) -> None:
    """Forget somebody; the answer may still name them, for it is owed afterwards."""
    for dossier in holdings.own:
        await erase_case(desk, dossier, order)
    for dossier in holdings.others:
        await _erase_in_case_of_others(desk, dossier, holdings, order)
    for delivery in holdings.loose:
        if delivery.state is DeliveryState.PENDING:
            await desk.tx.finish(_skipped(desk, delivery, RECIPIENT_ERASED))
    await desk.tx.remove_finished([one.id for one in holdings.loose])
    for dialogue in holdings.dialogues:
        await desk.tx.drop_dialogue(dialogue.key)
    await desk.tx.drop_profile(holdings.person.id)
    await desk.tx.leave_no_copy()


async def erase_case(desk: Desk, dossier: Dossier, order: Order) -> Case:
    """Leave of a case what is a number, a time or a state; nothing of it is sent any more."""
    case = dossier.case
    eraser = order.eraser.knowing_files_of(case)
    ledger = [await _ended(desk, one, CASE_ERASED) for one in dossier.ledger]
    await desk.tx.rewrite_finished(case.id, [eraser.delivery(one) for one in ledger])
    entries = [eraser.entry(one) for one in dossier.timeline]
    await desk.tx.replace_timeline(case.id, [*entries, _entry(desk, case, order)])
    return await desk.save(eraser.case(case, at=desk.now))


async def _erase_in_case_of_others(
    desk: Desk, dossier: Dossier, holdings: Holdings, order: Order
) -> None:
    case = dossier.case
    eraser = order.eraser.knowing_files_of(case)
    ledger = [
        await _ended(desk, one, RECIPIENT_ERASED) if holdings.is_to_them(one) else one
        for one in dossier.ledger
    ]
    # What they wrote may stand in any message about the case.
    await desk.tx.rewrite_finished(case.id, [eraser.delivery(one) for one in ledger])
    entries = [eraser.entry_of_others(one) for one in dossier.timeline]
    await desk.tx.replace_timeline(case.id, [*entries, _entry(desk, case, order)])
    await desk.save(eraser.case_of_others(case, dossier.timeline), quietly=True)


async def _ended(desk: Desk, delivery: Delivery, reason: str) -> Delivery:
    if delivery.state is not DeliveryState.PENDING:
        return delivery
    skipped = _skipped(desk, delivery, reason)
    await desk.tx.finish(skipped)
    return skipped


def _skipped(desk: Desk, delivery: Delivery, reason: str) -> Delivery:
    return replace(delivery, state=DeliveryState.SKIPPED, detail=reason, finished_at=desk.now)


def _entry(desk: Desk, case: Case, order: Order) -> TimelineEntry:
    return TimelineEntry(
        case_id=case.id,
        at=desk.now,
        kind=TimelineKind.ERASED,
        text=order.reason,
        by=order.by,
        internal=True,
    )
