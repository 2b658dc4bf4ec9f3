"""The fields of an issue: what they are called, what they hold, where they may be used."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

CUSTOM_TYPE = "com.atlassian.jira.plugin.system.customfieldtypes"


@dataclass(frozen=True, kw_only=True, slots=True)
class Field:
    """A system or custom field.

    Attributes:
        kind: how values are read: string, text, number, date, datetime, option, options,
            user, labels, or `system` for those the site knows by name.
        on_screen: may be set when creating or editing.
        required: must be set when creating, in `project_ids` or everywhere.
    """

    id: str
    name: str
    schema: Mapping[str, Any] | None = None
    kind: str = "system"
    navigable: bool = True
    orderable: bool = True
    searchable: bool = True
    clause_names: tuple[str, ...] = ()
    on_screen: bool = False
    required: bool = False
    has_default: bool = False
    operations: tuple[str, ...] = ("set",)
    allowed: tuple[str, ...] = ()
    project_ids: frozenset[str] = field(default_factory=frozenset)

    @property
    def custom(self) -> bool:
        """Whether an administrator added it."""
        return self.id.startswith("customfield_")

    def used_in(self, project_id: str) -> bool:
        """Tell whether the field belongs to a project."""
        return not self.project_ids or project_id in self.project_ids


def _system(
    identifier: str,
    name: str,
    kind: str | None,
    *clauses: str,
    items: str | None = None,
    **options: Any,  # noqa: ANN401 - passed on to the typed constructor
) -> Field:
    schema = None
    if kind is not None:
        schema = {"type": kind, "system": identifier} | ({"items": items} if items else {})
    return Field(id=identifier, name=name, schema=schema, clause_names=clauses, **options)


_ARRAY = ("add", "set", "remove")

SYSTEM_FIELDS = (
    _system(
        "summary", "Summary", "string", "summary", on_screen=True, required=True
    ),
    _system(
        "issuetype", "Issue Type", "issuetype", "issuetype", "type", on_screen=True, required=True,
        operations=(),
    ),
    _system(
        "project", "Project", "project", "project", on_screen=True, required=True, orderable=False
    ),
    _system(
        "description", "Description", "string", "description", on_screen=True
    ),
    _system("environment", "Environment", "string", "environment", on_screen=True),
    _system(
        "priority", "Priority", "priority", "priority", on_screen=True, has_default=True
    ),
    _system("labels", "Labels", "array", "labels", items="string", on_screen=True,
            operations=_ARRAY),
    _system("assignee", "Assignee", "user", "assignee", on_screen=True),
    _system("reporter", "Reporter", "user", "reporter", on_screen=True, has_default=True),
    _system("fixVersions", "Fix Version/s", "array", "fixVersion", items="version",
            on_screen=True, operations=_ARRAY),
    _system("versions", "Affects Version/s", "array", "affectedVersion", items="version",
            on_screen=True, operations=_ARRAY),
    _system("components", "Component/s", "array", "component", items="component",
            on_screen=True, operations=_ARRAY),
    _system("duedate", "Due date", "date", "due", "duedate", on_screen=True),
    _system("status", "Status", "status", "status", orderable=False),
    _system("statusCategory", "Status Category", "statusCategory", "statusCategory",
            orderable=False),
    _system("statuscategorychangedate", "Status Category Changed", "datetime",
            "statusCategoryChangedDate", orderable=False),
    _system("resolution", "Resolution", "resolution", "resolution"),
    _system("resolutiondate", "Resolved", "datetime", "resolutiondate", "resolved",
            orderable=False),
    _system("created", "Created", "datetime", "created", "createdDate", orderable=False),
    _system("updated", "Updated", "datetime", "updated", "updatedDate", orderable=False),
    _system("creator", "Creator", "user", "creator", orderable=False),
    _system("issuelinks", "Linked Issues", "array", items="issuelinks", operations=("add",)),
    _system("subtasks", "Sub-Tasks", "array", items="issuelinks", orderable=False),
    _system("attachment", "Attachment", "array", "attachments", items="attachment"),
    _system("comment", "Comment", "comments-page", "comment", navigable=False),
    _system("votes", "Votes", "votes", "votes", orderable=False),
    _system("watches", "Watchers", "watches", "watchers", orderable=False),
    _system("workratio", "Work Ratio", "number", "workratio", orderable=False),
    _system("lastViewed", "Last Viewed", "datetime", "lastViewed", orderable=False),
    _system("issuekey", "Key", None, "id", "issue", "issuekey", "key", orderable=False),
)  # fmt: skip

CLOUD_ONLY = frozenset({"statusCategory", "statuscategorychangedate"})

_CUSTOM_SCHEMAS: Mapping[str, tuple[str, str | None, str]] = {
    "string": ("string", None, "textfield"),
    "text": ("string", None, "textarea"),
    "number": ("number", None, "float"),
    "date": ("date", None, "datepicker"),
    "datetime": ("datetime", None, "datetime"),
    "option": ("option", None, "select"),
    "options": ("array", "option", "multiselect"),
    "user": ("user", None, "userpicker"),
    "labels": ("array", "string", "labels"),
}


class FieldRegistry:
    """All fields of a site, system and custom."""

    def __init__(self, *, cloud: bool) -> None:
        self._fields = {f.id: f for f in SYSTEM_FIELDS if cloud or f.id not in CLOUD_ONLY}

    def __iter__(self) -> Iterator[Field]:
        return iter(self._fields.values())

    def find(self, identifier: str) -> Field | None:
        """Return the field with that id, or None."""
        return self._fields.get(identifier)

    def by_clause(self, name: str) -> Field | None:
        """Return the custom field a query calls `name`: `cf[10042]`, its id or its name."""
        folded = name.casefold()
        for candidate in self._fields.values():
            names = {candidate.id.casefold(), candidate.name.casefold(), *candidate.clause_names}
            if candidate.custom and folded in names:
                return candidate
        return None

    def add_custom(self, number: int, name: str, kind: str, **options: Any) -> Field:  # noqa: ANN401 - as above
        """Add a custom field and return it."""
        type_name, items, custom = _CUSTOM_SCHEMAS[kind]
        schema: dict[str, Any] = {"type": type_name}
        if items:
            schema["items"] = items
        schema |= {"custom": f"{CUSTOM_TYPE}:{custom}", "customId": number}
        added = Field(
            id=f"customfield_{number}",
            name=name,
            kind=kind,
            schema=schema,
            clause_names=(f"cf[{number}]", name),
            on_screen=True,
            operations=("add", "set", "remove") if items else ("set",),
            **options,
        )
        self._fields[added.id] = added
        return added
