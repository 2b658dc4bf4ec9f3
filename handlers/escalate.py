"""`/escalate <id> [reason]`: one level up, when everything it needs is there."""

from dataclasses import replace

from bot.cases.access import Role, needed_for
from bot.cases.case import Case, Level, TimelineKind
from bot.cases.clocks import at_level
from bot.cases.evidence import missing
from bot.cases.refusals import Refusal
from handlers.case_take import with_owner
from handlers.context import Context, Handler, Request
from handlers.guards import open_case, works_at_level_of
from handlers.hand_over import give_card, notes_of
from handlers.parsing import one_line

LONGEST_REASON = 500


async def run(context: Context, request: Request) -> str:
    """Raise the case to the next level and hand it over there."""
    case = open_case(request.case)
    if case.level is Level.ASSESSMENT:
        raise Refusal("top_level", case=case)
    works_at_level_of(context.actor, case, command="escalate")
    override = request.flags.get("override", "")
    lacking = missing(case, context.rules.policy)
    if override and Role.SPECIALIST not in context.actor.roles | _as_specialist(context):
        raise Refusal("not_allowed", command="escalate --override", needed=needed_for("ack"))
    if lacking and not override:
        raise Refusal(
            "missing_evidence",
            case=case,
            missing=lacking,
            may_override=context.actor.may("ack"),
        )
    reason = ""
    if request.text:
        reason = one_line(request.text, what="reason", longest=LONGEST_REASON)
    if override:
        override = one_line(override, what="override", longest=LONGEST_REASON)
    raised = await context.save(_raise(case, context))
    why = reason or (f"override: {override}" if override else "")
    await context.note(
        raised,
        TimelineKind.ESCALATED,
        f"level {int(case.level)} to {int(raised.level)}" + (f": {why}" if why else ""),
        by=context.actor.person,
        internal=True,
    )
    await _hand_over(context, raised, reason=reason, override=override)
    return context.write("escalate", case=raised, lacking=lacking)


def _as_specialist(context: Context) -> frozenset[Role]:
    return frozenset({Role.SPECIALIST}) if Role.ADMIN in context.actor.roles else frozenset()


def _raise(case: Case, context: Context) -> Case:
    owned = case
    if case.owners.at(case.level) is None:
        owned = replace(case, owners=with_owner(case, context.actor.person))
    return at_level(owned, Level(case.level + 1), context.now, by=context.actor.person)


async def _hand_over(context: Context, case: Case, *, reason: str, override: str) -> None:
    key = f"hand-over/{context.message.id}"
    card = await context.say(
        "staff/hand_over",
        context.room_of(case.level),
        key=key,
        case=case,
        about=f"hand-over to level {int(case.level)}",
        by=context.actor.person,
        reason=reason,
        override=override,
        missing=missing(case, context.rules.policy),
        notes=len(await notes_of(context, case)),
    )
    changed = await context.save(replace(case, threads=(*case.threads, card)))
    owner = changed.owners.at(changed.level)
    if owner is not None and owner.id != context.actor.person.id:
        # They had it before, and have it again.
        await give_card(context, changed, owner, key=key)


HANDLER = Handler(
    verb="escalate",
    usage='escalate <id> [reason] [--override "why"]',
    summary="raise a case one level",
    example="escalate 42 Reproduced on 7.1.0",
    run=run,
    top=True,
    flags=("override",),
)
