"""Workflows: which statuses a project has and how they follow each other."""

from collections.abc import Mapping, Sequence

from sandbox.jira.catalog import DONE_NAMES, NEW_NAMES
from sandbox.jira.model import CATEGORIES, Status, StatusCategory, WorkflowTransition

StatusSpec = str | tuple[str, str]
DEFAULT_STATUSES: Sequence[StatusSpec] = (
    ("To Do", "new"),
    ("In Progress", "indeterminate"),
    ("Done", "done"),
)


def guess_category(name: str) -> StatusCategory:
    """Return the category a status of that name usually has."""
    folded = name.casefold()
    if folded in DONE_NAMES:
        return CATEGORIES["done"]
    return CATEGORIES["new" if folded in NEW_NAMES else "indeterminate"]


def build_transitions(
    statuses: Sequence[Status],
    *,
    arrows: Mapping[str, Sequence[str]] | None,
    names: Mapping[str, str],
) -> tuple[WorkflowTransition, ...]:
    """Return the transitions of a workflow, with ids 11, 21, 31 and so on.

    Args:
        statuses: of the project, in order.
        arrows: target names by source name; None lets every status lead to every other.
        names: what the transition to a status is called, where not like the status.
    """
    by_name = {status.name: status for status in statuses}
    pairs: list[tuple[Status | None, Status]] = (
        [(None, status) for status in statuses]
        if arrows is None
        else [(by_name[a], by_name[b]) for a, targets in arrows.items() for b in targets]
    )
    return tuple(
        WorkflowTransition(
            id=str(number * 10 + 1),
            name=names.get(target.name, target.name),
            source=source,
            target=target,
            has_screen=target.category.key == "done",
        )
        for number, (source, target) in enumerate(pairs, start=1)
    )
