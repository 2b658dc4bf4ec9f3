"""`/case forward <id> [all]`: what the customer wrote goes to the Jira issue, each thing once.

With an item of the checklist: that, as it is now, for what is given after the issue was made.
"""

from collections.abc import Iterable, Sequence

from bot.cases.case import Case, IssueId, IssueState, TimelineEntry, TimelineKind
from bot.cases.effects import CommentIssue, DeliveryState, Said
from bot.cases.refusals import Refusal
from handlers.context import Context, Handler, Request

_WRITTEN = frozenset({TimelineKind.ASKED, TimelineKind.REPLIED})
_ALL = "all"


async def run(context: Context, request: Request) -> str:
    """Owe a comment with the last answer, or with all that is not in Jira yet."""
    case = request.case
    issue_id = _issue_of(case)
    wanted = request.text.strip().casefold()
    chosen = await _chosen(context, case, wanted)
    known = await _forwarded(context, case, issue_id)
    new = tuple(one for one in chosen if one not in known)
    if not new:
        raise Refusal("forwarded_already", case=case, everything=bool(wanted))
    await context.owe(
        CommentIssue(case_id=case.id, issue_id=issue_id, said=new, announce=context.here),
        key=f"case/{case.id}/comment/{context.message.id}",
        case=case,
        about=f"comment on {case.issue.key}" if case.issue else "comment",
    )
    await context.note(
        case,
        TimelineKind.CHANGED,
        f"answers to Jira: {len(new)}",
        by=context.actor.person,
        internal=True,
    )
    return context.write("case_forward", case=case, count=len(new))


async def _chosen(context: Context, case: Case, wanted: str) -> Sequence[Said]:
    if wanted in case.evidence:
        given = case.evidence[wanted]
        return [Said(text=f"{wanted}: {given.text}", at=given.at, evidence=True)]
    if wanted not in {"", _ALL}:
        raise Refusal("unknown_choice", word=wanted[:40], choice=_ALL)
    said = _said(await context.tx.list_timeline(case.id))
    if not said:
        raise Refusal("nothing_said", case=case)
    return [one for run in (said if wanted else said[-1:]) for one in run]


def _issue_of(case: Case) -> IssueId:
    if case.issue is None:
        raise Refusal("no_issue", case=case)
    if case.issue.state is IssueState.REQUESTED or case.issue.id is None:
        raise Refusal("issue_on_its_way", case=case)
    return case.issue.id


def _said(entries: Iterable[TimelineEntry]) -> Sequence[Sequence[Said]]:
    """Return what the customer wrote, oldest first; what came without a word of ours together."""
    runs: list[list[Said]] = []
    question = ""
    begun = False
    for entry in entries:
        if entry.kind in _WRITTEN:
            question = entry.text if entry.kind is TimelineKind.ASKED else ""
            begun = False
        elif entry.kind is TimelineKind.HEARD:
            if not begun:
                runs.append([])
            runs[-1].append(Said(text=entry.text, at=entry.at, question="" if begun else question))
            begun = True
    return runs


async def _forwarded(context: Context, case: Case, issue_id: IssueId) -> set[Said]:
    return {
        said
        for delivery in await context.tx.list_deliveries(case.id)
        if delivery.state is not DeliveryState.FAILED
        and isinstance(effect := delivery.owed.effect, CommentIssue)
        and effect.issue_id == issue_id
        for said in effect.said
    }


HANDLER = Handler(
    verb="forward",
    usage="case forward <id> [all|<item>]",
    summary="put the customer's last answer into the Jira issue, or all of them",
    example="case forward 42",
    run=run,
)
