"""Something of the checklist is given: in words, by files, or both."""

from dataclasses import dataclass, replace

from bot.cases.case import Case, Evidence, TimelineKind
from handlers.context import Context
from handlers.files import Kept, Sorted, keep
from handlers.guards import answers_as_customer
from handlers.parsing import some_text
from handlers.relay import pass_on

_LONGEST_VERSION = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What became of it."""

    case: Case
    kept: Kept
    ticked: bool
    """False: there was nothing but files that are not taken."""


async def give(context: Context, case: Case, item: str, text: str, files: Sorted) -> Given:
    """Keep what somebody gave for an item; it replaces what was given before.

    Raises:
        Refusal: there is nothing, or too much of it.
    """
    kept = await keep(context, case, files)
    if not text and files.any and not kept.files:
        return Given(case=kept.case, kept=kept, ticked=False)
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
    if _is_waited_for(context, changed):
        changed = await pass_on(context, changed, f"{item}: {given.text}", kept.files)
    return Given(case=changed, kept=replace(kept, case=changed), ticked=True)


def _is_waited_for(context: Context, case: Case) -> bool:
    """Tell whether a customer gave it, and somebody of the team has or wants it."""
    waited_for = case.question is not None or case.responsible is not None
    return waited_for and answers_as_customer(context.actor, case)


def with_evidence(case: Case, item: str, given: Evidence) -> Case:
    """Return a case with one item of its checklist."""
    version = case.version
    if item == "version":
        version = " ".join(given.text.split())[:_LONGEST_VERSION]
    return replace(case, evidence={**case.evidence, item: given}, version=version)
