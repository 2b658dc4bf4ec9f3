"""A customer with several cases says which one their words are for."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from bot.cases.case import Case, CaseId, CaseState
from bot.cases.dialogue import ChooseCase, Dialogue
from handlers import offer_reopen
from handlers.context import Context
from handlers.dialogues import begin, go_on, is_no
from handlers.parsing import some_text
from handlers.relay import IN_A_ROW, land

LASTS = timedelta(days=7)
_NUMBER = re.compile(r"(?:CASE-|#)?(\d{1,9})[.!]?", re.IGNORECASE)


async def ask(context: Context, cases: Sequence[Case], text: str) -> str:
    """Keep the words and ask which case they are for."""
    step = ChooseCase(
        cases=tuple(case.id for case in cases), text=text, message_id=context.message.id
    )
    await begin(context, step, lasts=LASTS)
    return context.write("choose_case", cases=cases)


async def run(context: Context, dialogue: Dialogue, words: str) -> str:
    """Take the choice; whatever else is written meanwhile goes with the first words."""
    step = dialogue.step
    if not isinstance(step, ChooseCase):
        raise TypeError(f"not a choice: {step.kind}")
    if is_no(words):
        await context.tx.drop_dialogue(dialogue.key)
        return context.write("choose_case_left")
    chosen = await _chosen(context, words)
    if chosen is not None:
        await context.tx.drop_dialogue(dialogue.key)
        if chosen.state is CaseState.CLOSED:
            return await offer_reopen.ask(context, chosen, step.text)
        return await land(context, chosen, step.text)
    return await _again(context, dialogue, step, words)


async def _chosen(context: Context, words: str) -> Case | None:
    number = _NUMBER.fullmatch(words.strip())
    case = await context.tx.find_case(CaseId(int(number[1]))) if number else None
    return case if case is not None and context.actor.may_reach(case) else None


async def _again(context: Context, dialogue: Dialogue, step: ChooseCase, words: str) -> str:
    longer = step
    if not _NUMBER.fullmatch(words.strip()):
        longer = replace(step, text=some_text(f"{step.text}\n{words}", what="text"))
    asked_at = dialogue.until - LASTS
    if longer is not step and context.now - asked_at < IN_A_ROW:
        await context.tx.save_dialogue(replace(dialogue, step=longer))
        return ""
    await go_on(context, dialogue, longer, lasts=LASTS)
    cases = [await context.tx.find_case(case_id) for case_id in step.cases]
    return context.write("choose_case", cases=[case for case in cases if case is not None])
