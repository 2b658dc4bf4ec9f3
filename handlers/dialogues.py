"""Open questions to somebody: kept, found again, answered with yes or no."""

import unicodedata
from dataclasses import replace
from datetime import datetime, timedelta

from bot.cases.answers import ANSWERS
from bot.cases.case import MessageId
from bot.cases.dialogue import Dialogue, Step, dialogue_key
from handlers.context import ChatMessage, Context
from storage.base import Transaction


def is_answer(words: str, name: str) -> bool:
    """Tell whether somebody gives an answer, by its name in `bot.cases.answers`."""
    return folded(words) in ANSWERS[name]


def is_yes(words: str) -> bool:
    """Tell whether somebody agrees, in any language the bot speaks."""
    return is_answer(words, "yes")


def is_no(words: str) -> bool:
    """Tell whether somebody declines."""
    return is_answer(words, "no")


def folded(words: str) -> str:
    """Return a short answer without what surrounds it, in small letters."""
    return unicodedata.normalize("NFC", words).strip(" \t\r\n.!,;`*_\"'").casefold()


async def find_open(tx: Transaction, message: ChatMessage, *, now: datetime) -> Dialogue | None:
    """Return the dialogue that a message may be an answer to, or None.

    A message that was sent before it began, and is only read now, is no answer to it.
    """
    found = await tx.find_dialogue(dialogue_key(message.sender, message.room_id, message.thread_id))
    if found is None and message.thread_id is not None:
        # Whoever answers in the thread of the very question means that question.
        above = await tx.find_dialogue(dialogue_key(message.sender, message.room_id, None))
        found = above if above is not None and message.thread_id in above.threads else None
    if found is None or found.until <= now or message.sent_at < found.begun_at:
        return None
    return found


async def begin(context: Context, step: Step, *, lasts: timedelta) -> None:
    """Wait for the sender's answer, in the place where they wrote; replaces what waited there."""
    await _begin(context, step, lasts, context.message.thread_id)


async def begin_in_thread(context: Context, step: Step, *, lasts: timedelta) -> None:
    """Wait for plain words: in a channel they belong into the thread of our answer.

    What is said in the channel itself is said to others.
    """
    message = context.message
    thread_id = message.thread_id
    if thread_id is None and not message.direct:
        thread_id = context.message_id(context.reply_key)
    await _begin(context, step, lasts, thread_id)


async def _begin(
    context: Context, step: Step, lasts: timedelta, thread_id: MessageId | None
) -> None:
    message = context.message
    await context.tx.save_dialogue(
        Dialogue(
            person=message.sender,
            room_id=message.room_id,
            thread_id=thread_id,
            step=step,
            # What was edited keeps the time it was first sent at.
            begun_at=context.now if message.edited else message.sent_at,
            until=context.now + lasts,
            asked_at=context.now,
            threads=(message.id, MessageId(context.message_id(context.reply_key))),
        )
    )


async def go_on(context: Context, dialogue: Dialogue, step: Step, *, lasts: timedelta) -> None:
    """Wait for the next answer, in the same place; it may be given in a thread here as well."""
    threads = (*dialogue.threads, context.message.id, context.message_id(context.reply_key))
    await context.tx.save_dialogue(
        replace(
            dialogue,
            step=step,
            until=context.now + lasts,
            asked_at=context.now,
            threads=threads[-20:],
        )
    )
