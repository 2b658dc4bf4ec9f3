"""What several commands check before they do anything."""

from bot.cases.access import Actor, needed_at
from bot.cases.case import Case, CaseState, Level
from bot.cases.refusals import Refusal


def answers_as_customer(actor: Actor, case: Case) -> bool:
    """Tell whether what somebody writes of a case is their word as its customer.

    Of the team that is so while a question of somebody else waits for them; else they work on it.
    """
    theirs = case.customer.id == actor.person.id
    return theirs and (not actor.is_staff or case.question is not None)


def open_case(case: Case) -> Case:
    """Return the case.

    Raises:
        Refusal: it is closed.
    """
    if case.state is CaseState.CLOSED:
        raise Refusal("closed", case=case)
    return case


def works_at_level_of(actor: Actor, case: Case, *, command: str) -> None:
    """Make sure that somebody works at the level the case is at.

    Raises:
        Refusal: they do not, with the roles that do.
    """
    if not actor.works_at(case.level):
        raise Refusal(
            "not_at_level", case=case, command=command, level=case.level,
            needed=needed_at(case.level),
        )  # fmt: skip


def at_least(case: Case, level: Level) -> None:
    """Make sure that the case has come to a level.

    Raises:
        Refusal: it has not, with the way there.
    """
    if case.level < level:
        raise Refusal("too_early", case=case, level=level)


def without_issue(case: Case) -> None:
    """Make sure that no Jira issue is linked or on its way.

    Raises:
        Refusal: one is, with its key.
    """
    if case.issue is not None:
        raise Refusal("has_issue", case=case)
