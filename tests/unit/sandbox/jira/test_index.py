"""Searches are behind by the lag; issues themselves are not."""

from datetime import timedelta

from sandbox.jira import search
from sandbox.jira.jql.parser import parse
from tests.unit.sandbox.jira.sites import Practice

LAG = timedelta(seconds=30)


def test_a_new_issue_is_found_after_the_lag() -> None:
    practice = Practice(index_lag=LAG)
    issue = practice.site.create_issue("BUG", "late", labels=("x",))
    assert practice.site.issue(issue.id) is issue
    assert practice.keys("labels = x") == []
    practice.clock.move(seconds=29)
    assert practice.keys("labels = x") == []
    practice.clock.move(seconds=1)
    assert practice.keys("labels = x") == ["BUG-1"]


def test_a_search_shows_the_state_before_the_change() -> None:
    practice = Practice()
    issue = practice.site.create_issue("BUG", "x")
    practice.switches.index_lag = LAG
    practice.site.transition(issue, "Ready")
    practice.clock.move(seconds=1)
    practice.site.transition(issue, "Done")
    (found,) = search.run(practice.site, parse("key = BUG-1"), user=practice.ann).issues
    assert found.status.name == "Backlog"
    practice.clock.move(seconds=29)
    assert practice.keys("status = Ready") == ["BUG-1"]
    practice.clock.move(seconds=1)
    assert practice.keys("status = Done") == ["BUG-1"]


def test_reconciled_ids_are_searched_as_they_are() -> None:
    practice = Practice(index_lag=LAG)
    issue = practice.site.create_issue("BUG", "x")
    query = parse("project = BUG")
    assert search.run(practice.site, query, user=practice.ann).issues == []
    found = search.run(practice.site, query, user=practice.ann, reconcile=[issue.id])
    assert [i.key for i in found.issues] == ["BUG-1"]


def test_a_deleted_issue_is_found_until_the_lag_is_over() -> None:
    practice = Practice()
    practice.site.create_issue("BUG", "x")
    practice.switches.index_lag = LAG
    practice.site.delete("BUG-1")
    assert [i.id for i in search.run(
        practice.site, parse("project = BUG"), user=practice.ann).issues] == [10000]  # fmt: skip
    practice.clock.move(seconds=30)
    assert practice.keys("project = BUG") == []


def test_order_is_kept_when_the_lag_is_turned_off_meanwhile() -> None:
    practice = Practice(index_lag=LAG)
    issue = practice.site.create_issue("BUG", "old")
    practice.switches.index_lag = timedelta(0)
    practice.site.edit(issue, summary="new")
    practice.clock.move(seconds=30)
    assert practice.keys("summary ~ new") == ["BUG-1"]


def test_catching_up_shows_everything() -> None:
    practice = Practice(index_lag=LAG)
    practice.site.create_issue("BUG", "x")
    practice.site.index.catch_up()
    assert practice.keys("project = BUG") == ["BUG-1"]
