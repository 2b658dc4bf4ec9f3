"""People: one by id, and those that match a text."""

from collections.abc import Iterable

from aiohttp import web

from sandbox.jira.api.paging import page_bean
from sandbox.jira.call import Call, answer
from sandbox.jira.endpoint import get
from sandbox.jira.errors import ApiError
from sandbox.jira.groups import GROUPS
from sandbox.jira.model import Account, Project
from sandbox.jira.presenter import Json

_UNKNOWN = "Specified user does not exist or you do not have required permissions"


def get_user(call: Call) -> web.Response:
    """Return a person: by `accountId` on Cloud, by `username` or `key` on Data Center."""
    call.signed_in()
    account = find_account(call, call.query("accountId")) if call.cloud else _by_name(call)
    user = call.presenter.user(account) or {}
    return answer(
        user
        | {
            "locale": account.locale,
            "groups": show_groups(call, account),
            "applicationRoles": {"size": 1, "items": []},
            "expand": "groups,applicationRoles",
        }
    )


def _by_name(call: Call) -> Account:
    name, key = call.query("username"), call.query("key")
    if not name and not key:
        raise ApiError(
            404, "Either the 'username' or the 'key' query parameters need to be provided"
        )
    for account in call.site.accounts:
        if (name and account.name == name) or (key and account.key == key):
            return account
    raise ApiError(404, f"The user named '{name or key}' does not exist")


def show_groups(call: Call, account: Account) -> Json:
    """Return how many groups somebody is in, and which when asked."""
    groups = [group for group in GROUPS if group.holds(account)]
    address = f"{call.presenter.api}/group?groupname="
    shown = [{"name": group.name, "self": f"{address}{group.name}"} for group in groups]
    return {"size": len(groups), "items": shown if "groups" in call.query("expand") else []}


def search(call: Call) -> web.Response:
    """List the people whose name, address or shown name begins with a text."""
    text = call.query("query" if call.cloud else "username").strip().casefold()
    account_id = call.query("accountId") if call.cloud else ""
    if not text and not account_id:
        if call.cloud:
            raise ApiError(400, "Either 'query', 'accountId' or 'property' must be provided.")
        raise ApiError(400, errors={"username": "The username query parameter was not provided"})
    found = [
        account
        for account in (call.site.accounts if call.caller else ())
        if (account_id and account.account_id == account_id)
        or (text and matches(call, account, text))
    ]
    start, size = call.page(default=50, most=1000)
    return answer([call.presenter.user(account) for account in found[start : start + size]])


def matches(call: Call, account: Account, text: str) -> bool:
    """Tell whether a name of somebody begins with a text."""
    cloud = call.cloud
    if text in {".", "%", "_"} and not cloud:
        return account.active
    words = [account.display_name, *account.display_name.split(), account.email]
    if not cloud:
        words.append(account.name)
    return account.active and any(word.casefold().startswith(text) for word in words)


def _permitted(call: Call, permissions: Iterable[str], owners: Iterable[Project]) -> web.Response:
    """List those who have some permissions in all of some projects, and fit the text."""
    text = (call.query("query") or call.query("username")).casefold()
    wanted = list(permissions)
    places = list(owners)
    has = call.site.permissions.has
    found = [
        account
        for account in (call.site.accounts if call.caller else ())
        if all(has(account, permission, place) for permission in wanted for place in places)
        and (not text or matches(call, account, text))
    ]
    start, size = call.page(default=50, most=1000)
    return answer([call.presenter.user(account) for account in found[start : start + size]])


def _owner(call: Call, parameter: str) -> Project:
    """Return the project a parameter names, or that of the issue named instead."""
    key = call.query(parameter)
    if not key and not call.query("issueKey"):
        raise ApiError(400, "Project or issue key must be specified.")
    if not key:
        return call.find_issue(call.query("issueKey")).project
    return _project(call, key)


def _project(call: Call, key: str) -> Project:
    owner = call.site.find_project(key)
    if owner is None or owner not in call.site.visible_projects(call.caller):
        raise ApiError(404, f"No project could be found with key '{key}'.")
    return owner


def assignable(call: Call) -> web.Response:
    """List the people who may get issues of a project."""
    return _permitted(call, ["ASSIGNABLE_USER"], [_owner(call, "project")])


def assignable_everywhere(call: Call) -> web.Response:
    """List the people who may get issues of all the projects named."""
    keys = call.query_list("projectKeys")
    if not keys:
        raise ApiError(400, "The 'projectKeys' query parameter is required.")
    return _permitted(call, ["ASSIGNABLE_USER"], [_project(call, key) for key in keys])


def viewers(call: Call) -> web.Response:
    """List the people who may see a project, or an issue."""
    return _permitted(call, ["BROWSE_PROJECTS"], [_owner(call, "projectKey")])


def permitted(call: Call) -> web.Response:
    """List the people who have the permissions named."""
    wanted = call.query_list("permissions")
    if not wanted:
        raise ApiError(400, "The 'permissions' query parameter is required.")
    return _permitted(call, wanted, [_owner(call, "projectKey")])


def find_account(call: Call, account_id: str) -> Account:
    """Return whoever has an `accountId` on Cloud."""
    if not account_id:
        raise ApiError(400, "The query parameter 'accountId' must be provided.")
    for account in call.site.accounts:
        if account.account_id == account_id:
            return account
    raise ApiError(404, _UNKNOWN)


def list_everybody(call: Call) -> web.Response:
    """List all people."""
    start, size = call.page(default=50, most=1000)
    return answer([call.presenter.user(a) for a in call.site.accounts[start : start + size]])


def fetch_many(call: Call) -> web.Response:
    """Return people by their `accountId`; who is unknown is left out."""
    wanted = call.query_list("accountId")
    if not wanted:
        raise ApiError(400, "The query parameter 'accountId' must be provided.")
    found = [account for account in call.site.accounts if account.account_id in wanted]
    return answer(page_bean(call, "user/bulk", found, call.presenter.user))


ENDPOINTS = (
    get("/user", get_user),
    get("/user/search", search),
    get("/user/assignable/search", assignable),
    get("/user/assignable/multiProjectSearch", assignable_everywhere),
    get("/user/viewissue/search", viewers),
    get("/user/permission/search", permitted),
    get("/user/bulk", fetch_many, only="cloud", anonymous=False),
    get("/users", list_everybody, only="cloud", anonymous=False),
    get("/users/search", list_everybody, only="cloud", anonymous=False),
)
