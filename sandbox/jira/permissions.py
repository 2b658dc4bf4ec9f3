"""Who may do what: everything is allowed to a signed-in person unless it was denied."""

from sandbox.jira.catalog import ADMIN_PERMISSIONS
from sandbox.jira.model import Account, Issue, Project


class Permissions:
    """Denials, and issues hidden by a security level."""

    def __init__(self) -> None:
        self._denied: set[tuple[str, str, str | None]] = set()
        self._hidden: dict[int, frozenset[str] | None] = {}

    def deny(self, account: Account, permission: str, project: Project | None = None) -> None:
        """Take a permission away, in one project or everywhere."""
        self._denied.add((account.account_id, permission, project.id if project else None))

    def allow(self, account: Account, permission: str, project: Project | None = None) -> None:
        """Give a denied permission back."""
        self._denied.discard((account.account_id, permission, project.id if project else None))

    def hide(self, issue: Issue, accounts: frozenset[str] | None) -> None:
        """Hide an issue from these account ids, or from everybody (None)."""
        self._hidden[issue.id] = accounts

    def show(self, issue: Issue) -> None:
        """Undo `hide`."""
        self._hidden.pop(issue.id, None)

    def has(self, account: Account | None, permission: str, project: Project | None = None) -> bool:
        """Tell whether somebody has a permission; without a project, in general."""
        if account is None or not account.active:
            return False
        if permission in ADMIN_PERMISSIONS and not account.admin:
            return False
        places = {None, project.id if project else None}
        return not any((account.account_id, permission, place) in self._denied for place in places)

    def is_hidden(self, account: Account | None, issue: Issue) -> bool:
        """Tell whether a security level keeps an issue from somebody."""
        if issue.id not in self._hidden:
            return False
        accounts = self._hidden[issue.id]
        return account is None or accounts is None or account.account_id in accounts
