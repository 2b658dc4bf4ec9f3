"""Who searches, when and where, and what turned out to be wrong with the query."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from sandbox.jira.jql import dates
from sandbox.jira.jql.syntax import Function, Operand, Value, Values
from sandbox.jira.model import Account, Issue, Project
from sandbox.jira.site import Site


@dataclass(kw_only=True, slots=True)
class Context:
    """Collects every problem of a query instead of stopping at the first.

    Attributes:
        unrestricted: the site itself searches, and sees everything.
        problems: sentences as Data Center answers them.
    """

    site: Site
    user: Account | None
    now: datetime
    unrestricted: bool = False
    problems: list[str] = field(default_factory=list)

    @property
    def zone_name(self) -> str:
        """The zone date literals are read in: the searcher's, not the site's."""
        return self.user.time_zone if self.user else self.site.zone

    def sees(self, issue: Issue) -> bool:
        """Tell whether the searcher may see an issue."""
        return self.unrestricted or self.site.can_see(self.user, issue)

    def projects(self) -> list[Project]:
        """Return the projects the searcher may browse."""
        return self.site.projects if self.unrestricted else self.site.visible_projects(self.user)

    def date(self, operand: Operand, field_name: str) -> datetime | None:
        """Return the instant an operand means; note a problem and return None otherwise."""
        if isinstance(operand, Value):
            found = dates.literal(operand, now=self.now, zone_name=self.zone_name)
            if found is None:
                self.problems.append(
                    f"Date value '{operand.text}' for field '{field_name}' is invalid. Valid "
                    "formats include: 'yyyy/MM/dd HH:mm', 'yyyy-MM-dd HH:mm', 'yyyy/MM/dd', "
                    "'yyyy-MM-dd', or a period format e.g. '-5d', '4w 2d'."
                )
                return None
            return to_second(found)
        if isinstance(operand, Function):
            result = dates.function(operand, now=self.now, zone_name=self.zone_name)
            if isinstance(result, str):
                self.problems.append(result)
                return None
            return to_second(result)
        return None


def to_second(instant: datetime) -> datetime:
    """Cut to the second, which is as fine as the index is; also a safe common zone."""
    return instant.astimezone(UTC).replace(microsecond=0)


def operands(operand: Operand | None) -> tuple[Operand, ...]:
    """Return the members of a list, or the operand alone."""
    if operand is None:
        return ()
    return operand.items if isinstance(operand, Values) else (operand,)


def written(operand: Operand | None) -> str:
    """Return an operand the way a complaint quotes it."""
    if isinstance(operand, Value):
        return f'"{operand.text}"'
    if isinstance(operand, Function):
        return f"{operand.name}({', '.join(operand.arguments)})"
    if isinstance(operand, Values):
        return "(" + ", ".join(written(item) for item in operand.items) + ")"
    return "EMPTY"
