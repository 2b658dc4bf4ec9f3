"""Who may do what: one table."""

from collections.abc import Collection, Mapping
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

LEVEL_ROLES: Mapping[Level, frozenset[Role]] = {
    Level.ANALYSIS: frozenset({Role.ANALYST, Role.SPECIALIST, Role.ADMIN}),
    Level.CONFIRMATION: frozenset({Role.SPECIALIST, Role.ADMIN}),
    Level.ASSESSMENT: frozenset({Role.RND, Role.ADMIN}),
}
"""Who works on a case at each level: takes it, raises it, returns it."""


class Reach(StrEnum):
    """On whose cases somebody may use a command."""

    NONE = "no"
    OWN = "own"
    """Cases they are the customer of."""
    ALL = "all"


Row = Mapping[Role, Reach]


def _row(roles: Collection[Role], *, customer: Reach = Reach.NONE) -> Row:
    staff = {role: Reach.ALL if role in roles else Reach.NONE for role in Role}
    return {**staff, Role.CUSTOMER: customer}


_FOR_ALL = _row(STAFF, customer=Reach.OWN)
_FOR_CUSTOMER_OF_CASE = dict.fromkeys(Role, Reach.OWN)
_FOR_STAFF = _row(STAFF)
_FOR_ASSESSORS = _row({Role.RND, Role.SPECIALIST, Role.ADMIN})
_FOR_SPECIALISTS = _row({Role.SPECIALIST, Role.ADMIN})
_FOR_ADMINS = _row({Role.ADMIN})

PERMISSIONS: Mapping[str, Row] = {
    "open": _FOR_ALL,
    "show": _FOR_ALL,
    "status": _FOR_ALL,
    "evidence": _FOR_ALL,
    "reopen": _FOR_ALL,
    "help": _FOR_ALL,
    "work": _FOR_ALL,
    "mine": _FOR_ALL,
    "list": _FOR_ALL,
    "search": _FOR_ALL,
    "timeline": _FOR_ALL,
    "language": _FOR_ALL,
    "solved": _FOR_CUSTOMER_OF_CASE,
    "broken": _FOR_CUSTOMER_OF_CASE,
    "digest": _FOR_STAFF,
    "export": _FOR_STAFF,
    "customer": _FOR_STAFF,
    "note": _FOR_STAFF,
    "ask": _FOR_STAFF,
    "reply": _FOR_STAFF,
    "forward": _FOR_STAFF,
    "take": _FOR_STAFF,
    "assign": _FOR_STAFF,
    "return": _FOR_STAFF,
    "escalate": _FOR_STAFF,
    "close": _FOR_STAFF,
    "proof": _FOR_STAFF,
    "why": _FOR_STAFF,
    "confirm": _FOR_ASSESSORS,
    "link": _FOR_ASSESSORS,
    "unlink": _FOR_ASSESSORS,
    "ack": _FOR_SPECIALISTS,
    "snooze": _FOR_SPECIALISTS,
    "contacted": _FOR_SPECIALISTS,
    "dossier": _FOR_ADMINS,
    "erase": _FOR_ADMINS,
    "retention": _FOR_ADMINS,
}
"""Command → role → on whose cases. `take`, `escalate` and `return` need `LEVEL_ROLES` besides.

The deputy and the lead of the policy may `ack`, `snooze` and `contacted` the cases they are named
for, whatever their role.
"""


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
        return any(PERMISSIONS[command][role] is not Reach.NONE for role in self.roles)

    def may_on(self, command: str, case: Case) -> bool:
        """Tell whether they may use the command on this case."""
        reaches = {PERMISSIONS[command][role] for role in self.roles}
        mine = case.customer.id == self.person.id
        return Reach.ALL in reaches or (mine and Reach.OWN in reaches)

    def may_reach(self, case: Case) -> bool:
        """Tell whether the case exists as far as they are concerned."""
        return self.is_staff or case.customer.id == self.person.id

    def works_at(self, level: Level) -> bool:
        """Tell whether they work on cases at this level."""
        return bool(self.roles & LEVEL_ROLES[level])


def only_of_own(command: str) -> bool:
    """Tell whether a command is for nobody but the customer of the case, whatever their role."""
    return PERMISSIONS[command] == _FOR_CUSTOMER_OF_CASE


def needed_for(command: str) -> list[str]:
    """Return the roles that may use a command, as people call them, customers left out."""
    row = PERMISSIONS[command]
    return [role.value for role in Role if role in STAFF and row[role] is not Reach.NONE]


def needed_at(level: Level) -> list[str]:
    """Return the roles that work at a level, as people call them."""
    return [role.value for role in Role if role in LEVEL_ROLES[level]]
