"""What a customer wrote or sent before there was a case becomes one."""

from dataclasses import replace

from bot.cases.case import Case, TimelineKind
from bot.cases.clocks import heard
from bot.cases.dialogue import ChooseCase, Dialogue
from handlers.context import Context
from handlers.dialogues import find_open
from handlers.files import Kept, Sorted, keep, lines
from handlers.intake_items import begin_asking
from handlers.opening import LONGEST_TITLE, Report, open_new


async def open_with(context: Context, dialogue: Dialogue, step: ChooseCase, files: Sorted) -> str:
    """Open a case with the words and files that waited, and ask for what is missing."""
    taken = (*step.files, *files.taken)
    me = context.actor.person
    report = Report(title=_title_of(step.text), customer=me, language=await context.language_of(me))
    case = await open_new(context, report)
    kept = await _keep(context, case, replace(step, files=taken), files)
    opened = context.write("intake_opened", case=kept.case)
    question = await begin_asking(context, dialogue, kept.case)
    return "\n".join(part for part in (opened, lines(context, kept), question) if part)


async def take_along(context: Context, case: Case) -> str:
    """Let what waited for a case come to the one that its customer has opened by a command.

    Returns:
        The lines that say so, empty if nothing did.
    """
    waiting = await find_waiting(context)
    if waiting is None:
        return ""
    dialogue, step = waiting
    if step.cases and not step.opening:
        return ""
    await context.tx.drop_dialogue(dialogue.key)
    return lines(context, await _keep(context, case, step, Sorted()))


async def find_waiting(context: Context) -> tuple[Dialogue, ChooseCase] | None:
    """Return what a customer wrote or sent here that still waits for its case, or None."""
    waiting = await find_open(context.tx, context.message, now=context.now)
    if waiting is None or not isinstance(waiting.step, ChooseCase) or context.actor.is_staff:
        return None
    return waiting, waiting.step


async def _keep(context: Context, case: Case, step: ChooseCase, files: Sorted) -> Kept:
    if step.text and step.text != case.title:
        # The title is a part of it at most: all of it is for whoever takes the case.
        case = await context.save(heard(case, context.now, context.rules.policy))
        await context.note(case, TimelineKind.HEARD, step.text, by=context.actor.person)
    return await keep(context, case, Sorted(taken=step.files, declined=files.declined))


def _title_of(text: str) -> str:
    """Return the first line that says anything, cut where a title would be too long."""
    first = next(line for line in text.splitlines() if line.strip())
    title = " ".join(first.split())
    if len(title) <= LONGEST_TITLE:
        return title
    return f"{title[: LONGEST_TITLE - 1].rsplit(' ', 1)[0]}\N{HORIZONTAL ELLIPSIS}"
