"""What somebody is asked for: customers not for what only the team can give."""

from collections.abc import Sequence

from bot.cases.case import Case
from bot.cases.evidence import checklist_of
from bot.cases.policy import TEAM_ITEMS
from handlers.context import Context


def items_for(context: Context, case: Case) -> Sequence[str]:
    """Return what whoever writes may be asked for, in order."""
    checklist = checklist_of(case, context.rules.policy)
    return [item for item in checklist if context.actor.is_staff or item not in TEAM_ITEMS]


def lacking(context: Context, case: Case) -> Sequence[str]:
    """Return what of that the case still lacks."""
    return [item for item in items_for(context, case) if item not in case.evidence]
