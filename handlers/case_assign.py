"""`/case assign <id> @name`: somebody else answers for it at its level."""

from dataclasses import replace

from bot.cases.access import needed_at
from bot.cases.case import TimelineKind
from bot.cases.effects import ToPerson
from bot.cases.refusals import Refusal
from handlers.case_take import tell_former, with_owner
from handlers.context import Context, Handler, Request
from handlers.guards import open_case
from handlers.hand_over import give_card
from handlers.parsing import user_name


async def run(context: Context, request: Request) -> str:
    """Make somebody the owner at the case's level, and tell them."""
    case = open_case(request.case)
    if not request.text:
        raise Refusal("empty", what="name")
    named = context.named(user_name(request.text.split()[0]))
    owner = named.person
    if owner.id == case.customer.id:
        raise Refusal("assign_customer", case=case, name=owner.username)
    if not named.works_at(case.level):
        raise Refusal("assign_role", case=case, name=owner.username, needed=needed_at(case.level))
    before = case.owners.at(case.level)
    changed = await context.save(replace(case, owners=with_owner(case, owner)))
    await context.note(
        changed, TimelineKind.TAKEN, f"assigned to {owner.username}", by=context.actor.person
    )
    if owner.id != context.actor.person.id:
        await context.say(
            "staff/assigned",
            ToPerson(person=owner),
            key=f"assigned/{context.message.id}",
            case=changed,
            about="assigned",
            by=context.actor.person,
        )
        await give_card(context, changed, owner, key=f"assigned/{context.message.id}")
    await tell_former(context, changed, before, owner=owner)
    return context.write("case_assign", case=changed, owner=owner)


HANDLER = Handler(
    verb="assign",
    usage="case assign <id> @name",
    summary="give a case to somebody",
    example="case assign 42 @sam",
    run=run,
    names_person=True,
    person_first=True,
)
