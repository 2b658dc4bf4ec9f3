"""What may and must be filled in, before creating or editing."""

from typing import Any

from aiohttp import web

from sandbox.jira.call import Call, answer
from sandbox.jira.endpoint import get
from sandbox.jira.errors import ApiError
from sandbox.jira.fields import Field
from sandbox.jira.issue_presenter import option_id
from sandbox.jira.model import Issue, IssueType, Project
from sandbox.jira.presenter import Json

_MOST = 200
_NOT_EDITABLE = frozenset({"project"})


def _allowed(call: Call, project: Project, field: Field) -> list[Any] | None:
    present = call.presenter
    if field.allowed:
        return [
            {
                "self": f"{present.api}/customFieldOption/{option_id(field, value)}",
                "value": value,
                "id": option_id(field, value),
            }
            for value in field.allowed
        ]
    match field.id:
        case "priority":
            values = [present.priority(priority) for priority in call.site.priorities]
        case "project":
            values = [present.project(project)]
        case "issuetype":
            values = [present.issue_type(kind) for kind in project.issue_types]
        case "fixVersions" | "versions":
            values = [present.version_of(version, full=True) for version in project.versions]
        case "components":
            values = [present.component(component) for component in project.components]
        case "resolution":
            values = [present.resolution(resolution) for resolution in call.site.resolutions]
        case _:
            return None
    return values


def field_meta(call: Call, project: Project, field: Field, *, required: bool) -> Json:
    """Return what there is to know about filling in a field."""
    result: Json = {
        "required": required,
        "schema": dict(field.schema or {"type": "any"}),
        "name": field.name,
        "key": field.id,
        "hasDefaultValue": field.has_default,
        "operations": list(field.operations or ("set",)),
    }
    allowed = _allowed(call, project, field)
    if allowed is not None:
        result["allowedValues"] = allowed
    if field.id == "priority":
        result["defaultValue"] = call.presenter.priority(call.site.priorities[2])
    return result


def screen_fields(call: Call, project: Project) -> list[Field]:
    """Return the fields on the create screen of a project."""
    return [f for f in call.site.fields if f.on_screen and f.used_in(project.id)]


def edit_fields(call: Call, issue: Issue) -> Json:
    """Return what may be edited, by field id; nothing without the permission."""
    if not call.site.permissions.has(call.caller, "EDIT_ISSUES", issue.project):
        return {}
    return {
        field.id: field_meta(call, issue.project, field, required=field.id == "summary")
        for field in screen_fields(call, issue.project)
        if field.id not in _NOT_EDITABLE
    }


def _envelope(call: Call, name: str, things: list[Json]) -> Json:
    start = call.query_int("startAt", 0)
    size = call.query_int("maxResults", 50)
    if call.cloud and size > _MOST:
        raise ApiError(400, f"Parameter 'maxResults' must not exceed the limit '{_MOST}'")
    shown = things[start : start + size]
    result: Json = {"maxResults": size, "startAt": start, "total": len(things)}
    # Cloud names what it lists; Data Center has the page envelope it uses everywhere.
    if call.cloud:
        return result | {name: shown}
    return result | {"isLast": start + len(shown) >= len(things), "values": shown}


def list_types(call: Call) -> web.Response:
    """List the issue types that may be created in a project."""
    project = _creatable(call)
    kinds = [call.presenter.issue_type(kind) for kind in project.issue_types]
    return answer(_envelope(call, "issueTypes", kinds))


def list_fields(call: Call) -> web.Response:
    """List the fields of an issue type of a project."""
    project = _creatable(call)
    _find_type(call, project)
    metas = [
        field_meta(call, project, field, required=field.required) | {"fieldId": field.id}
        for field in screen_fields(call, project)
    ]
    return answer(_envelope(call, "fields", metas))


def _creatable(call: Call) -> Project:
    project = call.project()
    if not call.site.permissions.has(call.caller, "CREATE_ISSUES", project):
        raise ApiError(400, "You do not have permission to create issues in this project.")
    return project


def _find_type(call: Call, project: Project) -> IssueType:
    for kind in project.issue_types:
        if kind.id == call.path["type"]:
            return kind
    raise ApiError(400 if call.cloud else 404, "Specify a valid issue type")


def old_createmeta(call: Call) -> web.Response:
    """Return everything at once, the way Cloud still does though it is deprecated."""
    keys, ids = call.query_list("projectKeys"), call.query_list("projectIds")
    with_fields = "projects.issuetypes.fields" in call.query("expand")
    projects = [
        project
        for project in call.site.visible_projects(call.caller)
        if call.site.permissions.has(call.caller, "CREATE_ISSUES", project)
        if not (keys or ids) or project.key in keys or project.id in ids
    ]
    return answer(
        {
            "expand": "projects",
            "projects": [_old_project(call, p, with_fields=with_fields) for p in projects],
        }
    )


def _old_project(call: Call, project: Project, *, with_fields: bool) -> Json:
    names, ids = call.request.query.getall("issuetypeNames", []), call.query_list("issuetypeIds")
    kinds: list[Json] = []
    for kind in project.issue_types:
        if (names or ids) and kind.name not in names and kind.id not in ids:
            continue
        shown = call.presenter.issue_type(kind)
        if with_fields:
            shown["expand"] = "fields"
            shown["fields"] = {
                field.id: field_meta(call, project, field, required=field.required)
                for field in screen_fields(call, project)
            }
        kinds.append(shown)
    shown = call.presenter.project(project)
    return {key: shown[key] for key in ("self", "id", "key", "name", "avatarUrls")} | {
        "issuetypes": kinds
    }


ENDPOINTS = (
    get("/issue/createmeta", old_createmeta, only="cloud"),
    get("/issue/createmeta/{project}/issuetypes", list_types),
    get("/issue/createmeta/{project}/issuetypes/{type}", list_fields),
)
