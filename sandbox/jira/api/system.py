"""The server itself and the caller: `serverInfo`, `myself`, `mypermissions`."""

from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from sandbox.jira.call import Call, answer
from sandbox.jira.catalog import PERMISSIONS
from sandbox.jira.endpoint import get
from sandbox.jira.errors import ApiError
from sandbox.jira.presenter import Json

DATACENTER_VERSION = (10, 3, 19)
_BUILT = datetime(2026, 4, 3, 7, tzinfo=UTC)
_COMMIT = "32b43b28d3f0c3ee7f2535b395e90b205ac3bc6f"


def server_info(call: Call) -> web.Response:
    """Tell which Jira this is; anything but `Cloud` is Data Center."""
    instant = call.presenter.instant
    shared: Json = {
        "baseUrl": call.base_url,
        "buildDate": instant(_BUILT),
        "serverTime": instant(call.site.now()),
        "scmInfo": _COMMIT,
        "serverTitle": "Jira",
    }
    if call.cloud:
        return answer(
            shared
            | {
                "displayUrl": call.base_url,
                "version": "1001.0.0-SNAPSHOT",
                "versionNumbers": [1001, 0, 0],
                "deploymentType": "Cloud",
                "buildNumber": 100_316,
                "serverTimeZone": call.site.zone,
                "defaultLocale": {"locale": "en_US"},
            }
        )
    build = int("{:d}{:02d}{:04d}".format(*DATACENTER_VERSION))
    return answer(
        shared
        | {
            "version": ".".join(map(str, DATACENTER_VERSION)),
            "versionNumbers": list(DATACENTER_VERSION),
            # A real 10.3.19 says "Server", not "DataCenter".
            "deploymentType": "Server",
            "buildNumber": build,
            "databaseBuildNumber": build,
        }
    )


def myself(call: Call) -> web.Response:
    """Tell who the caller is."""
    account = call.signed_in()
    groups = [{"name": "jira-software-users", "self": f"{call.presenter.api}/group?groupname=x"}]
    result: Any = call.presenter.user(account)
    result |= {
        "locale": account.locale,
        "groups": {
            "size": len(groups),
            "items": groups if "groups" in call.query("expand") else [],
        },
        "applicationRoles": {"size": 1, "items": []},
        "expand": "groups,applicationRoles",
    }
    if not call.cloud:
        result |= {"deleted": False, "lastLoginTime": call.presenter.instant(call.site.now())}
    return answer(result)


def my_permissions(call: Call) -> web.Response:
    """Tell what the caller may do; Cloud wants to know which permissions, Data Center gives all."""
    wanted = call.query_list("permissions")
    known = {key for key, _, _ in PERMISSIONS}
    if call.cloud:
        if not wanted:
            raise ApiError(400, "The 'permissions' query parameter is required.")
        unknown = [key for key in wanted if key not in known]
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
                key: {
                    "id": identifier,
                    "key": key,
                    "name": name,
                    "type": "GLOBAL" if key == "ADMINISTER" else "PROJECT",
                    "description": name,
                    "havePermission": call.site.permissions.has(call.caller, key, project),
                }
                for key, identifier, name in PERMISSIONS
                if key in shown
            }
        }
    )


ENDPOINTS = (
    get("/serverInfo", server_info),
    get("/myself", myself, anonymous=False),
    get("/mypermissions", my_permissions),
)
