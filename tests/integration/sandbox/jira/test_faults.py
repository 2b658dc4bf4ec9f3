"""What goes wrong on purpose, and what is recorded."""

import asyncio

import aiohttp
import pytest

from sandbox.jira.model import Deployment
from sandbox.jira.seed import populate_jira
from sandbox.jira.server import JiraServer
from tests.integration.sandbox.jira.caller import Stand
from tests.waiting import eventually

BODY = {"fields": {"project": {"key": "BUG"}, "issuetype": {"name": "Bug"}, "summary": "x"}}


async def test_the_next_requests_of_a_route_fail(stand: Stand) -> None:
    stand.server.faults.fail(
        "POST /issue", times=2, status=503, headers={"Retry-After": "3"}, body={"message": "busy"}
    )
    assert (await stand.get("/myself")).status == 200
    for _ in range(2):
        reply = await stand.post("/issue", BODY)
        assert (reply.status, reply.headers["Retry-After"]) == (503, "3")
        assert reply.json == {"message": "busy"}
    assert (await stand.post("/issue", BODY)).status == 201
    assert len(stand.site.issues) == 1


async def test_accepted_and_dropped_is_created_all_the_same(stand: Stand) -> None:
    stand.server.faults.accept_and_drop()
    with pytest.raises(aiohttp.ClientError):
        await stand.post("/issue", BODY)
    assert [issue.key for issue in stand.server.records.issues] == ["BUG-1"]
    assert stand.server.records.requests[-1].status == 0
    assert (await stand.post("/issue", BODY)).json["key"] == "BUG-2"


async def test_dropped_before_is_not_created(stand: Stand) -> None:
    stand.server.faults.drop("POST /issue")
    with pytest.raises(aiohttp.ClientError):
        await stand.post("/issue", BODY)
    assert stand.server.records.issues == []


async def test_a_down_server_refuses_and_comes_back_on_the_same_port(stand: Stand) -> None:
    await stand.get("/myself")
    address = stand.server.url
    await stand.server.faults.refuse_connections()
    with pytest.raises(aiohttp.ClientConnectionError):
        await stand.get("/myself")
    await stand.server.faults.accept_connections()
    assert stand.server.url == address
    assert (await stand.get("/myself")).status == 200


async def test_a_frozen_server_answers_later(stand: Stand) -> None:
    stand.server.faults.freeze()
    pending = asyncio.ensure_future(stand.get("/myself"))
    await eventually(lambda: stand.server.requests["GET /myself"] == 1)
    assert not pending.done()
    stand.server.faults.thaw()
    assert (await pending).status == 200


async def test_a_delay_holds_an_answer_back(stand: Stand) -> None:
    stand.server.faults.delay("GET /myself", 0.05)
    loop = asyncio.get_running_loop()
    before = loop.time()
    assert (await stand.get("/myself")).status == 200
    assert loop.time() - before >= 0.05


async def test_proxies_and_sign_ons(stand: Stand) -> None:
    stand.server.faults.html("GET /myself", status=502)
    page = await stand.get("/myself")
    assert (page.status, page.headers["Content-Type"]) == (502, "text/html;charset=UTF-8")
    stand.server.faults.redirect_to_login()
    login = await stand.get("/myself")
    assert login.status == 302
    assert "login.jsp" in login.headers["Location"]


@pytest.mark.parametrize("flavour", ["burst", "per-issue", "quota-tenant", "quota-global"])
async def test_every_limit_of_cloud(cloud: Stand, flavour: str) -> None:
    cloud.server.faults.rate_limit("GET /myself", flavour=flavour, retry_after=2)  # type: ignore[arg-type]
    reply = await cloud.get("/myself")
    assert (reply.status, reply.headers["Retry-After"]) == (429, "2")
    assert flavour.split("-", maxsplit=1)[0] in reply.headers["RateLimit-Reason"]
    assert (await cloud.get("/myself")).status == 200


