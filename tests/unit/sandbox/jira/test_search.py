"""What searches find, and what they complain about."""

from datetime import timedelta

import pytest

from sandbox.jira import search
from sandbox.jira.jql.parser import parse
from tests.unit.sandbox.jira.sites import NOON, Practice


@pytest.fixture
def practice() -> Practice:
    """Five issues of different kinds."""
    made = Practice("datacenter")
    site, day = made.site, timedelta(days=1)
    site.create_issue("BUG", "Disk full", labels=("cf-1", "urgent"), by="ann", at=NOON - 5 * day)
    site.create_issue("BUG", "Screen dark", assignee=made.bob, by="bob", at=NOON - 4 * day)
    site.create_issue(
        "BUG", "Sound too loud", description="the disk is full", by="ann", at=NOON - 3 * day
    )
    site.create_issue("BUG", "Parked", status="Parked", at=NOON - 2 * day)
    site.create_issue("BUG", "Fresh", labels=("cf-2",), at=NOON - day)
    site.transition("BUG-2", "In Progress", by="bob", at=NOON - timedelta(minutes=10))
    site.transition("BUG-3", "Done", resolution="Fixed", by="ann", at=NOON - timedelta(hours=2))
    site.set_fix_versions("BUG-3", ["2.0"], at=NOON - timedelta(hours=2))
    return made


@pytest.mark.parametrize(
    ("jql", "numbers"),
    [
        ("project = BUG", [1, 2, 3, 4, 5]),
        ("project = Product", [1, 2, 3, 4, 5]),
        ('labels = "cf-1"', [1]),
        ("labels = CF-1", [1]),
        ("labels in (cf-1, cf-2)", [1, 5]),
        ("labels != urgent", [5]),  # those without labels are left out silently
        ("labels is EMPTY", [2, 3, 4]),
        ("labels is not EMPTY", [1, 5]),
        ("(labels != urgent or labels is empty)", [2, 3, 4, 5]),
        ('status = "In Progress"', [2]),
        ("status = 3", [2]),
        ("statusCategory = Done", [3]),
        ("statusCategory != Done", [1, 2, 5]),  # "No Category" matches neither
        ("resolution = Unresolved", [1, 2, 4, 5]),
        ("resolution = Fixed", [3]),
        ("resolution is not empty", [3]),
        ("assignee = bob", [2]),
        ("assignee is empty", [1, 3, 4, 5]),
        ("reporter = currentUser()", [1, 3]),
        ("summary ~ disk", [1]),
        ("text ~ disk", [1, 3]),
        ('text ~ "full disk"', [1, 3]),
        ('text ~ "\\"full disk\\""', []),
        ('text ~ "\\"disk is full\\""', [3]),
        ("summary ~ 'scr*'", [2]),
        ("summary !~ disk", [2, 3, 4, 5]),
        ("description is empty", [1, 2, 4, 5]),
        ("key = BUG-2", [2]),
        ("issue in (bug-2, BUG-4)", [2, 4]),
        ("id in (10000, 10004)", [1, 5]),
        ("key > BUG-3", [4, 5]),
        ("id >= 10003", [4, 5]),
        ("fixVersion = 2.0", [3]),
        ("fixVersion in unreleasedVersions()", [3]),
        ("fixVersion > 1.0", [3]),
        ("priority = Medium and issuetype = Bug", [1, 2, 3, 4, 5]),
        ("priority > Low", [1, 2, 3, 4, 5]),
        ("updated >= -15m", [2]),
        ("updated >= -3h", [2, 3]),
        ("updated < -3h", [1, 4, 5]),
        ("resolved >= -1d", [3]),
        ("created >= startOfDay(-1d)", [5]),
        ("NOT (labels in (cf-1) OR key = BUG-2)", [3, 4, 5]),
        ("status changed", [2, 3]),
        ('status changed to "In Progress" after -15m', [2]),
        ("status changed from Backlog to Done by ann", [3]),
        ("status changed by bob", [2]),
        ("status changed before -1h", [3]),
        ("status was Backlog", [1, 2, 3, 5]),
        ('status was "In Progress" and status = Done', []),
        ("status was not Backlog", [4]),
        ("resolution changed to Fixed", [3]),
        ("fixVersion changed", [3]),
        ("status was in (Done, Parked)", [3, 4]),
        ("status changed during (-3h, -1h)", [3]),
    ],
)
def test_conditions(practice: Practice, jql: str, numbers: list[int]) -> None:
    assert practice.keys(jql + " ORDER BY key ASC") == [f"BUG-{number}" for number in numbers]


@pytest.mark.parametrize(
    ("order", "numbers"),
    [
        ("updated ASC, key ASC", [1, 4, 5, 3, 2]),
        ("updated", [2, 3, 5, 4, 1]),
        ("key DESC", [5, 4, 3, 2, 1]),
        ("summary ASC", [1, 5, 4, 2, 3]),
        ("resolved ASC, key ASC", [3, 1, 2, 4, 5]),
        ("statusCategory ASC, key DESC", [4, 5, 1, 3, 2]),
    ],
)
def test_orders(practice: Practice, order: str, numbers: list[int]) -> None:
    assert practice.keys(f"project = BUG ORDER BY {order}") == [f"BUG-{n}" for n in numbers]


