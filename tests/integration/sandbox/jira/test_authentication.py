"""Who calls, and the many ways of not being told that nobody does."""

import pytest

from tests.integration.sandbox.jira.caller import Stand, basic

BAD_BASIC = {"Authorization": basic("casebot@example.org", "wrong")}
LINE = "Client must be authenticated to access this resource."


async def test_the_two_deployments_can_be_told_apart(stand: Stand) -> None:
    info = (await stand.get("/rest/api/2/serverInfo")).json
    assert info["deploymentType"] == ("Cloud" if stand.cloud else "Server")
    assert info["baseUrl"] == stand.server.url
    assert info["versionNumbers"][0] == (1001 if stand.cloud else 10)


async def test_myself_is_who_i_am(stand: Stand) -> None:
    reply = await stand.get("/myself")
    assert reply.json["emailAddress"] == stand.people.email
    assert reply.json["timeZone"] == "Africa/Nairobi"
    assert ("accountId" in reply.json) is stand.cloud
    assert ("name" in reply.json) is not stand.cloud
    header = "X-AAccountId" if stand.cloud else "X-AUSERNAME"
    known = reply.json["accountId"] if stand.cloud else "casebot"
    assert reply.headers[header] == known


async def test_people_may_hide_their_address_on_cloud(stand: Stand) -> None:
    account = stand.site.account("casebot")
    assert account is not None
    account.shows_email = False
    assert ("emailAddress" in (await stand.get("/myself")).json) is not stand.cloud


async def test_cloud_takes_a_bad_token_for_nobody(cloud: Stand) -> None:
    await cloud.create()
    myself = await cloud.get("/myself", who=None, headers=BAD_BASIC)
    assert (myself.status, myself.text) == (401, LINE)
    assert myself.headers["WWW-Authenticate"].startswith('OAuth realm="http%3A%2F%2F')
    found = await cloud.post("/search/jql", {"jql": "project = BUG"}, who=None, headers=BAD_BASIC)
    assert (found.status, found.json) == (200, {"issues": [], "isLast": True})
    projects = await cloud.get("/project/search", who=None, headers=BAD_BASIC)
    assert projects.json["values"] == []
    issue = await cloud.get("/issue/BUG-1", who=None, headers=BAD_BASIC)
    assert issue.status == 404
    for reply in (myself, found, projects, issue):
        assert reply.headers["X-Seraph-LoginReason"] == "AUTHENTICATED_FAILED"


async def test_without_credentials_there_is_no_marker(cloud: Stand) -> None:
    reply = await cloud.get("/myself", who=None)
    assert reply.status == 401
    assert "X-Seraph-LoginReason" not in reply.headers


@pytest.mark.parametrize("path", ["/serverInfo", "/myself", "/issue/BUG-1"])
async def test_cloud_does_not_know_what_to_do_with_a_bearer(cloud: Stand, path: str) -> None:
    opaque = await cloud.get(path, who=None, headers={"Authorization": "Bearer abc"})
    assert opaque.status == 403
    assert opaque.json == {"error": "Failed to parse Connect Session Auth Token"}
    assert opaque.headers["Content-Type"] == "application/json"
    shaped = await cloud.get(path, who=None, headers={"Authorization": "Bearer a.b.c"})
    assert shaped.status == 401
    assert shaped.headers["Content-Type"].startswith("text/plain")


async def test_cloud_refuses_a_password(cloud: Stand) -> None:
    header = basic(cloud.people.email, cloud.people.password)
    reply = await cloud.get("/serverInfo", who=None, headers={"Authorization": header})
    assert reply.status == 401


async def test_a_token_ends(stand: Stand) -> None:
    account = stand.site.account("casebot")
    assert account is not None
    account.token_expires_at = stand.site.now()
    assert (await stand.get("/myself")).status == 401


async def test_a_scoped_token_is_good_at_the_gateway_only(cloud: Stand) -> None:
    cloud.site.add_account("scoped", api_token="t", scoped=True)
    refused = await cloud.get("/myself", who="scoped")
    assert refused.status == 401
    assert refused.json == {"code": 401, "message": "Unauthorized; scope does not match"}
    tenant = (await cloud.get("/_edge/tenant_info", who=None)).json["cloudId"]
    path = f"/ex/jira/{tenant}/rest/api/3/myself"
    assert (await cloud.get(path, who="scoped")).status == 200
    bearer = await cloud.get(path, who=None, headers={"Authorization": "Bearer t"})
    assert bearer.json["displayName"] == "Scoped"
    unknown = await cloud.get(path, who=None, headers=BAD_BASIC)
    assert (unknown.status, unknown.json["message"]) == (401, "Unauthorized")


async def test_datacenter_refuses_a_bad_token_but_searches_with_it(datacenter: Stand) -> None:
    await datacenter.create()
    bad = {"Authorization": "Bearer wrong"}
    for path in ("/myself", "/serverInfo", "/issue/BUG-1", "/project"):
        reply = await datacenter.get(path, who=None, headers=bad)
        assert (reply.status, reply.json) == (401, {"message": LINE, "status-code": 401})
        assert "X-Seraph-LoginReason" not in reply.headers
    found = await datacenter.post("/search", {"jql": "project = BUG"}, who=None, headers=bad)
    assert (found.status, found.json["total"]) == (200, 0)
    assert found.headers["X-AUSERNAME"] == "anonymous"


