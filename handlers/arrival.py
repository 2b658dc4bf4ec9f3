"""Words and files that are no command come to their case."""

from bot.cases.case import Case, CaseState, TimelineKind
from handlers import offer_reopen
from handlers.context import Context
from handlers.files import Sorted, keep, lines
from handlers.guards import answers_as_customer, open_case
from handlers.relay import land
from handlers.sayings import is_thanks


async def arrive(context: Context, case: Case, words: str, files: Sorted) -> str:
    """Keep what came, and bring what a customer sent to the team; returns the answer.

    Raises:
        Refusal: the case is closed, and they know how to open it again.
    """
    if context.actor.is_staff and not answers_as_customer(context.actor, case):
        return lines(context, await keep(context, open_case(case), files, caption=words))
    if case.state is CaseState.CLOSED:
        return await _at_closed_case(context, case, words, files)
    return await land(context, case, words, files)


async def _at_closed_case(context: Context, case: Case, words: str, files: Sorted) -> str:
    """Keep the files, and offer to open the case again."""
    if is_thanks(words) and not files.any:
        await context.note(case, TimelineKind.HEARD, words, by=context.actor.person)
        return context.write("thanks", case=case)
    kept = await keep(context, case, files)
    why = words or ", ".join(file.name for file in kept.files)
    offer = await offer_reopen.ask(context, kept.case, why) if why else ""
    return "\n".join(part for part in (lines(context, kept), offer) if part)
