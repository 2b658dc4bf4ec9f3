"""The checklist of a case, asked one item at a time."""

from dataclasses import replace
from datetime import timedelta

from bot.cases.case import Case
from bot.cases.dialogue import Dialogue, Intake
from bot.cases.evidence import checklist_of
from bot.cases.refusals import Refusal
from handlers.checklists import items_for, lacking
from handlers.context import Context
from handlers.dialogues import begin_in_thread, find_open, go_on, is_answer
from handlers.files import lines, sort_out
from handlers.giving import give
from handlers.guards import open_case

OFFER = "offer"
"""Nothing is asked yet; `go` begins."""
OFFER_LASTS = timedelta(days=1)
LASTS = timedelta(hours=4)
"""Longer, and people have forgotten what their next words would answer."""


async def offer(context: Context, case: Case) -> str:
    """Offer to ask for what is missing; returns the line that says so, empty where it would annoy.

    It does nothing while something else is waited for in the same place.
    """
    waiting = await find_open(context.tx, context.message, now=context.now)
    if waiting is not None and not _is_offer(waiting):
        return ""
    if not lacking(context, case):
        return ""
    await begin_in_thread(context, Intake(asked=OFFER, case_id=case.id), lasts=OFFER_LASTS)
    return context.write("intake_offer")


async def begin_asking(context: Context, dialogue: Dialogue, case: Case) -> str:
    """Ask for the first item that is missing."""
    step = Intake(asked="", case_id=case.id)
    return await _ask_next(context, dialogue, step, case)


async def answer_item(context: Context, dialogue: Dialogue, step: Intake, words: str) -> str:
    """Take the answer to an item, and ask for the next.

    Raises:
        Refusal: the case is no longer theirs, or no longer open.
    """
    case = await case_of(context, step)
    if is_answer(words, "skip"):
        skipped = replace(step, skipped=(*step.skipped, step.asked))
        return await _ask_next(context, dialogue, skipped, case)
    if is_answer(words, "back"):
        return await _ask(context, dialogue, step, case, _before(context, step, case))
    files = sort_out(context)
    if not words and not files.any:
        return await _ask(context, dialogue, step, case, step.asked)
    given = await give(context, case, step.asked, words, files)
    if given.ticked:
        following = await _ask_next(context, dialogue, step, given.case)
    else:
        following = await _ask(context, dialogue, step, given.case, step.asked)
    return f"{lines(context, given.kept)}\n{following}".strip()


async def case_of(context: Context, step: Intake) -> Case:
    """Return the case of a dialogue.

    Raises:
        Refusal: it is no longer theirs, or no longer open.
    """
    case = await context.tx.find_case(step.case_id) if step.case_id is not None else None
    if case is None or not context.actor.may_reach(case):
        raise Refusal("unknown_case", name=f"CASE-{step.case_id}")
    return open_case(case)


async def _ask_next(context: Context, dialogue: Dialogue, step: Intake, case: Case) -> str:
    items = items_for(context, case)
    at = items.index(step.asked) + 1 if step.asked in items else 0
    left = [
        item
        for item in (*items[at:], *items[:at])
        if item not in case.evidence and item not in step.skipped
    ]
    if left:
        return await _ask(context, dialogue, step, case, left[0])
    await context.tx.drop_dialogue(dialogue.key)
    return context.write("intake_done", case=case, missing=lacking(context, case))


async def _ask(context: Context, dialogue: Dialogue, step: Intake, case: Case, item: str) -> str:
    items = items_for(context, case)
    await go_on(context, dialogue, replace(step, asked=item), lasts=LASTS)
    given = case.evidence.get(item)
    return context.write(
        "intake_question",
        case=case,
        item=item,
        what=checklist_of(case, context.rules.policy).get(item, ""),
        number=items.index(item) + 1 if item in items else 1,
        total=len(items),
        text=given.text if given else "",
    )


def _before(context: Context, step: Intake, case: Case) -> str:
    items = items_for(context, case)
    at = items.index(step.asked) if step.asked in items else 0
    return items[max(0, at - 1)]


def _is_offer(dialogue: Dialogue) -> bool:
    return isinstance(dialogue.step, Intake) and dialogue.step.asked == OFFER