async def test_the_limit_of_datacenter(datacenter: Stand) -> None:
    datacenter.server.faults.rate_limit(flavour="datacenter", retry_after=9)
    reply = await datacenter.get("/myself")
    assert (reply.status, reply.headers["Retry-After"]) == (429, "9")
    good = await datacenter.get("/myself")
    assert (good.status, good.headers["Retry-After"]) == (200, "0")
    assert int(good.headers["X-RateLimit-Limit"]) == 70
    assert "Retry-After" not in (await datacenter.get("/serverInfo")).headers
    datacenter.server.faults.rate_limit(flavour="datacenter")
    page = await datacenter.get("/myself", headers={"Accept": "*/*"})
    assert (page.status, page.headers["X-RateLimit-Remaining"]) == (429, "0")
    assert page.headers["Content-Type"].startswith("text/html")


async def test_limits_are_kept_when_asked(stand: Stand) -> None:
    switches = stand.server.switches
    switches.enforce_rate_limits, switches.rate_capacity, switches.rate_fill = True, 2, 0
    statuses = [(await stand.get("/myself")).status for _ in range(4)]
    assert statuses == [200, 200, 429, 429]
    # Per person on Data Center, per address on Cloud.
    assert (await stand.get("/project")).status == (200 if stand.cloud else 429)
    assert (await stand.get("/myself", who="dev")).status == (429 if stand.cloud else 200)


async def test_a_datacenter_limit_is_a_page_for_those_who_do_not_ask_for_json(
    datacenter: Stand,
) -> None:
    switches = datacenter.server.switches
    switches.enforce_rate_limits, switches.rate_capacity = True, 0
    page = await datacenter.get("/myself", headers={"Accept": "text/html"})
    assert page.status == 429
    assert page.headers["Content-Type"].startswith("text/html")
    assert "message" in (await datacenter.get("/myself")).json


async def test_requests_are_counted_by_route(stand: Stand) -> None:
    await stand.create()
    await stand.get("/issue/BUG-1")
    await stand.get("/issue/10000")
    await stand.get("/rest/api/2/myself")
    requests = stand.server.requests
    assert requests == {"POST /issue": 1, "GET /issue/{issue}": 2, "GET /myself": 1}
    assert requests.total() == 4
    last = stand.server.records.requests[-1]
    assert (last.status, last.caller) == (200, "casebot")


@pytest.mark.parametrize("deployment", ["cloud", "datacenter"])
async def test_a_context_path_and_a_zone_of_its_own(deployment: Deployment) -> None:
    server = JiraServer(deployment=deployment, context_path="/jira", site_zone="Asia/Kolkata")
    people = populate_jira(server)
    await server.start()
    try:
        async with aiohttp.ClientSession() as session:
            stand = Stand(server, people, session)
            assert server.url.endswith("/jira")
            await stand.create()
            issue = (await stand.get("/issue/BUG-1")).json
            assert issue["self"].startswith(server.url + "/rest/api/")
            assert issue["fields"]["created"].endswith("+0530")
            assert stand.server.requests["GET /issue/{issue}"] == 1
            bare = server.url.removesuffix("/jira")
            async with session.get(f"{bare}/rest/api/2/serverInfo") as response:
                assert response.status == 404
    finally:
        await server.stop()


async def test_stopping_twice_and_starting_again(stand: Stand) -> None:
    await stand.server.stop()
    await stand.server.stop()
    await stand.server.start()
    assert (await stand.get("/myself")).status == 200


async def test_cloud_limits_writes_to_one_issue(cloud: Stand) -> None:
    await cloud.create()
    await cloud.create()
    cloud.server.switches.enforce_rate_limits = True
    edit = {"fields": {"summary": "New"}}
    statuses = [(await cloud.put("/issue/BUG-1", edit)).status for _ in range(20)]
    assert statuses == [204] * 20
    refused = await cloud.post("/issue/10000/comment", {"body": cloud.long_text("x")})
    assert refused.status == 429
    assert refused.headers["RateLimit-Reason"] == "jira-per-issue-on-write"
    assert (await cloud.put("/issue/BUG-2", edit)).status == 204