@pytest.mark.parametrize(
    ("jql", "complaint"),
    [
        ("nope = 1", "Field 'nope' does not exist or you do not have permission to view it."),
        ("project = NOPE", "The value 'NOPE' does not exist for the field 'project'."),
        ("status = Nope", "The value 'Nope' does not exist for the field 'status'."),
        ("status = 999", "A value with ID '999' does not exist for the field 'status'."),
        ("key = BUG-99", "An issue with key 'BUG-99' does not exist for field 'key'."),
        ("issue = BUG-99", "An issue with key 'BUG-99' does not exist for field 'issue'."),
        ("key = abc", "The issue key 'abc' for field 'key' is invalid."),
        ("labels in nope()", "Unable to find JQL function 'nope()'."),
        ('updated > now("-15m")', "Function 'now' expected '0' arguments but received '1'."),
        ('updated > "yesterday"', "Date value 'yesterday' for field 'updated' is invalid."),
        ("status > Done", "The operator '>' is not supported by the 'status' field."),
        ("summary = x", "The operator '=' is not supported by the 'summary' field."),
        ("labels changed", "History searches do not support the 'labels' field."),
        ("status in Done", "Operator 'in' does not support the non-list value"),
        ("summary ~ '*x'", "is not allowed to start with '*'."),
        ("project = BUG order by labels", "Not able to sort using field 'labels'."),
        ("project = BUG order by nope", "Field 'nope' does not exist"),
        ("status is Done", "The operator 'is' is not supported by the value"),
    ],
)
def test_complaints(practice: Practice, jql: str, complaint: str) -> None:
    assert any(complaint in problem for problem in practice.problems(jql))


def test_every_bad_key_has_its_own_complaint_and_the_good_ones_are_found(
    practice: Practice,
) -> None:
    found = search.run(practice.site, parse("key in (BUG-1, BUG-98, BUG-99)"), user=practice.ann)
    assert [issue.key for issue in found.issues] == ["BUG-1"]
    assert len(found.problems) == 2


def test_literals_are_read_in_the_searchers_zone_not_the_sites(practice: Practice) -> None:
    # BUG-2 changed at 11:50:30 UTC, which is 14:50:30 in Nairobi.
    assert practice.keys('updated >= "2026-11-24 14:50"') == ["BUG-2"]
    assert practice.keys('updated >= "2026-11-24 14:51"') == []
    assert practice.keys('updated <= "2026-11-24 14:50" AND key = BUG-2') == []


def test_a_moved_key_cannot_bound_a_range(practice: Practice) -> None:
    practice.site.add_project("NEW", "Newer")
    practice.site.move("BUG-1", "NEW")
    assert practice.keys("key = BUG-1") == ["NEW-1"]
    assert practice.problems("key > BUG-1") == [
        "Operator '>' cannot be applied to moved issue key 'BUG-1'."
    ]


def test_what_one_may_not_see_is_not_found(practice: Practice) -> None:
    practice.site.hide("BUG-1", from_=[practice.ann])
    assert "BUG-1" not in practice.keys("project = BUG")
    assert "BUG-1" in practice.keys("project = BUG", user=practice.bob)
    practice.site.deny(practice.bob, "BROWSE_PROJECTS", "BUG")
    assert practice.keys("labels = cf-2", user=practice.bob) == []


def test_custom_fields_are_found_by_name_and_number(practice: Practice) -> None:
    field = practice.site.add_field("Found in")
    practice.site.edit("BUG-1", custom={field.id: "build 77"})
    assert practice.keys("cf[10000] ~ 77") == ["BUG-1"]
    assert practice.keys('"Found in" ~ build') == ["BUG-1"]
    assert practice.keys('"Found in" is empty and key <= BUG-2') == ["BUG-2"]


def test_ties_come_in_the_order_they_were_last_indexed() -> None:
    practice = Practice()
    for name in ("a", "b", "c"):
        practice.site.create_issue("BUG", name)
    practice.site.edit("BUG-1", summary="z")
    assert practice.keys("project = BUG ORDER BY created ASC") == ["BUG-2", "BUG-3", "BUG-1"]


def test_going_on_after_a_position_finds_what_is_left() -> None:
    practice = Practice()
    for number in range(10):
        practice.site.create_issue("BUG", f"{number % 3}")
    query = parse("project = BUG ORDER BY summary DESC, key ASC")
    found = search.run(practice.site, query, user=practice.ann)
    for cut in range(10):
        rest = found.after(found.position(found.issues[cut]))
        assert rest == found.issues[cut + 1 :]


def test_a_poll_over_ten_thousand_issues_looks_at_few() -> None:
    """Counted in tests of single issues, which does not depend on the machine."""
    practice = Practice()
    for number in range(10_000):
        practice.site.create_issue(
            "BUG", f"{number}", labels=("ours",), at=NOON - timedelta(days=2)
        )
    for number in range(1, 51):
        practice.site.transition(f"BUG-{number}", "Ready")
    context_jql = 'project = BUG AND labels = "ours" AND updated >= -5m'
    found = search.run(practice.site, parse(context_jql), user=practice.ann)
    assert len(found.issues) == 50
    node_bounds = _bounds(practice, context_jql)
    assert len(list(practice.site.index.candidates(node_bounds))) == 50


def _bounds(practice: Practice, jql: str):  # type: ignore[no-untyped-def]  # noqa: ANN202
    from sandbox.jira.jql.compiler import compile_condition
    from sandbox.jira.jql.context import Context

    where = parse(jql).where
    assert where is not None
    context = Context(site=practice.site, user=practice.ann, now=practice.site.now())
    return compile_condition(context, where).bounds
