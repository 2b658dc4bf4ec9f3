"""The server itself and the caller: `serverInfo`, `myself`, `configuration`."""

from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from sandbox.jira.api.people import show_groups
from sandbox.jira.call import Call, answer
from sandbox.jira.endpoint import get
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
    result: Any = call.presenter.user(account)
    result |= {
        "locale": account.locale,
        "groups": show_groups(call, account),
        "applicationRoles": {"size": 1, "items": []},
        "expand": "groups,applicationRoles",
    }
    if not call.cloud:
        result |= {"deleted": False, "lastLoginTime": call.presenter.instant(call.site.now())}
    return answer(result)


def configuration(_: Call) -> web.Response:
    """Tell which parts of the site are turned on."""
    return answer(
        {
            "votingEnabled": True,
            "watchingEnabled": True,
            "unassignedIssuesAllowed": True,
            "subTasksEnabled": False,
            "issueLinkingEnabled": True,
            "timeTrackingEnabled": True,
            "attachmentsEnabled": True,
            "timeTrackingConfiguration": {
                "workingHoursPerDay": 8.0,
                "workingDaysPerWeek": 5.0,
                "timeFormat": "pretty",
                "defaultUnit": "minute",
            },
        }
    )


def my_locale(call: Call) -> web.Response:
    """Tell the language of the caller."""
    return answer({"locale": call.signed_in().locale})


ENDPOINTS = (
    get("/serverInfo", server_info),
    get("/myself", myself, anonymous=False),
    get("/configuration", configuration, anonymous=False),
    get("/mypreferences/locale", my_locale, only="cloud", anonymous=False),
)
