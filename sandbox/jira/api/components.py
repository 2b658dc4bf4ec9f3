"""The components of projects."""

from collections.abc import Iterator
from dataclasses import replace

from aiohttp import web

from sandbox.jira.api.paging import page_bean
from sandbox.jira.call import Call, answer, no_content
from sandbox.jira.endpoint import delete, get, post, put
from sandbox.jira.errors import ApiError
from sandbox.jira.model import Account, Component, Issue, Project
from sandbox.jira.presenter import Json

_FORBIDDEN = "The user does not have permission to manage the components of this project."
_KNOWN = frozenset(
    {
        "ari", "assignee", "assigneeType", "description", "id", "isAssigneeTypeValid", "lead",
        "leadAccountId", "leadUserName", "metadata", "name", "project", "projectId",
        "realAssignee", "realAssigneeType", "self",
    }
)  # fmt: skip


def list_components(call: Call) -> web.Response:
    """List the components of a project."""
    project = call.project()
    return answer([call.presenter.component_details(project, c) for c in project.components])


def page_components(call: Call) -> web.Response:
    """List the components of a project in pages, with how many issues each has."""
    project = call.project()
    text = call.query("query").casefold()
    found = [c for c in project.components if text in c.name.casefold()]

    def write(component: Component) -> Json:
        count = len(list(_issues_of(call, component)))
        return call.presenter.component_details(project, component) | {"issueCount": count}

    return answer(page_bean(call, f"project/{project.key}/component", found, write))


def _find(call: Call) -> tuple[Project, Component]:
    identifier = call.path["component"]
    for project in call.site.visible_projects(call.caller):
        for component in project.components:
            if component.id == identifier:
                return project, component
    raise ApiError(404, f"The component with id {identifier} does not exist.")


def _issues_of(call: Call, component: Component) -> Iterator[Issue]:
    return (issue for issue in call.site.issues.values() if component in issue.components)


def get_component(call: Call) -> web.Response:
    """Return one component."""
    return answer(call.presenter.component_details(*_find(call)))


def create_component(call: Call) -> web.Response:
    """Add a component to a project."""
    body = call.json_object(_KNOWN if call.cloud else None)
    key = body.get("project")
    project = call.site.find_project(key) if isinstance(key, str) else None
    if project is None or project not in call.site.visible_projects(call.caller):
        raise ApiError(404, f"No project could be found with key '{key}'.")
    call.require("ADMINISTER_PROJECTS", project, _FORBIDDEN)
    blank = Component(id=str(call.site.next_id("component")), name="")
    component = _changed(call, project, blank, body)
    project.components.append(component)
    return answer(call.presenter.component_details(project, component), 201)


def update_component(call: Call) -> web.Response:
    """Change a component; its issues have the new one at once."""
    project, old = _find(call)
    call.require("ADMINISTER_PROJECTS", project, _FORBIDDEN)
    new = _changed(call, project, old, call.json_object(_KNOWN if call.cloud else None))
    project.components[project.components.index(old)] = new
    for issue in list(_issues_of(call, old)):
        issue.components = tuple(new if one is old else one for one in issue.components)
        call.site.index.put(issue)
    return answer(call.presenter.component_details(project, new))


def _changed(call: Call, project: Project, old: Component, body: Json) -> Component:
    name = body.get("name", old.name)
    if not isinstance(name, str) or not name.strip():
        raise ApiError(
            400, errors={"name": "The component name specified is invalid - cannot be empty."}
        )
    if any(one.name == name and one is not old for one in project.components):
        raise ApiError(
            400,
            errors={
                "name": "The component could not be created because a component with the name "
                f"'{name}' already exists."
            },
        )
    lead = old.lead
    named = "leadAccountId" if call.cloud else "leadUserName"
    if named in body:
        lead = _lead(call, body[named])
    description = body.get("description", old.description)
    return replace(old, name=name, description=str(description or ""), lead=lead)


def _lead(call: Call, wanted: object) -> Account | None:
    if not wanted:
        return None
    for account in call.site.accounts:
        if wanted == (account.account_id if call.cloud else account.name):
            return account
    raise ApiError(400, errors={"leadUserName": f"The user {wanted} does not exist."})


def delete_component(call: Call) -> web.Response:
    """Delete a component; its issues get another instead, if one is named."""
    project, component = _find(call)
    call.require("ADMINISTER_PROJECTS", project, _FORBIDDEN)
    target = call.query("moveIssuesTo")
    others = [one for one in project.components if one is not component]
    instead = [one for one in others if one.id == target]
    if target and not instead:
        raise ApiError(404, f"The component with id {target} does not exist.")
    for issue in list(_issues_of(call, component)):
        kept = [one for one in issue.components if one is not component]
        left = tuple(dict.fromkeys((*kept, *instead)))
        call.site.edit(issue, components=left, by=call.caller)
    project.components.remove(component)
    return no_content()


def count_related(call: Call) -> web.Response:
    """Count the issues of a component."""
    _, component = _find(call)
    address = f"{call.presenter.api}/component/{component.id}"
    count = len(list(_issues_of(call, component)))
    return answer({"self": address, "issueCount": count})


ENDPOINTS = (
    get("/project/{project}/components", list_components),
    get("/project/{project}/component", page_components, only="cloud"),
    post("/component", create_component, anonymous=False),
    get("/component/{component}", get_component),
    put("/component/{component}", update_component, anonymous=False),
    delete("/component/{component}", delete_component, anonymous=False),
    get("/component/{component}/relatedIssueCounts", count_related),
)
