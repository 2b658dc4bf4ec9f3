"""What the program does when something owed was carried out, or never will be."""

from bot.cases.effects import (
    AttachFile,
    CommentIssue,
    CreateIssue,
    Delivery,
    FollowOriginal,
    LinkIssue,
)
from bot.clock import Clock
from bot.delivery.issues import IssueOutcome
from bot.desk import Desk, Rules, Texts
from bot.metrics import Metrics
from bot.tracking import Tracker
from handlers.on_attachment import on_attached, on_attachment_refused
from handlers.on_duplicate import on_original_found, on_original_missing
from handlers.on_issue import (
    FoundIssue,
    on_comment_refused,
    on_issue_delayed,
    on_issue_ready,
    on_issue_refused,
)
from handlers.on_undelivered import on_undelivered
from handlers.on_withheld import on_withheld
from storage.base import Transaction


class CaseOutcomes:
    """Brings cases up to date; see `bot.delivery.dispatcher.Outcomes`."""

    def __init__(
        self, *, rules: Rules, texts: Texts, clock: Clock, tracker: Tracker, metrics: Metrics
    ) -> None:
        self._rules = rules
        self._texts = texts
        self._clock = clock
        self._tracker = tracker
        self._metrics = metrics

    async def on_done(self, tx: Transaction, delivery: Delivery, result: object) -> None:
        """Note what is at the issue, or let the case follow it, if that is what was owed."""
        self._metrics.sent.inc()
        effect, key = delivery.owed.effect, delivery.owed.key
        if isinstance(effect, AttachFile):
            await on_attached(self._desk(tx), effect, str(result))
        if not isinstance(result, IssueOutcome):
            return
        if isinstance(effect, FollowOriginal):
            passed = [_found(one) for one in result.passed]
            case = await on_original_found(
                self._desk(tx), effect, _found(result), passed=passed, key=key
            )
        elif isinstance(effect, CreateIssue | LinkIssue):
            case = await on_issue_ready(
                self._desk(tx),
                effect.case_id,
                _found(result),
                announce=effect.announce,
                linked=isinstance(effect, LinkIssue),
                key=key,
            )
        else:
            return
        if case is not None and result.reading is not None:
            await self._tracker.follow(tx, case, result.reading)

    async def on_failed(self, tx: Transaction, delivery: Delivery, detail: str) -> None:
        """Tell a person."""
        self._metrics.failed.inc()
        effect = delivery.owed.effect
        if isinstance(effect, CreateIssue | LinkIssue):
            await on_issue_refused(
                self._desk(tx),
                effect.case_id,
                detail,
                announce=effect.announce,
                linked=isinstance(effect, LinkIssue),
                key=delivery.owed.key,
            )
        elif isinstance(effect, AttachFile):
            await on_attachment_refused(self._desk(tx), effect, detail, key=delivery.owed.key)
        elif isinstance(effect, FollowOriginal):
            await on_original_missing(self._desk(tx), effect, detail, key=delivery.owed.key)
        elif isinstance(effect, CommentIssue):
            await on_comment_refused(
                self._desk(tx), effect.case_id, detail, announce=effect.announce,
                key=delivery.owed.key,
            )  # fmt: skip
        else:
            await on_undelivered(self._desk(tx), delivery, detail)

    async def on_skipped(self, tx: Transaction, delivery: Delivery, _: str) -> None:
        """Bring what somebody has to act on to others who may."""
        await on_withheld(self._desk(tx), delivery)

    async def on_delayed(self, tx: Transaction, delivery: Delivery) -> None:
        """Say that Jira is being waited for; the chat being away cannot be told in the chat."""
        effect = delivery.owed.effect
        if isinstance(effect, CreateIssue | LinkIssue):
            await on_issue_delayed(
                self._desk(tx), effect.case_id, announce=effect.announce, key=delivery.owed.key
            )

    def _desk(self, tx: Transaction) -> Desk:
        return Desk(tx=tx, now=self._clock.now(), rules=self._rules, texts=self._texts)


def _found(outcome: IssueOutcome) -> FoundIssue:
    return FoundIssue(id=outcome.id, key=outcome.key, url=outcome.url, project=outcome.project)
