"""A customer wrote plain words in a direct message: they land on the case they are for.

The case of the thread, or the one they begin with (`CASE-42: …`), or the one with an open question,
or the one they wrote about a moment ago, or the only open one; where several may be meant, the
customer says which. "Solved" and "still broken" of a case that was said to be solved are more than
words. One of the team is a customer here while a question of somebody else waits for them.
"""

from datetime import datetime, timedelta

from bot.cases.case import Case, CaseId, CaseState
from bot.cases.query import CaseQuery
from bot.cases.refusals import Refusal
from handlers import choose_case
from handlers.arrival import arrive
from handlers.context import Context
from handlers.files import Sorted, sort_out
from handlers.guards import answers_as_customer
from handlers.parsing import named_alone, named_first, some_text
from handlers.requests import case_of_thread
from handlers.sayings import find_saying, is_thanks
from handlers.verdict import take_saying

SHOWN = 10
UNDER_WAY = timedelta(minutes=5)


async def run(context: Context, words: str) -> str:
    """Bring words and files to the team, or ask the customer what is missing for that."""
    files = sort_out(context)
    text = words if files.any and not words else some_text(words, what="text")
    thread = await case_of_thread(context)
    if saying := find_saying(text):
        judged = await take_saying(context, saying, thread)
        if judged is not None:
            return judged
    named = named_first(text)
    if files.any and (alone := named_alone(text)) is not None:
        # The caption says where the files belong, and nothing to anybody.
        named, text = alone, ""
    meant = await _theirs(context, named) if named is not None else thread
    case = meant if meant and answers_as_customer(context.actor, meant) else None
    of_another = case is None and (named is not None or thread is not None)
    if of_another and (cases := await _all_open(context)):
        # Not theirs as a customer, or none at all: a guess would bring it to the wrong people.
        return await choose_case.ask(context, cases, text, files)
    if case is None:
        cases = await _open_cases(context)
        if not cases:
            return await _without_open_case(context, text, files)
        thanks = is_thanks(text) and not files.any and not any(one.question for one in cases)
        if len(cases) > 1 and not thanks:
            return await choose_case.ask(context, cases, text, files)
        # Whoever thanks for something means what they read last.
        case = max(cases, key=_last_told) if thanks else cases[0]
    return await arrive(context, case, text, files)


def _last_told(case: Case) -> datetime:
    return case.told_at or case.opened_at


async def _theirs(context: Context, number: CaseId) -> Case | None:
    case = await context.tx.find_case(number)
    return case if case is not None and context.actor.may_reach(case) else None


async def _open_cases(context: Context) -> list[Case]:
    """Return the cases that may be meant: the one with a question alone, or all."""
    me = context.actor.person.id
    asked, total = await context.tx.list_cases(
        CaseQuery(customer=me, state=CaseState.OPEN, waiting=True), limit=1
    )
    if total == 1:
        return list(asked)
    cases = await _all_open(context)
    under_way = [case for case in cases if _is_under_way(context, case)]
    if under_way:
        return [max(under_way, key=lambda case: case.heard_at or case.opened_at)]
    return sorted(cases, key=lambda case: case.question is None)


async def _all_open(context: Context) -> list[Case]:
    """Return the open cases of which they may speak as their customer."""
    waiting = True if context.actor.is_staff else None
    query = CaseQuery(customer=context.actor.person.id, state=CaseState.OPEN, waiting=waiting)
    cases, _ = await context.tx.list_cases(query, limit=SHOWN)
    return list(cases)


def _is_under_way(context: Context, case: Case) -> bool:
    """Tell whether they wrote about it a moment ago; whoever goes on writing means the same."""
    return case.heard_at is not None and context.now - case.heard_at < UNDER_WAY


async def _without_open_case(context: Context, text: str, files: Sorted) -> str:
    """Offer to open the only case again; of any other words, to open a case with them."""
    if context.actor.is_staff:
        raise Refusal("no_verdict")
    closed, total = await context.tx.list_cases(
        CaseQuery(customer=context.actor.person.id, state=CaseState.CLOSED), limit=SHOWN
    )
    if total == 1 or (closed and is_thanks(text) and not files.any):
        return await arrive(context, max(closed, key=_last_told), text, files)
    return await choose_case.ask(context, closed, text, files)
