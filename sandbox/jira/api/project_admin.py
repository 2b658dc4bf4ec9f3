"""Projects added, renamed and deleted, by administrators of the site."""

import re

from aiohttp import web

from sandbox.jira.call import Call, answer, no_content
from sandbox.jira.endpoint import delete, post, put
from sandbox.jira.errors import ApiError
from sandbox.jira.model import Account, Project
from sandbox.jira.presenter import Json

_KEY = re.compile(r"[A-Z][A-Z0-9_]{1,9}")
_MAX_NAME = 80
_KNOWN = frozenset(
    {
        "assigneeType", "avatarId", "categoryId", "description", "fieldConfigurationScheme",
        "fieldScheme", "issueSecurityScheme", "issueTypeScheme", "issueTypeScreenScheme", "key",
        "lead", "leadAccountId", "name", "notificationScheme", "permissionScheme",
        "projectTemplateKey", "projectTypeKey", "releasedProjectKeys", "url", "workflowScheme",
    }
)  # fmt: skip


def _require_admin(call: Call) -> None:
    if not call.signed_in().admin:
        raise ApiError(403, "You do not have permission to administer projects.")


def create_project(call: Call) -> web.Response:
    """Add a project with the usual workflow."""
    _require_admin(call)
    body = call.json_object(_KNOWN if call.cloud else None)
    errors = _name_errors(call, body.get("name"), None) | _key_errors(call, body.get("key"))
    lead = _lead(call, body, errors)
    if lead is None and "projectLead" not in errors:
        errors["projectLead"] = "You must specify a valid project lead."
    if errors:
        raise ApiError(400, errors=errors)
    project = call.site.add_project(str(body["key"]), str(body["name"]).strip(), lead=lead)
    address = f"{call.presenter.api}/project/{project.id}"
    return answer({"self": address, "id": int(project.id), "key": project.key}, 201)


def _name_errors(call: Call, name: object, own: Project | None) -> dict[str, str]:
    if not isinstance(name, str) or not name.strip():
        return {"projectName": "You must specify a valid project name."}
    if len(name) > _MAX_NAME:
        return {"projectName": f"The project name must not exceed {_MAX_NAME} characters."}
    wanted = name.strip().casefold()
    if any(p.name.casefold() == wanted and p is not own for p in call.site.projects):
        return {"projectName": "A project with that name already exists."}
    return {}


def _key_errors(call: Call, key: object) -> dict[str, str]:
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        return {
            "projectKey": "Project keys must start with an uppercase letter, followed by one or "
            "more uppercase alphanumeric characters."
        }
    if (taken := call.site.find_project(key)) is not None:
        return {"projectKey": f"Project '{taken.name}' uses this project key."}
    return {}


def _lead(call: Call, body: Json, errors: dict[str, str]) -> Account | None:
    wanted = body.get("leadAccountId" if call.cloud else "lead")
    if wanted is None:
        return None
    for account in call.site.accounts:
        if wanted == (account.account_id if call.cloud else account.name):
            return account
    errors["projectLead"] = "You must specify a valid project lead."
    return None


def update_project(call: Call) -> web.Response:
    """Give a project another name or lead; its key stays."""
    _require_admin(call)
    project = call.project()
    body = call.json_object(_KNOWN if call.cloud else None)
    errors = _name_errors(call, body["name"], project) if "name" in body else {}
    lead = _lead(call, body, errors)
    if body.get("key", project.key) != project.key:
        errors["projectKey"] = "The key of a project cannot be changed here."
    if errors:
        raise ApiError(400, errors=errors)
    project.name = str(body.get("name", project.name)).strip()
    project.lead = lead or project.lead
    return answer(call.presenter.project_details(project))


def delete_project(call: Call) -> web.Response:
    """Delete a project with its issues, of which no webhook tells."""
    _require_admin(call)
    call.site.remove_project(call.project())
    return no_content()


ENDPOINTS = (
    post("/project", create_project, anonymous=False),
    put("/project/{project}", update_project, anonymous=False),
    delete("/project/{project}", delete_project, anonymous=False),
)
