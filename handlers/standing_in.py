"""Who else may act on a Done alert: the specialist's deputy and the lead that the policy names."""

from collections.abc import Iterable

from bot.cases.access import Actor
from bot.cases.case import Case, Person
from bot.desk import Desk

COMMANDS = frozenset({"ack", "snooze", "contacted"})


def may(desk: Desk, actor: Actor, command: str) -> bool:
    """Tell whether a command is for somebody at all: by their roles, or by name."""
    if actor.may(command):
        return True
    alerts = desk.rules.policy.alerts
    people = (desk.rules.people.get(name) for name in (*alerts.deputies.values(), alerts.lead))
    return command in COMMANDS and actor.is_staff and _is_one_of(actor, people)


def may_on(desk: Desk, actor: Actor, command: str, case: Case) -> bool:
    """Tell whether somebody may use a command on this case: by their roles, or by name."""
    return actor.may_on(command, case) or (command in COMMANDS and stands_in(desk, actor, case))


def stands_in(desk: Desk, actor: Actor, case: Case) -> bool:
    """Tell whether the policy names somebody for the alert of this case; only the team counts."""
    return actor.is_staff and _is_one_of(actor, (deputy_for(desk, case), lead(desk)))


def deputy_for(desk: Desk, case: Case) -> Person | None:
    """Return who stands in for the specialist of a case, or None.

    Known by id: a case keeps the name that somebody had, who may have another now.
    """
    specialist, people = case.owners.specialist, desk.rules.people
    if specialist is None:
        return None
    for name, deputy in desk.rules.policy.alerts.deputies.items():
        known = people.get(name)
        if known is not None and known.id == specialist.id:
            return people.get(deputy)
    return None


def lead(desk: Desk) -> Person | None:
    """Return whom the last call goes to, or None."""
    return desk.rules.people.get(desk.rules.policy.alerts.lead)


def _is_one_of(actor: Actor, people: Iterable[Person | None]) -> bool:
    return any(person is not None and person.id == actor.person.id for person in people)