async def test_too_many_wrong_passwords_want_a_captcha(datacenter: Stand) -> None:
    wrong = {"Authorization": basic("casebot", "wrong")}
    right = {"Authorization": basic("casebot", datacenter.people.password)}
    assert (await datacenter.get("/myself", who=None, headers=right)).status == 200
    for _ in range(3):
        reply = await datacenter.get("/myself", who=None, headers=wrong)
        assert reply.status == 401
        assert reply.headers["Content-Type"].startswith("text/html")
        assert reply.headers["X-Seraph-LoginReason"] == "AUTHENTICATED_FAILED"
    for headers in (wrong, right):
        reply = await datacenter.get("/myself", who=None, headers=headers)
        assert reply.status == 403
        assert reply.headers["X-Seraph-LoginReason"] == "AUTHENTICATION_DENIED"
        reason = reply.headers["X-Authentication-Denied-Reason"]
        assert reason == f"CAPTCHA_CHALLENGE; login-url={datacenter.server.url}/login.jsp"
    assert (await datacenter.get("/myself")).status == 200  # a token does not count
    datacenter.site.reset_failed_logins("casebot")
    assert (await datacenter.get("/myself", who=None, headers=right)).status == 200


async def test_basic_may_be_turned_off(datacenter: Stand) -> None:
    datacenter.server.switches.basic_enabled = False
    header = basic("casebot", datacenter.people.password)
    reply = await datacenter.get("/myself", who=None, headers={"Authorization": header})
    assert reply.status == 403
    assert "disabled" in reply.json["message"]


async def test_a_session_is_a_way_in_on_datacenter(datacenter: Stand) -> None:
    path = "/rest/auth/1/session"
    body = {"username": "casebot", "password": datacenter.people.password}
    made = await datacenter.post(path, body, who=None)
    cookie = {"Cookie": "JSESSIONID=" + made.json["session"]["value"]}
    assert (await datacenter.get("/myself", who=None, headers=cookie)).json["name"] == "casebot"
    assert (await datacenter.delete(path, who=None, headers=cookie)).status == 204
    assert (await datacenter.get("/myself", who=None, headers=cookie)).status == 401


async def test_a_single_sign_on_in_front_redirects_everything(stand: Stand) -> None:
    stand.server.switches.redirect_to_login = True
    reply = await stand.get("/myself")
    assert reply.status == 302
    assert reply.headers["Location"].endswith("/login.jsp")


async def test_permissions_are_told(stand: Stand) -> None:
    stand.site.deny("casebot", "LINK_ISSUES", "BUG")
    wanted = "BROWSE_PROJECTS,CREATE_ISSUES,LINK_ISSUES"
    reply = await stand.get(f"/mypermissions?permissions={wanted}&projectKey=BUG")
    have = {k: v["havePermission"] for k, v in reply.json["permissions"].items()}
    assert have["BROWSE_PROJECTS"]
    assert not have["LINK_ISSUES"]
    # Data Center ignores what is asked and tells everything.
    assert (len(have) == 3) is stand.cloud
    unasked = await stand.get("/mypermissions")
    assert unasked.status == (400 if stand.cloud else 200)


async def test_the_login_page_is_a_page(stand: Stand) -> None:
    stand.server.switches.redirect_to_login = True
    address = (await stand.get("/myself")).headers["Location"]
    async with stand.session.get(address) as page:
        assert (page.status, page.content_type) == (200, "text/html")


def page_of(stand: Stand) -> str:
    return f"{stand.server.url}/login.jsp"


async def test_signing_in_by_browser_ends_the_captcha(datacenter: Stand) -> None:
    people = datacenter.people
    right = {"Authorization": basic(people.username, people.password)}
    for _ in range(3):
        await datacenter.get("/myself", headers={"Authorization": basic(people.username, "wrong")})
    assert (await datacenter.get("/myself", headers=right)).status == 403
    broken = {"Content-Type": "multipart/form-data"}
    async with datacenter.session.post(page_of(datacenter), data=b"x", headers=broken) as reply:
        assert reply.status == 200
    form = {"os_username": people.username, "os_password": "wrong"}
    page = page_of(datacenter)
    async with datacenter.session.post(page, data=form) as again:
        assert again.status == 200
    assert (await datacenter.get("/myself", headers=right)).status == 403
    form["os_password"] = people.password
    async with datacenter.session.post(page, data=form, allow_redirects=False) as entered:
        assert entered.status == 302
    assert (await datacenter.get("/myself", headers=right)).status == 200


async def test_the_build_of_datacenter_and_the_language_of_cloud(stand: Stand) -> None:
    info = (await stand.get("/serverInfo")).json
    if stand.cloud:
        assert info["defaultLocale"] == {"locale": "en_US"}
    else:
        assert info["buildNumber"] == info["databaseBuildNumber"] == 10030019
