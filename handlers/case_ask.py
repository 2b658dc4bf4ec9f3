"""`/case ask <id> <question>`: asks the customer, and waits for the answer."""

from bot.cases.case import Case, Question, TimelineKind
from bot.cases.clocks import asked
from handlers.context import Context, Handler, Request
from handlers.guards import open_case
from handlers.parsing import some_text
from handlers.relay import customer_of, letter, with_threads

TEXT = "customer/asked"


async def preview(context: Context, request: Request) -> str:
    """Show the question as the customer will read it."""
    case, text = _checked(context, request)
    return await letter(context, TEXT, case, by=context.actor.person, text=text)


async def run(context: Context, request: Request) -> str:
    """Ask; the clocks of the case stand still until the answer."""
    case, text = _checked(context, request)
    me = context.actor.person
    sent = await context.tell_customer(
        TEXT, case, key=f"asked/{context.message.id}", about="question", by=me, text=text
    )
    question = Question(text=text, by=me, at=context.now)
    changed = await context.save(with_threads(asked(case, question, context.rules.policy), sent))
    await context.note(changed, TimelineKind.ASKED, text, by=me)
    return context.write("case_ask", case=changed, owner=changed.owners.at(changed.level))


def _checked(context: Context, request: Request) -> tuple[Case, str]:
    case = open_case(request.case)
    customer_of(context, case)
    return case, some_text(request.text, what="question")


HANDLER = Handler(
    verb="ask",
    usage="case ask <id> <question>",
    summary="ask the customer",
    example="case ask 42 Which version do you use?",
    run=run,
    preview=preview,
)
