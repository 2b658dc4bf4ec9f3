"""Signing in with a cookie, as Data Center's older clients do; and the Cloud site's id."""

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from sandbox.jira.auth import COOKIE, check_password, log_in
from sandbox.jira.call import Call, answer, no_content
from sandbox.jira.endpoint import delete, get, post

_LOGIN = """<!DOCTYPE html>
<html lang="en"><head><title>Log in</title></head><body><h1>Log in</h1>
<form method="post" action="">
<label>Username <input name="os_username"></label>
<label>Password <input name="os_password" type="password"></label>
<button>Log in</button></form></body></html>
"""
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


def login_page(_: Call) -> web.Response:
    """Show people where to sign in; programs that follow a redirect get this as a 200."""
    return web.Response(text=_LOGIN, content_type="text/html", charset="utf-8")


async def sign_in_by_browser(call: Call) -> web.Response:
    """Take the form of the page; whoever gets in has solved the CAPTCHA, too."""
    try:
        form = await call.request.post()
    except (ValueError, AssertionError, HttpProcessingError):
        return login_page(call)
    account = check_password(
        call.site, str(form.get("os_username", "")), str(form.get("os_password", ""))
    )
    if account is None:
        return login_page(call)
    account.failed_logins = 0
    return web.Response(status=302, headers={"Location": f"{call.base_url}/"})


_SESSIONS = ("/rest/auth/1/session", "/rest/auth/latest/session")
OUTSIDE = (
    *(get(path, current, only="datacenter", anonymous=False) for path in _SESSIONS),
    *(post(path, sign_in, only="datacenter") for path in _SESSIONS),
    *(delete(path, sign_out, only="datacenter", anonymous=False) for path in _SESSIONS),
    get("/login.jsp", login_page),
    post("/login.jsp", sign_in_by_browser, only="datacenter", reads_body=False),
    get("/_edge/tenant_info", tenant_info, only="cloud"),
)
