"""Something was not sent, because its recipient may no longer read it or act on it: others may."""

from bot.cases.case import Case, Level, Person
from bot.cases.effects import Audience, Delivery, Say, ToPerson
from bot.desk import Desk
from handlers.drafts import solution
from handlers.on_reminder import told_of


async def on_withheld(desk: Desk, delivery: Delivery) -> None:
    """Tell a room what somebody was not told who left the team.

    Of a Done alert the specialists' room is told instead, of anything else the room of the case's
    level that there is something to read, and not what: customers may be in the room.
    """
    owed, effect = delivery.owed, delivery.owed.effect
    if owed.case_id is None or not isinstance(effect, Say) or not isinstance(effect.to, ToPerson):
        return
    case = await desk.tx.find_case(owed.case_id)
    if case is None:
        return
    if owed.audience is Audience.CONTACT:
        await _alert_others(desk, case, delivery, effect.to.person)
    elif owed.audience is Audience.TEAM:
        await desk.say(
            "staff/withheld",
            desk.room_of(case.level),
            key=f"{owed.key}/withheld",
            case=case,
            about="not delivered",
            instead_of=effect.to.person,
            undelivered=owed.about,
        )


async def _alert_others(desk: Desk, case: Case, delivery: Delivery, instead_of: Person) -> None:
    """Tell once in full for each Done, with the reason, then the reminders."""
    owed = delivery.owed
    if case.alert is None or not case.alert.is_open:
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
            draft=await solution(desk, case, case.alert),
            instead_of=instead_of,
        )
    elif owed.about == "reminder Done":
        said = await desk.say(
            "staff/done_reminder", room, key=f"{owed.key}/room", case=case, about="reminder Done"
        )
    else:
        return
    await desk.save(told_of(case, said), quietly=True)
