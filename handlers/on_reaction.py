"""A reaction on a Done alert: whoever is responsible has seen it."""

from collections.abc import Iterable
from dataclasses import replace

from bot.cases.access import Actor
from bot.cases.case import Alert, Case, MessageId, TimelineKind
from bot.desk import Desk
from handlers.standing_in import stands_in

_COMMAND = "ack"


async def on_reaction(desk: Desk, message_id: MessageId, actors: Iterable[Actor]) -> bool:
    """Acknowledge the alert that a message tells of, if one of these people is responsible for it.

    The reaction of the specialist counts, that of any where the case has none, and that of whoever
    the policy names besides; taking it back changes nothing.

    Returns:
        Whether it is acknowledged now because of it.
    """
    case = await desk.tx.find_case_by_thread(message_id)
    alert = unseen_alert(case, message_id)
    if case is None or alert is None:
        return False
    actor = next((one for one in actors if _is_responsible(desk, one, case)), None)
    if actor is None:
        return False
    seen = replace(alert, acknowledged_by=actor.person)
    await desk.save(replace(case, alert=seen))
    await desk.note(
        case, TimelineKind.ALERT, "acknowledged by a reaction", by=actor.person, internal=True
    )
    return True


def unseen_alert(case: Case | None, message_id: MessageId) -> Alert | None:
    """Return the open alert that the message tells of, if nobody has acknowledged it yet."""
    alert = case.alert if case is not None else None
    if alert is None or not alert.is_open or alert.acknowledged_by is not None:
        return None
    return alert if message_id in alert.messages else None


def _is_responsible(desk: Desk, actor: Actor, case: Case) -> bool:
    if stands_in(desk, actor, case):
        return True
    specialist = case.owners.specialist
    if not actor.may(_COMMAND):
        return False
    return specialist is None or specialist.id == actor.person.id
