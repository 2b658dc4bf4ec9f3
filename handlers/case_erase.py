"""`/case erase @customer`: one person is forgotten, for good."""

from bot.cases.case import Case, Person
from bot.cases.erasure import Eraser, nobody
from bot.cases.refusals import Refusal
from bot.holdings import Holdings, find_holdings
from handlers.context import Context, Handler, Request
from handlers.erasing import Order, erase_person
from handlers.whom import somebody

SHOWN = 10


async def preview(context: Context, request: Request) -> str:
    """Show what goes, what stays and why, and what nobody can take back."""
    holdings = await _checked(context, request)
    return context.write("case_erase_preview", **_numbers(holdings))


async def run(context: Context, request: Request) -> str:
    """Leave numbers, times and states, and nothing that was written or that names them."""
    holdings = await _checked(context, request)
    person = holdings.person

    def is_gone(one: Person) -> bool:
        return one.id == person.id

    eraser = Eraser(
        is_gone=is_gone,
        ids=[person.id],
        names=holdings.names,
        ghost=nobody(context.message.id),
    )
    order = Order(eraser=eraser, reason="the data of one person", by=context.actor.person)
    await erase_person(context, holdings, order)
    return context.write("case_erase", **_numbers(holdings))


async def _checked(context: Context, request: Request) -> Holdings:
    person = await somebody(context, request.text, staff=False)
    holdings = await find_holdings(context.tx, person)
    if holdings.is_empty:
        raise Refusal("nothing_kept", name=person.username)
    blocking = (holdings.open_cases, holdings.owned_cases, holdings.busy_cases)
    if any(blocking):
        to_close, to_assign, to_wait = (cases[:SHOWN] for cases in blocking)
        raise Refusal("erase_blocked", to_close=to_close, to_assign=to_assign, to_wait=to_wait)
    return holdings


def _numbers(holdings: Holdings) -> dict[str, object]:
    own, others = ([one.case for one in part] for part in (holdings.own, holdings.others))
    everything = (*holdings.own, *holdings.others)
    return {
        "person": holdings.person,
        "cases": own,
        "others": others,
        "entries": sum(len(one.timeline) for one in everything),
        "messages": sum(len(one.ledger) for one in everything) + holdings.loose_to_them,
        "files": _files(own) + _files(others),
        "waiting": holdings.waiting,
        "issues": holdings.issue_keys,
        "shown": SHOWN,
    }


def _files(cases: list[Case]) -> int:
    return sum(len(case.files) for case in cases)


HANDLER = Handler(
    verb="erase",
    usage="case erase <@customer>",
    summary="forget a customer: what they wrote, their names, what is on its way",
    example="case erase @maria",
    run=run,
    preview=preview,
    case=False,
    names_person=True,
)
