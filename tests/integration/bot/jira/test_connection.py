"""Who we are to Jira, and what counts as an answer."""

import asyncio
import base64
from datetime import timedelta

import aiohttp
import pytest

from bot.errors import CredentialsRefused, OutcomeUnknown, Rejected, Retryable
from bot.jira.answers import NotJira
from bot.jira.client import JiraClient, NotVisible
from bot.jira.documents import Document, Paragraph
from bot.jira.records import CloudCredentials, PersonalToken
from tests.integration.bot.jira.conftest import CENTER_INFO, TOKEN, MovedClock
from tests.integration.bot.jira.stub import Reply, Stub

ISSUE = "/rest/api/3/issue/DEF-1"
MISSING = Reply(status=404, json={"errorMessages": ["Issue does not exist"], "errors": {}})
REFUSED = Reply(status=401, body=b"Client must be authenticated to access this resource.")
EMPTY = Reply(json={"issues": [], "isLast": True})


async def create(client: JiraClient) -> str:
    created = await client.create_issue(
        project="DEF",
        issue_type="Bug",
        summary="It breaks",
        description=Document((Paragraph("text"),)),
        labels=("case-1",),
        property=("case", {"id": 1}),
    )
    return created.key


async def test_cloud_and_data_center_are_told_apart(cloud: JiraClient, center: JiraClient) -> None:
    assert (await cloud.connect()).deployment == "cloud"
    info = await center.connect()
    assert (info.deployment, info.version, info.base_url) == (
        "datacenter", "10.3.19", "https://x.example",
    )  # fmt: skip


async def test_a_context_path_and_a_slash_at_the_end_are_kept_apart(
    session: aiohttp.ClientSession, clock: MovedClock
) -> None:
    async with Stub() as stub:
        stub.on("GET", "/jira/rest/api/2/serverInfo", Reply(json=CENTER_INFO))
        stub.on("GET", "/jira/rest/api/2/myself", Reply(json={"name": "bot"}))
        client = JiraClient(
            url=f"{stub.url}/jira/",
            credentials=PersonalToken(token="x"),
            session=session,
            clock=clock,
        )
        assert (await client.whoami()).name == "bot"


async def test_each_login_is_sent_its_own_way(
    cloud: JiraClient, cloud_stub: Stub, center: JiraClient, center_stub: Stub
) -> None:
    await cloud.connect()
    await center.connect()
    basic = base64.b64encode(f"bot@x.example:{TOKEN}".encode()).decode()
    assert cloud_stub.calls[0].headers["Authorization"] == f"Basic {basic}"
    assert center_stub.calls[0].headers["Authorization"] == f"Bearer {TOKEN}"
    assert center_stub.calls[0].headers["Accept"] == "application/json"


async def test_a_stand_in_without_server_info_is_recognised_by_the_login(
    cloud: JiraClient, cloud_stub: Stub
) -> None:
    cloud_stub.on("GET", "/rest/api/2/serverInfo", Reply(status=404, body=b"404: Not Found"))
    info = await cloud.connect()
    assert (info.deployment, info.base_url) == ("cloud", cloud_stub.url)


@pytest.mark.parametrize(
    "myself",
    [
        REFUSED,
        Reply(status=403, json={"errorMessages": ["no"]}),
        Reply(status=404, body=b"nothing"),
        Reply(status=302, headers={"Location": "/login"}),
        Reply(body=b"<html>Log in", headers={"Content-Type": "text/html"}),
        Reply(json={"displayName": "nobody"}),
        Reply(json=[]),
    ],
)
async def test_connecting_needs_to_be_known(
    cloud: JiraClient, cloud_stub: Stub, myself: Reply
) -> None:
    cloud_stub.on("GET", "/rest/api/3/myself", myself)
    with pytest.raises(CredentialsRefused) as refused:
        await cloud.connect()
    assert TOKEN not in str(refused.value)
    assert len(cloud_stub.calls) == 2


@pytest.mark.parametrize(
    "answer",
    [
        Reply(status=404, body=b"<html>a dead link"),
        Reply(status=404, json={"success": False, "error": "Not found"}),
        Reply(status=403, body=b"<html>nobody passes"),
    ],
)
async def test_an_address_without_jira_is_told_from_a_wrong_token(
    cloud: JiraClient, cloud_stub: Stub, answer: Reply
) -> None:
    for path in ("/rest/api/2/serverInfo", "/rest/api/3/serverInfo"):
        cloud_stub.on("GET", path, Reply(status=404, body=b"nothing"))
    cloud_stub.on("GET", "/rest/api/3/myself", answer)
    with pytest.raises(NotJira, match="no Jira at JIRA_URL"):
        await cloud.connect()


