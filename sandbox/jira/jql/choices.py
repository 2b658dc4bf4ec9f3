"""Fields whose values are chosen from a set: status, project, assignee, labels and so on."""

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import Any

from sandbox.jira.groups import GROUPS
from sandbox.jira.jql.context import Context, operands, written
from sandbox.jira.jql.plan import Bounds, Node, nothing
from sandbox.jira.jql.syntax import Clause, Empty, Function, Operand, Value
from sandbox.jira.model import CATEGORIES, Account, Issue, StatusCategory, Version

Found = Iterable[Hashable]
EQUALITY = frozenset({"=", "!=", "in", "not in", "is", "is not"})
ORDER = frozenset({">", ">=", "<", "<="})
HISTORY = frozenset({"was", "was not", "was in", "was not in", "changed"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """How to search a field of this sort.

    Attributes:
        held: the values an issue has, as hashable objects.
        find: what a word in a query stands for; nothing when it does not exist.
        rank: orders values, where the field can be compared.
        history_id: the field's id in history entries, where history can be searched.
    """

    held: Callable[[Issue], tuple[Any, ...]]
    find: Callable[[Context, str], Found]
    rank: Callable[[Any], Any] | None = None
    history_id: str | None = None
    empty_word: str | None = None
    any_value: bool = False


def _named(things: Iterable[Any], text: str) -> list[Any]:
    folded = text.casefold()
    return [thing for thing in things if thing.id == text or thing.name.casefold() == folded]


def _projects(context: Context, text: str) -> Found:
    folded = text.casefold()
    return [
        p
        for p in context.projects()
        if folded in {p.key.casefold(), p.name.casefold()} or p.id == text
    ]


def _versions(context: Context, text: str) -> Found:
    projects = context.projects()
    return _named((v for p in projects for v in p.versions), text)


def _components(context: Context, text: str) -> Found:
    projects = context.projects()
    return _named((c for p in projects for c in p.components), text)


def find_accounts(context: Context, text: str) -> list[Account]:
    """Return the accounts a word in a query means."""
    site, folded = context.site, text.casefold()
    if site.deployment == "cloud":
        return [
            a
            for a in site.accounts
            if folded in {a.account_id.casefold(), a.email.casefold(), a.display_name.casefold()}
        ]
    return [a for a in site.accounts if folded in {a.name.casefold(), a.key.casefold()}]


def _categories(_: Context, text: str) -> Found:
    folded = text.casefold()
    return [
        c
        for c in CATEGORIES.values()
        if folded in {c.key, c.name.casefold(), str(c.id)} and c.key != "undefined"
    ]


def _category_of(issue: Issue) -> tuple[StatusCategory, ...]:
    # A status without a category matches neither `=` nor `!=`, as measured on Data Center.
    category = issue.status.category
    return () if category.key == "undefined" else (category,)


def _release_order(version: Version) -> int:
    return int(version.id)


def _one(value: Any) -> tuple[Any, ...]:  # noqa: ANN401 - any value of a field
    return () if value is None else (value,)


CHOICES = {
    "project": Choice(held=lambda i: (i.project,), find=_projects),
    "status": Choice(
        held=lambda i: (i.status,),
        find=lambda c, t: _named(c.site.statuses, t),
        history_id="status",
    ),
    "statuscategory": Choice(held=_category_of, find=_categories),
    "resolution": Choice(
        held=lambda i: _one(i.resolution),
        find=lambda c, t: _named(c.site.resolutions, t),
        history_id="resolution",
        empty_word="unresolved",
    ),
    "priority": Choice(
        held=lambda i: _one(i.priority),
        find=lambda c, t: _named(c.site.priorities, t),
        rank=lambda p: -p.rank,
        history_id="priority",
    ),
    "issuetype": Choice(
        held=lambda i: (i.issue_type,), find=lambda c, t: _named(c.site.issue_types, t)
    ),
    "fixversion": Choice(
        held=lambda i: i.fix_versions,
        find=_versions,
        rank=_release_order,
        history_id="fixVersions",
    ),
    "affectedversion": Choice(held=lambda i: i.versions, find=_versions, rank=_release_order),
    "component": Choice(held=lambda i: i.components, find=_components),
    "labels": Choice(
        held=lambda i: tuple(label.casefold() for label in i.labels),
        find=lambda _, t: (t.casefold(),),
    ),
    "assignee": Choice(held=lambda i: _one(i.assignee), find=find_accounts, history_id="assignee"),
    "reporter": Choice(held=lambda i: _one(i.reporter), find=find_accounts, history_id="reporter"),
    "creator": Choice(held=lambda i: _one(i.creator), find=find_accounts),
    "watcher": Choice(held=lambda i: i.watchers, find=find_accounts),
    "voter": Choice(held=lambda i: i.voters, find=find_accounts),
}

_USER_FIELDS = frozenset({"assignee", "reporter", "creator", "watcher", "voter"})
_VERSION_FIELDS = frozenset({"fixversion", "affectedversion"})


def resolve(context: Context, clause: Clause, choice: Choice, operand: Operand) -> list[Any] | None:
    """Return the values an operand means; None stands for EMPTY; problems are noted."""
    if isinstance(operand, Empty):
        return None
    if isinstance(operand, Value):
        if choice.empty_word and operand.text.casefold() == choice.empty_word:
            return None
        found = list(choice.find(context, operand.text))
        if not found:
            context.problems.append(_absent(operand.text, clause.field, operand))
        return found
    if isinstance(operand, Function):
        return _call(context, clause, operand)
    context.problems.append(
        f"Operator '{clause.operator}' does not support the list value '{written(operand)}' for "
        f"field '{clause.field}'."
    )
    return []


def _absent(text: str, field: str, operand: Value) -> str:
    if operand.number is not None:
        return f"A value with ID '{text}' does not exist for the field '{field}'."
    return f"The value '{text}' does not exist for the field '{field}'."


def _call(context: Context, clause: Clause, call: Function) -> list[Any]:
    name, field = call.name.lower(), clause.field.lower()
    if name == "currentuser" and field in _USER_FIELDS:
        return [context.user] if context.user else []
    if name == "membersof" and field in _USER_FIELDS and len(call.arguments) == 1:
        return _members(context, call)
    if name in {"releasedversions", "unreleasedversions"} and field in _VERSION_FIELDS:
        projects = context.projects()
        if call.arguments:
            wanted = {argument.casefold() for argument in call.arguments}
            projects = [p for p in projects if {p.key.casefold(), p.name.casefold()} & wanted]
        released = name == "releasedversions"
        return [v for p in projects for v in p.versions if v.released is released]
    if name in {"standardissuetypes", "subtaskissuetypes"} and field in {"issuetype", "type"}:
        return [t for t in context.site.issue_types if t.subtask is (name[0:3] == "sub")]
    context.problems.append(
        f"Unable to find JQL function '{call.name}({', '.join(call.arguments)})'."
    )
    return []


def _members(context: Context, call: Function) -> list[Account]:
    wanted = call.arguments[0].casefold()
    for group in GROUPS:
        if group.name == wanted:
            return [account for account in context.site.accounts if group.holds(account)]
    context.problems.append(
        f"Function 'membersOf' can not generate a list of usernames for group "
        f"'{call.arguments[0]}'; the group does not exist."
    )
    return []


def build(context: Context, clause: Clause, name: str) -> Node:
    """Make a clause on one of these fields ready."""
    choice = CHOICES[name]
    operator = clause.operator
    if operator in {"is", "is not"}:
        return _presence(context, clause, choice)
    if operator in ORDER and choice.rank is not None:
        return _comparison(context, clause, choice)
    if operator not in EQUALITY:
        context.problems.append(
            f"The operator '{operator}' is not supported by the '{clause.field}' field."
        )
        return Node(nothing)
    return _membership(context, clause, name, choice)


def _presence(context: Context, clause: Clause, choice: Choice) -> Node:
    held = choice.held
    if resolve(context, clause, choice, clause.operand or Empty()) is not None:
        context.problems.append(
            f"The operator '{clause.operator}' is not supported by the value "
            f"'{written(clause.operand)}' for the field '{clause.field}'."
        )
        return Node(nothing)
    if clause.operator == "is":
        return Node(lambda issue: not held(issue))
    return Node(lambda issue: bool(held(issue)))


def _membership(context: Context, clause: Clause, name: str, choice: Choice) -> Node:
    listing = clause.operator in {"in", "not in"}
    if listing and isinstance(clause.operand, Value | Empty):
        context.problems.append(
            f"Operator '{clause.operator}' does not support the non-list value "
            f"'{written(clause.operand)}' for field '{clause.field}'."
        )
        return Node(nothing)
    wanted: set[Any] = set()
    with_empty = False
    for operand in operands(clause.operand) if listing else (clause.operand or Empty(),):
        values = resolve(context, clause, choice, operand)
        with_empty = with_empty or values is None
        wanted.update(values or ())
    held = choice.held
    if clause.operator in {"=", "in"}:
        bounds = () if with_empty else _bounds(name, wanted)
        return Node(
            lambda issue: (
                any(value in wanted for value in own) if (own := held(issue)) else with_empty
            ),
            bounds,
        )
    # Negation leaves out empty values silently, which surprises everybody once.
    return Node(lambda issue: bool(own := held(issue)) and not any(v in wanted for v in own))


def _bounds(name: str, wanted: set[Any]) -> tuple[Bounds, ...]:
    if name == "project":
        return (Bounds(project_ids=frozenset(p.id for p in wanted)),)
    if name == "labels":
        return (Bounds(labels=frozenset(wanted)),)
    return ()


def _comparison(context: Context, clause: Clause, choice: Choice) -> Node:
    values = resolve(context, clause, choice, clause.operand or Empty())
    rank, held, operator = choice.rank, choice.held, clause.operator
    if not values or rank is None:
        return Node(nothing)
    edge = rank(values[0])

    def test(issue: Issue) -> bool:
        return any(compare(operator, rank(value), edge) for value in held(issue))

    return Node(test)


def compare(operator: str, left: Any, right: Any) -> bool:  # noqa: ANN401 - any ordered values
    """Compare two ordered values by a query's operator."""
    if operator == ">":
        return bool(left > right)
    if operator == ">=":
        return bool(left >= right)
    if operator == "<":
        return bool(left < right)
    return bool(left <= right)
