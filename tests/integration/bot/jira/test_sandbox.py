"""The gateway against both Jiras of the sandbox, over real sockets."""

from collections.abc import AsyncIterator, Collection, Mapping
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
from yarl import URL

from bot.clock import SystemClock
from bot.errors import CredentialsRefused, OutcomeUnknown, Rejected, Retryable
from bot.jira.changes import ChangeReader
from bot.jira.client import JiraClient, NotVisible
from bot.jira.documents import Document, Heading, Paragraph, Preformatted
from bot.jira.records import CloudCredentials, CreatedIssue, Credentials, PersonalToken
from sandbox.jira.model import Deployment
from sandbox.jira.server import JiraServer

DEPLOYMENTS: tuple[Deployment, ...] = ("cloud", "datacenter")
STATUSES = (
    ("Specifying", "new"), ("Ready", "new"), ("In Progress", "indeterminate"), ("Done", "done"),
)  # fmt: skip
OVERLAP = timedelta(minutes=15)


def credentials(server: JiraServer) -> Credentials:
    if server.deployment == "cloud":
        return CloudCredentials(email="bot@example.org", api_token="cloud-token")
    return PersonalToken(token="center-token")


@pytest.fixture(params=DEPLOYMENTS)
async def server(request: pytest.FixtureRequest) -> AsyncIterator[JiraServer]:
    server = JiraServer(deployment=request.param, context_path="/jira", seed=1)
    server.site.add_account("bot", api_token="cloud-token", personal_token="center-token")
    server.site.add_project("DO", "Defects", statuses=STATUSES, versions=("7.1",))
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def client(server: JiraServer, session: aiohttp.ClientSession) -> JiraClient:
    client = JiraClient(
        url=server.url + "/",
        credentials=credentials(server),
        session=session,
        clock=SystemClock(),
        timeout=timedelta(seconds=20),
    )
    await client.connect()
    server.requests.clear()
    return client


@pytest.fixture
def reader(client: JiraClient) -> ChangeReader:
    return ChangeReader(client, SystemClock())


class Poller:
    """Polls as the program does: a watermark, an overlap, and what has been seen."""

    def __init__(self, reader: ChangeReader) -> None:
        self.reader = reader
        self.since = datetime.now(UTC) - OVERLAP
        self.seen: set[tuple[str, datetime]] = set()
        self.handled: set[str] = set()

    async def select(self, updated: Mapping[str, datetime]) -> Collection[str]:
        return [one for one, at in updated.items() if (one, at) not in self.seen]

    async def poll(self) -> list[str]:
        batch = await self.reader.read_changed(
            projects=["DO"], since=self.since, select=self.select
        )
        assert (batch.problems, batch.complete) == ((), True)
        fresh = []
        for found in batch.changes:
            self.seen.add((found.issue.id, found.issue.updated_at))
            fresh += [c for c in found.changes if c.history_id not in self.handled]
        self.handled |= {change.history_id for change in fresh}
        self.since = batch.as_of - OVERLAP
        return [change.to_name for change in sorted(fresh, key=lambda c: (c.at, int(c.history_id)))]


async def create(client: JiraClient, label: str = "case-1", **other: str) -> CreatedIssue:
    return await client.create_issue(
        project=other.get("project", "DO"),
        issue_type=other.get("issue_type", "Bug"),
        summary="It breaks",
        description=Document(
            (
                Heading("Steps"),
                Paragraph("open *it* at https://x.example/a_b\n[~admin] {noformat}"),
                Preformatted("log {noformat} end"),
            )
        ),
        labels=(label,),
        property=("casebot.case", {"id": 1}),
    )


async def test_the_server_says_what_it_is(server: JiraServer, client: JiraClient) -> None:
    info = await client.connect()
    assert info.deployment == server.deployment
    account = await client.whoami()
    assert account.display_name == "Bot"
    statuses = await client.list_statuses("DO")
    assert [(one.name, one.category) for one in statuses] == list(STATUSES)
    with pytest.raises(NotVisible):
        await client.list_statuses("NONE")


async def test_an_issue_is_created_and_found(server: JiraServer, client: JiraClient) -> None:
    created = await create(client)
    assert created.key == "DO-1"
    assert created.url.endswith("/browse/DO-1")
    issue = await client.get_issue(created.id)
    assert (issue.key, issue.status_name, issue.labels, issue.project_key) == (
        "DO-1", "Specifying", ("case-1",), "DO",
    )  # fmt: skip
    assert abs(issue.created_at - datetime.now(UTC)) < timedelta(minutes=1)
    assert await client.find_issues_by_label("DO", "case-1") == (issue,)
    assert await client.find_issues_by_label("DO", "case-2") == ()
    stored = server.site.issue(created.id)
    assert stored.properties["casebot.case"] == {"id": 1}
    assert stored.description is not None
    assert "https://x.example/a_b" in stored.description.text
    if server.deployment == "datacenter":
        assert r"open \*it\* at" in stored.description.text
        assert r"\[\~admin\] \{noformat\}" in stored.description.text
        assert "log { noformat} end" in stored.description.text


