"""`/case evidence <id> <item> <text>`: one item of the checklist."""

from dataclasses import replace
from difflib import get_close_matches

from bot.cases.case import Case, Evidence, TimelineKind
from bot.cases.evidence import CHECKLIST, missing
from bot.cases.refusals import Refusal
from handlers.context import Context, Handler, Request
from handlers.files import Sorted, keep, lines, sort_out
from handlers.guards import open_case
from handlers.parsing import some_text


async def run(context: Context, request: Request) -> str:
    """Tick an item, with a text or files; a second one for the same item replaces the first."""
    case = open_case(request.case)
    files = sort_out(context)
    word, text = _split(request.text)
    item = word.rstrip(":").casefold()
    if item in CHECKLIST:
        return await _tick(context, case, item, text, files)
    if files.any:
        return lines(context, await keep(context, case, files, caption=request.text))
    if request.text:
        close = get_close_matches(item, CHECKLIST, n=1, cutoff=0.6)
        raise Refusal(
            "unknown_evidence", word=word[:40], nearest=close[0] if close else "", case=case
        )
    return context.write("case_evidence", case=case, item="", missing=missing(case))


async def _tick(context: Context, case: Case, item: str, text: str, files: Sorted) -> str:
    kept = await keep(context, case, files)
    if not text and files.any and not kept.files:
        return lines(context, kept)
    words = text or ", ".join(file.name for file in kept.files)
    given = Evidence(
        text=some_text(words, what=f"text for {item}"), by=context.actor.person, at=context.now
    )
    changed = await context.save(with_evidence(kept.case, item, given))
    await context.note(
        changed,
        TimelineKind.EVIDENCE,
        f"{item}: {given.text}",
        by=context.actor.person,
        internal=given.by.id != case.customer.id,
    )
    answer = context.write("case_evidence", case=changed, item=item, missing=missing(changed))
    return f"{answer}\n{lines(context, kept)}".strip()


def with_evidence(case: Case, item: str, given: Evidence) -> Case:
    """Return a case with one item of its checklist."""
    version = " ".join(given.text.split())[:100] if item == "version" else case.version
    return replace(case, evidence={**case.evidence, item: given}, version=version)


def _split(text: str) -> tuple[str, str]:
    """Return the first word, and what follows it with its own line breaks."""
    word, *rest = text.split(None, 1) or [""]
    return word, rest[0] if rest else ""


HANDLER = Handler(
    verb="evidence",
    usage="case evidence <id> <item> <text>",
    summary="add what is known: " + ", ".join(CHECKLIST),
    example="case evidence 42 steps Open a file, press Export",
    run=run,
    takes_files=True,
)
