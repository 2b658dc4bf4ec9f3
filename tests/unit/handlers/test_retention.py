"""Closed cases come of age: announced once, erased a day later, each when it is old enough."""

from datetime import datetime, timedelta

import pytest

from bot.cases.case import Case, CaseId, CaseState, IssueState, Owners
from bot.cases.dialogue import Intake
from bot.cases.effects import ToPerson
from bot.cases.erasure import ERASED, NOBODY
from bot.cases.policy import Policy, Privacy
from handlers.on_retention import announce, erase_aged, to_announce
from tests.conversation import Conversation, person
from tests.factories import (
    build_alert,
    build_case,
    build_dialogue,
    build_entry,
    build_issue_link,
    build_owed,
)

AGE = timedelta(days=100)
DAY = timedelta(days=1)
ROOT = "person:id-root"


@pytest.fixture
def aging(talk: Conversation) -> Conversation:
    """A team that keeps closed cases for a hundred days."""
    talk.restart(policy=Policy(privacy=Privacy(closed_cases=AGE)))
    return talk


async def add(talk: Conversation, *cases: Case) -> None:
    async with talk.store.transaction() as tx:
        for case in cases:
            await tx.add_case(case)


def closed(number: int, *, days_ago: int, now: datetime, **fields: object) -> Case:
    """Return a case that nothing has happened to for so many days."""
    at = now - days_ago * DAY
    return build_case(
        number,
        **{
            "title": "canary",
            "state": CaseState.CLOSED,
            "opened_at": at,
            "updated_at": at,
            **fields,
        },
    )


async def look(talk: Conversation) -> tuple[int, int]:
    """Do what the clock does every hour; return how many were announced, and erased."""
    async with talk.store.transaction() as tx:
        count = await to_announce(talk.desk_in(tx))
    if count:
        async with talk.store.transaction() as tx:
            assert await announce(talk.desk_in(tx), [ToPerson(person=person("root"))])
    erased = 0
    while True:
        async with talk.store.transaction() as tx:
            some = await erase_aged(talk.desk_in(tx))
        if not some:
            return count, erased
        erased += some


async def titles(talk: Conversation, *numbers: int) -> list[str]:
    return [(await talk.case(number)).title for number in numbers]


async def test_without_a_limit_nothing_is_announced_or_erased(talk: Conversation) -> None:
    await add(talk, closed(1, days_ago=9999, now=talk.clock.now()))
    assert await look(talk) == (0, 0)
    talk.clock.pass_by(40 * DAY)
    assert await look(talk) == (0, 0)
    assert "kept for ever" in await talk.ask("root", "case retention")


async def test_it_is_announced_once_with_the_number_and_erased_a_day_later(
    aging: Conversation,
) -> None:
    now = aging.clock.now()
    await add(aging, *(closed(n, days_ago=days, now=now) for n, days in ((1, 150), (2, 120))))
    assert await look(aging) == (2, 0)
    [told] = await aging.said_to(ROOT)
    assert "*2 closed cases are about to be erased*" in told
    assert "100 days" in told
    assert "`case retention`" in told
    aging.clock.pass_by(DAY - timedelta(seconds=1))
    assert await look(aging) == (0, 0)
    assert await titles(aging, 1, 2) == ["canary", "canary"]
    aging.clock.pass_by(timedelta(seconds=1))
    assert await look(aging) == (0, 2)
    assert await titles(aging, 1, 2) == [ERASED, ERASED]
    assert len(await aging.said_to(ROOT)) == 1


async def test_what_comes_of_age_within_a_month_is_in_the_number_and_waits_for_its_day(
    aging: Conversation,
) -> None:
    now = aging.clock.now()
    await add(aging, *(closed(n, days_ago=days, now=now) for n, days in ((1, 101), (2, 90))))
    await add(aging, closed(3, days_ago=60, now=now))
    assert (await look(aging))[0] == 2
    aging.clock.pass_by(DAY)
    assert await look(aging) == (0, 1)
    aging.clock.pass_by(8 * DAY)
    assert await look(aging) == (0, 0)
    aging.clock.pass_by(2 * DAY)
    assert await look(aging) == (0, 1)
    assert await titles(aging, 1, 2, 3) == [ERASED, ERASED, "canary"]


async def test_what_comes_of_age_later_is_announced_again(aging: Conversation) -> None:
    now = aging.clock.now()
    await add(aging, closed(1, days_ago=101, now=now), closed(2, days_ago=60, now=now))
    await look(aging)
    aging.clock.pass_by(41 * DAY)
    announced, erased = await look(aging)
    assert (announced, erased) == (2, 0)
    aging.clock.pass_by(DAY)
    assert await look(aging) == (0, 2)


async def test_a_shorter_limit_is_announced_before_it_counts(aging: Conversation) -> None:
    await add(aging, closed(1, days_ago=50, now=aging.clock.now()))
    await add(aging, closed(2, days_ago=99, now=aging.clock.now()))
    assert await look(aging) == (1, 0)
    aging.clock.pass_by(3 * DAY)
    await look(aging)
    assert await titles(aging, 1, 2) == ["canary", ERASED]
    aging.restart(policy=Policy(privacy=Privacy(closed_cases=10 * DAY)))
    assert await look(aging) == (1, 0)
    assert await titles(aging, 1) == ["canary"]
    aging.clock.pass_by(DAY)
    assert await look(aging) == (0, 1)


