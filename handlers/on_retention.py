"""Closed cases come of age: administrators are told how many, then what was written is erased."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.cases.archiving import Dossier
from bot.cases.case import Case, CaseState, Level, Person
from bot.cases.effects import Recipient
from bot.cases.erasure import Eraser, nobody, people_in
from bot.cases.query import CaseQuery
from bot.cases.retention import (
    AHEAD,
    Announced,
    erasable_before,
    is_to_be_announced,
    may_be_erased,
)
from bot.desk import Desk
from bot.holdings import find_dossier, is_about_cases, names_of
from handlers.erasing import Order, erase_case
from storage.base import Transaction

ANNOUNCED_AT = "retention.announced_at"
ANNOUNCED_UNTIL = "retention.announced_until"
"""The marks of what was announced last."""
_PAGE = 50


async def find_announced(tx: Transaction) -> Announced | None:
    """Return what the administrators were told last, or None."""
    at, until = await tx.get_mark(ANNOUNCED_AT), await tx.get_mark(ANNOUNCED_UNTIL)
    if not at or not until:
        return None
    return Announced(at=datetime.fromisoformat(at), until=datetime.fromisoformat(until))


async def count_aged(tx: Transaction, *, before: datetime) -> int:
    """Return how many closed cases nothing has happened to since then."""
    _, total = await list_aged(tx, before=before, limit=1)
    return total


async def list_aged(tx: Transaction, *, before: datetime, limit: int) -> tuple[Sequence[Case], int]:
    """Return some of these cases, and how many there are."""
    return await tx.list_cases(_aged(before), limit=limit)


async def to_announce(desk: Desk) -> int:
    """Return how many cases the administrators are to be told of now; 0: none."""
    age = desk.rules.policy.privacy.closed_cases
    if age is None or not is_to_be_announced(await find_announced(desk.tx), desk.now, age):
        return 0
    return await count_aged(desk.tx, before=desk.now + AHEAD - age)


async def announce(desk: Desk, administrators: Sequence[Recipient]) -> bool:
    """Tell them how many, once, whichever of several bots comes first."""
    age = desk.rules.policy.privacy.closed_cases
    count = await to_announce(desk)
    if age is None or not count:
        return False
    announced = Announced.now(desk.now, age)
    await desk.tx.set_mark(ANNOUNCED_AT, announced.at.isoformat())
    await desk.tx.set_mark(ANNOUNCED_UNTIL, announced.until.isoformat())
    for number, recipient in enumerate(administrators):
        await desk.say(
            "admin/retention",
            recipient,
            key=f"retention/{announced.at.isoformat()}/{number}",
            count=count,
            days=age // timedelta(days=1),
        )
    return True


async def erase_aged(desk: Desk) -> int:
    """Erase some of what was announced and has come of age; 0: there is none."""
    age = desk.rules.policy.privacy.closed_cases
    before = None
    if age is not None:
        before = erasable_before(await find_announced(desk.tx), desk.now, age)
    if before is None:
        return 0
    dossiers = await _some_aged(desk.tx, before=before)
    for dossier in dossiers:
        await erase_case(desk, dossier, _order(dossier))
    if dossiers:
        await _drop_dialogues(desk.tx, dossiers)
        old = await desk.tx.list_finished(before=before)
        await desk.tx.remove_finished([one.id for one in old])
        await desk.tx.leave_no_copy()
    return len(dossiers)


async def _some_aged(tx: Transaction, *, before: datetime) -> list[Dossier]:
    """Return up to a page of cases to erase; what something is still owed for is passed over."""
    query = _aged(before)
    while True:
        cases, _ = await tx.list_cases(query, limit=_PAGE)
        if not cases:
            return []
        dossiers = [await find_dossier(tx, case.id) for case in cases]
        found = [one for one in dossiers if one and may_be_erased(one, before=before)]
        if found:
            return found
        query = _aged(before, below=cases[-1])


def _aged(before: datetime, *, below: Case | None = None) -> CaseQuery:
    return CaseQuery(
        state=CaseState.CLOSED,
        erased=False,
        changed_before=before,
        below=below.id if below else None,
    )


def _order(dossier: Dossier) -> Order:
    """Return the erasure of a case for its age: only those who answered for it stay named."""
    owners = {owner.id for one in Level if (owner := dossier.case.owners.at(one)) is not None}

    def is_gone(person: Person) -> bool:
        return person.id not in owners

    gone = [one for one in people_in(dossier) if is_gone(one)]
    eraser = Eraser(
        is_gone=is_gone,
        ids={one.id for one in gone},
        names=names_of(gone),
        ghost=nobody(dossier.case.name),
    )
    return Order(eraser=eraser, reason="by age")


async def _drop_dialogues(tx: Transaction, dossiers: Sequence[Dossier]) -> None:
    numbers = {one.case.id for one in dossiers}
    for dialogue in await tx.list_dialogues():
        if is_about_cases(dialogue, numbers):
            await tx.drop_dialogue(dialogue.key)