async def test_a_redirect_is_not_followed(cloud: JiraClient, cloud_stub: Stub) -> None:
    target = Reply(status=302, headers={"Location": "/login"})
    cloud_stub.on("GET", "/rest/api/2/serverInfo", target)
    cloud_stub.on("GET", "/login", Reply(json=CENTER_INFO))
    with pytest.raises(CredentialsRefused, match="redirects"):
        await cloud.connect()
    assert cloud_stub.paths("/login") == []


async def test_an_unreachable_server_is_worth_another_try(
    session: aiohttp.ClientSession, clock: MovedClock, closed_port: int
) -> None:
    client = JiraClient(
        url=f"http://127.0.0.1:{closed_port}",
        credentials=PersonalToken(token=TOKEN),
        session=session,
        clock=clock,
    )
    with pytest.raises(Retryable, match=r"127\.0\.0\.1") as down:
        await client.connect()
    assert type(down.value) is Retryable


async def test_jira_may_be_down_while_the_program_starts(
    cloud: JiraClient, cloud_stub: Stub
) -> None:
    up = Reply(json={"deploymentType": "Cloud"})
    cloud_stub.on("GET", "/rest/api/2/serverInfo", Reply(status=502, body=b"<html>"), up)
    with pytest.raises(Retryable):
        await cloud.whoami()
    assert (await cloud.whoami()).id == "me"


async def test_many_tasks_connect_once(cloud: JiraClient, cloud_stub: Stub) -> None:
    await asyncio.gather(*(cloud.whoami() for _ in range(5)))
    assert len(cloud_stub.paths("serverInfo")) == 1


async def test_a_missing_issue_counts_while_we_are_known(
    cloud: JiraClient, cloud_stub: Stub
) -> None:
    cloud_stub.on("GET", ISSUE, MISSING)
    with pytest.raises(NotVisible, match="Issue does not exist"):
        await cloud.get_issue("DEF-1")
    known = Reply(json={"accountId": "me"})
    cloud_stub.on("GET", "/rest/api/3/myself", known, REFUSED)
    await cloud.connect()
    with pytest.raises(CredentialsRefused):
        await cloud.get_issue("DEF-1")


async def test_nothing_found_counts_while_we_are_known(cloud: JiraClient, cloud_stub: Stub) -> None:
    cloud_stub.on("POST", "/rest/api/3/search/jql", EMPTY)
    assert await cloud.find_issues_by_label("DEF", "case-1") == ()
    cloud_stub.on("GET", "/rest/api/3/myself", REFUSED)
    with pytest.raises(CredentialsRefused):
        await cloud.find_issues_by_label("DEF", "case-1")


async def test_an_answer_that_names_us_needs_no_second_look(
    center: JiraClient, center_stub: Stub
) -> None:
    await center.connect()
    found = {"issues": [], "total": 0}
    named = Reply(json=found, headers={"X-AUSERNAME": "bot"})
    other = Reply(json=found, headers={"X-AUSERNAME": "somebody"})
    center_stub.on("POST", "/rest/api/2/search", named, other)
    before = len(center_stub.calls)
    await center.find_issues_by_label("DEF", "case-1")
    assert len(center_stub.calls) - before == 1
    await center.find_issues_by_label("DEF", "case-1")
    assert len(center_stub.calls) - before == 3


@pytest.mark.parametrize(
    "marker",
    [{"X-AUSERNAME": "anonymous"}, {"X-Seraph-LoginReason": "AUTHENTICATED_FAILED"}],
)
async def test_even_a_full_answer_to_a_stranger_is_not_believed(
    center: JiraClient, center_stub: Stub, marker: dict[str, str]
) -> None:
    await center.connect()
    public = {"issues": [{"id": "1", "key": "PUB-1", "fields": {}}], "total": 1}
    center_stub.on("POST", "/rest/api/2/search", Reply(json=public, headers=marker))
    center_stub.on("GET", "/rest/api/2/myself", Reply(status=401, json={"message": "no"}))
    with pytest.raises(CredentialsRefused):
        await center.find_issues_by_label("DEF", "case-1")


