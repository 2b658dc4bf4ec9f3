"""Performs what is owed to Jira: an issue to create, once, or one to look up."""

import hashlib
from dataclasses import dataclass, replace
from datetime import timedelta

from bot.cases.case import Case, CaseId, IssueId, Level
from bot.cases.effects import CreateIssue, Delivery, FollowOriginal, LinkIssue
from bot.cases.evidence import listed
from bot.cases.policy import Policy
from bot.clock import Clock
from bot.duplicates import original_of
from bot.errors import Rejected, Retryable
from bot.jira.changes import ChangeReader
from bot.jira.client import JiraClient
from bot.jira.documents import Block, Document, Heading, Paragraph, Preformatted
from bot.jira.records import IssueChanges
from storage.base import Store

# A search right after a create proves nothing: the index lags by seconds, by minutes after bulk
# changes (Jira Cloud docs, "Search and Reconcile").
INDEX_LAG = timedelta(minutes=3)
_LOOK_AGAIN = timedelta(seconds=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueOutcome:
    """The issue a case follows from now on."""

    id: IssueId
    key: str
    url: str
    project: str
    reading: IssueChanges | None = None
    """What was read of an issue that existed before; None for one we created."""
    passed: tuple["IssueOutcome", ...] = ()
    """The duplicates on the way to it, each of the next."""


class IssuePerformer:
    """Creates and looks up issues.

    Args:
        project: the key of the project in which issues are created.
        issue_type: its name.
        installation: what makes the label of a case's issue unique.
        policy: names the checklist; the usual one if None.
    """

    def __init__(
        self,
        *,
        client: JiraClient,
        reader: ChangeReader,
        store: Store,
        clock: Clock,
        project: str,
        issue_type: str,
        installation: str,
        policy: Policy | None = None,
    ) -> None:
        self._client = client
        self._reader = reader
        self._store = store
        self._clock = clock
        self._project = project
        self._issue_type = issue_type
        self._installation = installation
        self._policy = policy or Policy()

    async def perform(self, delivery: Delivery) -> IssueOutcome | None:
        """Create or look up; see `bot.delivery.dispatcher.Performer`."""
        effect = delivery.owed.effect
        if isinstance(effect, CreateIssue):
            return await self._create(effect.case_id, delivery)
        if isinstance(effect, LinkIssue):
            return await self._look_up(effect.issue_key)
        if isinstance(effect, FollowOriginal):
            return await self._find_original(effect)
        raise TypeError(f"not for Jira: {effect.kind}")

    def label(self, case_id: CaseId, key: str) -> str:
        """Return the label that marks the issue of one request, whatever became of the answer.

        Of one request and not of the case: after an unlink, the issue that was given up must not
        be taken for the one that was asked for next.
        """
        request = hashlib.sha256(key.encode()).hexdigest()[:8]
        return f"casebot-{self._installation}-{request}-{case_id}"

    async def _create(self, case_id: CaseId, delivery: Delivery) -> IssueOutcome:
        label = self.label(case_id, delivery.owed.key)
        if delivery.doubtful and (found := await self._find(label, delivery)):
            return found
        async with self._store.transaction(durable=False) as tx:
            case = await tx.find_case(case_id)
        if case is None:
            raise Rejected(f"CASE-{case_id} no longer exists")
        created = await self._client.create_issue(
            project=self._project,
            issue_type=self._issue_type,
            summary=case.title,
            description=describe(case, self._policy),
            labels=(label,),
        )
        return IssueOutcome(
            id=IssueId(created.id), key=created.key, url=created.url, project=self._project
        )

    async def _find(self, label: str, delivery: Delivery) -> IssueOutcome | None:
        try:
            found = await self._client.find_issues_by_label(self._project, label)
        except Rejected as fault:
            # Failing here would let somebody confirm again while the issue may exist.
            raise Retryable(
                f"Jira may have created the issue, and refuses to be searched for it: {fault}"
            ) from fault
        if found:
            issue = found[0]
            return IssueOutcome(
                id=IssueId(issue.id), key=issue.key, url=issue.url, project=issue.project_key
            )
        since = delivery.doubtful_since or self._clock.now()
        if self._clock.now() - since < INDEX_LAG:
            # Not `OutcomeUnknown`: this look did nothing, so the doubt keeps its age.
            raise Retryable(
                "Jira may have created the issue; its search does not show it yet",
                retry_after=_LOOK_AGAIN,
            )
        return None

    async def _find_original(self, effect: FollowOriginal) -> IssueOutcome:
        """Return the issue at the end of a chain of duplicates."""
        passed: list[IssueOutcome] = []
        next_id: str = effect.original_id
        while next_id not in {effect.issue_id, *(one.id for one in passed)}:
            found = await self._look_up(next_id)
            original = original_of(found.reading.issue) if found.reading else None
            if original is None:
                return replace(found, passed=tuple(passed))
            passed.append(found)
            next_id = original.id
        raise Rejected(f"{effect.issue_key} and {effect.original_key} are duplicates of each other")

    async def _look_up(self, issue_key: str) -> IssueOutcome:
        issue = await self._client.get_issue(issue_key)
        batch = await self._reader.read_issues([issue.id])
        if not batch.changes:
            raise Retryable(f"Jira did not show the history of {issue_key}")
        reading = batch.changes[0]
        return IssueOutcome(
            id=IssueId(issue.id),
            key=reading.issue.key,
            url=reading.issue.url,
            project=reading.issue.project_key,
            reading=reading,
        )


def describe(case: Case, policy: Policy) -> Document:
    """Return what R&D needs to know of a case; the customer's words are never markup."""
    facts = [
        f"Case: {case.name}",
        f"Severity: {case.severity}" if case.severity else "",
        f"Product: {case.product}" if case.product else "",
        f"Confirmed by: {_name(case, Level.ASSESSMENT)}",
    ]
    blocks: list[Block] = [Paragraph("\n".join(fact for fact in facts if fact))]
    for item, meaning, given in listed(case, policy):
        blocks.append(Heading(f"{item.capitalize()} ({meaning})" if meaning else item.capitalize()))
        blocks.append(Preformatted(given.text) if "\n" in given.text else Paragraph(given.text))
    return Document(tuple(blocks))


def _name(case: Case, level: Level) -> str:
    owner = case.owners.at(level)
    return (owner.name or owner.username) if owner else "nobody"
