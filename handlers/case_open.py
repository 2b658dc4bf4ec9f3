"""`/case open <title>`: a new case; without a title, the bot asks for it."""

from bot.cases.case import Case, Person
from handlers import choose_case
from handlers.checklists import lacking
from handlers.context import Context, Handler, Request
from handlers.facts import read_facts, remarks
from handlers.files import Sorted, keep_sent
from handlers.intake import ask_title
from handlers.intake_items import offer
from handlers.languages import keep_language, known_language
from handlers.new_report import find_waiting, take_along
from handlers.opening import LONGEST_TITLE, Report, open_new
from handlers.parsing import one_line, unquoted, user_name
from handlers.similar import find_similar


async def run(context: Context, request: Request) -> str:
    """Open a case for the customer named, or for whoever typed it."""
    facts = read_facts(context, request.flags)
    customer = _customer(context, request)
    language = await _language(context, request, customer)
    if not request.text and not context.message.files:
        if waiting := await find_waiting(context):
            return await choose_case.open_new_for(context, *waiting, Sorted())
        return await ask_title(context, customer=customer, given=request.flags)
    title = one_line(unquoted(request.text), what="title", longest=LONGEST_TITLE)
    report = Report(title=title, customer=customer, facts=facts.values, language=language)
    case = await open_new(context, report)
    opened = context.write(
        "case_open",
        case=case,
        missing=lacking(context, case),
        customer_ignored="customer" in request.flags and not context.actor.is_staff,
    )
    along = await take_along(context, case)
    parts = [
        opened,
        along,
        await offer(context, case),
        *remarks(context, facts, case),
        await keep_sent(context, await context.tx.find_case(case.id) or case),
        await _alike(context, case),
    ]
    return "\n".join(part for part in parts if part)


async def _alike(context: Context, case: Case) -> str:
    """Return what is open already and may be the same, to be looked at after the fact."""
    others = await find_similar(context, case.title, case.product, but=case.id)
    return context.write("case_alike", others=list(others)) if others else ""


def _customer(context: Context, request: Request) -> Person:
    named = request.flags.get("customer")
    if not named or not context.actor.is_staff:
        return context.actor.person
    return context.named(user_name(named)).person


async def _language(context: Context, request: Request, customer: Person) -> str:
    """Return the language asked for, which the customer keeps, or the one they read."""
    if "language" not in request.flags:
        return await context.language_of(customer)
    language = known_language(context, request.flags["language"])
    await keep_language(context, customer, language)
    return language


HANDLER = Handler(
    verb="open",
    usage="case open <title> [--customer @name] [--severity s] [--version v] [--product p]"
    " [--language l]",
    customer_usage="case open <title> [--severity s] [--version v] [--product p] [--language l]",
    summary="report a problem",
    example="case open Export fails on save --version 7.1.0",
    run=run,
    case=False,
    flags=("customer", "severity", "version", "product", "language"),
    only_flags=True,
    names_person=True,
    takes_files=True,
)
