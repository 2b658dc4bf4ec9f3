"""`/case customer <id> @name`: whom the case belongs to."""

from dataclasses import replace

from bot.cases.case import TimelineKind
from bot.cases.refusals import Refusal
from handlers.context import Context, Handler, Request
from handlers.parsing import user_name


async def run(context: Context, request: Request) -> str:
    """Give the case to another customer, who gets a receipt."""
    case = request.case
    if not request.text:
        raise Refusal("empty", what="customer")
    customer = context.named(user_name(request.text.split()[0])).person
    if customer.id == case.customer.id:
        raise Refusal("already_theirs", case=case)
    language = await context.language_of(customer)
    changed = await context.save(replace(case, customer=customer, language=language))
    await context.note(
        changed, TimelineKind.CHANGED, f"customer: {customer.username}", by=context.actor.person
    )
    if context.rules.receipt:
        await context.tell_customer(
            "customer/receipt",
            changed,
            key=f"case/{case.id}/receipt/{customer.id}",
            about="receipt",
        )
    return context.write("case_customer", case=changed)


HANDLER = Handler(
    verb="customer",
    usage="case customer <id> @name",
    summary="say whose case it is",
    example="case customer 42 @carla",
    run=run,
    names_person=True,
)