async def test_a_lost_answer_leaves_one_issue_that_the_marker_finds(
    server: JiraServer, client: JiraClient
) -> None:
    server.faults.accept_and_drop("POST /issue")
    with pytest.raises(OutcomeUnknown):
        await create(client)
    found = await client.find_issues_by_label("DO", "case-1")
    assert [issue.key for issue in found] == ["DO-1"]
    assert len(server.site.issues) == 1


async def test_a_dropped_create_is_a_doubt_that_the_marker_settles(
    server: JiraServer, client: JiraClient
) -> None:
    server.faults.drop("POST /issue")
    with pytest.raises(OutcomeUnknown):
        await create(client)
    assert await client.find_issues_by_label("DO", "case-1") == ()


async def test_a_refused_create_says_why(server: JiraServer, client: JiraClient) -> None:
    server.site.add_field("Severity", required=True)
    with pytest.raises(Rejected, match="Severity"):
        await create(client)
    with pytest.raises(Rejected):
        await create(client, project="NONE")
    with pytest.raises(Rejected):
        await create(client, label="two words")
    assert len(server.site.issues) == 0


@pytest.mark.parametrize("flavour", ["burst", "datacenter"])
async def test_a_limit_is_no_refusal(server: JiraServer, client: JiraClient, flavour: str) -> None:
    server.faults.rate_limit("POST /issue", flavour=flavour, retry_after=3)  # type: ignore[arg-type]
    with pytest.raises(Retryable) as busy:
        await create(client)
    assert not isinstance(busy.value, OutcomeUnknown)
    assert busy.value.retry_after == timedelta(seconds=3)
    assert len(server.site.issues) == 0


async def test_a_server_that_is_down_has_done_nothing(
    server: JiraServer, client: JiraClient
) -> None:
    port = URL(server.url).port
    await server.stop()
    with pytest.raises(Retryable) as down:
        await create(client)
    assert not isinstance(down.value, OutcomeUnknown)
    assert port is not None
    await server.start(port=port)
    assert (await create(client)).key == "DO-1"


async def test_every_step_between_two_polls_is_read_once(
    server: JiraServer, reader: ChangeReader
) -> None:
    poller = Poller(reader)
    issue = server.site.create_issue("DO", "It breaks")
    assert await poller.poll() == []
    for status in ("Ready", "In Progress", "Ready", "In Progress"):
        server.site.transition(issue, status)
    assert await poller.poll() == ["Ready", "In Progress", "Ready", "In Progress"]
    assert await poller.poll() == []
    server.site.transition(issue, "Done", resolution="Done")
    server.site.set_fix_versions(issue, ["7.1"])
    assert await poller.poll() == ["Done"]


async def test_what_the_index_shows_late_is_not_missed(
    server: JiraServer, reader: ChangeReader
) -> None:
    poller = Poller(reader)
    issue = server.site.create_issue("DO", "It breaks")
    await poller.poll()
    server.site.switches.index_lag = timedelta(hours=1)
    server.site.transition(issue, "Ready")
    assert await poller.poll() == []
    server.site.index.catch_up()
    assert await poller.poll() == ["Ready"]


async def test_an_outage_is_caught_up(server: JiraServer, reader: ChangeReader) -> None:
    poller = Poller(reader)
    poller.since = datetime.now(UTC) - timedelta(days=3)
    issue = server.site.create_issue("DO", "x", at=datetime.now(UTC) - timedelta(days=5))
    for days, status in ((4, "Ready"), (2, "In Progress"), (1, "Done")):
        server.site.transition(issue, status, at=datetime.now(UTC) - timedelta(days=days))
    assert await poller.poll() == ["Ready", "In Progress", "Done"]


async def test_one_poll_costs_by_what_changed(server: JiraServer, reader: ChangeReader) -> None:
    long_ago = datetime.now(UTC) - timedelta(days=90)
    issues = [server.site.create_issue("DO", str(number), at=long_ago) for number in range(1, 3001)]
    for issue in issues[:50]:
        server.site.transition(issue, "Ready")
    poller = Poller(reader)
    server.requests.clear()
    assert await poller.poll() == ["Ready"] * 50
    assert server.requests.total() == 2
    server.requests.clear()
    assert await poller.poll() == []
    assert server.requests.total() == 1


async def test_short_pages_are_read_to_the_end(server: JiraServer, reader: ChangeReader) -> None:
    server.switches.search_page_cap = 7
    for number in range(50):
        server.site.transition(server.site.create_issue("DO", str(number)), "Ready")
    assert await Poller(reader).poll() == ["Ready"] * 50


async def test_shuffled_and_cut_histories_are_put_in_order(
    server: JiraServer, reader: ChangeReader
) -> None:
    server.switches.shuffle_histories = True
    issue = server.site.create_issue("DO", "x")
    names = ["Ready", "In Progress"] * 75
    for name in names:
        server.site.transition(issue, name)
    assert await Poller(reader).poll() == names
    single = (await reader.read_issues([str(issue.id)])).changes[0]
    assert [change.to_name for change in single.changes] == names
    assert single.initial_status.name == "Specifying"


