"""The groups every site has; who is in them follows from the accounts."""

from collections.abc import Callable
from dataclasses import dataclass

from sandbox.jira.model import Account


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    """A group of people; the id exists on Cloud only."""

    id: str
    name: str
    holds: Callable[[Account], bool]


GROUPS = (
    Group(
        id="5b1f7c0e-3c86-4d0a-9b52-6f0d2a7e1c31",
        name="jira-administrators",
        holds=lambda account: account.admin,
    ),
    Group(
        id="276f955c-63d7-42c8-9520-92d01dca0625",
        name="jira-software-users",
        holds=lambda _: True,
    ),
)
