from datetime import UTC, datetime

import pytest

from bot.jira.histories import explains_status, history_of
from bot.jira.records import Issue

AT = datetime(2026, 8, 24, 11, 0, tzinfo=UTC)


def issue(status_id: str = "3", status_name: str = "Done") -> Issue:
    return Issue(
        id="10001", key="DEF-1", summary="", status_id=status_id, status_name=status_name,
        resolution=None, fix_versions=(), updated_at=AT, created_at=AT, url="", project_key="DEF",
        labels=(),
    )  # fmt: skip


def item(source: object, target: object, **other: object) -> dict[str, object]:
    names = {"1": "Open", "2": "Ready", "3": "Done"}
    return {
        "field": "status",
        "from": source,
        "fromString": names.get(str(source)),
        "to": target,
        "toString": names.get(str(target)),
        **other,
    }


def entry(
    history_id: object, *items: object, at: object = "2026-08-24T12:00:00.000+0000"
) -> object:
    return {"id": history_id, "created": at, "items": list(items)}


def test_steps_of_the_same_second_are_ordered_by_their_numbers() -> None:
    history, problems = history_of(
        issue(),
        [entry("100", item("2", "3")), entry("99", item("1", "2")), entry("99", item("1", "2"))],
    )
    assert [(c.history_id, c.from_name, c.to_id) for c in history.changes] == [
        ("99", "Open", "2"),
        ("100", "Ready", "3"),
    ]
    assert history.initial_status == ("1", "Open")
    assert problems == []


def test_an_earlier_step_comes_first_whatever_its_number() -> None:
    late, early = "2026-08-24T12:00:00+0000", "2026-08-24T10:00:00-0300"
    history, _ = history_of(
        issue(), [entry("5", item("1", "2"), at=early), entry("4", item("2", "3"), at=late)]
    )
    assert [c.history_id for c in history.changes] == ["4", "5"]


def test_steps_that_contradict_their_times_are_ordered_by_their_numbers() -> None:
    """As after the clock of Jira was put back between two of them."""
    early, late = "2026-08-24T11:00:00+0000", "2026-08-24T12:00:00+0000"
    history, _ = history_of(
        issue(), [entry("9", item("1", "2"), at=late), entry("10", item("2", "3"), at=early)]
    )
    assert [c.history_id for c in history.changes] == ["9", "10"]
    assert history.initial_status == ("1", "Open")
    assert explains_status(history)


def test_an_untouched_issue_began_where_it_is() -> None:
    history, _ = history_of(issue(), [entry("1", {"field": "labels", "to": "x"})])
    assert history.changes == ()
    assert history.initial_status == ("3", "Done")


def test_the_creations_own_entry_is_no_change() -> None:
    created = item(None, "1") | {"field": "Status", "fieldId": "status"}
    history, problems = history_of(issue(), [entry("1", created), entry("2", item("1", "3"))])
    assert [c.history_id for c in history.changes] == ["2"]
    assert history.initial_status == ("1", "Open")
    assert problems == []


def test_the_field_is_recognised_in_every_casing_and_not_by_its_label() -> None:
    history, _ = history_of(
        issue(),
        [
            entry("1", item("1", "2", field="Status")),
            entry("2", item("2", "3", field="Etat", fieldId="status")),
            entry("3", item("7", "8", field="status", fieldId="customfield_1")),
        ],
    )
    assert [c.history_id for c in history.changes] == ["1", "2"]


def test_status_is_found_beside_other_items_in_any_order() -> None:
    resolution = {"field": "resolution", "to": "1"}
    history, _ = history_of(issue(), [entry("1", resolution, item("1", "3"), resolution)])
    assert [(c.from_id, c.to_id) for c in history.changes] == [("1", "3")]


def test_two_status_items_in_one_entry_are_one_step() -> None:
    history, _ = history_of(issue(), [entry("1", item("1", "2"), item("2", "3"))])
    assert [(c.from_id, c.to_id) for c in history.changes] == [("1", "3")]


@pytest.mark.parametrize("at", [None, "", "yesterday", {}, 10**300, -(10**300)])
def test_an_entry_without_a_time_is_reported_and_the_rest_is_kept(at: object) -> None:
    history, problems = history_of(
        issue(), [entry("1", item("1", "2"), at=at), entry("2", item("2", "3"))]
    )
    assert [c.history_id for c in history.changes] == ["2"]
    assert [problem.issue_id for problem in problems] == ["10001"]


def test_nonsense_among_the_entries_is_left_out() -> None:
    nonsense = [None, 5, "x", {}, {"items": None}, {"items": [None, {"field": None}]}]
    unnamed = entry(None, item("1", "2"))
    goal_less = entry("9", item("1", None))
    history, problems = history_of(issue(), [*nonsense, unnamed, goal_less])
    assert history.changes == ()
    assert len(problems) == 2


def test_a_history_that_ends_elsewhere_is_noticed() -> None:
    entries = [entry("1", item("1", "2"))]
    assert not explains_status(history_of(issue("3"), entries)[0])
    assert explains_status(history_of(issue("2"), entries)[0])
    assert explains_status(history_of(issue("3"), [])[0])


def test_without_ids_the_names_decide() -> None:
    named = {"field": "status", "fromString": "Open", "toString": "Done"}
    history, problems = history_of(issue(""), [entry("1", named)])
    assert (history.changes[0].to_id, history.changes[0].to_name) == ("", "Done")
    assert explains_status(history)
    assert problems == []
