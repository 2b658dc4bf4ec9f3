"""What issues are made of: statuses, types, priorities, resolutions, fields, labels."""

from collections.abc import Callable, Iterable
from typing import Any

from aiohttp import web

from sandbox.jira.api.paging import page_bean
from sandbox.jira.call import Call, answer
from sandbox.jira.endpoint import get
from sandbox.jira.errors import ApiError
from sandbox.jira.fields import Field
from sandbox.jira.model import CATEGORIES, IssueType, Status
from sandbox.jira.presenter import Json

_CLOUD_CATEGORIES = {
    "undefined": "UNDEFINED",
    "new": "TODO",
    "indeterminate": "IN_PROGRESS",
    "done": "DONE",
}


def _visible_statuses(call: Call) -> list[Status]:
    projects = call.site.visible_projects(call.caller)
    return [s for s in call.site.statuses if any(s in p.statuses for p in projects)]


def list_statuses(call: Call) -> web.Response:
    """List the statuses of the workflows the caller can see."""
    return answer([call.presenter.status(status) for status in _visible_statuses(call)])


def get_status(call: Call) -> web.Response:
    """Return a status by id or name."""
    wanted = call.path["status"]
    for status in _visible_statuses(call):
        if wanted == status.id or wanted.casefold() == status.name.casefold():
            return answer(call.presenter.status(status))
    raise ApiError(404, f"The status with id '{wanted}' does not exist")


def page_statuses(call: Call) -> web.Response:
    """List statuses in pages; names are shown in the vendor's new way on Cloud."""
    statuses = [
        s for s in call.site.statuses if call.query("searchString").casefold() in s.name.casefold()
    ]
    if call.cloud:
        _require_admin(call)
    write = _cloud_status if call.cloud else call.presenter.status
    address = "statuses/search" if call.cloud else "status/page"
    start, size = call.page(default=200 if call.cloud else 50, most=200)
    shown = statuses[start : start + size]
    return answer(
        {
            "self": f"{call.presenter.api}/{address}?startAt={start}&maxResults={size}",
            "maxResults": size,
            "startAt": start,
            "total": len(statuses),
            "isLast": start + len(shown) >= len(statuses),
            "values": [write(status) for status in shown],
        }
    )


def _cloud_status(status: Status) -> Json:
    scope: Json = {"type": "PROJECT" if status.project_id else "GLOBAL"}
    if status.project_id:
        scope["project"] = {"id": status.project_id}
    return {
        "id": status.id,
        "name": status.name,
        "statusCategory": _CLOUD_CATEGORIES[status.category.key],
        "scope": scope,
        "description": "",
    }


def list_categories(call: Call) -> web.Response:
    """List the four status categories."""
    return answer([call.presenter.category(category) for category in CATEGORIES.values()])


def get_category(call: Call) -> web.Response:
    """Return a category by id or key."""
    wanted = call.path["category"]
    for category in CATEGORIES.values():
        if wanted in {str(category.id), category.key}:
            return answer(call.presenter.category(category))
    raise ApiError(404, f"The status category '{wanted}' does not exist")


def _listing(things: Callable[[Call], Iterable[Any]], write: Callable[[Call, Any], Any]) -> Any:  # noqa: ANN401 - a handler
    def handler(call: Call) -> web.Response:
        return answer([write(call, thing) for thing in things(call)])

    handler.__doc__ = "List all of them."
    return handler


def _getter(
    things: Callable[[Call], Iterable[Any]], write: Callable[[Call, Any], Any], kind: str
) -> Any:  # noqa: ANN401 - a handler
    def handler(call: Call) -> web.Response:
        wanted = call.path["id"]
        for thing in things(call):
            if thing.id == wanted:
                return answer(write(call, thing))
        raise ApiError(404, f"The {kind} with id '{wanted}' does not exist")

    handler.__doc__ = "Return one of them."
    return handler


def _paging(
    address: str, things: Callable[[Call], Iterable[Any]], write: Callable[[Call, Any], Any]
) -> Any:  # noqa: ANN401 - a handler
    def handler(call: Call) -> web.Response:
        text, ids = call.query("query").casefold(), call.query_list("id")
        found = [
            thing
            for thing in things(call)
            if text in thing.name.casefold()
            if not ids or thing.id in ids
        ]
        return answer(page_bean(call, address, found, lambda thing: write(call, thing)))

    handler.__doc__ = "List them in pages."
    return handler


def types_of_project(call: Call) -> web.Response:
    """List the issue types of the project named by its id."""
    wanted = call.query_int("projectId", 0)
    for project in call.site.visible_projects(call.caller):
        if int(project.id) == wanted:
            return answer([call.presenter.issue_type(kind) for kind in project.issue_types])
    raise ApiError(404, f"No project could be found with id '{wanted}'.")


