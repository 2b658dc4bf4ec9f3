"""A Done alert was not sent, because its specialist may no longer act on it: the others get it."""

from bot.cases.case import Level
from bot.cases.effects import Audience, Delivery, Say, ToPerson
from bot.desk import Desk
from handlers.on_reminder import told_of


async def on_withheld(desk: Desk, delivery: Delivery) -> None:
    """Tell the specialists' room: once in full for each Done, with the reason, then the reminders.

    Nothing happens for any other message, or when there is no open alert any more.
    """
    owed, effect = delivery.owed, delivery.owed.effect
    if owed.audience is not Audience.CONTACT or owed.case_id is None:
        return
    if not isinstance(effect, Say) or not isinstance(effect.to, ToPerson):
        return
    case = await desk.tx.find_case(owed.case_id)
    if case is None or case.alert is None or not case.alert.is_open:
        return
    room = desk.room_of(Level.CONFIRMATION)
    key = f"case/{case.id}/alert/{case.alert.opened_at.isoformat()}/room"
    if all(one.owed.key != key for one in await desk.tx.list_deliveries(case.id)):
        said = await desk.say(
            "staff/done",
            room,
            key=key,
            case=case,
            about="alert Done",
            alert=case.alert,
            instead_of=effect.to.person,
        )
    elif owed.about == "reminder Done":
        said = await desk.say(
            "staff/done_reminder", room, key=f"{owed.key}/room", case=case, about="reminder Done"
        )
    else:
        return
    await desk.save(told_of(case, said), quietly=True)
