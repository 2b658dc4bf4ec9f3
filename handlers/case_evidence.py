"""`/case evidence <id> <item> <text>`: one item of the checklist, or files."""

from collections.abc import Sequence
from dataclasses import replace
from difflib import get_close_matches

from bot.cases.case import Case, TimelineKind
from bot.cases.evidence import checklist_of
from bot.cases.refusals import Refusal
from handlers.checklists import lacking
from handlers.context import Context, Handler, Request
from handlers.facts import CHOSEN, read_facts, remarks
from handlers.files import keep, lines, sort_out
from handlers.giving import give
from handlers.guards import open_case
from handlers.intake_items import offer


async def run(context: Context, request: Request) -> str:
    """Tick an item, with a text or files; a second one for the same item replaces the first."""
    case = open_case(request.case)
    files = sort_out(context)
    word, text = _split(request.text)
    item = word.rstrip(":").casefold()
    checklist = checklist_of(case, context.rules.policy)
    if item in checklist:
        given = await give(context, case, item, text, files)
        answer = _answer(context, given.case, item) if given.ticked else ""
        return f"{answer}\n{lines(context, given.kept)}".strip()
    if item in CHOSEN and text:
        return await _set_fact(context, case, item, text)
    if files.any:
        return lines(context, await keep(context, case, files, caption=request.text))
    if request.text:
        raise _unknown(word, case, [*checklist, *CHOSEN])
    return f"{_answer(context, case, '')}\n{await offer(context, case)}".strip()


def _answer(context: Context, case: Case, item: str) -> str:
    return context.write("case_evidence", case=case, item=item, missing=lacking(context, case))


async def _set_fact(context: Context, case: Case, what: str, text: str) -> str:
    facts = read_facts(context, {what: text})
    if facts.values:
        product, severity = facts.values.get("product"), facts.values.get("severity")
        case = await context.save(
            replace(case, product=product or case.product, severity=severity or case.severity)
        )
        entry = f"{what}: {facts.values[what]}"
        await context.note(
            case, TimelineKind.CHANGED, entry, by=context.actor.person, internal=True
        )
    said = remarks(context, facts, case)
    return "\n".join([_answer(context, case, what), *said] if facts.values else said)


def _unknown(word: str, case: Case, items: Sequence[str]) -> Refusal:
    close = get_close_matches(word.casefold(), items, n=1, cutoff=0.6)
    nearest = close[0] if close else ""
    return Refusal("unknown_evidence", word=word[:40], nearest=nearest, case=case, names=items)


def _split(text: str) -> tuple[str, str]:
    """Return the first word, and what follows it with its own line breaks."""
    word, *rest = text.split(None, 1) or [""]
    return word, rest[0] if rest else ""


HANDLER = Handler(
    verb="evidence",
    usage="case evidence <id> <item> <text>",
    summary="add an item of the checklist, or a file",
    customer_summary="tell us more, or send a file with this as its caption",
    example="case evidence 42 steps Open a file, press Export",
    run=run,
    takes_files=True,
)
