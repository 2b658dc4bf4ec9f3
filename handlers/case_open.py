"""`/case open <title>`: a new case."""

from bot.cases.case import Case, Evidence, Owners, Person, TimelineKind
from bot.cases.evidence import missing
from handlers.context import Context, Handler, Request
from handlers.files import keep_sent
from handlers.languages import keep_language, known_language
from handlers.parsing import one_line, user_name

LONGEST_TITLE = 200
LONGEST_FACT = 100


async def run(context: Context, request: Request) -> str:
    """Open a case for the customer named, or for whoever typed it."""
    title = one_line(request.text, what="title", longest=LONGEST_TITLE)
    facts = {
        flag: one_line(request.flags.get(flag, "-"), what=flag, longest=LONGEST_FACT)
        for flag in ("severity", "version", "product")
        if flag in request.flags
    }
    actor = context.actor
    customer = _customer(context, request)
    evidence = {}
    if version := facts.get("version"):
        evidence["version"] = Evidence(text=version, by=actor.person, at=context.now)
    case_id = await context.tx.allocate_case_id()
    case = Case(
        id=case_id,
        title=title,
        customer=customer,
        opened_by=actor.person,
        opened_at=context.now,
        updated_at=context.now,
        owners=Owners(analyst=actor.person if actor.is_staff else None),
        evidence=evidence,
        severity=facts.get("severity", ""),
        version=facts.get("version", ""),
        product=facts.get("product", ""),
        language=await _language(context, request, customer),
        threads=(context.message.id, context.message_id(context.reply_key)),
    )
    case = await context.add(case)
    await context.note(case, TimelineKind.OPENED, title, by=actor.person)
    if not _reads_the_answer(context, customer):
        await _send_receipt(context, case)
    answer = context.write(
        "case_open",
        case=case,
        missing=missing(case),
        customer_ignored="customer" in request.flags and not actor.is_staff,
    )
    return f"{answer}\n{await keep_sent(context, case)}".strip()


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


def _reads_the_answer(context: Context, customer: Person) -> bool:
    """Whether the answer to the command already is the customer's receipt."""
    mine = customer.id == context.actor.person.id
    return mine and (context.message.direct or context.actor.is_staff)


async def _send_receipt(context: Context, case: Case) -> None:
    if not context.rules.receipt:
        return
    await context.tell_customer(
        "customer/receipt",
        case,
        key=f"case/{case.id}/receipt",
        about="receipt",
    )


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
    names_person=True,
    takes_files=True,
)
