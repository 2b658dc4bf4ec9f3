"""Turns a query that has been read into one that can be run."""

from collections.abc import Callable
from datetime import datetime, time
from typing import Any

from sandbox.jira.jql import choices, histories, keys, texts
from sandbox.jira.jql.context import Context, to_second
from sandbox.jira.jql.plan import Bounds, Node, SortKey, nothing
from sandbox.jira.jql.syntax import And, Clause, Condition, Empty, Not, Or, Sort
from sandbox.jira.model import Issue
from sandbox.jira.times import zone

_ALIASES = {
    "type": "issuetype",
    "issuekey": "key",
    "issue": "key",
    "createddate": "created",
    "updateddate": "updated",
    "resolutiondate": "resolved",
    "duedate": "due",
    "label": "labels",
}
_DATES: dict[str, Callable[[Issue], datetime | None]] = {
    "created": lambda issue: issue.created,
    "updated": lambda issue: issue.updated,
    "resolved": lambda issue: issue.resolved,
    "statuscategorychangeddate": lambda issue: issue.category_changed,
}
_DATE_OPERATORS = frozenset({"=", "!=", ">", ">=", "<", "<="})


def _canonical(name: str) -> str:
    folded = name.casefold()
    return _ALIASES.get(folded, folded)


def compile_condition(context: Context, condition: Condition) -> Node:
    """Make a condition ready; what is wrong with it is noted in the context."""
    if isinstance(condition, Clause):
        return _clause(context, condition)
    if isinstance(condition, Not):
        test = compile_condition(context, condition.inner).test
        return Node(lambda issue: not test(issue))
    nodes = [compile_condition(context, part) for part in condition.parts]
    tests = [node.test for node in nodes]
    if isinstance(condition, And):
        bounds = tuple(bound for node in nodes for bound in node.bounds)
        return Node(lambda issue: all(test(issue) for test in tests), bounds)
    assert isinstance(condition, Or)  # noqa: S101 - the only kind left, said for the checker
    return Node(lambda issue: any(test(issue) for test in tests))


def _clause(context: Context, clause: Clause) -> Node:  # noqa: PLR0911 - one per kind of field
    name = _canonical(clause.field)
    if clause.operator.startswith(("was", "changed")):
        return histories.build(context, clause, name)
    if name in choices.CHOICES:
        return choices.build(context, clause, name)
    if name in {"key", "id"}:
        return keys.build(context, clause)
    if name in texts.TEXTS:
        return texts.build(context, clause, texts.TEXTS[name])
    if name in _DATES:
        return _date(context, clause, name)
    if name == "due":
        return _due(context, clause)
    if name == "attachments":
        wanted = clause.operator == "is not"
        return Node(lambda issue: bool(issue.attachments) is wanted)
    return _custom(context, clause)


def _custom(context: Context, clause: Clause) -> Node:
    field = context.site.fields.by_clause(clause.field)
    if field is None:
        context.problems.append(
            f"Field '{clause.field}' does not exist or you do not have permission to view it."
        )
        return Node(nothing)
    identifier = field.id
    operator = "~" if clause.operator == "=" else "!~" if clause.operator == "!=" else None

    def words(issue: Issue) -> tuple[str, ...]:
        value = issue.custom.get(identifier)
        return () if value is None else (_plain(value),)

    return texts.build(
        context, Clause(clause.field, operator or clause.operator, clause.operand), words
    )


def _plain(value: Any) -> str:  # noqa: ANN401 - any custom value
    if isinstance(value, dict):
        return str(value.get("value") or value.get("name") or "")
    if isinstance(value, list | tuple):
        return " ".join(_plain(item) for item in value)
    return str(value)


