"""`/case reply <id> <text>`: writes to the customer."""

from bot.cases.case import Case, TimelineKind
from bot.cases.clocks import told
from handlers.context import Context, Handler, Request
from handlers.parsing import some_text
from handlers.relay import customer_of, letter, with_threads

TEXT = "customer/reply"


async def preview(context: Context, request: Request) -> str:
    """Show the text as the customer will read it."""
    case, text = _checked(context, request)
    return await letter(context, TEXT, case, by=context.actor.person, text=text)


async def run(context: Context, request: Request) -> str:
    """Write to the customer; a closed case stays closed."""
    case, text = _checked(context, request)
    me = context.actor.person
    sent = await context.tell_customer(
        TEXT, case, key=f"replied/{context.message.id}", about="reply", by=me, text=text
    )
    changed = await context.save(with_threads(told(case, context.now), sent))
    await context.note(changed, TimelineKind.REPLIED, text, by=me)
    return context.write("case_reply", case=changed)


def _checked(context: Context, request: Request) -> tuple[Case, str]:
    customer_of(context, request.case)
    return request.case, some_text(request.text, what="text")


HANDLER = Handler(
    verb="reply",
    usage="case reply <id> <text>",
    summary="write to the customer",
    example="case reply 42 Version 7.2 will have the fix",
    run=run,
    preview=preview,
)
