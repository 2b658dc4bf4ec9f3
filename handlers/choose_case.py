"""Somebody says which case their words or files are for; a customer's may be for a new one.

What was sent is kept until then, so nobody has to write it twice.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from bot.cases.case import Case, CaseId
from bot.cases.dialogue import ChooseCase, Dialogue
from handlers import new_report
from handlers.arrival import arrive
from handlers.context import Context
from handlers.dialogues import begin, go_on, is_answer, is_no, is_yes
from handlers.files import Sorted, sort_out
from handlers.parsing import named_first, some_text
from handlers.relay import IN_A_ROW

LASTS = timedelta(days=7)
_NUMBER = re.compile(r"(?:(?:case|caso)[\s-]*)?#?(\d{1,9})[.!]?", re.IGNORECASE)


def is_choice(words: str) -> bool:
    """Tell whether words are nothing but the number of a case."""
    return _NUMBER.fullmatch(words.strip()) is not None


async def ask(context: Context, cases: Sequence[Case], text: str, files: Sorted) -> str:
    """Keep the words and files, and ask which case they are for."""
    if not text and not files.taken:
        return _declined(context, files)
    step = ChooseCase(
        cases=tuple(case.id for case in cases),
        text=text,
        files=files.taken,
        message_id=context.message.id,
    )
    await begin(context, step, lasts=LASTS)
    return _question(context, cases, step, files)


async def run(context: Context, dialogue: Dialogue, words: str) -> str:
    """Take the choice; whatever else is written meanwhile goes with the first words."""
    step = dialogue.step
    if not isinstance(step, ChooseCase):
        raise TypeError(f"not a choice: {step.kind}")
    files = sort_out(context)
    if is_no(words):
        await context.tx.drop_dialogue(dialogue.key)
        return context.write("choose_case_left")
    if step.opening and words:
        told = replace(step, text=some_text(words, what="text"))
        return await new_report.open_with(context, dialogue, told, files)
    if step.opening or _is_new(context, step, words):
        return await open_new_for(context, dialogue, step, files)
    chosen = await _chosen(context, step, words)
    if chosen is not None:
        await context.tx.drop_dialogue(dialogue.key)
        both = replace(files, taken=(*step.files, *files.taken))
        answer = await arrive(context, chosen, step.text, both)
        # They have chosen: a reaction alone would not say what became of it.
        return answer or context.write("on_words", case=chosen)
    named = await _find(context, named_first(words))
    if named is not None and not context.actor.is_staff:
        await context.tx.drop_dialogue(dialogue.key)
        text = some_text(f"{step.text}\n{words}", what="text")
        answer = await arrive(
            context, named, text, replace(files, taken=(*step.files, *files.taken))
        )
        return answer or context.write("on_words", case=named)
    return await _again(context, dialogue, step, words, files)


async def open_new_for(
    context: Context, dialogue: Dialogue, step: ChooseCase, files: Sorted
) -> str:
    """Open a case with the words there are; where there are none, ask for them first."""
    if step.text:
        return await new_report.open_with(context, dialogue, step, files)
    kept = replace(step, opening=True, files=(*step.files, *files.taken))
    await go_on(context, dialogue, kept, lasts=LASTS)
    asked = context.write("intake_title")
    return "\n".join(part for part in (asked, _declined(context, files)) if part)


def _is_new(context: Context, step: ChooseCase, words: str) -> bool:
    if context.actor.is_staff:
        return False
    return is_answer(words, "new") or (not step.cases and is_yes(words))


async def _chosen(context: Context, step: ChooseCase, words: str) -> Case | None:
    number = _NUMBER.fullmatch(words.strip())
    case = await _find(context, CaseId(int(number[1])) if number else None)
    if case is None:
        return None
    # The team may put a file anywhere; their words are only taken where they were asked.
    anywhere = not context.actor.is_staff or step.files
    return case if anywhere or case.id in step.cases else None


async def _find(context: Context, case_id: CaseId | None) -> Case | None:
    case = await context.tx.find_case(case_id) if case_id is not None else None
    return case if case is not None and context.actor.may_reach(case) else None


async def _again(
    context: Context, dialogue: Dialogue, step: ChooseCase, words: str, files: Sorted
) -> str:
    longer = replace(step, files=(*step.files, *files.taken))
    if words and not is_choice(words):
        longer = replace(longer, text=some_text(f"{step.text}\n{words}", what="text"))
    asked_at = dialogue.until - LASTS
    if longer != step and not files.declined and context.now - asked_at < IN_A_ROW:
        await context.tx.save_dialogue(replace(dialogue, step=longer))
        return ""
    await go_on(context, dialogue, longer, lasts=LASTS)
    found = [await context.tx.find_case(case_id) for case_id in step.cases]
    # One of them may have been given to somebody else since they were asked.
    theirs = [case for case in found if case is not None and context.actor.may_reach(case)]
    return _question(context, theirs, longer, files)


def _question(context: Context, cases: Sequence[Case], step: ChooseCase, files: Sorted) -> str:
    names = [file.name for file in step.files]
    question = context.write("choose_case", cases=list(cases), words=bool(step.text), names=names)
    return "\n".join(part for part in (question, _declined(context, files)) if part)


def _declined(context: Context, files: Sorted) -> str:
    return context.write("files", names=[], declined=list(files.declined))