def statuses_by_id(call: Call) -> web.Response:
    """List the statuses named, for administrators."""
    _require_admin(call)
    wanted = call.query_list("id")
    if not wanted:
        raise ApiError(400, "The query parameter 'id' must be provided.")
    return answer([_cloud_status(s) for s in call.site.statuses if s.id in wanted])


def _require_admin(call: Call) -> None:
    if not call.signed_in().admin:
        raise ApiError(403, "You don't have permission to perform this operation.")


def _issue_types(call: Call) -> list[IssueType]:
    projects = call.site.visible_projects(call.caller)
    return [t for t in call.site.issue_types if any(t in p.issue_types for p in projects)]


def _priority(call: Call, thing: Any) -> Json | None:  # noqa: ANN401 - a Priority
    return call.presenter.priority(thing, full=True)


def list_fields(call: Call) -> web.Response:
    """List all fields."""
    return answer([_field(call, field) for field in call.site.fields])


def _field(call: Call, field: Field) -> Json:
    result: Json = {
        "id": field.id,
        "name": field.name,
        "custom": field.custom,
        "orderable": field.orderable,
        "navigable": field.navigable,
        "searchable": field.searchable,
        "clauseNames": list(field.clause_names),
    }
    if call.cloud:
        result["key"] = field.id
    if field.schema:
        result["schema"] = dict(field.schema)
    return result


def page_fields(call: Call) -> web.Response:
    """List fields in pages: on Data Center the custom ones, on Cloud those asked for."""
    wanted = call.query_list("type") if call.cloud else ["custom"]
    text = call.query("query" if call.cloud else "search").casefold()
    ids = call.query_list("id")
    found = [
        field
        for field in call.site.fields
        if not wanted or ("custom" if field.custom else "system") in wanted
        if text in field.name.casefold()
        if not ids or field.id in ids
    ]
    start, size = call.page(default=50, most=50)
    shown = found[start : start + size]
    return answer(
        {
            "maxResults": size,
            "startAt": start,
            "total": len(found),
            "isLast": start + len(shown) >= len(found),
            "values": [
                {"id": field.id, "name": field.name, "description": ""}
                | ({"schema": dict(field.schema or {"type": "any"})} if call.cloud else {})
                for field in shown
            ],
        }
    )


def list_labels(call: Call) -> web.Response:
    """List every label in use, in pages."""
    labels = sorted(
        {
            label
            for issue in call.site.issues.values()
            if call.site.can_see(call.caller, issue)
            for label in issue.labels
        }
    )
    start, size = call.page(default=1000, most=1000)
    shown = labels[start : start + size]
    return answer(
        {
            "maxResults": size,
            "startAt": start,
            "total": len(labels),
            "isLast": start + len(shown) >= len(labels),
            "values": shown,
        }
    )


ENDPOINTS = (
    get("/status", list_statuses),
    get("/status/page", page_statuses, only="datacenter"),
    get("/status/{status}", get_status),
    get("/statuses", statuses_by_id, only="cloud", anonymous=False),
    get("/statuses/search", page_statuses, only="cloud", anonymous=False),
    get("/statuscategory", list_categories),
    get("/statuscategory/{category}", get_category),
    get("/issuetype", _listing(_issue_types, lambda c, t: c.presenter.issue_type(t))),
    get("/issuetype/project", types_of_project, only="cloud"),
    get("/issuetype/page", _paging("issuetype/page", _issue_types,
                                   lambda c, t: c.presenter.issue_type(t)), only="datacenter"),
    get("/issuetype/{id}", _getter(_issue_types, lambda c, t: c.presenter.issue_type(t),
                                   "issue type")),
    get("/priority", _listing(lambda c: c.site.priorities, _priority)),
    get("/priority/search", _paging("priority/search", lambda c: c.site.priorities, _priority),
        only="cloud", anonymous=False),
    get("/priority/page", _paging("priority/page", lambda c: c.site.priorities, _priority),
        only="datacenter"),
    get("/priority/{id}", _getter(lambda c: c.site.priorities, _priority, "priority")),
    get("/resolution", _listing(lambda c: c.site.resolutions,
                                lambda c, r: c.presenter.resolution(r))),
    get("/resolution/search", _paging("resolution/search", lambda c: c.site.resolutions,
                                      lambda c, r: c.presenter.resolution(r)),
        only="cloud", anonymous=False),
    get("/resolution/page", _paging("resolution/page", lambda c: c.site.resolutions,
                                    lambda c, r: c.presenter.resolution(r)), only="datacenter"),
    get("/resolution/{id}", _getter(lambda c: c.site.resolutions,
                                    lambda c, r: c.presenter.resolution(r), "resolution")),
    get("/field", list_fields),
    get("/field/search", page_fields, only="cloud", anonymous=False),
    get("/customFields", page_fields, only="datacenter", anonymous=False),
    get("/label", list_labels, only="cloud", anonymous=False),
)  # fmt: skip
