"""What a store should answer, kept in plain dictionaries: slow, short and obviously right."""

import copy
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from bot.cases.case import Case, CaseId, IssueId, Level, MessageId, TimelineEntry, TrackedIssue
from bot.cases.dialogue import Dialogue
from bot.cases.effects import Delivery, DeliveryId, DeliveryState, Owed
from bot.cases.profile import Profile
from bot.cases.query import CaseQuery, CaseTitle
from storage.base import LEASE

NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass
class Model:
    """The state of a store. Ids are 0 until the store has told."""

    cases: dict[int, Case] = field(default_factory=dict)
    timelines: dict[int, list[TimelineEntry]] = field(default_factory=dict)
    inbox: dict[str, datetime] = field(default_factory=dict)
    deliveries: list[Delivery] = field(default_factory=list)
    claims: dict[str, datetime] = field(default_factory=dict)
    """By key, until when."""
    issues: dict[str, TrackedIssue] = field(default_factory=dict)
    marks: dict[str, str] = field(default_factory=dict)
    times: dict[str, datetime] = field(default_factory=dict)
    profiles: dict[str, Profile] = field(default_factory=dict)
    dialogues: dict[str, Dialogue] = field(default_factory=dict)

    def copy(self) -> "Model":
        """Return a copy that may be thrown away."""
        return copy.deepcopy(self)

    def find_case_by_thread(self, message_id: MessageId) -> Case | None:
        """Return the newest case with that thread."""
        found = [case for case in self.cases.values() if message_id in case.threads]
        return max(found, key=lambda case: case.id, default=None)

    def list_cases_by_issue(self, issue_id: IssueId) -> list[Case]:
        """Return the cases that follow the issue."""
        found = [c for c in self.cases.values() if c.issue is not None and c.issue.id == issue_id]
        return sorted(found, key=lambda case: case.id)

    def list_cases(self, query: CaseQuery) -> list[Case]:
        """Return all that match."""
        found = [case for case in self.cases.values() if _matches(case, query)]
        return sorted(found, key=lambda case: -case.id)

    def list_titles(self, query: CaseQuery) -> list[CaseTitle]:
        """Return what all that match are about."""
        return [
            CaseTitle(case.id, case.title.casefold(), case.product.casefold())
            for case in self.list_cases(query)
        ]

    def take_message(self, message_id: MessageId, at: datetime) -> bool:
        """Record it once."""
        return self.inbox.setdefault(message_id, at) is at

    def forget_messages(self, before: datetime) -> int:
        """Drop what is older."""
        kept = {message_id: at for message_id, at in self.inbox.items() if at >= before}
        gone = len(self.inbox) - len(kept)
        self.inbox = kept
        return gone

    def owe(self, owed: Owed, at: datetime) -> bool:
        """Write it down once."""
        if any(delivery.owed.key == owed.key for delivery in self.deliveries):
            return False
        delivery = Delivery(id=DeliveryId(0), owed=owed, owed_at=at)
        if owed.skipped:
            delivery = replace(
                delivery, state=DeliveryState.SKIPPED, detail=owed.skipped, finished_at=at
            )
        self.deliveries.append(delivery)
        return True

    def pending(self) -> list[Delivery]:
        """Return what is unfinished."""
        return [d for d in self.deliveries if d.state is DeliveryState.PENDING]

    def free_heads(self, now: datetime) -> list[Delivery]:
        """Return the first of each lane, where nobody holds it."""
        heads: dict[str, Delivery] = {}
        for delivery in self.pending():
            heads.setdefault(delivery.lane, delivery)
        return [h for h in heads.values() if self.claims.get(h.owed.key, now) <= now]

    def claim_due(self, now: datetime, limit: int) -> list[Delivery]:
        """Take what may be sent."""
        due = [h for h in self.free_heads(now) if h.not_before is None or h.not_before <= now]
        for delivery in due[:limit]:
            self.claims[delivery.owed.key] = now + LEASE
        return due[:limit]

    def learn_id(self, claimed: Delivery) -> None:
        """Take over the id that the store has given."""
        for place, known in enumerate(self.deliveries):
            if known.owed.key == claimed.owed.key:
                self.deliveries[place] = replace(known, id=claimed.id)

    def is_pending(self, delivery: Delivery) -> bool:
        """Tell whether this very delivery, not a later one with its key, is unfinished."""
        return any(known.id == delivery.id for known in self.pending())

    def save(self, delivery: Delivery, *, keep_claim: bool = False) -> None:
        """Replace it, if it is pending."""
        if not self.is_pending(delivery):
            return
        if not keep_claim:
            self.claims.pop(delivery.owed.key, None)
        dropped = delivery.state is DeliveryState.SENT and delivery.owed.case_id is None
        place = [known.id for known in self.deliveries].index(delivery.id)
        self.deliveries[place : place + 1] = [] if dropped else [delivery]

    def list_digests(self, before: datetime) -> list[Profile]:
        """Return whose digest is wanted and due."""
        wanted = [
            (one.digest_at, one.person.id, one) for one in self.profiles.values() if one.digest
        ]
        due = [(at, user, one) for at, user, one in wanted if at is not None and at <= before]
        return [one for _, _, one in sorted(due, key=lambda row: row[:2])]

    def forget_dialogues(self, before: datetime) -> int:
        """Drop what is to be forgotten."""
        kept = {key: one for key, one in self.dialogues.items() if one.until >= before}
        gone = len(self.dialogues) - len(kept)
        self.dialogues = kept
        return gone

    def ledger(self, case_id: CaseId) -> list[Delivery]:
        """Return what belongs to the case."""
        return [delivery for delivery in self.deliveries if delivery.owed.case_id == case_id]


def without_ids(deliveries: Sequence[Delivery]) -> list[Delivery]:
    """Return them comparable: which ids a store gives is its own affair."""
    return [replace(delivery, id=DeliveryId(0)) for delivery in deliveries]


def _matches(case: Case, query: CaseQuery) -> bool:
    owner = case.owners.at(case.level)
    alert_open = case.alert is not None and case.alert.is_open
    texts = (case.title.casefold(), case.name.casefold())
    return all(
        (
            query.customer in {None, case.customer.id},
            query.owner is None or (owner is not None and owner.id == query.owner),
            query.level in {None, case.level},
            query.state in {None, case.state},
            query.alert_open in {None, alert_open},
            all(any(word.casefold() in text for text in texts) for word in query.words),
            _matches_work(case, query),
        )
    )


def _matches_work(case: Case, query: CaseQuery) -> bool:
    owners = [case.owners.at(level) for level in Level]
    return all(
        (
            query.owned_by is None or query.owned_by in [one.id for one in owners if one],
            not query.unowned or case.owners.at(case.level) is None,
            query.severity.casefold() in {"", case.severity.casefold()},
            query.product.casefold() in {"", case.product.casefold()},
            query.milestone in {None, case.progress.milestone},
            query.with_issue in {None, case.issue is not None},
            query.waiting in {None, case.question is not None},
            query.ids is None or case.id in query.ids,
            query.below is None or case.id < query.below,
            query.above is None or case.id > query.above,
            query.due_before is None
            or (case.due_at is not None and case.due_at <= query.due_before),
        )
    )
