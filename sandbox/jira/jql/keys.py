"""Searching by issue id and issue key, with the complaints of Data Center."""

import re
from collections.abc import Callable, Iterable

from sandbox.jira.jql.choices import compare
from sandbox.jira.jql.context import Context, operands, written
from sandbox.jira.jql.plan import Bounds, Node, nothing
from sandbox.jira.jql.syntax import Clause, Function, Operand, Value
from sandbox.jira.model import Issue
from sandbox.jira.numbers import whole_number

_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_]*-[1-9]\d*")


def _find(context: Context, clause: Clause, operand: Operand) -> Issue | None:
    """Return the visible issue an operand names; note a problem when there is none."""
    if not isinstance(operand, Value):
        context.problems.append(
            f"The operator '{clause.operator}' does not support the value '{written(operand)}' "
            f"for the field '{clause.field}'."
        )
        return None
    text = operand.text
    # The complaint names the field the way the query did (Jira.SDK, number 45).
    number = whole_number(text)
    if number is not None:
        issue = context.site.find_by_id(number)
    elif _KEY.fullmatch(text):
        issue = context.site.find_by_key(text)
    else:
        context.problems.append(f"The issue key '{text}' for field '{clause.field}' is invalid.")
        return None
    if issue is None or not context.sees(issue):
        context.problems.append(
            f"An issue with key '{text}' does not exist for field '{clause.field}'."
        )
        return None
    return issue


def _named(context: Context, clause: Clause, operand: Operand) -> Iterable[int]:
    """Return the ids of the issues an operand means: one issue, or what a function finds."""
    listing = clause.operator in {"in", "not in"}
    if listing and isinstance(operand, Function) and operand.name.lower() in _FUNCTIONS:
        return _FUNCTIONS[operand.name.lower()](context, operand)
    issue = _find(context, clause, operand)
    return () if issue is None else (issue.id,)


def _linked(context: Context, call: Function) -> Iterable[int]:
    issue = context.site.find(call.arguments[0]) if call.arguments else None
    if issue is None or not context.sees(issue):
        context.problems.append(
            f"Issue '{', '.join(call.arguments)}' could not be found in function 'linkedIssues'."
        )
        return ()
    phrases = {phrase.casefold() for phrase in call.arguments[1:]}
    return [
        link.target_id if link.source_id == issue.id else link.source_id
        for link in issue.links
        if not phrases
        or (link.type.outward if link.source_id == issue.id else link.type.inward) in phrases
    ]


def _watched(context: Context, _: Function) -> Iterable[int]:
    return [i.id for i in context.site.issues.values() if context.user in i.watchers]


def _voted(context: Context, _: Function) -> Iterable[int]:
    return [i.id for i in context.site.issues.values() if context.user in i.voters]


def _viewed(_: Context, __: Function) -> Iterable[int]:
    # What people look at is not kept.
    return ()


_FUNCTIONS = {
    "linkedissues": _linked,
    "watchedissues": _watched,
    "votedissues": _voted,
    "issuehistory": _viewed,
}


def build(context: Context, clause: Clause) -> Node:
    """Make a clause on `key`, `issue` or `id` ready."""
    operator = clause.operator
    if operator in {"=", "!=", "in", "not in"}:
        lists = (_named(context, clause, operand) for operand in operands(clause.operand))
        ids = frozenset(identifier for found in lists for identifier in found)
        if operator in {"=", "in"}:
            return Node(lambda issue: issue.id in ids, (Bounds(ids=ids),))
        return Node(lambda issue: issue.id not in ids)
    if operator in {">", ">=", "<", "<="} and clause.operand is not None:
        edge = _find(context, clause, clause.operand)
        return Node(nothing) if edge is None else Node(_range(context, clause, edge))
    context.problems.append(
        f"The operator '{operator}' is not supported by the '{clause.field}' field."
    )
    return Node(nothing)


def _range(context: Context, clause: Clause, edge: Issue) -> Callable[[Issue], bool]:
    operator = clause.operator
    written_key = clause.operand.text if isinstance(clause.operand, Value) else ""
    if clause.field.lower() == "id" or written_key.isdecimal():
        return lambda issue: compare(operator, issue.id, edge.id)
    if written_key.upper() != edge.key:
        context.problems.append(
            f"Operator '{operator}' cannot be applied to moved issue key '{written_key}'."
        )
        return nothing
    return lambda issue: (
        issue.project is edge.project and compare(operator, issue.number, edge.number)
    )
