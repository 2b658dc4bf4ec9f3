"""Projects, their statuses, versions and components."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from aiohttp import web

from sandbox.jira.call import Call, answer, no_content
from sandbox.jira.endpoint import delete, get, post, put
from sandbox.jira.errors import ApiError
from sandbox.jira.model import Issue, Project, Version
from sandbox.jira.presenter import Json

_MOST = 100
_VERSION = frozenset(
    {
        "approvers", "archived", "description", "driver", "expand", "id",
        "issuesStatusForFixVersion", "moveUnfixedIssuesTo", "name", "operations", "overdue",
        "project", "projectId", "releaseDate", "released", "self", "startDate",
        "userReleaseDate", "userStartDate",
    }
)  # fmt: skip


def page_bean(
    call: Call, address: str, things: Sequence[Any], write: Callable[[Any], Json]
) -> Json:
    """Return one page in the envelope with `values`."""
    start, size = call.page(default=50, most=_MOST)
    shown = things[start : start + size]
    return {
        "self": f"{call.presenter.api}/{address}?startAt={start}&maxResults={size}",
        "maxResults": size,
        "startAt": start,
        "total": len(things),
        "isLast": start + len(shown) >= len(things),
        "values": [write(thing) for thing in shown],
    }


def list_projects(call: Call) -> web.Response:
    """List what the caller may browse."""
    projects = call.site.visible_projects(call.caller)
    return answer([call.presenter.project(project) for project in projects])


def search_projects(call: Call) -> web.Response:
    """Search by `query`, `keys` or `id`, in pages."""
    text = call.query("query").casefold()
    keys, ids = call.query_list("keys"), call.query_list("id")
    found = [
        project
        for project in call.site.visible_projects(call.caller)
        if text in project.name.casefold() or text in project.key.casefold()
        if not keys or project.key in keys
        if not ids or project.id in ids
    ]
    return answer(page_bean(call, "project/search", found, call.presenter.project))


def get_project(call: Call) -> web.Response:
    """Return one project."""
    return answer(call.presenter.project_details(call.project()))


def list_statuses(call: Call) -> web.Response:
    """List the statuses of every issue type of a project."""
    project, present = call.project(), call.presenter
    return answer(
        [
            {
                "self": f"{present.api}/issuetype/{kind.id}",
                "id": kind.id,
                "name": kind.name,
                "subtask": kind.subtask,
                "statuses": [present.status(status) for status in project.statuses],
            }
            for kind in project.issue_types
        ]
    )


def list_versions(call: Call) -> web.Response:
    """List all versions of a project."""
    return answer([call.presenter.version_of(v, full=True) for v in call.project().versions])


def page_versions(call: Call) -> web.Response:
    """List the versions of a project in pages."""
    project = call.project()
    return answer(
        page_bean(
            call,
            f"project/{project.key}/version",
            project.versions,
            lambda v: call.presenter.version_of(v, full=True),
        )
    )


def list_components(call: Call) -> web.Response:
    """List the components of a project."""
    return answer([call.presenter.component(c) for c in call.project().components])


def find_version(call: Call) -> tuple[Project, Version]:
    """Return the version named in the address, with its project."""
    identifier = call.path["version"]
    for project in call.site.visible_projects(call.caller):
        for version in project.versions:
            if version.id == identifier:
                return project, version
    raise ApiError(404, f"Could not find version for id '{identifier}'")


def get_version(call: Call) -> web.Response:
    """Return one version."""
    return answer(call.presenter.version_of(find_version(call)[1], full=True))


def _read_date(value: object, name: str) -> date | None:
    if value is None:
        return None
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise ApiError(
            400, errors={name: f"'{value}' is not a valid date. Use yyyy-MM-dd."}
        ) from None


def _body(call: Call) -> Json:
    return call.json_object(_VERSION if call.cloud else None)


def _apply(version: Version, body: Json) -> None:
    if isinstance(body.get("name"), str):
        version.name = body["name"]
    if "description" in body:
        version.description = str(body["description"] or "")
    version.archived = bool(body.get("archived", version.archived))
    version.released = bool(body.get("released", version.released))
    if "releaseDate" in body:
        version.release_date = _read_date(body["releaseDate"], "releaseDate")
    if "startDate" in body:
        version.start_date = _read_date(body["startDate"], "startDate")


def create_version(call: Call) -> web.Response:
    """Add a version to a project."""
    body = _body(call)
    wanted = str(body.get("projectId") or body.get("project") or "")
    project = call.site.find_project(wanted) if wanted else None
    if project is None or project not in call.site.visible_projects(call.caller):
        raise ApiError(404, f"No project could be found with key '{wanted}'.")
    _require_admin(call, project)
    name = body.get("name")
    if not isinstance(name, str) or not name.strip():
        raise ApiError(400, errors={"name": "You must specify a valid version name"})
    if any(v.name == name for v in project.versions):
        raise ApiError(
            400, errors={"name": "A version with this name already exists in this project."}
        )
    dates = {key: _read_date(body.get(key), key) for key in ("releaseDate", "startDate")}
    version = call.site.add_version(
        project, name, release_date=dates["releaseDate"], start_date=dates["startDate"]
    )
    _apply(version, body)
    return answer(call.presenter.version_of(version, full=True), 201)


def update_version(call: Call) -> web.Response:
    """Change a version; setting `released` is a release."""
    project, version = find_version(call)
    _require_admin(call, project)
    body = _body(call)
    releasing = body.get("released") is True and not version.released
    _apply(version, body)
    if releasing:
        call.site.release(project, version.id, on=version.release_date)
    return answer(call.presenter.version_of(version, full=True))


def delete_version(call: Call) -> web.Response:
    """Delete a version and take it off its issues."""
    project, version = find_version(call)
    _require_admin(call, project)
    for issue in _issues_in(call, version):
        left = tuple(v for v in issue.fix_versions if v is not version)
        call.site.edit(issue, fix_versions=left, by=call.caller)
    project.versions.remove(version)
    return no_content()


def _require_admin(call: Call, project: Project) -> None:
    if not call.site.permissions.has(call.caller, "ADMINISTER_PROJECTS", project):
        raise ApiError(
            403, "You must have global or project administrator rights in order to modify versions."
        )


def _issues_in(call: Call, version: Version) -> list[Issue]:
    return [issue for issue in call.site.issues.values() if version in issue.fix_versions]


def count_related(call: Call) -> web.Response:
    """Count the issues of a version."""
    _, version = find_version(call)
    affected = sum(version in issue.versions for issue in call.site.issues.values())
    return answer(
        {
            "self": f"{call.presenter.api}/version/{version.id}",
            "issuesFixedCount": len(_issues_in(call, version)),
            "issuesAffectedCount": affected,
            "issueCountWithCustomFieldsShowingVersion": 0,
            "customFieldUsage": [],
        }
    )


def count_unresolved(call: Call) -> web.Response:
    """Count the issues of a version that are not resolved."""
    _, version = find_version(call)
    fixed = _issues_in(call, version)
    return answer(
        {
            "self": f"{call.presenter.api}/version/{version.id}",
            "issuesUnresolvedCount": sum(issue.resolution is None for issue in fixed),
            "issuesCount": len(fixed),
        }
    )


ENDPOINTS = (
    get("/project", list_projects),
    get("/project/search", search_projects, only="cloud"),
    get("/project/{project}", get_project),
    get("/project/{project}/statuses", list_statuses),
    get("/project/{project}/versions", list_versions),
    get("/project/{project}/version", page_versions),
    get("/project/{project}/components", list_components),
    post("/version", create_version, anonymous=False),
    get("/version/{version}", get_version),
    put("/version/{version}", update_version, anonymous=False),
    delete("/version/{version}", delete_version, anonymous=False),
    get("/version/{version}/relatedIssueCounts", count_related),
    get("/version/{version}/unresolvedIssueCount", count_unresolved),
)
