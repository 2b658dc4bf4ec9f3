"""The versions of projects: listed, added, changed, released, replaced."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from aiohttp import web

from sandbox.jira.api.paging import page_bean
from sandbox.jira.call import Call, answer, no_content
from sandbox.jira.endpoint import delete, get, post, put
from sandbox.jira.errors import ApiError
from sandbox.jira.events import Event
from sandbox.jira.model import Issue, Project, Version
from sandbox.jira.presenter import Json

_VERSION = frozenset(
    {
        "approvers", "archived", "description", "driver", "expand", "id",
        "issuesStatusForFixVersion", "moveUnfixedIssuesTo", "name", "operations", "overdue",
        "project", "projectId", "releaseDate", "released", "self", "startDate",
        "userReleaseDate", "userStartDate",
    }
)  # fmt: skip


_ORDERS: Mapping[str, Callable[[Version], Any]] = {
    "sequence": lambda _: 0,
    "name": lambda version: version.name.casefold(),
    "description": lambda version: version.description.casefold(),
    "releaseDate": lambda version: version.release_date or date.max,
    "startDate": lambda version: version.start_date or date.max,
}


def list_versions(call: Call) -> web.Response:
    """List all versions of a project."""
    return answer([call.presenter.version_of(v, full=True) for v in call.project().versions])


def page_versions(call: Call) -> web.Response:
    """List the versions of a project in pages, by name, state, and in another order."""
    project = call.project()
    text, states = call.query("query").casefold(), call.query_list("status")
    found = [
        version
        for version in project.versions
        if text in version.name.casefold() or text in version.description.casefold()
        if not states or _state(version) in states
    ]
    order = call.query("orderBy").strip()
    name = order.lstrip("+-")
    if name and name not in _ORDERS:
        raise ApiError(400, f"'{order}' is not a valid value for the 'orderBy' parameter.")
    if name:
        found.sort(key=_ORDERS[name], reverse=order.startswith("-"))
    return answer(
        page_bean(
            call,
            f"project/{project.key}/version",
            found,
            lambda v: call.presenter.version_of(v, full=True),
        )
    )


def _state(version: Version) -> str:
    if version.archived:
        return "archived"
    return "released" if version.released else "unreleased"


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
    if body.get("archived") is not None:
        version.archived = bool(body["archived"])
    if body.get("released") is not None:
        version.released = bool(body["released"])
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
    was_released = version.released
    releasing = body.get("released") is True and not was_released
    _apply(version, body)
    withdrawn = was_released and not version.released
    if releasing:
        call.site.release(project, version.id, on=version.release_date)
    else:
        _announce(call, "jira:version_unreleased" if withdrawn else "jira:version_updated", version)
    return answer(call.presenter.version_of(version, full=True))


def delete_version(call: Call) -> web.Response:
    """Delete a version; its issues get those the query names instead, if any."""
    project, version = find_version(call)
    _require_admin(call, project)
    _take_over(call, project, version, call.request.query)
    return no_content()


def remove_and_swap(call: Call) -> web.Response:
    """Delete a version; its issues get the versions named instead, if any."""
    project, version = find_version(call)
    _require_admin(call, project)
    body = call.json_object() if call.body.strip() else {}
    _take_over(call, project, version, body)
    return no_content()


def _take_over(
    call: Call, project: Project, version: Version, wanted: Mapping[str, object]
) -> None:
    fixed_in, affected = (
        _other_version(project, version, wanted.get(name))
        for name in ("moveFixIssuesTo", "moveAffectedIssuesTo")
    )
    _replace(call, project, version, fixed_in=fixed_in, affected=affected)


def merge(call: Call) -> web.Response:
    """Delete a version; its issues get another instead."""
    project, version = find_version(call)
    _require_admin(call, project)
    other = _other_version(project, version, call.path["other"])
    _replace(call, project, version, fixed_in=other, affected=other)
    return no_content()


def _other_version(project: Project, version: Version, identifier: object) -> Version | None:
    if identifier is None:
        return None
    for other in project.versions:
        if other.id == str(identifier) and other is not version:
            return other
    raise ApiError(400, f"The version with id '{identifier}' cannot take the issues.")


def _replace(
    call: Call,
    project: Project,
    version: Version,
    *,
    fixed_in: Version | None,
    affected: Version | None,
) -> None:
    for issue in list(call.site.issues.values()):
        changes: dict[str, Any] = {
            name: _swapped(held, version, instead)
            for name, held, instead in (
                ("fix_versions", issue.fix_versions, fixed_in),
                ("versions", issue.versions, affected),
            )
            if version in held
        }
        if changes:
            call.site.edit(issue, by=call.caller, **changes)
    project.versions.remove(version)
    _announce(call, "jira:version_deleted", version)


def _swapped(held: tuple[Version, ...], old: Version, new: Version | None) -> tuple[Version, ...]:
    instead = (new if one is old else one for one in held)
    return tuple(dict.fromkeys(one for one in instead if one is not None))


def move_version(call: Call) -> web.Response:
    """Put a version elsewhere in the order of its project."""
    project, version = find_version(call)
    _require_admin(call, project)
    body = call.json_object({"after", "position"} if call.cloud else None)
    place = _new_place(project.versions.index(version), len(project.versions), body)
    if place is None:
        others = [one for one in project.versions if one is not version]
        identifier = str(body.get("after", "")).rstrip("/").rpartition("/")[2]
        place = next((n + 1 for n, one in enumerate(others) if one.id == identifier), None)
    if place is None:
        raise ApiError(400, "Either 'after' or 'position' must name a place.")
    project.versions.remove(version)
    project.versions.insert(place, version)
    return answer(call.presenter.version_of(version, full=True))


def _new_place(now: int, count: int, body: Json) -> int | None:
    match body.get("position"):
        case "First":
            return 0
        case "Last":
            return count - 1
        case "Earlier":
            return max(now - 1, 0)
        case "Later":
            return min(now + 1, count - 1)
        case _:
            return None


def _announce(call: Call, name: str, version: Version) -> None:
    call.site.announce(Event(name=name, at=call.site.now(), version=version))


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
    get("/project/{project}/versions", list_versions),
    get("/project/{project}/version", page_versions),
    post("/version", create_version, anonymous=False),
    get("/version/{version}", get_version),
    put("/version/{version}", update_version, anonymous=False),
    delete("/version/{version}", delete_version, anonymous=False),
    post("/version/{version}/move", move_version, anonymous=False),
    post("/version/{version}/removeAndSwap", remove_and_swap, anonymous=False),
    put("/version/{version}/mergeto/{other}", merge, anonymous=False, json=False),
    get("/version/{version}/relatedIssueCounts", count_related),
    get("/version/{version}/unresolvedIssueCount", count_unresolved),
)
