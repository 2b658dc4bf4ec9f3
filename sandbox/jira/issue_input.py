"""Reads the fields of a request to create, edit or transition an issue, and refuses bad ones."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sandbox.jira import adf
from sandbox.jira.call import Call
from sandbox.jira.errors import ApiError
from sandbox.jira.field_values import (
    NOT_A_STRING,
    FieldError,
    read_day,
    read_labels,
    read_named,
    read_number,
    read_option,
    read_options,
    read_reference,
    read_string,
    read_summary,
    read_written_day,
    read_written_instant,
)
from sandbox.jira.fields import Field
from sandbox.jira.model import Account, Issue, Project, RichText

MAX_TEXT = 32_767
NOT_ON_SCREEN = "Field '{0}' cannot be set. It is not on the appropriate screen, or unknown."
NOT_A_DOCUMENT = "Operation value must be an Atlassian Document (see the Atlassian Document Format)"

_ATTRIBUTES = {"issuetype": "issue_type", "fixVersions": "fix_versions", "duedate": "due"}


@dataclass(slots=True)
class Input:
    """What was read: attributes of `Issue`, and comments to add."""

    values: dict[str, Any] = field(default_factory=dict)
    comments: list[RichText] = field(default_factory=list)


class Reader:
    """Reads the `fields` and `update` of one request.

    Problems are collected by field, so that the answer names all of them.
    """

    def __init__(
        self,
        call: Call,
        project: Project,
        *,
        issue: Issue | None = None,
        screen: frozenset[str] | None = None,
    ) -> None:
        """Prepare to read.

        Args:
            call: the request.
            project: whose fields apply.
            issue: being changed; None when it is being created.
            screen: ids that may be set, when not those of the ordinary screens.
        """
        self._call = call
        self._project = project
        self._issue = issue
        self._screen = screen
        self.errors: dict[str, str] = {}

    def read(self, fields: object, update: object) -> Input:
        """Return what a request asks for; see `errors` for what is wrong with it."""
        result = Input()
        if not isinstance(fields, dict) or not isinstance(update, dict):
            raise ApiError(400, "Can not deserialize instance of java.util.LinkedHashMap")
        for name, value in fields.items():
            if name in update:
                self.errors[name] = f"Field '{name}' cannot appear in both 'fields' and 'update'"
            self._attempt(name, lambda n=name, v=value: self._set(result, n, v))  # type: ignore[misc]
        for name, operations in update.items():
            self._attempt(name, lambda n=name, o=operations: self._update(result, n, o))  # type: ignore[misc]
        return result

    def refuse(self) -> None:
        """Raise what was collected, if anything was.

        Raises:
            ApiError: 400 with one sentence per field.
        """
        if self.errors:
            raise ApiError(400, errors=self.errors)

    def _attempt(self, name: str, act: Callable[[], None]) -> None:
        try:
            act()
        except FieldError as error:
            self.errors[name] = str(error)

    def _field(self, name: str) -> Field:
        found = self._call.site.fields.find(name)
        allowed = found is not None and (
            found.on_screen if self._screen is None else name in self._screen
        )
        if found is None or not allowed or not found.used_in(self._project.id):
            raise FieldError(NOT_ON_SCREEN.format(name))
        return found

    def _set(self, result: Input, name: str, value: object) -> None:
        if name == "project" and self._issue is None:
            return
        found = self._field(name)
        self._store(result, found, self._parse(found, value))

    def _store(self, result: Input, found: Field, value: object) -> None:
        if found.custom:
            result.values.setdefault("custom", {})[found.id] = value
        else:
            result.values[_ATTRIBUTES.get(found.id, found.id)] = value

    def _update(self, result: Input, name: str, operations: object) -> None:
        if not isinstance(operations, list):
            raise FieldError("data was not an array")
        for operation in operations:
            if not isinstance(operation, dict) or len(operation) != 1:
                raise FieldError("Operation must have exactly one verb")
            verb, value = next(iter(operation.items()))
            if name == "comment" and verb == "add":
                result.comments.append(self._comment(value))
            else:
                self._operate(result, self._field(name), verb, value)

    def _comment(self, value: object) -> RichText:
        body = value.get("body") if isinstance(value, dict) else None
        return read_comment_body(self._call, body)

    def _operate(self, result: Input, found: Field, verb: str, value: object) -> None:
        if verb not in (*found.operations, "set"):
            raise FieldError(f"Operation '{verb}' is not supported for field '{found.id}'")
        if verb == "set":
            self._store(result, found, self._parse(found, value))
            return
        current = self._current(result, found)
        items = self._parse(found, [value])
        kept = tuple(existing for existing in current if existing not in items)
        self._store(result, found, (*kept, *items) if verb == "add" else kept)

    def _current(self, result: Input, found: Field) -> Sequence[Any]:
        attribute = _ATTRIBUTES.get(found.id, found.id)
        if found.custom:
            custom = result.values.get("custom", {})
            old = self._issue.custom.get(found.id, ()) if self._issue else ()
            return custom.get(found.id, old) or ()
        if attribute in result.values:
            return result.values[attribute] or ()
        return getattr(self._issue, attribute) if self._issue else ()

    # -- one kind of value each --------------------------------------------------------

    def _parse(self, found: Field, value: object) -> Any:  # noqa: ANN401 - depends on the field
        if found.custom:
            return self._parse_custom(found, value)
        parsers: Mapping[str, Callable[[object], Any]] = {
            "summary": read_summary,
            "description": self._text,
            "environment": self._text,
            "priority": self._priority,
            "labels": read_labels,
            "assignee": self._person,
            "reporter": self._person,
            "fixVersions": self._versions,
            "versions": self._versions,
            "components": self._components,
            "duedate": read_day,
            "issuetype": self._issue_type,
            "resolution": self._resolution,
        }
        parser = parsers.get(found.id)
        if parser is None:
            raise FieldError(NOT_ON_SCREEN.format(found.id))
        return parser(value)

    def _parse_custom(self, found: Field, value: object) -> Any:  # noqa: ANN401 - depends on the field
        if value is None:
            return None
        parsers: Mapping[str, Callable[[object], Any]] = {
            "string": read_string,
            "text": self._text,
            "user": self._person,
            "labels": read_labels,
            "option": lambda v: read_option(found, v),
            "options": lambda v: read_options(found, v),
            "number": read_number,
            "date": read_written_day,
            "datetime": read_written_instant,
        }
        return parsers[found.kind](value)

    def _text(self, value: object) -> RichText | None:
        return _long_text(self._call, value)

    def _priority(self, value: object) -> Any:  # noqa: ANN401 - a Priority or None
        if value is None:
            return None
        by, text = read_reference(value)
        for priority in self._call.site.priorities:
            if (by == "id" and priority.id == text) or (by == "name" and priority.name == text):
                return priority
        raise FieldError(
            f"Priority name '{text}' is not valid" if by == "name" else
            f"Priority id '{text}' is not valid"
        )  # fmt: skip

    def _resolution(self, value: object) -> Any:  # noqa: ANN401 - a Resolution or None
        if value is None:
            return None
        by, text = read_reference(value)
        for resolution in self._call.site.resolutions:
            if text == (resolution.id if by == "id" else resolution.name):
                return resolution
        raise FieldError(f"Resolution {by} '{text}' is not valid")

    def _issue_type(self, value: object) -> Any:  # noqa: ANN401 - an IssueType
        by, text = read_reference(value)
        for kind in self._project.issue_types:
            if text == (kind.id if by == "id" else kind.name):
                return kind
        raise FieldError("Specify a valid issue type")

    def _person(self, value: object) -> Account | None:
        if value is None:
            return None
        site = self._call.site
        if isinstance(value, dict):
            keys = ("accountId", "id") if self._call.cloud else ("name", "key")
            text = next((str(value[key]) for key in keys if value.get(key) is not None), None)
            if text is None:
                return None
            for account in site.accounts:
                ids = {account.account_id} if self._call.cloud else {account.name, account.key}
                if text in ids and account.active:
                    return account
            raise FieldError(f"User '{text}' does not exist.")
        raise FieldError("data was not an object")

    def _versions(self, value: object) -> tuple[Any, ...]:
        return read_named(value, self._project.versions, "Version")

    def _components(self, value: object) -> tuple[Any, ...]:
        return read_named(value, self._project.components, "Component")


def _long_text(call: Call, value: object) -> RichText | None:
    if value is None:
        return None
    if call.cloud and call.version == "3":
        if not adf.is_document(value):
            raise FieldError(NOT_A_DOCUMENT)
    elif not isinstance(value, str):
        raise FieldError(NOT_A_STRING)
    text = adf.rich_text(value)  # type: ignore[arg-type]
    if text and len(text.text) > MAX_TEXT:
        raise FieldError(
            "The entered text is too long. It exceeds the allowed limit of 32,767 characters."
        )
    return text


def read_text(call: Call, value: object, name: str) -> RichText | None:
    """Return a long text that is no field of an issue.

    Raises:
        ApiError: 400 when it is too long, or not in the form this version takes.
    """
    try:
        return _long_text(call, value)
    except FieldError as error:
        raise ApiError(400, errors={name: str(error)}) from error


def read_comment_body(call: Call, body: object) -> RichText:
    """Return the body of a comment.

    Raises:
        ApiError: 400 when it is empty, or not in the form this version takes.
    """
    valid = adf.is_document(body) if call.cloud and call.version == "3" else isinstance(body, str)
    if body in (None, ""):
        raise ApiError(400, errors={"comment": "Comment body can not be empty!"})
    if not valid:
        raise ApiError(400, errors={"comment": "Comment body is not valid!"})
    text = adf.rich_text(body)  # type: ignore[arg-type]
    if text is None or not text.text.strip():
        raise ApiError(400, errors={"comment": "Comment body can not be empty!"})
    if len(text.text) > MAX_TEXT:
        raise ApiError(
            400,
            errors={
                "comment": "The entered text is too long. It exceeds the allowed limit of "
                "32,767 characters."
            },
        )
    return text
