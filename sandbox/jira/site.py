"""A Jira site in memory, to be filled and changed from the same process."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Any, Protocol, TypeVar

from sandbox.jira import catalog, files, issues
from sandbox.jira.directory import Directory, find_status
from sandbox.jira.events import Event
from sandbox.jira.index import SearchIndex
from sandbox.jira.model import (
    Account,
    Comment,
    Deployment,
    History,
    Issue,
    IssueLink,
    IssueType,
    Project,
    RichText,
    Status,
    Version,
    Visibility,
)
from sandbox.jira.numbers import whole_number
from sandbox.jira.switches import Switches
from sandbox.jira.times import local_date, to_millisecond
from sandbox.jira.webhook_store import Webhook


class _Named(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...


Thing = TypeVar("Thing", bound=_Named)


def _named(things: Iterable[Thing], name: str) -> Thing:
    for thing in things:
        if name in {thing.name, thing.id}:
            return thing
    raise LookupError(f"there is no {name!r}")


class Site(Directory):
    """Everything a Jira site knows; the REST API and the tests work on the same object.

    What is done here happens at once, without authentication, and reaches searches,
    histories and webhooks like what is done over HTTP.

    Attributes:
        issues: by id, the deleted ones left out.
    """

    def __init__(
        self,
        *,
        deployment: Deployment,
        zone: str,
        now: Callable[[], datetime],
        switches: Switches,
        seed: int | None = None,
    ) -> None:
        super().__init__(deployment=deployment, zone=zone, now=now, switches=switches, seed=seed)
        self.issues: dict[int, Issue] = {}
        self.webhooks: list[Webhook] = []
        self.index = SearchIndex(now=self.now, lag=lambda: switches.index_lag)
        self.sessions: dict[str, Account] = {}
        self._old_keys: dict[str, int] = {}

    # -- finding issues ----------------------------------------------------------------

    def find_by_id(self, issue_id: int) -> Issue | None:
        """Return an issue by its immutable id, or None."""
        return self.issues.get(issue_id)

    def find_by_key(self, key: str) -> Issue | None:
        """Return an issue by its key of today or of earlier, in any case, or None."""
        return self.issues.get(self._old_keys.get(key.upper(), -1))

    def find(self, id_or_key: str) -> Issue | None:
        """Return an issue by what a client calls it: id, or any key it ever had."""
        number = whole_number(id_or_key)
        return self.find_by_key(id_or_key) if number is None else self.find_by_id(number)

    def issue(self, issue: Issue | str | int) -> Issue:
        """Return an issue by object, id or key."""
        if isinstance(issue, Issue):
            return issue
        found = self.find(str(issue))
        if found is None:
            raise LookupError(f"no issue {issue!r}")
        return found

    def can_see(self, account: Account | None, issue: Issue) -> bool:
        """Tell whether somebody may see an issue."""
        return self.permissions.has(
            account, "BROWSE_PROJECTS", issue.project
        ) and not self.permissions.is_hidden(account, issue)

    # -- changing issues ---------------------------------------------------------------

    def create_issue(
        self,
        project: Project | str,
        summary: str,
        *,
        issue_type: IssueType | str | None = None,
        labels: Iterable[str] = (),
        status: Status | str | None = None,
        description: RichText | str | None = None,
        by: Account | str | None = None,
        at: datetime | None = None,
        **values: Any,  # noqa: ANN401 - attributes of Issue
    ) -> Issue:
        """Create an issue and return it; the object goes on showing the current state.

        Args:
            project: where.
            summary: one line.
            issue_type: the project's first if left out.
            labels: without spaces.
            status: the workflow's first if left out.
            description: plain text or both forms.
            by: creator and, unless given, reporter.
            at: when; now if left out.
            values: further attributes of `Issue`, such as `priority` or `assignee`.
        """
        owner = self.project(project)
        kind = _named(owner.issue_types, issue_type) if isinstance(issue_type, str) else issue_type
        number = owner.last_number = owner.last_number + 1
        moment = to_millisecond(at) if at else self.now()
        creator = self.account(by)
        values.setdefault("reporter", creator)
        values.setdefault("priority", catalog.DEFAULT_PRIORITY)
        text = RichText(text=description) if isinstance(description, str) else description
        issue = Issue(
            id=self.next_id("issue"),
            number=number,
            project=owner,
            key=f"{owner.key}-{number}",
            issue_type=kind or owner.issue_types[0],
            summary=summary,
            status=owner.statuses[0] if status is None else find_status(owner, status),
            created=moment,
            updated=moment,
            category_changed=moment,
            creator=creator,
            labels=tuple(labels),
            description=text,
            **values,
        )
        self.issues[issue.id] = issue
        self._old_keys[issue.key] = issue.id
        self.index.put(issue)
        self.announce(
            Event(
                name="jira:issue_created",
                type_name="issue_created",
                at=moment,
                user=creator,
                issue=issue,
                history=issues.creation_entry(self, issue),
            )
        )
        return issue

    def edit(
        self,
        issue: Issue | str | int,
        *,
        by: Account | str | None = None,
        at: datetime | None = None,
        **values: Any,  # noqa: ANN401 - attributes of Issue
    ) -> History | None:
        """Change attributes of an issue in one history entry; None if nothing changed."""
        return issues.save(self, self.issue(issue), values, by=self.account(by), at=at)

    def transition(
        self,
        issue: Issue | str | int,
        status: Status | str,
        *,
        resolution: str | None = None,
        by: Account | str | None = None,
        at: datetime | None = None,
    ) -> History | None:
        """Give an issue another status of its workflow.

        Args:
            issue: which.
            status: the new one.
            resolution: to set with it, by name; stays empty otherwise, as in a workflow
                that does not ask.
            by: whoever did it.
            at: when; now if left out.

        Returns:
            The history entry; None if the status is the same.
        """
        found = self.issue(issue)
        chosen = None if resolution is None else _named(self.resolutions, resolution)
        target = find_status(found.project, status)
        return issues.transition(self, found, target, resolution=chosen, by=self.account(by), at=at)

    def set_fix_versions(
        self,
        issue: Issue | str | int,
        names: Iterable[str],
        **how: Any,  # noqa: ANN401 - by, at
    ) -> History | None:
        """Name the versions an issue is solved in; those not known yet are added."""
        found = self.issue(issue)
        known = {version.name: version for version in found.project.versions}
        versions = tuple(known.get(name) or self.add_version(found.project, name) for name in names)
        return self.edit(found, fix_versions=versions, **how)

    def release(self, project: Project | str, version: str, *, on: date | None = None) -> Version:
        """Release a version; the issues in it are not touched."""
        found = _named(self.project(project).versions, version)
        found.released = True
        found.release_date = on or local_date(self.now(), self.zone)
        self.announce(Event(name="jira:version_released", at=self.now(), version=found))
        return found

    def move(
        self,
        issue: Issue | str | int,
        project: Project | str,
        *,
        by: Account | str | None = None,
        at: datetime | None = None,
    ) -> History | None:
        """Move an issue: the id stays, the key changes, the old key goes on working."""
        found = self.issue(issue)
        history = issues.move(self, found, self.project(project), by=self.account(by), at=at)
        self._old_keys[found.key] = found.id
        return history

    def delete(self, issue: Issue | str | int, *, by: Account | str | None = None) -> None:
        """Delete an issue for good."""
        found = self.issue(issue)
        del self.issues[found.id]
        self.index.remove(found.id)
        self.announce(
            Event(name="jira:issue_deleted", at=self.now(), user=self.account(by), issue=found)
        )

    def remove_project(self, project: Project | str) -> None:
        """Delete a project with its issues; listeners are told of neither."""
        gone = self.project(project)
        for issue in [i for i in self.issues.values() if i.project is gone]:
            del self.issues[issue.id]
            self.index.remove(issue.id)
        self.projects.remove(gone)

    def hide(self, issue: Issue | str | int, *, from_: Iterable[Account] | None = None) -> None:
        """Put an issue behind a security level: from some people, or from everybody."""
        ids = None if from_ is None else frozenset(a.account_id for a in from_)
        self.permissions.hide(self.issue(issue), ids)

    def show(self, issue: Issue | str | int) -> None:
        """Undo `hide`."""
        self.permissions.show(self.issue(issue))

    def link(
        self,
        source: Issue | str | int,
        kind: str,
        target: Issue | str | int,
        *,
        by: Account | str | None = None,
    ) -> IssueLink:
        """Relate two issues, as `A`, `Duplicate`, `B` for: A duplicates B."""
        chosen = _named(self.link_types, kind)
        ends = self.issue(source), self.issue(target)
        return files.link(self, chosen, *ends, by=self.account(by))

    def unlink(self, relation: IssueLink, *, by: Account | str | None = None) -> None:
        """Undo a relation."""
        files.unlink(self, relation, by=self.account(by))

    def comment(
        self,
        issue: Issue | str | int,
        text: str | RichText,
        *,
        by: Account | str | None = None,
        at: datetime | None = None,
        visibility: Visibility | None = None,
        properties: Mapping[str, Any] | None = None,
    ) -> Comment:
        """Add a comment."""
        body = RichText(text=text) if isinstance(text, str) else text
        return issues.comment(
            self,
            self.issue(issue),
            body,
            by=self.account(by),
            at=at,
            visibility=visibility,
            properties=properties or {},
        )

    def add_webhook(
        self,
        url: str,
        secret: str | None = None,
        *,
        events: Iterable[str] = ("jira:issue_created", "jira:issue_updated", "jira:issue_deleted"),
        jql: str = "",
        name: str = "webhook",
    ) -> Webhook:
        """Register an administrator's webhook."""
        webhook = Webhook(
            id=self.next_id("number"),
            name=name,
            url=url,
            secret=secret,
            events=tuple(events),
            jql=jql,
            updated=self.now(),
        )
        self.webhooks.append(webhook)
        return webhook
