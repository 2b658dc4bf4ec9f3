"""Groups, who is in them, and the pickers that find people and groups by a text."""

from html import escape
from urllib.parse import quote

from aiohttp import web

from sandbox.jira.api.paging import page_bean
from sandbox.jira.api.people import find_account, matches
from sandbox.jira.call import Call, answer
from sandbox.jira.endpoint import get
from sandbox.jira.errors import ApiError
from sandbox.jira.groups import GROUPS, Group
from sandbox.jira.model import Account
from sandbox.jira.presenter import Json


def _shown(call: Call, group: Group) -> Json:
    if call.cloud:
        address = f"{call.presenter.api}/group?groupId={group.id}"
        return {"name": group.name, "groupId": group.id, "self": address}
    return {"name": group.name, "self": f"{call.presenter.api}/group?groupname={quote(group.name)}"}


def _named(call: Call) -> Group:
    name, identifier = call.query("groupname"), call.query("groupId")
    if not name and not identifier:
        raise ApiError(400, "Group name must be specified.")
    for group in GROUPS:
        if name == group.name or (call.cloud and identifier == group.id):
            return group
    raise ApiError(404, f"The group named '{name or identifier}' does not exist.")


def _members(call: Call, group: Group) -> list[Account]:
    everybody = call.query_flag("includeInactiveUsers")
    return [a for a in call.site.accounts if group.holds(a) and (a.active or everybody)]


def _require_admin(call: Call) -> None:
    if not call.signed_in().admin:
        raise ApiError(403, "You do not have permission to browse groups.")


def list_members(call: Call) -> web.Response:
    """List who is in a group, in pages."""
    _require_admin(call)
    group = _named(call)
    address = "group/member"
    return answer(page_bean(call, address, _members(call, group), call.presenter.user))


def get_group(call: Call) -> web.Response:
    """Return a group, and who is in it when asked."""
    _require_admin(call)
    group = _named(call)
    members = _members(call, group)
    shown = members if "users" in call.query("expand") else []
    return answer(
        _shown(call, group)
        | {
            "users": {
                "size": len(members),
                "items": [call.presenter.user(account) for account in shown],
                "max-results": 50,
                "start-index": 0,
                "end-index": max(len(shown) - 1, 0),
            },
            "expand": "users",
        }
    )


def page_groups(call: Call) -> web.Response:
    """List the groups in pages."""
    _require_admin(call)
    names, ids = (call.request.query.getall(key, []) for key in ("groupName", "groupId"))
    found = [
        group for group in GROUPS if not (names or ids) or group.name in names or group.id in ids
    ]
    return answer(page_bean(call, "group/bulk", found, lambda g: {"name": g.name, "groupId": g.id}))


def groups_of(call: Call) -> web.Response:
    """List the groups somebody is in."""
    account = find_account(call, call.query("accountId"))
    return answer([_shown(call, group) for group in GROUPS if group.holds(account)])


def _picked_groups(call: Call) -> Json:
    text = call.query("query").casefold()
    found = [group for group in GROUPS if call.caller and text in group.name.casefold()]
    return {
        "header": f"Showing {len(found)} of {len(found)} matching groups",
        "total": len(found),
        "groups": [
            {"name": group.name, "html": escape(group.name), "labels": []}
            | ({"groupId": group.id} if call.cloud else {})
            for group in found
        ],
    }


def _picked_users(call: Call) -> Json:
    text = call.query("query").strip().casefold()
    found = [a for a in call.site.accounts if call.caller and text and matches(call, a, text)]
    shown = found[: max(call.query_int("maxResults", 50), 0)]
    return {
        "header": f"Showing {len(shown)} of {len(found)} matching users",
        "total": len(found),
        "users": [_picked(call, account) for account in shown],
    }


def _picked(call: Call, account: Account) -> Json:
    shown = f"{account.display_name} - {account.email}"
    person: Json = {"html": escape(shown), "displayName": account.display_name}
    if call.cloud:
        return {"accountId": account.account_id, "accountType": "atlassian"} | person
    return {"name": account.name, "key": account.key} | person


def pick_groups(call: Call) -> web.Response:
    """Find groups by a part of the name."""
    return answer(_picked_groups(call))


def pick_users(call: Call) -> web.Response:
    """Find people by the beginning of a name."""
    return answer(_picked_users(call))


def pick_both(call: Call) -> web.Response:
    """Find people and groups."""
    return answer({"users": _picked_users(call), "groups": _picked_groups(call)})


ENDPOINTS = (
    get("/group/member", list_members, anonymous=False),
    get("/group", get_group, anonymous=False),
    get("/group/bulk", page_groups, only="cloud", anonymous=False),
    get("/user/groups", groups_of, only="cloud", anonymous=False),
    get("/groups/picker", pick_groups),
    get("/user/picker", pick_users),
    get("/groupuserpicker", pick_both),
)