async def test_the_sweep_tells_moved_from_missing(server: JiraServer, reader: ChangeReader) -> None:
    server.site.add_project("NEW", "Elsewhere", statuses=STATUSES)
    issues = [server.site.create_issue("DO", str(number)) for number in range(130)]
    ids = [str(issue.id) for issue in issues]
    server.site.move(issues[0], "NEW")
    server.site.delete(issues[1])
    server.site.hide(issues[2])
    batch = await reader.read_issues(ids)
    assert set(batch.missing) == {ids[1], ids[2]}
    found = {one.issue.id: one.issue.key for one in batch.changes}
    assert found[ids[0]] == "NEW-1"
    assert len(found) == 128
    assert batch.complete
    single = await reader.read_issues([ids[1]])
    assert (single.missing, single.changes) == ((ids[1],), ())


async def test_a_single_look_is_ahead_of_the_index(
    server: JiraServer, reader: ChangeReader
) -> None:
    issue = server.site.create_issue("DO", "x")
    server.site.switches.index_lag = timedelta(hours=1)
    server.site.transition(issue, "Ready")
    server.requests.clear()
    batch = await reader.read_issues([str(issue.id)])
    assert batch.changes[0].issue.status_name == "Ready"
    assert [change.to_name for change in batch.changes[0].changes] == ["Ready"]
    assert server.requests.total() == 1


async def test_an_expired_token_is_no_empty_world(
    server: JiraServer, client: JiraClient, reader: ChangeReader
) -> None:
    issue = server.site.create_issue("DO", "x", labels=("case-1",))
    server.site.revoke_tokens("bot")
    poller = Poller(reader)
    with pytest.raises(CredentialsRefused):
        await poller.poll()
    with pytest.raises(CredentialsRefused):
        await reader.read_issues([str(issue.id), "99999"])
    with pytest.raises(CredentialsRefused):
        await client.get_issue("DO-1")
    with pytest.raises(CredentialsRefused):
        await client.find_issues_by_label("DO", "case-1")
    with pytest.raises(CredentialsRefused):
        await create(client)
    with pytest.raises(CredentialsRefused):
        await client.connect()


async def test_a_login_page_in_front_is_recognised(server: JiraServer, client: JiraClient) -> None:
    server.switches.redirect_to_login = True
    with pytest.raises(CredentialsRefused, match="login"):
        await client.get_issue("DO-1")
    server.switches.redirect_to_login = False
    server.faults.html("GET /issue/{issue}", status=200)
    with pytest.raises(CredentialsRefused, match="text/html"):
        await client.get_issue("DO-1")


async def test_a_repeating_page_token_does_not_loop(
    server: JiraServer, reader: ChangeReader
) -> None:
    server.switches.search_page_cap = 2
    server.switches.repeat_page_token = True
    for number in range(9):
        server.site.create_issue("DO", str(number))
    if server.deployment == "cloud":
        with pytest.raises(Retryable):
            await Poller(reader).poll()
        assert server.requests.total() < 10
    else:
        assert await Poller(reader).poll() == []


async def test_comments_files_and_links_reach_the_issue(
    server: JiraServer, client: JiraClient
) -> None:
    issue = await create(client)
    await client.add_comment(issue.id, Document((Heading("Answer"), Paragraph("yes"))))
    await client.attach(issue.id, "снимок экрана.png", b"\x89PNG", "image/png")
    for _ in range(2):
        await client.add_remote_link(
            issue.id, global_id="casebot:1", url="https://chat.example/1", title="CASE-1"
        )
    files = await client.list_attachments(issue.id)
    assert [(one.filename, one.size) for one in files] == [("снимок экрана.png", 4)]
    stored = server.site.issue(issue.id)
    assert len(stored.comments) == 1
    assert "yes" in stored.comments[0].body.text
    assert stored.comments[0].properties["sd.public.comment"] == {"internal": True}
    assert len(stored.remote_links) == 1


async def test_a_file_beyond_the_limit_is_rejected(server: JiraServer, client: JiraClient) -> None:
    issue = await create(client)
    server.switches.upload_limit = 10
    with pytest.raises(Rejected):
        await client.attach(issue.id, "big.bin", b"x" * 100, "application/octet-stream")
    assert await client.list_attachments(issue.id) == ()


async def test_a_long_description_is_cut_and_taken(server: JiraServer, client: JiraClient) -> None:
    created = await client.create_issue(
        project="DO",
        issue_type="Bug",
        summary="x" * 1000,
        description=Document((Paragraph("*" * 100_000),)),
    )
    description = server.site.issue(created.id).description
    assert description is not None
    assert "cut here" in description.text
    assert len(description.text) < 32_767


async def test_versions_and_resolution_are_read(server: JiraServer, client: JiraClient) -> None:
    issue = server.site.create_issue("DO", "x")
    server.site.transition(issue, "Done", resolution="Done")
    server.site.set_fix_versions(issue, ["7.1"])
    server.site.release("DO", "7.1")
    found = await client.get_issue("DO-1")
    assert found.resolution == "Done"
    assert [(one.name, one.released) for one in found.fix_versions] == [("7.1", True)]
    assert found.fix_versions[0].released_on is not None
