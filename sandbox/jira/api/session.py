"""Signing in with a cookie, as Data Center's older clients do; and the Cloud site's id."""

from aiohttp import web

from sandbox.jira.auth import COOKIE, log_in
from sandbox.jira.call import Call, answer, no_content
from sandbox.jira.endpoint import delete, get, post

CLOUD_ID = "11223344-a1b2-3b33-c444-def123456789"


def current(call: Call) -> web.Response:
    """Tell whose session it is."""
    account = call.signed_in()
    return answer(
        {"self": f"{call.base_url}/rest/api/latest/user?username={account.name}",
         "name": account.name}
    )  # fmt: skip


def sign_in(call: Call) -> web.Response:
    """Begin a session; wrong passwords count towards the CAPTCHA."""
    body = call.json_object()
    account = log_in(
        call.site,
        str(body.get("username", "")),
        str(body.get("password", "")),
        base_url=call.base_url,
    )
    value = f"{call.site.random.getrandbits(128):032X}"
    call.site.sessions[value] = account
    response = answer(
        {
            "session": {"name": COOKIE, "value": value},
            "loginInfo": {"failedLoginCount": 0, "loginCount": 1},
        }
    )
    response.set_cookie(COOKIE, value, path="/", httponly=True)
    return response


def sign_out(call: Call) -> web.Response:
    """End the session."""
    call.signed_in()
    call.site.sessions.pop(call.request.cookies.get(COOKIE, ""), None)
    return no_content()


def tenant_info(_: Call) -> web.Response:
    """Tell the id of this site at the gateway."""
    return answer({"cloudId": CLOUD_ID})


OUTSIDE = (
    get("/rest/auth/1/session", current, only="datacenter", anonymous=False),
    post("/rest/auth/1/session", sign_in, only="datacenter"),
    delete("/rest/auth/1/session", sign_out, only="datacenter", anonymous=False),
    get("/_edge/tenant_info", tenant_info, only="cloud"),
)
