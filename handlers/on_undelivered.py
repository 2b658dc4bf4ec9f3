"""A message could not be delivered: a person is told."""

from bot.cases.case import Case, Level
from bot.cases.clocks import unasked
from bot.cases.effects import Audience, Delivery, Recipient, Say, SendFile, ToPerson, ToRoom
from bot.desk import Desk


async def on_undelivered(desk: Desk, delivery: Delivery, detail: str) -> None:
    """Tell the specialists' room that somebody was not reached, and why.

    Of what its customer was to read the owner is told, too; a question that nobody has read does
    not wait for its answer. Whoever asked for a file that cannot be sent is told themselves.
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
    asked = case.question if delivery.owed.about == "question" else None
    # Another may have been asked since, which does wait.
    if asked is not None and asked.at <= delivery.owed_at:
        case = await desk.save(unasked(case, desk.now, desk.rules.policy))
    for to, where in _readers(case, delivery, room).items():
        await desk.say(
            "staff/not_delivered",
            to,
            key=f"{delivery.owed.key}/{where}",
            case=case,
            about="not delivered",
            who=effect.to.person.username if isinstance(effect.to, ToPerson) else "a channel",
            detail=detail,
            undelivered=delivery.owed.about,
        )


def _readers(case: Case, delivery: Delivery, room: ToRoom) -> dict[Recipient, str]:
    readers: dict[Recipient, str] = {room: "not-delivered"}
    owner = case.responsible
    if delivery.owed.audience is Audience.CUSTOMER and owner and owner.id != case.customer.id:
        readers[ToPerson(person=owner)] = "not-delivered/owner"
    return readers
