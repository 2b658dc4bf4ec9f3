"""The roles people have in projects; who has them is not kept."""

from aiohttp import web

from sandbox.jira.call import Call, answer
from sandbox.jira.endpoint import get
from sandbox.jira.errors import ApiError
from sandbox.jira.presenter import Json

_ROLES = {"Administrators": "10002", "Developers": "10001", "Users": "10000"}


def list_of_project(call: Call) -> web.Response:
    """List the roles of a project with their addresses."""
    project = call.project()
    base = f"{call.presenter.api}/project/{project.id}/role"
    return answer({name: f"{base}/{identifier}" for name, identifier in _ROLES.items()})


def get_of_project(call: Call) -> web.Response:
    """Return a role of a project."""
    project = call.project()
    return answer(_role(call, *_find(call), f"project/{project.id}/role") | {"actors": []})


def list_details(call: Call) -> web.Response:
    """List the roles of a project with what is known about them."""
    project = call.project()
    return answer([_role(call, *role, f"project/{project.id}/role") for role in _ROLES.items()])


def _find(call: Call) -> tuple[str, str]:
    for name, identifier in _ROLES.items():
        if identifier == call.path["role"]:
            return name, identifier
    raise ApiError(404, f"Can not find a role with id '{call.path['role']}'.")


def _role(call: Call, name: str, identifier: str, address: str) -> Json:
    return {
        "self": f"{call.presenter.api}/{address}/{identifier}",
        "name": name,
        "id": int(identifier),
        "description": "",
    }


def list_all(call: Call) -> web.Response:
    """List the roles every project has."""
    return answer([_role(call, *role, "role") | {"actors": []} for role in _ROLES.items()])


def get_role(call: Call) -> web.Response:
    """Return a role, whatever the project."""
    return answer(_role(call, *_find(call), "role") | {"actors": []})


ENDPOINTS = (
    get("/role", list_all, anonymous=False),
    get("/role/{role}", get_role, anonymous=False),
    get("/project/{project}/role", list_of_project),
    get("/project/{project}/role/{role}", get_of_project),
    get("/project/{project}/roledetails", list_details, only="cloud"),
)
