"""The people and projects of a site, and what they share."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import count
from random import Random
from typing import Any
from uuid import UUID

from sandbox.jira import catalog
from sandbox.jira.events import Event, Listener
from sandbox.jira.fields import Field, FieldRegistry
from sandbox.jira.model import (
    CATEGORIES,
    Account,
    Component,
    Deployment,
    IssueType,
    LinkType,
    Project,
    Status,
    Version,
)
from sandbox.jira.permissions import Permissions
from sandbox.jira.switches import Switches
from sandbox.jira.times import to_millisecond
from sandbox.jira.workflows import (
    DEFAULT_STATUSES,
    StatusSpec,
    build_transitions,
    guess_category,
)

# Three hours from UTC and not where any site is by default, so that confusing the two shows.
DEFAULT_USER_ZONE = "Africa/Nairobi"
_FIRST_IDS = {"history": 10100, "number": 1}


class Directory:
    """Accounts, projects with their workflows, and the catalogues they choose from.

    Attributes:
        zone: of instants in answers; the searcher's own is used for reading queries.
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
        self.deployment: Deployment = deployment
        self.zone = zone
        self.switches = switches
        self.accounts: list[Account] = []
        self.projects: list[Project] = []
        self.statuses: list[Status] = []
        self.issue_types: list[IssueType] = []
        self.priorities = catalog.PRIORITIES
        self.resolutions = list(catalog.RESOLUTIONS)
        self.link_types: list[LinkType] = list(catalog.LINK_TYPES)
        self.fields = FieldRegistry(cloud=deployment == "cloud")
        self.permissions = Permissions()
        self.random = Random(seed)
        self._clock = now
        self._counters: defaultdict[str, count[int]] = defaultdict(lambda: count(10000))
        for kind, first in _FIRST_IDS.items():
            self._counters[kind] = count(first)
        self._listeners: list[Listener] = []

    # -- what everything here builds on ------------------------------------------------

    def now(self) -> datetime:
        """Return the site's time, in UTC, to the millisecond."""
        return to_millisecond(self._clock())

    def next_id(self, kind: str) -> int:
        """Return a number not given out before for this kind of thing."""
        return next(self._counters[kind])

    def subscribe(self, listener: Listener) -> None:
        """Call `listener` with everything that happens from now on."""
        self._listeners.append(listener)

    def announce(self, event: Event) -> None:
        """Tell the listeners."""
        for listener in self._listeners:
            listener(event)

    # -- people ------------------------------------------------------------------------

    def add_account(
        self,
        name: str,
        *,
        email: str | None = None,
        display_name: str | None = None,
        time_zone: str = DEFAULT_USER_ZONE,
        password: str | None = None,
        api_token: str | None = None,
        personal_token: str | None = None,
        admin: bool = False,
        locale: str = "en_US",
        scoped: bool = False,
    ) -> Account:
        """Add a person.

        Args:
            name: the login name on Data Center.
            email: with `api_token`, the credentials on Cloud.
            display_name: `name` in title case if left out.
            time_zone: in which their queries are read.
            password: for Basic authentication on Data Center.
            api_token: Cloud.
            personal_token: Bearer, Data Center.
            admin: may administer the site.
            locale: of the person.
            scoped: the token is good at the gateway only (Cloud).
        """
        uuid = UUID(int=self.random.getrandbits(128), version=4)
        account = Account(
            account_id=f"712020:{uuid}",
            name=name,
            key=f"JIRAUSER{self.next_id('account')}",
            email=email or f"{name}@example.org",
            display_name=display_name or name.replace(".", " ").title(),
            time_zone=time_zone,
            password=password,
            api_token=api_token,
            personal_token=personal_token,
            admin=admin,
            locale=locale,
            scoped=scoped,
        )
        self.accounts.append(account)
        return account

    def account(self, who: Account | str | None) -> Account | None:
        """Return a person by object, name, e-mail address, key or account id."""
        if who is None or isinstance(who, Account):
            return who
        for account in self.accounts:
            if who in {account.name, account.email, account.key, account.account_id}:
                return account
        raise LookupError(f"no account {who!r}")

    def revoke_tokens(self, who: Account | str) -> None:
        """Make the tokens of a person worthless, as an administrator would."""
        if account := self.account(who):
            account.api_token = account.personal_token = None

    def reset_failed_logins(self, who: Account | str) -> None:
        """Lift the CAPTCHA after wrong passwords."""
        if account := self.account(who):
            account.failed_logins = 0

    def deny(
        self, who: Account | str, permission: str, project: Project | str | None = None
    ) -> None:
        """Take a permission such as `BROWSE_PROJECTS` away."""
        if account := self.account(who):
            self.permissions.deny(account, permission, self.project(project) if project else None)

    def allow(
        self, who: Account | str, permission: str, project: Project | str | None = None
    ) -> None:
        """Give a permission back."""
        if account := self.account(who):
            self.permissions.allow(account, permission, self.project(project) if project else None)

    # -- projects ----------------------------------------------------------------------

    def add_project(
        self,
        key: str,
        name: str,
        *,
        statuses: Sequence[StatusSpec] = DEFAULT_STATUSES,
        issue_types: Sequence[str] = ("Bug", "Task", "Story"),
        arrows: Mapping[str, Sequence[str]] | None = None,
        transition_names: Mapping[str, str] | None = None,
        versions: Iterable[str] = (),
        components: Iterable[str] = (),
        lead: Account | None = None,
        team_managed: bool = False,
        clears_resolution: bool = True,
    ) -> Project:
        """Add a project with its workflow; a new issue gets the first status.

        Args:
            key: capital letters and digits.
            name: shown to people.
            statuses: names, or pairs of name and category key (`new`, `indeterminate`,
                `done`, `undefined`).
            issue_types: names; shared with other projects.
            arrows: target statuses by source status; by default all lead to all.
            transition_names: by target status, where they differ from it.
            versions: names.
            components: names.
            lead: whoever leads it.
            team_managed: has statuses of its own, as team-managed projects on Cloud do.
            clears_resolution: leaving a done status empties the resolution.
        """
        identifier = str(self.next_id("project"))
        scope = identifier if team_managed else None
        own = tuple(self._status(spec, scope) for spec in statuses)
        project = Project(
            id=identifier,
            key=key,
            name=name,
            lead=lead,
            issue_types=tuple(self._issue_type(type_name) for type_name in issue_types),
            statuses=own,
            transitions=build_transitions(own, arrows=arrows, names=transition_names or {}),
            team_managed=team_managed,
            clears_resolution=clears_resolution,
        )
        self.projects.append(project)
        for version in versions:
            self.add_version(project, version)
        for component in components:
            project.components.append(Component(id=str(self.next_id("component")), name=component))
        return project

    def _status(self, spec: StatusSpec, scope: str | None) -> Status:
        name, category = spec if isinstance(spec, tuple) else (spec, guess_category(spec).key)
        for status in self.statuses:
            if status.name == name and status.project_id == scope:
                return status
        known = None if scope else catalog.BUILT_IN_STATUS_IDS.get(name.casefold())
        status = Status(
            id=known or str(self.next_id("status")),
            name=name,
            category=CATEGORIES[category],
            project_id=scope,
        )
        self.statuses.append(status)
        return status

    def _issue_type(self, name: str) -> IssueType:
        for issue_type in self.issue_types:
            if issue_type.name == name:
                return issue_type
        issue_type = IssueType(
            id=str(self.next_id("issue type")), name=name, subtask=name == "Sub-task"
        )
        self.issue_types.append(issue_type)
        return issue_type

    def add_version(self, project: Project | str, name: str, **values: Any) -> Version:  # noqa: ANN401 - attributes of Version
        """Add a version to a project."""
        owner = self.project(project)
        version = Version(id=str(self.next_id("version")), name=name, project_id=owner.id, **values)
        owner.versions.append(version)
        self.announce(Event(name="jira:version_created", at=self.now(), version=version))
        return version

    def add_field(
        self,
        name: str,
        kind: str = "string",
        *,
        required: bool = False,
        allowed: Sequence[str] = (),
        projects: Iterable[Project | str] = (),
    ) -> Field:
        """Add a custom field.

        Args:
            name: shown to people.
            kind: string, text, number, date, datetime, option, options, user or labels.
            required: must be filled in when an issue is created.
            allowed: the options of an option field.
            projects: where it is used; everywhere if empty.
        """
        return self.fields.add_custom(
            self.next_id("custom field"),
            name,
            kind,
            required=required,
            allowed=tuple(allowed),
            project_ids=frozenset(self.project(p).id for p in projects),
        )

    def project(self, project: Project | str) -> Project:
        """Return a project by object, key or id."""
        found = project if isinstance(project, Project) else self.find_project(project)
        if found is None:
            raise LookupError(f"no project {project!r}")
        return found

    def find_project(self, key_or_id: str) -> Project | None:
        """Return the project with that key (in any case) or id, or None."""
        for project in self.projects:
            if project.id == key_or_id or project.key == key_or_id.upper():
                return project
        return None

    def visible_projects(self, account: Account | None) -> list[Project]:
        """Return the projects somebody may browse, by key."""
        seen = [p for p in self.projects if self.permissions.has(account, "BROWSE_PROJECTS", p)]
        return sorted(seen, key=lambda project: project.key)


def find_status(project: Project, status: Status | str) -> Status:
    """Return a status of a project's workflow by object, name or id."""
    for candidate in project.statuses:
        if candidate is status or status in {candidate.name, candidate.id}:
            return candidate
    raise LookupError(f"no status {status!r} in project {project.key}")
