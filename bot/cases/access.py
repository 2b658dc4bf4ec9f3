"""Who may do what: one table."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from bot.cases.case import Case, Level, Person


class Role(StrEnum):
    """What somebody is to the process; the values are the words people read."""

    CUSTOMER = "customer"
    ANALYST = "support analyst"
    SPECIALIST = "support specialist"
    RND = "R&D"
    ADMIN = "administrator"


STAFF = frozenset({Role.ANALYST, Role.SPECIALIST, Role.RND, Role.ADMIN})
EVERYBODY = STAFF | {Role.CUSTOMER}

LEVEL_ROLES: Mapping[Level, frozenset[Role]] = {
    Level.ANALYSIS: frozenset({Role.ANALYST, Role.SPECIALIST, Role.ADMIN}),
    Level.CONFIRMATION: frozenset({Role.SPECIALIST, Role.ADMIN}),
    Level.ASSESSMENT: frozenset({Role.RND, Role.ADMIN}),
}
"""Who works on a case at each level: takes it, raises it, returns it."""

_ASSESSORS = frozenset({Role.RND, Role.SPECIALIST, Role.ADMIN})
_SPECIALISTS = frozenset({Role.SPECIALIST, Role.ADMIN})

PERMISSIONS: Mapping[str, frozenset[Role]] = {
    "open": EVERYBODY,
    "show": EVERYBODY,
    "status": EVERYBODY,
    "evidence": EVERYBODY,
    "reopen": EVERYBODY,
    "help": EVERYBODY,
    "work": EVERYBODY,
    "mine": EVERYBODY,
    "list": EVERYBODY,
    "search": EVERYBODY,
    "timeline": EVERYBODY,
    "language": EVERYBODY,
    "export": STAFF,
    "customer": STAFF,
    "note": STAFF,
    "ask": STAFF,
    "reply": STAFF,
    "forward": STAFF,
    "take": STAFF,
    "assign": STAFF,
    "return": STAFF,
    "escalate": STAFF,
    "close": STAFF,
    "proof": STAFF,
    "confirm": _ASSESSORS,
    "link": _ASSESSORS,
    "unlink": _ASSESSORS,
    "ack": _SPECIALISTS,
    "contacted": _SPECIALISTS,
}
"""Command → the roles that may use it. Customers only ever reach their own cases."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who typed a command, and as what."""

    person: Person
    roles: frozenset[Role]

    @property
    def is_staff(self) -> bool:
        """Whether they work on other people's cases."""
        return bool(self.roles & STAFF)

    def may(self, command: str) -> bool:
        """Tell whether the command is for them at all."""
        return bool(self.roles & PERMISSIONS[command])

    def may_reach(self, case: Case) -> bool:
        """Tell whether the case exists as far as they are concerned."""
        return self.is_staff or case.customer.id == self.person.id

    def works_at(self, level: Level) -> bool:
        """Tell whether they work on cases at this level."""
        return bool(self.roles & LEVEL_ROLES[level])


def needed_for(command: str) -> list[str]:
    """Return the roles that may use a command, as people call them, customers left out."""
    return [role.value for role in Role if role in PERMISSIONS[command] & STAFF]


def needed_at(level: Level) -> list[str]:
    """Return the roles that work at a level, as people call them."""
    return [role.value for role in Role if role in LEVEL_ROLES[level]]
