"""People: one by id, and those that match a text."""

from aiohttp import web

from sandbox.jira.call import Call, answer
from sandbox.jira.endpoint import get
from sandbox.jira.errors import ApiError
from sandbox.jira.model import Account


def get_user(call: Call) -> web.Response:
    """Return a person: by `accountId` on Cloud, by `username` or `key` on Data Center."""
    call.signed_in()
    if call.cloud:
        wanted = call.query("accountId")
        if not wanted:
            raise ApiError(400, "The query parameter 'accountId' must be provided.")
        found = [a for a in call.site.accounts if a.account_id == wanted]
        missing = "Specified user does not exist or you do not have required permissions"
    else:
        name, key = call.query("username"), call.query("key")
        if not name and not key:
            raise ApiError(404, "Either the 'username' or the 'key' query parameters need to be "
                           "provided")  # fmt: skip
        found = [
            a for a in call.site.accounts if (name and a.name == name) or (key and a.key == key)
        ]
        missing = f"The user named '{name or key}' does not exist"
    if not found:
        raise ApiError(404, missing)
    user = call.presenter.user(found[0]) or {}
    return answer(
        user
        | {
            "locale": found[0].locale,
            "groups": {"size": 1, "items": []},
            "applicationRoles": {"size": 1, "items": []},
            "expand": "groups,applicationRoles",
        }
    )


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
        or (text and _matches(account, text, cloud=call.cloud))
    ]
    start, size = call.page(default=50, most=1000)
    return answer([call.presenter.user(account) for account in found[start : start + size]])


def _matches(account: Account, text: str, *, cloud: bool) -> bool:
    if text in {".", "%", "_"} and not cloud:
        return True
    words = [account.display_name, *account.display_name.split(), account.email]
    if not cloud:
        words.append(account.name)
    return account.active and any(word.casefold().startswith(text) for word in words)


def assignable(call: Call) -> web.Response:
    """List the people who may get issues of a project."""
    project = call.query("project")
    if not project and not call.query("issueKey"):
        raise ApiError(400, "Project or issue key must be specified.")
    owner = call.site.find_project(project) if project else call.find_issue(
        call.query("issueKey")).project  # fmt: skip
    if owner is None:
        raise ApiError(404, f"No project could be found with key '{project}'.")
    text = (call.query("query") or call.query("username")).casefold()
    found = [
        account
        for account in call.site.accounts
        if call.site.permissions.has(account, "ASSIGNABLE_USER", owner)
        and (not text or _matches(account, text, cloud=call.cloud))
    ]
    start, size = call.page(default=50, most=1000)
    return answer([call.presenter.user(account) for account in found[start : start + size]])


ENDPOINTS = (
    get("/user", get_user),
    get("/user/search", search),
    get("/user/assignable/search", assignable),
)
