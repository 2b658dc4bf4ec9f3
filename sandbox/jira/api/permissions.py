"""Permissions: which there are, and who has them where."""

from aiohttp import web

from sandbox.jira.call import Call, answer
from sandbox.jira.catalog import PERMISSIONS
from sandbox.jira.endpoint import get, post
from sandbox.jira.errors import BAD_PAYLOAD, ApiError, unreadable
from sandbox.jira.model import Account
from sandbox.jira.presenter import Json

_KNOWN = frozenset(key for key, _, _ in PERMISSIONS)
_GLOBAL = frozenset({"ADMINISTER"})


def _shown(key: str, identifier: str, name: str) -> Json:
    kind = "GLOBAL" if key in _GLOBAL else "PROJECT"
    return {"id": identifier, "key": key, "name": name, "type": kind, "description": name}


def my_permissions(call: Call) -> web.Response:
    """Tell what the caller may do; Cloud wants to know which permissions, Data Center gives all."""
    wanted = call.query_list("permissions")
    if call.cloud:
        if not wanted:
            raise ApiError(400, "The 'permissions' query parameter is required.")
        unknown = [key for key in wanted if key not in _KNOWN]
        if unknown:
            raise ApiError(400, f"Unrecognized permission: {', '.join(unknown)}")
    project = None
    if name := call.query("projectKey") or call.query("projectId"):
        project = call.site.find_project(name)
        if project is None or project not in call.site.visible_projects(call.caller):
            raise ApiError(404, f"No project could be found with key '{name}'.")
    elif name := call.query("issueKey") or call.query("issueId"):
        project = call.find_issue(name).project
    shown = wanted if call.cloud else [key for key, _, _ in PERMISSIONS]
    return answer(
        {
            "permissions": {
                key: _shown(key, identifier, name)
                | {"havePermission": call.site.permissions.has(call.caller, key, project)}
                for key, identifier, name in PERMISSIONS
                if key in shown
            }
        }
    )


def list_all(call: Call) -> web.Response:
    """List every permission, for administrators."""
    if not call.signed_in().admin:
        raise ApiError(403, "You do not have permission to view permissions.")
    shown = {}
    for key, identifier, name in PERMISSIONS:
        shown[key] = _shown(key, identifier, name)
        if call.cloud:
            del shown[key]["id"]
    return answer({"permissions": shown})


def _strings(value: object) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise unreadable(BAD_PAYLOAD)
    return value


def _numbers(value: object) -> list[int]:
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(item, int) for item in value):
        raise unreadable(BAD_PAYLOAD)
    return value


def check(call: Call) -> web.Response:
    """Tell in which projects and issues somebody has the permissions asked for."""
    body = call.json_object({"accountId", "globalPermissions", "projectPermissions"})
    account = call.caller
    if body.get("accountId") is not None:
        account = _somebody(call, body["accountId"])
    wanted = body.get("projectPermissions") or []
    if not isinstance(wanted, list) or not all(isinstance(item, dict) for item in wanted):
        raise unreadable(BAD_PAYLOAD)
    has = call.site.permissions.has
    return answer(
        {
            "globalPermissions": [
                key for key in _strings(body.get("globalPermissions") or []) if has(account, key)
            ],
            "projectPermissions": [
                _granted(call, account, item, key)
                for item in wanted
                for key in _strings(item.get("permissions") or [])
            ],
        }
    )


def _somebody(call: Call, account_id: object) -> Account:
    for account in call.site.accounts:
        if account.account_id == account_id:
            return account
    raise ApiError(400, f"The user '{account_id}' does not exist.")


def _granted(call: Call, account: Account | None, wanted: Json, key: str) -> Json:
    has = call.site.permissions.has
    projects = {str(number) for number in _numbers(wanted.get("projects"))}
    issues = (call.site.find_by_id(number) for number in _numbers(wanted.get("issues")))
    return {
        "permission": key,
        "projects": [
            int(project.id)
            for project in call.site.projects
            if project.id in projects and has(account, key, project)
        ],
        "issues": [
            issue.id
            for issue in issues
            if issue is not None
            and call.site.can_see(account, issue)
            and has(account, key, issue.project)
        ],
    }


def list_permitted(call: Call) -> web.Response:
    """List the projects in which the caller has all the permissions asked for."""
    wanted = _strings(call.json_object({"permissions"}).get("permissions"))
    unknown = [key for key in wanted if key not in _KNOWN]
    if unknown:
        raise ApiError(400, f"Unrecognized permission: {', '.join(unknown)}")
    has = call.site.permissions.has
    return answer(
        {
            "projects": [
                {"id": int(project.id), "key": project.key}
                for project in call.site.visible_projects(call.caller)
                if all(has(call.caller, key, project) for key in wanted)
            ]
        }
    )


ENDPOINTS = (
    get("/mypermissions", my_permissions),
    get("/permissions", list_all, anonymous=False),
    post("/permissions/check", check, only="cloud"),
    post("/permissions/project", list_permitted, only="cloud"),
)
