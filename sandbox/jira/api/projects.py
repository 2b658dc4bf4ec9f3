"""Projects and their statuses."""

from aiohttp import web

from sandbox.jira.api.paging import page_bean
from sandbox.jira.call import Call, answer
from sandbox.jira.endpoint import get


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


def list_kinds(_: Call) -> web.Response:
    """List the kinds of projects there are; here all are for software."""
    return answer(
        [
            {
                "key": "software",
                "formattedKey": "Software",
                "descriptionI18nKey": "jira.project.type.software.description",
                "icon": "",
                "color": "#F5A623",
            }
        ]
    )


ENDPOINTS = (
    get("/project", list_projects),
    get("/project/search", search_projects, only="cloud"),
    get("/project/recent", list_projects, only="cloud"),
    get("/project/type", list_kinds),
    get("/project/{project}", get_project),
    get("/project/{project}/statuses", list_statuses),
)
