"""A customer wrote about a case that is closed: it may be opened again with their words."""

from datetime import timedelta

from bot.cases.case import Case
from bot.cases.dialogue import Confirm
from handlers.case_reopen import LONGEST_REASON
from handlers.context import Context
from handlers.dialogues import begin, find_open

LASTS = timedelta(days=1)


async def ask(context: Context, case: Case, text: str) -> str:
    """Offer to open the case again; what was written before the answer goes with it."""
    words = f"{await _before(context, case)} {text}".split()
    why = " ".join(words)
    cut = len(why) > LONGEST_REASON
    step = Confirm(
        verb="reopen",
        case_id=case.id,
        text=f"{why[: LONGEST_REASON - 1]}\N{HORIZONTAL ELLIPSIS}" if cut else why,
        prefix=context.prefix,
        message_id=context.message.id,
    )
    await begin(context, step, lasts=LASTS)
    return context.write("offer_reopen", case=case, cut=step.text if cut else "")


async def _before(context: Context, case: Case) -> str:
    open_one = await find_open(context.tx, context.message, now=context.now)
    step = open_one.step if open_one else None
    if isinstance(step, Confirm) and (step.verb, step.case_id) == ("reopen", case.id):
        return step.text
    return ""
