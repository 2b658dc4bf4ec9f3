"""Which Jira issues have to be looked at: those some case follows, or may come back to."""

from bot.cases.case import IssueLink
from storage.base import Transaction


async def let_go(tx: Transaction, link: IssueLink) -> None:
    """Stop looking at what a case followed, and came from, unless another case needs it."""
    if link.id is None:
        return
    others = await tx.list_cases_by_issue(link.id)
    if not others:
        await tx.drop_issue(link.id)
    needed = {issue_id for other in others if other.issue for issue_id in other.issue.via}
    for issue_id in link.via:
        if issue_id not in needed and not await tx.list_cases_by_issue(issue_id):
            await tx.drop_issue(issue_id)
