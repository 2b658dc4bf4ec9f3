"""`/case retention`: what would be erased by age now, and when."""

from datetime import timedelta

from bot.cases.retention import AHEAD, GRACE, is_to_be_announced
from handlers.context import Context, Handler, Request
from handlers.on_retention import count_aged, find_announced, list_aged

SHOWN = 10


async def run(context: Context, request: Request) -> str:  # noqa: ARG001 - it takes nothing
    """Show how many closed cases are of age, or will be soon, and some; nothing is changed."""
    age = context.rules.policy.privacy.closed_cases
    if age is None:
        return context.write("case_retention", days=0)
    announced = await find_announced(context.tx)
    due = await count_aged(context.tx, before=context.now - age)
    cases, soon = await list_aged(context.tx, before=context.now + AHEAD - age, limit=SHOWN)
    fresh = announced is None or is_to_be_announced(announced, context.now, age)
    return context.write(
        "case_retention",
        days=age // timedelta(days=1),
        due=due,
        soon=soon - due,
        cases=cases,
        ahead=AHEAD // timedelta(days=1),
        begins_at=None if announced is None or fresh else announced.at + GRACE,
    )


HANDLER = Handler(
    verb="retention",
    usage="case retention",
    summary="which closed cases are old enough to be erased, and when they are",
    example="case retention",
    run=run,
    case=False,
)
