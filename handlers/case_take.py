"""`/case take <id>`: I answer for it at its level."""

from dataclasses import replace

from bot.cases.case import Case, Level, Owners, Person, TimelineKind
from bot.cases.effects import ToPerson
from bot.cases.evidence import missing
from bot.cases.refusals import Refusal
from handlers.context import Context, Handler, Request
from handlers.guards import open_case, works_at_level_of
from handlers.hand_over import give_card


async def run(context: Context, request: Request) -> str:
    """Make whoever typed it the owner at the case's level."""
    case = open_case(request.case)
    works_at_level_of(context.actor, case, command="take")
    me = context.actor.person
    before = case.owners.at(case.level)
    if before is not None and before.id == me.id:
        raise Refusal("already_yours", case=case)
    changed = await context.save(replace(case, owners=with_owner(case, me)))
    await context.note(changed, TimelineKind.TAKEN, f"level {int(case.level)}", by=me)
    await give_card(context, changed, me, key=f"taken/{context.message.id}")
    await tell_former(context, changed, before, owner=me)
    return context.write(
        "case_take", case=changed, before=before, missing=missing(changed, context.rules.policy)
    )


async def tell_former(
    context: Context, case: Case, before: Person | None, *, owner: Person
) -> None:
    """Tell whoever had a case at its level that somebody else has it now."""
    if before is None or before.id in {owner.id, context.actor.person.id}:
        return
    await context.say(
        "staff/taken_over",
        ToPerson(person=before),
        key=f"taken-over/{context.message.id}",
        case=case,
        about="taken over",
        by=context.actor.person,
        owner=owner,
    )


def with_owner(case: Case, person: Person | None) -> Owners:
    """Return the owners with somebody else at the case's level."""
    if case.level is Level.ANALYSIS:
        return replace(case.owners, analyst=person)
    if case.level is Level.CONFIRMATION:
        return replace(case.owners, specialist=person)
    return replace(case.owners, assessor=person)


HANDLER = Handler(
    verb="take",
    usage="case take <id>",
    summary="take a case at its level",
    example="case take 42",
    run=run,
)