async def test_a_write_refused_to_a_stranger_is_not_a_refusal(
    cloud: JiraClient, cloud_stub: Stub
) -> None:
    cloud_stub.on("POST", "/rest/api/3/issue", Reply(status=400, json={"errorMessages": ["no"]}))
    known = Reply(json={"accountId": "me"})
    cloud_stub.on("GET", "/rest/api/3/myself", known, known, REFUSED)
    with pytest.raises(CredentialsRefused):
        await create(cloud)


async def test_a_page_instead_of_data_is_no_empty_world(
    cloud: JiraClient, cloud_stub: Stub
) -> None:
    page = Reply(body=b"<html>Log in", headers={"Content-Type": "text/html;charset=UTF-8"})
    cloud_stub.on("POST", "/rest/api/3/search/jql", page)
    with pytest.raises(CredentialsRefused, match="text/html"):
        await cloud.find_issues_by_label("DEF", "case-1")


async def test_damaged_data_is_worth_another_try(cloud: JiraClient, cloud_stub: Stub) -> None:
    broken = Reply(body=b'{"issues": [', headers={"Content-Type": "application/json"})
    cloud_stub.on("POST", "/rest/api/3/search/jql", broken)
    with pytest.raises(Retryable, match="damaged"):
        await cloud.find_issues_by_label("DEF", "case-1")


async def test_a_read_is_asked_once_more_when_the_connection_breaks(
    cloud: JiraClient, cloud_stub: Stub
) -> None:
    cloud_stub.on("POST", "/rest/api/3/search/jql", Reply(drop=True), EMPTY)
    assert await cloud.find_issues_by_label("DEF", "case-1") == ()
    cloud_stub.on("POST", "/rest/api/3/search/jql", Reply(drop=True))
    with pytest.raises(Retryable) as broke:
        await cloud.find_issues_by_label("DEF", "case-1")
    assert type(broke.value) is Retryable


@pytest.mark.parametrize(
    "reply",
    [
        Reply(drop=True),
        Reply(hang=True),
        Reply(status=201, json={"id": "1", "key": "DEF-1"}, short=True),
        Reply(status=500, json={"errorMessages": ["Internal server error"]}),
        Reply(status=504, body=b"<html>gateway</html>"),
        Reply(status=201, json={}),
        Reply(status=201, body=b""),
        Reply(status=200, body=b"<html>", headers={"Content-Type": "text/html"}),
    ],
)
async def test_a_create_without_an_answer_may_have_happened(
    session: aiohttp.ClientSession, cloud_stub: Stub, clock: MovedClock, reply: Reply
) -> None:
    client = JiraClient(
        url=cloud_stub.url,
        credentials=CloudCredentials(email="bot@x.example", api_token=TOKEN),
        session=session,
        clock=clock,
        timeout=timedelta(seconds=2),
    )
    cloud_stub.on("POST", "/rest/api/3/issue", reply)
    with pytest.raises(OutcomeUnknown):
        await create(client)
    assert len(cloud_stub.paths("POST /rest/api/3/issue")) == 1


async def test_a_create_is_not_sent_to_a_server_that_is_down(
    cloud: JiraClient, cloud_stub: Stub
) -> None:
    await cloud.connect()
    cloud_stub.on("GET", "/rest/api/3/myself", Reply(drop=True))
    with pytest.raises(Retryable) as down:
        await create(cloud)
    assert type(down.value) is Retryable
    assert cloud_stub.paths("POST") == []


@pytest.mark.parametrize(
    ("reply", "wait"),
    [
        (Reply(status=429, json={}, headers={"Retry-After": "3"}), timedelta(seconds=3)),
        (Reply(status=503, json={}, headers={"Retry-After": "2"}), timedelta(seconds=2)),
        (Reply(status=429, body=b"slow down"), None),
    ],
)
async def test_a_create_that_was_turned_away_did_not_happen(
    cloud: JiraClient, cloud_stub: Stub, reply: Reply, wait: timedelta | None
) -> None:
    cloud_stub.on("POST", "/rest/api/3/issue", reply)
    with pytest.raises(Retryable) as busy:
        await create(cloud)
    assert type(busy.value) is Retryable
    assert busy.value.retry_after == wait


async def test_a_refused_create_names_every_complaint(cloud: JiraClient, cloud_stub: Stub) -> None:
    complaints = {"errorMessages": ["Field 'priority' is required"], "errors": {"summary": "long"}}
    cloud_stub.on("POST", "/rest/api/3/issue", Reply(status=400, json=complaints))
    with pytest.raises(Rejected, match=r"Field 'priority' is required; summary: long"):
        await create(cloud)
    assert len(cloud_stub.paths("POST /rest/api/3/issue")) == 1


