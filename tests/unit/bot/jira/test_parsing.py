from datetime import UTC, date, datetime, timedelta

import pytest

from bot.jira import parsing
from bot.jira.parsing import Unreadable

AT = datetime(2026, 8, 24, 11, 11, 52, tzinfo=UTC)


def raw_issue(**fields: object) -> dict[str, object]:
    return {
        "id": "10001",
        "key": "DEF-7",
        "fields": {
            "summary": "It breaks",
            "status": {"id": "3", "name": "In Progress"},
            "resolution": None,
            "fixVersions": [
                {"name": "7.1", "released": True, "releaseDate": "2026-11-20"},
                {"name": "8.0"},
            ],
            "updated": "2026-08-24T14:11:52.944+0300",
            "created": "2026-08-24T11:11:52+0000",
            "project": {"key": "DEF"},
            "labels": ["case-1"],
            **fields,
        },
    }


def test_an_issue_is_read() -> None:
    issue = parsing.issue(raw_issue(), base_url="https://jira.example/jira/")
    assert (issue.id, issue.key, issue.status_id, issue.status_name) == (
        "10001", "DEF-7", "3", "In Progress",
    )  # fmt: skip
    assert issue.updated_at == AT + timedelta(milliseconds=944)
    assert issue.updated_at.tzinfo is UTC
    assert issue.created_at == AT
    assert issue.url == "https://jira.example/jira/browse/DEF-7"
    assert [(one.name, one.released, one.released_on) for one in issue.fix_versions] == [
        ("7.1", True, date(2026, 11, 20)),
        ("8.0", False, None),
    ]
    assert (issue.resolution, issue.project_key, issue.labels) == (None, "DEF", ("case-1",))


def test_what_does_not_matter_may_be_nonsense() -> None:
    issue = parsing.issue(
        raw_issue(
            summary=5, resolution="x", fixVersions={"a": 1}, project=None, labels=[None, 7, "ok"]
        ),
        base_url="https://jira.example",
    )
    assert (issue.summary, issue.resolution, issue.fix_versions) == ("", None, ())
    assert (issue.project_key, issue.labels) == ("DEF", ("ok",))


def test_an_issue_that_hides_when_it_was_created_is_followed() -> None:
    for hidden in ({"created": None}, {"created": ""}):
        issue = parsing.issue(raw_issue(**hidden), base_url="https://jira.example")
        assert issue.created_at == issue.updated_at


@pytest.mark.parametrize(
    "broken",
    [
        None,
        [],
        "x",
        {},
        raw_issue() | {"id": None},
        raw_issue() | {"id": 10**40},
        raw_issue() | {"key": "../../x"},
        raw_issue() | {"key": "javascript:alert(1)"},
        raw_issue() | {"fields": None},
        raw_issue(status=None),
        raw_issue(status={"id": None, "name": 5}),
        raw_issue(updated=None),
        raw_issue(updated="soon"),
        raw_issue(updated=10**5000),
        raw_issue(updated=float("nan")),
        raw_issue(updated="0001-01-01T00:00:00+1400"),
        raw_issue(created=True),
    ],
)
def test_an_issue_that_makes_no_sense_is_unreadable(broken: object) -> None:
    with pytest.raises(Unreadable):
        parsing.issue(broken, base_url="https://jira.example")


@pytest.mark.parametrize(
    "written",
    [
        "2026-08-24T11:11:52.000+0000",
        "2026-08-24T11:11:52Z",
        "2026-08-24T03:11:52.000-0800",
        "2026-08-24T11:11:52",
        int(AT.timestamp()),
        int(AT.timestamp() * 1000),
        AT.timestamp(),
    ],
)
def test_a_moment_may_be_written_in_many_ways(written: object) -> None:
    assert parsing.moment(written) == AT


def test_text_is_fit_for_storing() -> None:
    assert parsing.text("a\x00\nb\ud800") == "a b\ufffd"
    assert len(parsing.text("x" * 100_000)) == 1000


def test_numbers_and_ids_of_any_size_are_survived() -> None:
    assert [parsing.number(one) for one in ("12", 12, "9" * 5000, "x", "²", True, None, 1.5)] == [
        12, 12, None, None, None, None, None, None,
    ]  # fmt: skip
    assert parsing.identifier(10**5000) == ""
    assert parsing.identifier(" 7 ") == "7"


def test_statuses_of_all_issue_types_are_listed_once() -> None:
    grouped = [
        {
            "name": "Bug",
            "statuses": [{"id": "1", "name": "Open", "statusCategory": {"key": "new"}}],
        },
        {
            "name": "Task",
            "statuses": [{"id": 1, "name": "Open"}, {"id": "2", "name": "Done"}, None],
        },
        {"name": "Empty", "statuses": []},
        None,
    ]
    assert [(one.id, one.name) for one in parsing.statuses(grouped)] == [
        ("1", "Open"),
        ("2", "Done"),
    ]
    bare = parsing.statuses([{"id": "5", "name": "Ready", "statusCategory": {"key": "new"}}])
    assert [(one.id, one.name, one.category) for one in bare] == [("5", "Ready", "new")]


def test_accounts_of_both_deployments() -> None:
    cloud = parsing.account({"accountId": "5b1", "displayName": "Ann", "timeZone": "Europe/Rome"})
    assert (cloud.id, cloud.name, cloud.time_zone, cloud.email) == (
        "5b1",
        "5b1",
        "Europe/Rome",
        None,
    )
    center = parsing.account({"key": "JIRAUSER1", "name": "ann", "emailAddress": "a@b.example"})
    assert (center.id, center.name, center.display_name) == ("JIRAUSER1", "ann", "ann")
    with pytest.raises(Unreadable):
        parsing.account({"displayName": "nobody"})


@pytest.mark.parametrize(
    ("told", "deployment"),
    [
        ("Cloud", "cloud"),
        ("Server", "datacenter"),
        ("DataCenter", "datacenter"),
        (None, "datacenter"),
    ],
)
def test_anything_but_cloud_is_data_center(told: object, deployment: str) -> None:
    info = parsing.server_info({"deploymentType": told}, url="https://jira.example")
    assert info.deployment == deployment


@pytest.mark.parametrize(
    "hostile",
    ["javascript:alert(1)", "https://u:p@x.example", "http://", "http://[", 5, "https://a b"],
)
def test_a_base_address_that_nobody_should_open_is_not_taken(hostile: object) -> None:
    info = parsing.server_info({"baseUrl": hostile}, url="https://jira.example")
    assert info.base_url == "https://jira.example"