def _date(context: Context, clause: Clause, name: str) -> Node:
    read, operator = _DATES[name], clause.operator
    if operator in {"is", "is not"} and isinstance(clause.operand, Empty):
        absent = operator == "is"
        return Node(lambda issue: (read(issue) is None) is absent)
    if operator not in _DATE_OPERATORS or clause.operand is None:
        context.problems.append(
            f"The operator '{operator}' is not supported by the '{clause.field}' field."
        )
        return Node(nothing)
    edge = context.date(clause.operand, clause.field)
    if edge is None:
        return Node(nothing)
    bounds = (
        (Bounds(updated_from=edge),) if name == "updated" and operator in {">", ">=", "="} else ()
    )
    if operator in {"=", "!="}:
        equal = operator == "="
        return Node(
            lambda issue: (
                (value := read(issue)) is not None and (to_second(value) == edge) is equal
            ),
            bounds,
        )
    return Node(
        lambda issue: (
            (value := read(issue)) is not None and choices.compare(operator, to_second(value), edge)
        ),
        bounds,
    )


def _due(context: Context, clause: Clause) -> Node:
    operator = clause.operator
    if operator in {"is", "is not"}:
        absent = operator == "is"
        return Node(lambda issue: (issue.due is None) is absent)
    edge = context.date(clause.operand, clause.field) if clause.operand else None
    if edge is None or operator not in _DATE_OPERATORS:
        return Node(nothing)
    day = edge.astimezone(zone(context.zone_name)).date()
    if operator in {"=", "!="}:
        equal = operator == "="
        return Node(lambda issue: issue.due is not None and (issue.due == day) is equal)
    return Node(lambda issue: issue.due is not None and choices.compare(operator, issue.due, day))


_SORTS: dict[str, Callable[[Issue], Any]] = {
    "key": lambda i: (i.project.key, i.number),
    "id": lambda i: i.id,
    "created": lambda i: i.created,
    "updated": lambda i: i.updated,
    "resolved": lambda i: i.resolved,
    "statuscategorychangeddate": lambda i: i.category_changed,
    "summary": lambda i: i.summary.casefold(),
    "project": lambda i: i.project.name.casefold(),
    "status": lambda i: int(i.status.id),
    "statuscategory": lambda i: i.status.category.id,
    "resolution": lambda i: i.resolution and i.resolution.name,
    "priority": lambda i: i.priority and -i.priority.rank,
    "issuetype": lambda i: i.issue_type.name,
    "assignee": lambda i: i.assignee and i.assignee.display_name.casefold(),
    "reporter": lambda i: i.reporter and i.reporter.display_name.casefold(),
    "creator": lambda i: i.creator and i.creator.display_name.casefold(),
    "due": lambda i: i.due and datetime.combine(i.due, time()),
    "fixversion": lambda i: min((int(v.id) for v in i.fix_versions), default=None),
    "environment": lambda i: i.environment and i.environment.text.casefold(),
    "description": lambda i: i.description and i.description.text.casefold(),
}
_DESCENDING_BY_DEFAULT = frozenset({"created", "updated", "resolved", "priority"})


def compile_order(context: Context, sorts: tuple[Sort, ...]) -> list[SortKey]:
    """Make an order ready; without one, newest keys come first."""
    ready: list[SortKey] = []
    for sort in sorts:
        name = _canonical(sort.field)
        key = _SORTS.get(name) or _custom_sort(context, sort)
        if key is None:
            continue
        descending = name in _DESCENDING_BY_DEFAULT if sort.descending is None else sort.descending
        ready.append(SortKey(key, descending))
    return ready or [SortKey(_SORTS["id"], descending=True)]


def _custom_sort(context: Context, sort: Sort) -> Callable[[Issue], Any] | None:
    name = _canonical(sort.field)
    field = context.site.fields.by_clause(sort.field)
    if field is not None and field.custom:
        identifier = field.id
        return lambda issue: _plain(issue.custom.get(identifier) or "") or None
    if name in choices.CHOICES or name in texts.TEXTS:
        context.problems.append(f"Not able to sort using field '{sort.field}'.")
    else:
        context.problems.append(
            f"Field '{sort.field}' does not exist or you do not have permission to view it."
        )
    return None