@pytest.mark.parametrize(
    "fields",
    [
        {"state": CaseState.OPEN},
        {"alert": build_alert()},
        {"issue": build_issue_link(state=IssueState.REQUESTED, id=None, key="")},
    ],
    ids=["open", "not contacted", "issue requested"],
)
async def test_what_is_not_over_is_passed_over(
    aging: Conversation, fields: dict[str, object]
) -> None:
    now = aging.clock.now()
    await add(aging, closed(2, days_ago=150, now=now, **fields), closed(1, days_ago=150, now=now))
    await look(aging)
    aging.clock.pass_by(DAY)
    assert (await look(aging))[1] == 1
    assert await titles(aging, 1, 2) == [ERASED, "canary"]


async def test_what_was_written_lately_or_is_still_owed_keeps_a_case(aging: Conversation) -> None:
    now = aging.clock.now()
    await add(aging, *(closed(n, days_ago=150, now=now) for n in (1, 2, 3)))
    async with aging.store.transaction() as tx:
        await tx.add_timeline(build_entry(1, at=now - 20 * DAY))
        await tx.owe(build_owed("k", to="ana", case_id=CaseId(2)), at=now - 150 * DAY)
    await look(aging)
    aging.clock.pass_by(DAY)
    async with aging.store.transaction() as tx:
        assert await erase_aged(aging.desk_in(tx)) == 1
    assert await titles(aging, 1, 2, 3) == ["canary", "canary", ERASED]


async def test_more_than_a_page_is_erased_some_at_a_time(aging: Conversation) -> None:
    now = aging.clock.now()
    await add(aging, *(closed(n, days_ago=150, now=now) for n in range(1, 121)))
    # Those that cannot be erased fill the first page.
    await add(
        aging, *(closed(n, days_ago=150, now=now, alert=build_alert()) for n in range(200, 260))
    )
    assert await look(aging) == (180, 0)
    aging.clock.pass_by(DAY)
    assert await look(aging) == (0, 120)


async def test_of_people_only_those_who_answered_for_the_case_stay(aging: Conversation) -> None:
    now = aging.clock.now()
    ana, carla, sue = person("ana"), person("carla"), person("sue")
    case = closed(1, days_ago=150, now=now, customer=carla, owners=Owners(analyst=ana))
    await add(aging, case)
    async with aging.store.transaction() as tx:
        for by in (ana, carla, sue):
            await tx.add_timeline(build_entry(1, at=case.updated_at, text="canary", by=by))
    await look(aging)
    aging.clock.pass_by(DAY)
    await look(aging)
    left = await aging.case(1)
    assert left.owners.analyst == ana
    assert left.customer.username == NOBODY
    entries = await aging.timeline(1)
    assert [one.by and one.by.username for one in entries] == ["ana", NOBODY, NOBODY, None]
    assert "canary" not in repr(entries)


async def test_open_questions_about_erased_cases_and_old_loose_messages_go(
    aging: Conversation,
) -> None:
    now = aging.clock.now()
    await add(aging, closed(1, days_ago=150, now=now))
    about = build_dialogue("ana", step=Intake(asked="steps", case_id=CaseId(1)))
    other = build_dialogue("sam", step=Intake(asked="steps", case_id=CaseId(2)))
    async with aging.store.transaction() as tx:
        await tx.save_dialogue(about)
        await tx.save_dialogue(other)
        await tx.owe(build_owed("old", skipped="canary"), at=now - 150 * DAY)
        await tx.owe(build_owed("new", skipped="canary"), at=now - 20 * DAY)
    await look(aging)
    aging.clock.pass_by(DAY)
    await look(aging)
    async with aging.store.transaction() as tx:
        assert list(await tx.list_dialogues()) == [other]
        assert "old" not in [one.owed.key for one in await tx.list_loose_deliveries()]
        assert "new" in [one.owed.key for one in await tx.list_loose_deliveries()]


async def test_the_preview_counts_and_changes_nothing(aging: Conversation) -> None:
    now = aging.clock.now()
    ages = ((1, 150), (2, 120), (3, 90), (4, 10))
    await add(aging, *(closed(n, days_ago=days, now=now) for n, days in ages))
    shown = await aging.ask("root", "case retention")
    assert "kept for 100 days" in shown
    assert "old enough now: 2" in shown
    assert "within 30 days: 1 more" in shown
    assert [f"*CASE-{n}* canary · last change 2026" in shown for n in (1, 2, 3, 4)] == [
        True, True, True, False,
    ]  # fmt: skip
    assert "`case show 3`" in shown
    assert "I announce it" in shown
    await look(aging)
    assert "Announced; erased as they come of age, from 2026-11-24" in await aging.ask(
        "root", "case retention"
    )
    assert await titles(aging, 1, 2, 3, 4) == ["canary"] * 4


async def test_two_bots_announce_once(aging: Conversation) -> None:
    await add(aging, closed(1, days_ago=150, now=aging.clock.now()))
    recipients = [ToPerson(person=person("root"))]
    told = []
    for _ in range(2):
        async with aging.store.transaction() as tx:
            told.append(await announce(aging.desk_in(tx), recipients))
    assert told == [True, False]
    assert len(await aging.said_to(ROOT)) == 1


async def test_administrators_alone_may_look(aging: Conversation) -> None:
    assert "administrator" in await aging.ask("ana", "case retention")
