"""A new case, however it was reported: in one line, or one question at a time."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.cases.case import Case, Evidence, MessageId, Owners, Person, TimelineKind
from handlers.context import Context

LONGEST_TITLE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What is known of a problem when its case is opened."""

    title: str
    customer: Person
    facts: Mapping[str, str] = field(default_factory=dict)
    """Severity, version and product, as far as they are given."""
    language: str
    """Of the customer."""


async def open_new(context: Context, report: Report) -> Case:
    """Open a case; its customer gets the receipt unless they read the answer anyway.

    Who opens one in a direct message is seen by nobody else: the first level is told.
    """
    me = context.actor
    facts = report.facts
    evidence = {}
    if version := facts.get("version"):
        evidence["version"] = Evidence(text=version, by=me.person, at=context.now)
    case_id = await context.tx.allocate_case_id()
    threads = await _threads(context)
    # The first level sees what is opened in its channels, and is told of the rest.
    unseen = context.message.direct and not me.is_staff
    notice = f"case/{case_id}/opened"
    if unseen:
        threads = (*threads, context.message_id(notice))
    case = Case(
        id=case_id,
        title=report.title,
        customer=report.customer,
        opened_by=me.person,
        opened_at=context.now,
        updated_at=context.now,
        owners=Owners(analyst=me.person if me.is_staff else None),
        evidence=evidence,
        severity=facts.get("severity", ""),
        version=facts.get("version", ""),
        product=facts.get("product", ""),
        language=report.language,
        threads=threads,
    )
    case = await context.add(case)
    await context.note(case, TimelineKind.OPENED, report.title, by=me.person)
    if context.rules.receipt and not _reads_the_answer(context, report.customer):
        await context.tell_customer(
            "customer/receipt", case, key=f"case/{case.id}/receipt", about="receipt"
        )
    if unseen:
        await context.say(
            "staff/opened", context.room_of(case.level), key=notice, case=case, about="opened"
        )
    return case


async def _threads(context: Context) -> tuple[MessageId, ...]:
    """Return the messages whose threads belong to the case from now on.

    In a channel that includes the thread it was opened in, unless that is another case's.
    """
    message = context.message
    own = (message.id, context.message_id(context.reply_key))
    thread = message.thread_id
    if message.direct or thread is None or await context.tx.find_case_by_thread(thread):
        return own
    return (*own, thread)


def _reads_the_answer(context: Context, customer: Person) -> bool:
    """Whether the answer already is the customer's receipt."""
    mine = customer.id == context.actor.person.id
    return mine and (context.message.direct or context.actor.is_staff)
