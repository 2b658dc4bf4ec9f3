"""How a change of a field is written down in an issue's history."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from sandbox.jira.model import Account, ChangeItem, Issue, RichText


class _Shape(NamedTuple):
    """Name in the history, field id, and how a value becomes id and text."""

    field: str
    field_id: str
    write: Callable[[Any], tuple[str | None, str | None]]


def _text(value: Any) -> tuple[None, str | None]:  # noqa: ANN401 - any value of a field
    return None, None if value is None else str(value)


def _rich(value: RichText | None) -> tuple[None, str | None]:
    return None, value.text if value else None


def _named(value: Any) -> tuple[str | None, str | None]:  # noqa: ANN401 - anything with id and name
    return (None, None) if value is None else (value.id, value.name)


def _labels(value: Sequence[str]) -> tuple[str, str]:
    return "", " ".join(value)


def _day(value: date | None) -> tuple[str | None, str | None]:
    return (None, None) if value is None else (value.isoformat(), f"{value.isoformat()} 00:00:00.0")


_SHAPES: Mapping[str, _Shape] = {
    "summary": _Shape("summary", "summary", _text),
    "description": _Shape("description", "description", _rich),
    "environment": _Shape("environment", "environment", _rich),
    "issue_type": _Shape("issuetype", "issuetype", _named),
    "priority": _Shape("priority", "priority", _named),
    "resolution": _Shape("resolution", "resolution", _named),
    "status": _Shape("status", "status", _named),
    "labels": _Shape("labels", "labels", _labels),
    "due": _Shape("duedate", "duedate", _day),
    "project": _Shape("project", "project", _named),
    "key": _Shape("Key", "issuekey", _text),
}
_LISTS: Mapping[str, tuple[str, str]] = {
    "fix_versions": ("Fix Version", "fixVersions"),
    "versions": ("Version", "versions"),
    "components": ("Component", "components"),
}
_PEOPLE = frozenset({"assignee", "reporter"})


def describe(
    issue: Issue,
    attribute: str,
    value: Any,  # noqa: ANN401 - any value of a field
    *,
    cloud: bool,
    field_names: Mapping[str, str],
) -> list[ChangeItem]:
    """Return the history items for giving an attribute a new value; none if it is the same.

    Args:
        issue: before the change.
        attribute: of `Issue`; `custom` takes a mapping of the custom fields that change.
        value: the new one.
        cloud: whether people are written by account id.
        field_names: of custom fields, by id.
    """
    if attribute == "custom":
        return _custom(issue, value, field_names)
    old = getattr(issue, attribute)
    if old == value:
        return []
    if attribute in _LISTS:
        return _list(attribute, old, value)
    if attribute in _PEOPLE:
        write = _account_by_id if cloud else _account_by_key
        shape = _Shape(attribute, attribute, write)
    else:
        shape = _SHAPES[attribute]
    from_id, from_text = shape.write(old)
    to_id, to_text = shape.write(value)
    return [
        ChangeItem(
            field=shape.field,
            field_id=shape.field_id,
            from_id=from_id,
            from_text=from_text,
            to_id=to_id,
            to_text=to_text,
        )
    ]


def _account_by_id(account: Account | None) -> tuple[str | None, str | None]:
    return (account.account_id, account.display_name) if account else (None, None)


def _account_by_key(account: Account | None) -> tuple[str | None, str | None]:
    return (account.key, account.display_name) if account else (None, None)


def _list(attribute: str, old: Sequence[Any], new: Sequence[Any]) -> list[ChangeItem]:
    name, field_id = _LISTS[attribute]
    removed = [
        ChangeItem(field=name, field_id=field_id, from_id=thing.id, from_text=thing.name)
        for thing in old
        if thing not in new
    ]
    added = [
        ChangeItem(field=name, field_id=field_id, to_id=thing.id, to_text=thing.name)
        for thing in new
        if thing not in old
    ]
    return removed + added


def _custom(
    issue: Issue, values: Mapping[str, Any], field_names: Mapping[str, str]
) -> list[ChangeItem]:
    return [
        ChangeItem(
            field=field_names.get(identifier, identifier),
            field_id=identifier,
            from_text=None
            if issue.custom.get(identifier) is None
            else _show(issue.custom[identifier]),
            to_text=None if value is None else _show(value),
            custom=True,
        )
        for identifier, value in values.items()
        if issue.custom.get(identifier) != value
    ]


def _show(value: Any) -> str:  # noqa: ANN401 - any custom value
    if isinstance(value, RichText):
        return value.text
    if isinstance(value, Account):
        return value.display_name
    if isinstance(value, list | tuple):
        return ", ".join(_show(item) for item in value)
    return str(value)
