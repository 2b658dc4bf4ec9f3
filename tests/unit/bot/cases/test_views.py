"""What a customer may see of a case."""

from datetime import timedelta

import pytest

from bot.cases.access import Actor, Role
from bot.cases.case import CaseState, Evidence, Milestone, Progress, Question, TimelineKind
from bot.cases.effects import Delivery
from bot.cases.views import for_customer, news_of, type_for_customers, view_of
from tests.factories import (
    NOW,
    after,
    build_alert,
    build_case,
    build_delivery,
    build_entry,
    build_issue_link,
    build_person,
)

MARIA, ANNA = build_person("maria"), build_person("anna")


def test_evidence_of_the_team_is_there_without_its_words() -> None:
    given = {
        "steps": Evidence(text="press Export", by=MARIA, at=NOW),
        "reproduction": Evidence(text="the intern broke it", by=ANNA, at=NOW),
    }
    view = view_of(build_case(evidence=given))
    assert view.evidence["steps"].text == "press Export"
    assert view.evidence["reproduction"].text == ""


def test_a_question_is_seen_without_who_asked() -> None:
    view = view_of(build_case(question=Question(text="Which browser?", by=ANNA, at=NOW)))
    assert view.question is not None
    assert view.question.text == "Which browser?"
    assert "anna" not in repr(view)


def test_done_is_not_seen_before_a_person_told_of_it() -> None:
    progress = Progress(milestone=Milestone.DONE, since=after(60), told=Milestone.READY)
    case = build_case(issue=build_issue_link(), alert=build_alert(), progress=progress)
    view = view_of(case)
    assert view.told is Milestone.READY
    assert view.confirmed
    assert view.changed_at == case.updated_at, "not when it was done"


@pytest.mark.parametrize(
    ("progress", "state", "changed"),
    [
        (Progress(milestone=Milestone.READY, since=after(60), told=Milestone.READY), "open", 60),
        (Progress(milestone=Milestone.READY, since=after(60), told=Milestone.READY), "closed", 90),
        (Progress(), "open", 90),
    ],
)
def test_the_last_change_is_the_milestone_they_know_of(
    progress: Progress, state: str, changed: int
) -> None:
    case = build_case(progress=progress, state=CaseState(state), updated_at=after(90))
    assert view_of(case).changed_at == after(changed)


def test_news_leaves_out_what_is_internal_and_what_the_team_wrote() -> None:
    entries = [
        build_entry(kind=TimelineKind.OPENED, text="Export hangs", by=MARIA),
        build_entry(kind=TimelineKind.NOTE, text="they do not pay", by=ANNA, internal=True),
        build_entry(kind=TimelineKind.TAKEN, text="level 1", by=ANNA),
        build_entry(kind=TimelineKind.ASKED, text="Which browser?", by=ANNA),
        build_entry(kind=TimelineKind.EVIDENCE, text="steps: secret", by=ANNA),
    ]
    news = news_of(entries, build_case())
    assert [(one.kind, one.text) for one in news] == [
        (TimelineKind.OPENED, "Export hangs"),
        (TimelineKind.TAKEN, ""),
        (TimelineKind.ASKED, "Which browser?"),
        (TimelineKind.EVIDENCE, ""),
    ]
    assert all(one.at == NOW for one in news)


def test_whatever_holds_a_case_holds_its_view_for_customers() -> None:
    case = build_case()
    view = view_of(case)
    assert for_customer(case) == view
    assert for_customer([case]) == [view]
    assert for_customer(((case, Milestone.READY),)) == [[view, Milestone.READY]]
    assert for_customer({"one": case}) == {"one": view}
    customer = Actor(person=MARIA, roles=frozenset({Role.CUSTOMER}))
    for harmless in ("text", 3, None, True, NOW, MARIA, customer, Milestone.READY, view):
        assert for_customer(harmless) == harmless


@pytest.mark.parametrize(
    "value",
    [
        build_entry(),
        build_alert(),
        build_issue_link(),
        build_delivery(),
        Progress(),
        Evidence(text="x", by=ANNA, at=NOW),
        timedelta(1),
        [build_alert()],
        {"one": build_alert()},
    ],
)
def test_what_is_the_teams_cannot_be_given_to_a_customer(value: object) -> None:
    with pytest.raises(TypeError, match="not for customers"):
        for_customer(value)


def test_a_type_is_replaced_as_its_values_are() -> None:
    case = build_case()
    assert type_for_customers(type(case)) is type(view_of(case))
    assert type_for_customers(Delivery) is None
    assert type_for_customers(str) is str
