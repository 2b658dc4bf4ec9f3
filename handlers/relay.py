"""Between the team and a customer: what is written to them, and what they write."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.cases.case import Case, CaseFile, MessageId, Person, TimelineKind
from bot.cases.clocks import heard
from bot.cases.effects import React, ToPerson
from bot.cases.next_steps import unanswered
from bot.cases.refusals import Refusal
from bot.cases.views import Shown
from handlers.context import Context
from handlers.files import Sorted, keep, lines
from handlers.sayings import is_thanks

IN_A_ROW = timedelta(minutes=1)
"""Whoever writes again within this has been thanked already."""
ANNOUNCED_FOR = timedelta(minutes=5)
"""Whoever writes on within this is not announced to a whole room again."""
RECEIVED = ":white_check_mark:"


def customer_of(context: Context, case: Case) -> Person:
    """Return to whom the team writes.

    Raises:
        Refusal: it is the one who writes.
    """
    if case.customer.id == context.actor.person.id:
        raise Refusal("no_customer", case=case)
    return case.customer


async def letter(context: Context, name: str, case: Case, **values: Shown) -> str:
    """Return what is going to be sent, to the letter, with its recipient, to be shown before."""
    text = await context.letter(name, case, **values)
    return context.write("letter", case=case, letter=text)


def with_threads(case: Case, *message_ids: MessageId) -> Case:
    """Return the case with more messages whose threads belong to it."""
    return replace(case, threads=(*case.threads, *message_ids))


async def land(context: Context, case: Case, text: str, files: Sorted) -> str:
    """Keep a customer's words and files with their case, bring them to the team, and say thanks.

    Returns:
        The answer; empty where a reaction on the message says it.
    """
    if is_thanks(text) and not files.any and case.question is None:
        return await _take_thanks(context, case, text)
    thanked = case.heard_at is not None and context.now - case.heard_at < IN_A_ROW
    kept = await keep(context, case, files)
    if text:
        await context.note(case, TimelineKind.HEARD, text, by=context.actor.person)
    if not text and not kept.files:
        return lines(context, kept)
    await pass_on(context, kept.case, text, kept.files)
    if not thanked or kept.declined:
        return f"{context.write('on_words', case=case)}\n{lines(context, kept)}".strip()
    return await _react(context)


async def _take_thanks(context: Context, case: Case, text: str) -> str:
    """Bring thanks to the owner; nobody has to answer them, and no room hears of them."""
    await context.note(case, TimelineKind.HEARD, text, by=context.actor.person)
    owner = case.responsible
    if owner is not None and owner.id != case.customer.id:
        sent = await _tell(context, case, text, (), owner)
        await context.save(with_threads(case, sent))
    return await _react(context)


async def _react(context: Context) -> str:
    await context.owe(
        React(to=context.here, message_id=context.message.id, emoji=RECEIVED),
        key=f"received/{context.message.key}",
    )
    return ""


async def pass_on(context: Context, case: Case, text: str, files: Sequence[CaseFile] = ()) -> Case:
    """Bring what a customer wrote to the owner and to whoever asked; nothing waits for it then.

    Where nobody has the case, its level is told that there is something to read, and not what:
    customers may be in the room.

    Returns:
        The case as it is kept.
    """
    changed = heard(case, context.now, context.rules.policy)
    owner = case.responsible
    asker = case.question.by if case.question else None
    readers = {one.id: one for one in (owner, asker) if one and one.id != case.customer.id}
    sent = [await _tell(context, case, text, files, reader) for reader in readers.values()]
    if (not readers or owner is None) and not _is_announced(case, context.now):
        sent.append(
            await context.say(
                "staff/heard_unowned",
                context.room_of(case.level),
                key=f"heard/{context.message.key}/room",
                case=case,
                about="customer wrote",
            )
        )
    return await context.save(with_threads(changed, *sent))


def _is_announced(case: Case, now: datetime) -> bool:
    """Tell whether its level was told a moment ago that there is something to read."""
    heard_at = case.heard_at
    if heard_at is None or not unanswered(case) or now - heard_at >= ANNOUNCED_FOR:
        return False
    return case.question is None and (case.level_since is None or case.level_since < heard_at)


async def _tell(
    context: Context, case: Case, text: str, files: Sequence[CaseFile], reader: Person
) -> MessageId:
    return await context.say(
        "staff/heard",
        ToPerson(person=reader),
        key=f"heard/{context.message.key}/{reader.id}",
        case=case,
        about="customer wrote",
        text=text,
        files=[file.name for file in files],
        answered=case.question is not None,
    )
