"""A case is opened, and its checklist filled, one question at a time.

title ─► a case like that? ─┬─ its number ─► added there
                            └─ new, or none ─► opened ─► item after item ─► done
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.cases.case import Case, CaseId, CaseState, Person, TimelineKind
from bot.cases.dialogue import Dialogue, Intake
from handlers.context import Context
from handlers.dialogues import begin_in_thread, folded, go_on, is_answer, is_no
from handlers.facts import FACTS, read_facts, remarks
from handlers.files import keep_sent, sort_out
from handlers.intake_items import LASTS, OFFER, answer_item, begin_asking, case_of
from handlers.opening import LONGEST_TITLE, Report, open_new
from handlers.parsing import named_first, one_line
from handlers.relay import land
from handlers.similar import find_similar

TITLE = "title"
SIMILAR = "similar"

_NONE = frozenset({"none", "neither", "other", "nenhum", "nenhuma", "outro", "outra"})
_NUMBER = re.compile(r"(?:case-|#)?(\d{1,9})")


async def ask_title(context: Context, *, customer: Person, given: Mapping[str, str]) -> str:
    """Ask for the title of a case to be opened for a customer, of which some is given already."""
    step = Intake(
        asked=TITLE,
        customer=customer,
        facts={what: value for what, value in given.items() if what in FACTS},
    )
    await begin_in_thread(context, step, lasts=LASTS)
    return context.write("intake_title")


async def run(context: Context, dialogue: Dialogue, words: str) -> str | None:
    """Take the next answer; None: the words are for nobody who asked.

    Raises:
        Refusal: the answer cannot be taken.
    """
    step = dialogue.step
    if not isinstance(step, Intake):
        raise TypeError(f"no intake: {step.kind}")
    if not await _is_still_theirs(context, step) or await _is_for_another(context, step, words):
        return None
    return await _take(context, dialogue, step, words)


async def _take(context: Context, dialogue: Dialogue, step: Intake, words: str) -> str | None:
    word = folded(words)
    if step.asked == OFFER:
        if not is_answer(word, "go"):
            return None
        return await begin_asking(context, dialogue, await case_of(context, step))
    if is_answer(word, "cancel"):
        return await _cancel(context, dialogue, step)
    if step.asked == TITLE:
        return await _take_title(context, dialogue, step, words)
    if step.asked == SIMILAR:
        return await _take_choice(context, dialogue, step, word)
    return await answer_item(context, dialogue, step, words)


async def _is_still_theirs(context: Context, step: Intake) -> bool:
    """Tell whether somebody may still answer: a case was given away, perhaps, or a role taken.

    What a customer writes once the case is closed is no answer either: it may open it again.
    """
    me = context.actor
    if step.case_id is None:
        return me.is_staff or step.customer is None or step.customer.id == me.person.id
    case = await context.tx.find_case(step.case_id)
    if case is None or not me.may_reach(case):
        return False
    return me.is_staff or step.asked == OFFER or case.state is CaseState.OPEN


async def _is_for_another(context: Context, step: Intake, words: str) -> bool:
    """Tell whether a customer writes of another case of theirs: `CASE-2: …`.

    "Case 2" or "#2" may well be what there is to do to see the defect.
    """
    named = named_first(words)
    plainly = words[:5].casefold() == "case-" and not context.actor.is_staff
    if named is None or named == step.case_id or not plainly:
        return False
    case = await context.tx.find_case(named)
    return case is not None and context.actor.may_reach(case)


async def _cancel(context: Context, dialogue: Dialogue, step: Intake) -> str:
    await context.tx.drop_dialogue(dialogue.key)
    if step.case_id is None:
        return context.write("intake_left_unopened")
    case = await context.tx.find_case(step.case_id)
    return context.write("intake_left", case=case) if case else ""


async def _take_title(context: Context, dialogue: Dialogue, step: Intake, words: str) -> str:
    title = one_line(words, what="title", longest=LONGEST_TITLE)
    titled = replace(step, asked=SIMILAR, title=title)
    # What came with a file has to be kept somewhere at once.
    if sort_out(context).any:
        return await _open(context, dialogue, titled)
    product = read_facts(context, step.facts).values.get("product", "")
    found = await find_similar(context, title, product)
    if not found:
        return await _open(context, dialogue, titled)
    titled = replace(titled, similar=tuple(case.id for case in found))
    await go_on(context, dialogue, titled, lasts=LASTS)
    return context.write("intake_similar", cases=list(found))


async def _take_choice(context: Context, dialogue: Dialogue, step: Intake, word: str) -> str:
    if _is_none_of_them(word):
        return await _open(context, dialogue, step)
    number = _NUMBER.fullmatch(word)
    chosen = await _find_open(context, [CaseId(int(number[1]))]) if number else []
    if chosen:
        await context.tx.drop_dialogue(dialogue.key)
        return await _add_to(context, chosen[0], step)
    await go_on(context, dialogue, step, lasts=LASTS)
    return context.write("intake_similar", cases=await _find_open(context, step.similar))


def _is_none_of_them(word: str) -> bool:
    """Tell whether somebody chooses none of the cases that were offered."""
    first = next(iter(word.split()), "")
    return is_answer(first, "new") or is_no(word) or word in _NONE


async def _find_open(context: Context, case_ids: Sequence[CaseId]) -> list[Case]:
    found = [await context.tx.find_case(case_id) for case_id in case_ids]
    return [
        case
        for case in found
        if case and case.state is CaseState.OPEN and context.actor.may_reach(case)
    ]


async def _add_to(context: Context, case: Case, step: Intake) -> str:
    """Add what was to be a case of its own to the one that is there."""
    if not context.actor.is_staff:
        answer = await land(context, case, step.title, sort_out(context))
        return answer or context.write("on_words", case=case)
    customer = step.customer or context.actor.person
    text = f"reported again for {customer.username}: {step.title}"
    await context.note(case, TimelineKind.NOTE, text, by=context.actor.person, internal=True)
    return context.write("intake_added", case=case)


async def _open(context: Context, dialogue: Dialogue, step: Intake) -> str:
    customer = step.customer or context.actor.person
    facts = read_facts(context, step.facts)
    report = Report(
        title=step.title,
        customer=customer,
        facts=facts.values,
        language=await context.language_of(customer),
    )
    case = await open_new(context, report)
    opened = context.write("intake_opened", case=case)
    kept = await keep_sent(context, case)
    question = await begin_asking(context, dialogue, case)
    parts = (opened, *remarks(context, facts, case), kept, question)
    return "\n".join(part for part in parts if part)
