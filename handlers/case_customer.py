"""`/case customer <id> @name`: whom the case belongs to."""

from dataclasses import replace

from bot.cases.case import Case, CaseState, Level, Person, TimelineKind
from bot.cases.clocks import handed_over
from bot.cases.effects import Audience
from bot.cases.refusals import Refusal
from handlers.context import Context, Handler, Request
from handlers.drafts import solution
from handlers.on_reminder import told_of
from handlers.on_transition import specialist_of, tell_present
from handlers.parsing import user_name


async def preview(context: Context, request: Request) -> str | None:
    """Say who gets to see it, unless nobody but the team had it: what was read stays read."""
    case, customer = request.case, _named(context, request)
    team = {owner.id for level in Level if (owner := case.owners.at(level)) is not None}
    me = context.actor.person.id
    if case.customer.id in {*team, me} or customer.id == me:
        return None
    return context.write("case_customer_preview", case=case, person=customer)


async def run(context: Context, request: Request) -> str:
    """Give the case to another customer, who gets a receipt and is told where it stands."""
    case, customer = request.case, _named(context, request)
    language = await context.language_of(customer)
    handed = handed_over(case, customer, context.now, context.rules.policy)
    changed = await context.save(replace(handed, language=language))
    await context.note(
        changed, TimelineKind.CHANGED, f"customer: {customer.username}", by=context.actor.person
    )
    if context.rules.receipt:
        await context.tell_customer(
            "customer/receipt",
            changed,
            key=f"customer/{context.message.id}/receipt",
            about="receipt",
        )
    if changed.state is CaseState.OPEN:
        changed = await _tell_where_it_stands(context, changed, former=case.customer)
    return context.write("case_customer", case=changed)


def _named(context: Context, request: Request) -> Person:
    if not request.text:
        raise Refusal("empty", what="customer")
    customer = context.named(user_name(request.text.split()[0])).person
    if customer.id == request.case.customer.id:
        raise Refusal("already_theirs", case=request.case)
    return customer


async def _tell_where_it_stands(context: Context, case: Case, *, former: Person) -> Case:
    """Tell the customer of the milestone; of Done, tell whoever contacts them."""
    key = f"customer/{context.message.id}"
    if case.alert is None:
        return await tell_present(context, case, key=f"{key}/milestone")
    # The alert that was sent names, and speaks to, somebody whose case it is not.
    said = await context.say(
        "staff/done",
        specialist_of(context, case),
        key=f"{key}/alert",
        case=case,
        about="alert Done",
        audience=Audience.CONTACT,
        alert=case.alert,
        draft=await solution(context, case, case.alert),
        former=former,
    )
    return await context.save(told_of(case, said))


HANDLER = Handler(
    verb="customer",
    usage="case customer <id> @name",
    summary="say whose case it is",
    example="case customer 42 @carla",
    run=run,
    preview=preview,
    names_person=True,
    person_first=True,
)
