"""A site to test with, whose clock stands until it is moved."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sandbox.jira import search
from sandbox.jira.jql.parser import parse
from sandbox.jira.model import Account, Deployment
from sandbox.jira.site import Site
from sandbox.jira.switches import Switches

NOON = datetime(2026, 11, 24, 12, 0, 30, tzinfo=UTC)
STATUSES = (
    ("Backlog", "new"),
    ("Ready", "new"),
    ("In Progress", "indeterminate"),
    ("Parked", "undefined"),
    ("Done", "done"),
)


class HandClock:
    """Tells the time it was set to."""

    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def move(self, **how: float) -> None:
        """Let time pass."""
        self.now += timedelta(**how)


class Practice:
    """A site with a project, its clock and a person who searches."""

    def __init__(self, deployment: Deployment = "cloud", **switches: Any) -> None:  # noqa: ANN401 - fields of Switches
        self.clock = HandClock()
        self.switches = Switches(**switches)
        self.site = Site(
            deployment=deployment,
            zone="America/Los_Angeles",
            now=self.clock,
            switches=self.switches,
            seed=1,
        )
        self.ann: Account = self.site.add_account("ann", time_zone="Africa/Nairobi")
        self.bob: Account = self.site.add_account("bob")
        self.site.add_project("BUG", "Product", statuses=STATUSES, versions=("1.0", "2.0"))

    def keys(self, jql: str, *, user: Account | None = None) -> list[str]:
        """Return the keys a search finds, which must name nothing that does not exist."""
        found = search.run(self.site, parse(jql), user=user or self.ann)
        assert found.problems == []
        return [issue.key for issue in found.issues]

    def problems(self, jql: str) -> list[str]:
        """Return what a search complains about."""
        return search.run(self.site, parse(jql), user=self.ann).problems