async def test_a_refusal_whose_words_break_off_is_still_a_refusal(
    cloud: JiraClient, cloud_stub: Stub
) -> None:
    reply = Reply(status=400, json={"errorMessages": ["no"]}, short=True)
    cloud_stub.on("POST", "/rest/api/3/issue", reply)
    with pytest.raises(Rejected):
        await create(cloud)


async def test_a_server_without_properties_at_create_gets_none(
    center: JiraClient, center_stub: Stub
) -> None:
    unknown = {"errorMessages": ['Unrecognized field "properties" (class X)']}
    center_stub.on(
        "POST",
        "/rest/api/2/issue",
        Reply(status=400, json=unknown),
        Reply(status=201, json={"id": "10", "key": "DEF-10"}),
    )
    assert await create(center) == "DEF-10"
    assert "properties" not in center_stub.calls[-1].json()
    assert center_stub.calls[-1].json()["fields"]


async def test_a_secret_that_the_server_echoes_is_not_repeated(
    center: JiraClient, center_stub: Stub
) -> None:
    await center.connect()
    echo = b'{"errorMessages": ["bad header Bearer top\\/secret+token, top/secret+token"]}'
    center_stub.on("POST", "/rest/api/2/issue", Reply(status=400, body=echo))
    with pytest.raises(Rejected, match="bad header") as rejected:
        await create(center)
    assert "secret" not in str(rejected.value)


def test_secrets_are_not_shown() -> None:
    shown = repr(PersonalToken(token=TOKEN)) + repr(CloudCredentials(email="a", api_token=TOKEN))
    assert TOKEN not in shown


@pytest.mark.parametrize(
    "address", ["", "jira.example.org", "ftp://x", "https://u:p@x.example", "https://x/?a=1"]
)
async def test_an_address_that_is_none_is_refused_without_showing_it(
    session: aiohttp.ClientSession, clock: MovedClock, address: str
) -> None:
    with pytest.raises(ValueError, match="JIRA_URL") as refused:
        JiraClient(url=address, credentials=PersonalToken(token="x"), session=session, clock=clock)
    assert "u:p" not in str(refused.value)


async def test_a_bucket_that_is_not_empty_is_no_error(
    center: JiraClient, center_stub: Stub
) -> None:
    bucket = {"X-RateLimit-Remaining": "69", "Retry-After": "0"}
    center_stub.on("GET", "/rest/api/2/myself", Reply(json={"name": "bot"}, headers=bucket))
    assert (await center.whoami()).name == "bot"


async def test_an_endless_answer_is_given_up(
    session: aiohttp.ClientSession, cloud_stub: Stub, clock: MovedClock
) -> None:
    client = JiraClient(
        url=cloud_stub.url,
        credentials=CloudCredentials(email="bot@x.example", api_token=TOKEN),
        session=session,
        clock=clock,
        timeout=timedelta(seconds=40),
    )
    huge = Reply(body=b" " * (65 * 1024 * 1024), headers={"Content-Type": "application/json"})
    cloud_stub.on("GET", ISSUE, huge)
    with pytest.raises(Retryable, match="broke"):
        await client.get_issue("DEF-1")


FROM_A_PROXY = [
    Reply(status=404, body=b"<html>404 Not Found</html>", headers={"Content-Type": "text/html"}),
    Reply(status=403, body=b"<html>Forbidden</html>", headers={"Content-Type": "text/html"}),
    Reply(status=404, body=b""),
]


@pytest.mark.parametrize("reply", FROM_A_PROXY)
async def test_a_proxy_that_answers_for_jira_refuses_nothing_for_good(
    cloud: JiraClient, cloud_stub: Stub, reply: Reply
) -> None:
    """Neither an issue nor our login: what a proxy does not find may be there."""
    await cloud.connect()
    cloud_stub.on("GET", ISSUE, reply)
    cloud_stub.on("POST", "/rest/api/3/issue", reply)
    for asked in (cloud.get_issue("DEF-1"), create(cloud)):
        with pytest.raises(Retryable, match="in front of Jira") as fault:
            await asked
        assert type(fault.value) is Retryable
    cloud_stub.on("GET", "/rest/api/3/myself", reply)
    found = cloud.find_issues_by_label("DEF", "case-1")
    for question in (cloud.whoami(), create(cloud), found):
        with pytest.raises(Retryable):
            await question
