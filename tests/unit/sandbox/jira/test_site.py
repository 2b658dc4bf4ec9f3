"""What changes of issues leave behind."""

from datetime import timedelta

import pytest

from sandbox.jira.events import Event
from tests.unit.sandbox.jira.sites import NOON, Practice


def test_a_new_issue_has_the_first_status_and_no_history() -> None:
    practice = Practice()
    issue = practice.site.create_issue("BUG", "x", by="ann")
    assert (issue.key, issue.status.name, issue.histories) == ("BUG-1", "Backlog", ())
    assert issue.reporter is practice.ann


def test_a_transition_leaves_one_entry_with_ids_and_names() -> None:
    practice = Practice()
    issue = practice.site.create_issue("BUG", "x")
    practice.clock.move(minutes=1)
    history = practice.site.transition(issue, "Done", resolution="Fixed", by="bob")
    assert history is not None
    assert history.author is practice.bob
    status, resolution = history.items
    assert (status.from_text, status.to_text) == ("Backlog", "Done")
    assert status.to_id == issue.status.id
    assert resolution.to_text == "Fixed"
    assert issue.resolved == issue.updated == practice.site.now()
    assert issue.category_changed == issue.updated


def test_leaving_done_empties_the_resolution_unless_the_workflow_forgets() -> None:
    practice = Practice()
    careless = practice.site.add_project("OLD", "Old", clears_resolution=False)
    for project, left in (("BUG", None), (careless.key, "Fixed")):
        issue = practice.site.create_issue(project, "x")
        practice.site.transition(issue, "Done", resolution="Fixed")
        practice.site.transition(issue, "In Progress")
        assert (issue.resolution and issue.resolution.name) == left
        assert (issue.resolved is None) == (left is None)


def test_the_same_status_again_is_no_change() -> None:
    practice = Practice()
    issue = practice.site.create_issue("BUG", "x")
    assert practice.site.transition(issue, "Backlog") is None
    assert issue.histories == ()


def test_moving_keeps_the_id_and_the_old_key_goes_on_working() -> None:
    practice = Practice()
    practice.site.add_project("NEW", "Newer", statuses=(("Open", "new"), ("Done", "done")))
    issue = practice.site.create_issue("BUG", "x", status="In Progress")
    history = practice.site.move(issue, "NEW", by="ann")
    assert (issue.id, issue.key, issue.status.name) == (10000, "NEW-1", "Open")
    assert practice.site.issue("bug-1") is practice.site.issue("NEW-1") is issue
    assert history is not None
    assert [item.field for item in history.items] == ["project", "Key", "status"]
    again = practice.site.create_issue("BUG", "y")
    assert again.key == "BUG-2"


def test_deleting_leaves_nothing() -> None:
    practice = Practice()
    issue = practice.site.create_issue("BUG", "x")
    practice.site.delete(issue)
    with pytest.raises(LookupError):
        practice.site.issue("BUG-1")
    assert practice.keys("project = BUG") == []


def test_releasing_a_version_does_not_touch_its_issues() -> None:
    practice = Practice()
    issue = practice.site.create_issue("BUG", "x")
    practice.site.set_fix_versions(issue, ["2.0", "3.0"])
    before = issue.updated
    practice.clock.move(hours=1)
    version = practice.site.release("BUG", "2.0")
    assert version.released
    assert [v.released for v in issue.fix_versions] == [True, False]
    assert issue.updated == before


def test_updated_never_goes_back() -> None:
    practice = Practice()
    issue = practice.site.create_issue("BUG", "x", at=NOON)
    practice.site.transition(issue, "Ready", at=NOON - timedelta(days=1))
    assert issue.updated == NOON


def test_histories_of_all_issues_share_one_sequence() -> None:
    practice = Practice()
    ids = []
    for name in "abc":
        issue = practice.site.create_issue("BUG", name)
        history = practice.site.transition(issue, "Ready")
        assert history is not None
        ids.append(history.id)
    assert ids == sorted(set(ids))


def test_listeners_hear_of_everything_in_order() -> None:
    practice = Practice("datacenter")
    heard: list[Event] = []
    practice.site.subscribe(heard.append)
    issue = practice.site.create_issue("BUG", "x")
    practice.site.transition(issue, "Done")
    practice.site.comment(issue, "hello", by="ann")
    practice.site.delete(issue)
    assert [(event.name, event.type_name) for event in heard] == [
        ("jira:issue_created", "issue_created"),
        ("jira:issue_updated", "issue_resolved"),
        ("comment_created", None),
        ("jira:issue_updated", "issue_commented"),
        ("jira:issue_deleted", None),
    ]


def test_team_managed_projects_have_statuses_of_their_own() -> None:
    practice = Practice()
    one = practice.site.add_project("ONE", "One", team_managed=True)
    two = practice.site.add_project("TWO", "Two", team_managed=True)
    assert one.statuses[0].name == two.statuses[0].name
    assert one.statuses[0].id != two.statuses[0].id
    assert one.statuses[0].project_id == one.id


def test_secrets_are_not_shown() -> None:
    practice = Practice()
    account = practice.site.add_account(
        "x", password="p4ss", api_token="t0ken", personal_token="pat"
    )
    webhook = practice.site.add_webhook("http://x.example", "s3cret")
    shown = repr(account) + repr(webhook)
    assert not any(secret in shown for secret in ("p4ss", "t0ken", "'pat'", "s3cret"))
