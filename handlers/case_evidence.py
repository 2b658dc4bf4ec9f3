"""`/case evidence <id> <item> <text>`: one item of the checklist."""

from dataclasses import replace
from difflib import get_close_matches

from bot.cases.case import Evidence, TimelineKind
from bot.cases.evidence import CHECKLIST, missing
from bot.cases.refusals import Refusal
from handlers.context import Context, Handler, Request
from handlers.guards import open_case
from handlers.parsing import some_text


async def run(context: Context, request: Request) -> str:
    """Tick an item; a second text for the same item replaces the first."""
    case = open_case(request.case)
    if not request.text:
        return context.write("case_evidence", case=case, item="", missing=missing(case))
    word, _, text = request.text.partition(" ")
    if "\n" in word:
        word, _, text = request.text.partition("\n")
    item = word.rstrip(":").casefold()
    if item not in CHECKLIST:
        close = get_close_matches(item, CHECKLIST, n=1, cutoff=0.6)
        raise Refusal(
            "unknown_evidence", word=word[:40], nearest=close[0] if close else "", case=case
        )
    given = Evidence(
        text=some_text(text, what=f"text for {item}"), by=context.actor.person, at=context.now
    )
    changed = await context.save(
        replace(
            case,
            evidence={**case.evidence, item: given},
            version=" ".join(given.text.split())[:100] if item == "version" else case.version,
        )
    )
    await context.note(
        changed,
        TimelineKind.EVIDENCE,
        f"{item}: {given.text}",
        by=context.actor.person,
        internal=given.by.id != case.customer.id,
    )
    return context.write("case_evidence", case=changed, item=item, missing=missing(changed))


HANDLER = Handler(
    verb="evidence",
    usage="case evidence <id> <item> <text>",
    summary="add what is known: " + ", ".join(CHECKLIST),
    example="case evidence 42 steps Open a file, press Export",
    run=run,
)
