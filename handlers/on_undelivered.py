"""A message could not be delivered: a person is told."""

from bot.cases.case import Level
from bot.cases.effects import Delivery, Say, SendFile, ToPerson
from bot.desk import Desk


async def on_undelivered(desk: Desk, delivery: Delivery, detail: str) -> None:
    """Tell the specialists' room that somebody was not reached, and why.

    Whoever asked for a file that cannot be sent is told themselves.
    A message to that room itself that fails has nobody left to be told; the ledger keeps it.
    """
    effect = delivery.owed.effect
    if isinstance(effect, SendFile):
        key = f"{delivery.owed.key}/not-delivered"
        await desk.say("staff/file_not_sent", effect.to, key=key, file=effect.name, detail=detail)
        return
    room = desk.room_of(Level.CONFIRMATION)
    case_id = delivery.owed.case_id
    if not isinstance(effect, Say) or case_id is None or effect.lane == room.lane:
        return
    case = await desk.tx.find_case(case_id)
    if case is None:
        return
    await desk.say(
        "staff/not_delivered",
        room,
        key=f"{delivery.owed.key}/not-delivered",
        case=case,
        about="not delivered",
        who=effect.to.person.username if isinstance(effect.to, ToPerson) else "a channel",
        detail=detail,
        undelivered=delivery.owed.about,
    )
