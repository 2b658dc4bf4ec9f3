"""What was read of an issue becomes messages, each once, in order, whatever the reading."""

import itertools
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.cases.case import CaseId, IssueId, IssueState, Level, Milestone
from bot.cases.effects import Audience, Delivery, DeliveryState, ToRoom
from bot.desk import JIRA_PROJECTS, JIRA_READ
from bot.errors import Retryable
from bot.jira.records import (
    FixVersion,
    InitialStatus,
    Issue,
    IssueChanges,
    StatusChange,
)
from bot.reactions import REACTIONS
from bot.tracking import Tracker
from handlers.on_issue import FoundIssue, on_issue_ready
from handlers.on_withheld import on_withheld
from storage import open_store
from tests.conversation import LEVEL2, LEVEL3, Conversation

START = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
CARLA, SAM = "person:id-carla", "person:id-sam"
IDS = {
    name: str(number)
    for number, name in enumerate(
        ("Backlog", "Specifying", "Ready", "To Do", "In Progress", "In Review", "Done",
         "Released", "Waiting"), start=1,
    )
}  # fmt: skip


def reading(
    statuses: Sequence[str], *, resolution: str | None = None, versions: Sequence[str] = ()
) -> IssueChanges:
    """Return an issue that went through these statuses, a minute apart."""
    changes = tuple(
        StatusChange(
            issue_id="10001",
            history_id=str(500 + number),
            from_id=IDS[before],
            from_name=before,
            to_id=IDS[after],
            to_name=after,
            at=START + timedelta(minutes=number),
        )
        for number, (before, after) in enumerate(itertools.pairwise(statuses), start=1)
    )
    return IssueChanges(
        issue=Issue(
            id="10001",
            key="BUG-7",
            summary="Export fails",
            status_id=IDS[statuses[-1]],
            status_name=statuses[-1],
            resolution=resolution,
            fix_versions=tuple(
                FixVersion(name=name, released=True, released_on=None) for name in versions
            ),
            updated_at=changes[-1].at if changes else START,
            created_at=START,
            url="https://jira.example.org/browse/BUG-7",
            project_key="BUG",
            labels=(),
        ),
        initial_status=InitialStatus(IDS[statuses[0]], statuses[0]),
        changes=changes,
    )


class Tracked:
    """A conversation with a confirmed case whose issue exists."""

    def __init__(self, talk: Conversation) -> None:
        self.talk = talk
        self.tracker = Tracker(
            store=talk.store,
            rules=talk.rules,
            texts=talk.texts,
            clock=talk.clock,
            reactions=REACTIONS,
        )

    async def confirm(self) -> None:
        await self.talk.at_level(Level.ASSESSMENT)
        await self.talk.ask("rita", "!case confirm 1", room=LEVEL3)
        async with self.talk.store.transaction() as tx:
            await on_issue_ready(
                self.talk.desk_in(tx),
                CaseId(1),
                FoundIssue(
                    id=IssueId("10001"), key="BUG-7", url="https://j/browse/BUG-7", project="BUG"
                ),
                announce=ToRoom(room_id=LEVEL3),
                linked=False,
                key="request-1",
            )

    async def link(self, number: int, present: IssueChanges) -> None:
        """Bring a case whose issue is on its way to where the issue is."""
        issue = present.issue
        async with self.talk.store.transaction() as tx:
            case = await on_issue_ready(
                self.talk.desk_in(tx),
                CaseId(number),
                FoundIssue(id=IssueId(issue.id), key=issue.key, url="u", project="BUG"),
                announce=ToRoom(room_id=LEVEL3),
                linked=True,
                key=f"request-{number}/{self.talk.clock.now()}",
            )
            assert case is not None
            await self.tracker.follow(tx, case, present)

    async def read(self, *statuses: str, **facts: object) -> None:
        await self.tracker.apply(reading(statuses, **facts))  # type: ignore[arg-type]

    async def told(self, lane: str = CARLA) -> list[str]:
        """Return what somebody was told because of a status."""
        return [
            delivery.owed.effect.text  # type: ignore[union-attr]
            for delivery in await self.talk.owed()
            if delivery.lane == lane and delivery.owed.because
        ]


@pytest.fixture
async def tracked() -> AsyncIterator[Tracked]:
    async with open_store("tinydb://") as store:
        tracked = Tracked(Conversation(store))
        await tracked.confirm()
        yield tracked


def named(texts: Sequence[str]) -> list[str]:
    """Return the milestone each text names in bold."""
    return [next((name for name in Milestone if f"*{name}*" in text), "nothing") for text in texts]


async def test_each_milestone_is_told_once_and_in_order(tracked: Tracked) -> None:
    await tracked.read("Backlog", "Specifying", "Ready", "In Progress")
    texts = await tracked.told()
    assert named(texts) == ["Specifying", "Ready", "In Progress"]
    assert all("CASE-1" in text for text in texts)
    await tracked.read("Backlog", "Specifying", "Ready", "In Progress")
    await tracked.read("Backlog", "Specifying", "Ready", "In Progress", "In Review")
    await tracked.read("Backlog", "Specifying")
    assert len(await tracked.told()) == 3


async def test_the_status_an_issue_is_created_in_counts(tracked: Tracked) -> None:
    await tracked.read("Specifying", "Ready")
    assert named(await tracked.told()) == ["Specifying", "Ready"]


async def test_an_unmapped_first_status_is_no_news(tracked: Tracked) -> None:
    await tracked.read("Waiting")
    assert await tracked.told() == []
    assert await tracked.told(SAM) == []


async def test_done_alerts_the_specialist_and_never_the_customer(tracked: Tracked) -> None:
    await tracked.read(
        "Backlog", "In Progress", "Done", resolution="Fixed", versions=["7.2.0", "7.1.1"]
    )
    assert named(await tracked.told()) == ["In Progress"]
    [alert] = await tracked.told(SAM)
    for part in ("CASE-1", "BUG-7", "Fixed", "7.2.0", "7.1.1", "Carla", "`case contacted 1"):
        assert part in alert
    assert "> Hello Carla" in alert
    talk = tracked.talk
    assert "In Progress" in await talk.ask("carla", "status 1")
    assert "Done" not in await talk.ask("carla", "status 1")
    assert "Done" in await talk.ask("sam", "status 1")


async def test_the_alert_ends_only_with_a_contact(tracked: Tracked) -> None:
    talk = tracked.talk
    assert "no open Done alert" in await talk.ask("sam", "case ack 1")
    await tracked.read("Backlog", "Done", resolution="Done")
    assert "first" in (await talk.ask("ana", "case close 1 done")).casefold()
    assert "contacted 1" in await talk.ask("sam", "case ack 1")
    alert = (await talk.case()).alert
    assert alert is not None
    assert alert.is_open
    assert "Say how the customer was told: `case contacted 1 <how>`" in await talk.ask(
        "sam", "case contacted 1"
    )
    assert "recorded" in await talk.ask("sam", "case contacted 1 by phone")
    alert = (await talk.case()).alert
    assert alert is not None
    assert not alert.is_open
    assert "Done" in await talk.ask("carla", "status 1")
    assert "Closed" in await talk.ask("ana", "case close 1 done")


@pytest.mark.parametrize(
    "resolution", ["Won't Do", "Won\u2019t Fix", "DUPLICATE", "Cannot Reproduce"]
)
async def test_a_resolution_that_is_no_fix_has_its_own_words(
    tracked: Tracked, resolution: str
) -> None:
    await tracked.read("Backlog", "Done", resolution=resolution)
    [alert] = await tracked.told(SAM)
    assert "not as a fix" in alert
    assert "is solved" not in alert


async def test_a_move_back_and_forth_has_its_own_words(tracked: Tracked) -> None:
    await tracked.read("Backlog", "Ready", "In Progress", "Ready", "In Progress")
    texts = await tracked.told()
    assert named(texts) == ["Ready", "In Progress", "Ready", "In Progress"]
    assert "gone back" in texts[2]
    assert "again" in texts[3]


async def test_a_reopened_issue_tells_the_specialist_and_ends_the_alert(
    tracked: Tracked,
) -> None:
    await tracked.read("Backlog", "In Progress", "Done", resolution="Done")
    await tracked.read("Backlog", "In Progress", "Done", "In Progress")
    texts = await tracked.told(SAM)
    assert "reopened" in texts[-1]
    assert (await tracked.talk.case()).alert is None
    assert named(await tracked.told()) == ["In Progress"]


async def test_a_customer_who_knew_of_done_is_told_of_the_reopening(tracked: Tracked) -> None:
    await tracked.read("Backlog", "In Progress", "Done", resolution="Done")
    await tracked.talk.ask("sam", "case contacted 1 by phone")
    await tracked.read("Backlog", "In Progress", "Done", "Specifying")
    assert "taken it up again" in (await tracked.told())[-1]


async def test_a_status_nobody_mapped_is_told_to_the_specialist(tracked: Tracked) -> None:
    await tracked.read("Backlog", "Specifying", "Waiting")
    [text] = await tracked.told(SAM)
    assert "Waiting" in text
    assert "JIRA_STATUS_MAP" in text
    await tracked.read("Backlog", "Specifying", "Waiting", "Ready")
    assert named(await tracked.told()) == ["Specifying", "Ready"]


async def test_a_closed_case_gets_a_reason_instead_of_a_message(tracked: Tracked) -> None:
    await tracked.talk.ask("ana", "case close 1 solved otherwise")
    await tracked.read("Backlog", "Specifying")
    assert await tracked.told() == []
    async with tracked.talk.store.transaction() as tx:
        ledger = await tx.list_deliveries(CaseId(1))
    [skipped] = [delivery for delivery in ledger if delivery.state is DeliveryState.SKIPPED]
    assert skipped.detail == "the case is closed"
    assert "the case is closed" in await tracked.talk.ask("ana", "case proof 1")


async def test_a_reopened_case_tells_where_the_issue_came_meanwhile(tracked: Tracked) -> None:
    await tracked.read("Specifying")
    await tracked.talk.ask("sam", "case close 1 no longer needed")
    await tracked.read("Specifying", "Ready", "In Progress")
    await tracked.talk.ask("carla", "case reopen 1 it is")
    milestones = [text for text in await tracked.talk.said_to(CARLA) if "Now *" in text]
    assert named(milestones) == ["Specifying", "In Progress"]
    assert "In Progress" in await tracked.talk.ask("carla", "status 1")


async def test_a_reopened_case_is_never_told_of_done(tracked: Tracked) -> None:
    await tracked.read("Specifying")
    await tracked.talk.ask("sam", "case close 1 no longer needed")
    await tracked.read("Specifying", "Done")
    before = len(await tracked.talk.said_to(CARLA))
    answer = await tracked.talk.ask("carla", "case reopen 1 it is")
    assert (await tracked.talk.said_to(CARLA))[before:] == [answer]
    assert "Done" not in await tracked.talk.ask("carla", "status 1")


async def test_the_first_issue_is_read_on_from_when_it_was_made(tracked: Tracked) -> None:
    """However long it takes until the first poll."""
    case = await tracked.talk.case()
    assert case.issue is not None
    tracked.talk.clock.pass_by(timedelta(hours=5))
    async with tracked.talk.store.transaction() as tx:
        assert await tx.get_time(JIRA_READ) == case.issue.requested_at


async def test_an_alert_ended_by_an_unlink_is_called_off(tracked: Tracked) -> None:
    await tracked.read("Specifying", "Done")
    await tracked.talk.ask("rita", "case unlink 1")
    assert "alert is off" in (await tracked.talk.said_to(SAM))[-1]
    assert (await tracked.talk.case()).alert is None


async def test_nobody_is_told_of_a_release_that_there_was_not(tracked: Tracked) -> None:
    await tracked.read("Specifying", "Done", resolution="Won't Do")
    await tracked.talk.ask("sam", "case contacted 1 phoned")
    for typed in ("status 1", "case show 1"):
        answer = await tracked.talk.ask("carla", typed)
        assert "without a change in the product" in answer
        assert "released" not in answer


async def test_what_was_overtaken_long_ago_is_told_in_one_message_with_the_dates(
    tracked: Tracked,
) -> None:
    tracked.talk.clock.time = START + timedelta(hours=5)
    await tracked.read("Backlog", "Specifying", "Ready", "In Progress")
    [text] = await tracked.told()
    assert "Now *In Progress*, since 2026-11-23 10:03 UTC" in text
    assert "- Specifying, 2026-11-23 10:01 UTC" in text
    assert "- Ready, 2026-11-23 10:02 UTC" in text
    proof = await tracked.talk.ask("ana", "case proof 1")
    assert proof.count("told together with a newer one") == 2
    await tracked.read("Backlog", "Specifying", "Ready", "In Progress", "Done")
    assert len(await tracked.told()) == 1


async def test_a_reopening_seen_late_is_told_all_the_same(tracked: Tracked) -> None:
    await tracked.read("Backlog", "In Progress", "Done", resolution="Done")
    await tracked.talk.ask("sam", "case contacted 1 by phone")
    tracked.talk.clock.time = START + timedelta(hours=5)
    await tracked.read("Backlog", "In Progress", "Done", "Specifying")
    assert "taken it up again" in (await tracked.told())[-1]


async def test_what_was_overtaken_a_moment_ago_is_told_step_by_step(tracked: Tracked) -> None:
    tracked.talk.clock.time = START + timedelta(minutes=59)
    await tracked.read("Backlog", "Specifying", "Ready", "In Progress")
    assert named(await tracked.told()) == ["Specifying", "Ready", "In Progress"]


async def test_a_linked_issue_tells_where_it_is_now_and_not_where_it_was(
    tracked: Tracked,
) -> None:
    talk = tracked.talk
    await talk.at_level(Level.ASSESSMENT, customer="carlos")
    await talk.ask("rita", "case link 2 BUG-7")
    present = reading(["Backlog", "Specifying", "Ready", "In Progress"])
    await tracked.link(2, present)
    await tracked.tracker.apply(present)
    assert named(await tracked.told("person:id-carlos")) == ["In Progress"]
    await tracked.read("Backlog", "Specifying", "Ready", "In Progress", "Ready")
    assert "gone back" in (await tracked.told("person:id-carlos"))[-1]


async def test_linking_a_second_case_takes_no_news_from_the_first(tracked: Tracked) -> None:
    await tracked.talk.at_level(Level.ASSESSMENT, customer="carlos")
    await tracked.talk.ask("rita", "case link 2 BUG-7")
    await tracked.link(2, reading(["Backlog", "Specifying", "Ready"]))
    assert named(await tracked.told()) == ["Specifying", "Ready"]


async def test_what_a_second_case_was_told_at_once_does_not_reach_it_again(
    tracked: Tracked,
) -> None:
    await tracked.read("Backlog", "Specifying")
    await tracked.talk.at_level(Level.ASSESSMENT, customer="carlos")
    await tracked.talk.ask("rita", "case link 2 BUG-7")
    present = reading(["Backlog", "Specifying", "Ready", "In Progress"])
    await tracked.link(2, present)
    await tracked.tracker.apply(present)
    assert named(await tracked.told("person:id-carlos")) == ["In Progress"]
    assert named(await tracked.told()) == ["Specifying", "Ready", "In Progress"]


async def test_the_next_issue_of_a_case_is_told_of_as_fully_as_the_first(
    tracked: Tracked,
) -> None:
    await tracked.read("Specifying")
    for number in ("10002", "10003"):
        await tracked.talk.ask("rita", "case unlink 1")
        await tracked.talk.ask("rita", f"!case link 1 BUG-{number}", room=LEVEL3)
        there = reading(["Backlog", "Specifying"])
        await tracked.link(1, replace(there, issue=replace(there.issue, id=number)))
    assert named(await tracked.told()) == ["Specifying"] * 3
    announced = [text for text in await tracked.talk.said_to(f"room:{LEVEL3}") if "Follows" in text]
    assert len(announced) == 2


async def test_linking_the_same_issue_again_tells_where_it_is(tracked: Tracked) -> None:
    await tracked.read("Backlog", "Specifying")
    there = reading(["Backlog", "Specifying", "Ready"])
    for _ in range(2):
        await tracked.talk.ask("rita", "case unlink 1")
        await tracked.talk.ask("rita", "!case link 1 BUG-7", room=LEVEL3)
        await tracked.link(1, there)
    assert named(await tracked.told()) == ["Specifying", "Ready", "Ready"]
    announced = [text for text in await tracked.talk.said_to(f"room:{LEVEL3}") if "Follows" in text]
    assert len(announced) == 2


async def test_a_moved_issue_keeps_its_case_under_the_new_key(tracked: Tracked) -> None:
    moved = reading(["Backlog", "Specifying"])
    await tracked.tracker.apply(
        replace(moved, issue=replace(moved.issue, key="CORE-3", project_key="CORE"))
    )
    assert "CORE-3" in await tracked.talk.ask("ana", "status CORE-3")


async def test_what_the_issue_does_not_show_yet_waits_for_a_later_reading(
    tracked: Tracked,
) -> None:
    late = reading(["Backlog", "In Progress", "Done"], resolution="Won't Do")
    stale = replace(
        late,
        issue=replace(
            late.issue,
            status_id=IDS["In Progress"],
            resolution=None,
            updated_at=late.changes[0].at,
        ),
    )
    await tracked.tracker.apply(stale)
    assert await tracked.told(SAM) == []
    await tracked.tracker.apply(late)
    [alert] = await tracked.told(SAM)
    assert "not as a fix" in alert


async def test_a_change_that_is_dated_before_the_last_one_is_told_all_the_same(
    tracked: Tracked,
) -> None:
    """Jira's clock may be put back; what its changelog shows last is last."""
    await tracked.read("Backlog", "Specifying")
    late = reading(["Backlog", "Specifying", "Ready"])
    [before, after] = late.changes
    back = replace(after, at=before.at - timedelta(minutes=30))
    for _ in range(2):
        await tracked.tracker.apply(replace(late, changes=(before, back)))
    await tracked.tracker.apply(reading(["Backlog", "Specifying"]))
    assert named(await tracked.told()) == ["Specifying", "Ready"]


async def test_the_first_change_may_be_dated_before_the_issue_was_created(
    tracked: Tracked,
) -> None:
    """Jira's clock may be put back; nothing comes before the status an issue is created in."""
    await tracked.read("Backlog")
    late = reading(["Backlog", "Specifying"])
    [change] = late.changes
    back = replace(change, at=START - timedelta(minutes=30))
    for _ in range(2):
        await tracked.tracker.apply(
            replace(late, issue=replace(late.issue, updated_at=back.at), changes=(back,))
        )
    assert named(await tracked.told()) == ["Specifying"]


async def test_an_issue_out_of_sight_is_told_to_the_specialist_once(tracked: Tracked) -> None:
    for _ in range(5):
        await tracked.tracker.report_missing(["10001"], after=3)
    gone = [text for text in await tracked.talk.said_to(SAM) if "no longer visible" in text]
    assert len(gone) == 1


@given(
    path=st.lists(st.sampled_from(sorted(IDS)), min_size=1, max_size=8),
    looks=st.lists(st.integers(0, 7), max_size=6),
)
@settings(max_examples=40, deadline=None)
async def test_any_order_of_readings_tells_the_same(path: list[str], looks: list[int]) -> None:
    """However often and at whatever points the issue is looked at, people are told the same."""
    path = [path[0], *(after for before, after in itertools.pairwise(path)
                       if after != before)]  # fmt: skip
    outcomes = []
    for cuts in ([], looks):
        async with open_store("tinydb://") as store:
            tracked = Tracked(Conversation(store))
            await tracked.confirm()
            for cut in (*cuts, len(path) - 1):
                seen = path[: min(cut, len(path) - 1) + 1]
                await tracked.tracker.apply(reading(seen))
            outcomes.append((await tracked.told(CARLA), await tracked.told(SAM)))
    assert outcomes[0] == outcomes[1]


async def test_a_link_whose_look_up_was_overtaken_looks_again(tracked: Tracked) -> None:
    """Between look-up and commit a poll handled a newer change, for the other cases only."""
    talk = tracked.talk
    await talk.at_level(Level.ASSESSMENT, customer="carlos")
    await talk.ask("rita", "case link 2 BUG-7")
    await tracked.read("Specifying", "Ready", "In Progress")
    with pytest.raises(Retryable):
        await tracked.link(2, reading(["Specifying", "Ready"]))
    linked = await talk.case(2)
    assert linked.issue is not None
    assert linked.issue.state is IssueState.REQUESTED
    await tracked.link(2, reading(["Specifying", "Ready", "In Progress"]))
    assert named(await tracked.told("person:id-carlos")) == ["In Progress"]


async def test_an_older_reading_takes_no_issue_back(tracked: Tracked) -> None:
    former = reading(["Specifying"])
    moved = reading(["Specifying", "Ready"])
    moved = replace(moved, issue=replace(moved.issue, key="OPS-3", project_key="OPS"))
    await tracked.tracker.apply(moved)
    await tracked.tracker.apply(former)
    async with tracked.talk.store.transaction() as tx:
        issue = await tx.find_issue(IssueId("10001"))
    assert issue is not None
    assert (issue.key, issue.project, issue.status) == ("OPS-3", "OPS", "Ready")
    assert issue.updated_at == moved.issue.updated_at
    case = await tracked.talk.case()
    assert case.issue is not None
    assert case.issue.key == "OPS-3"


async def test_the_project_an_issue_was_moved_to_is_read_from_then_on(tracked: Tracked) -> None:
    """Also when a look-up for another case is what noticed it."""
    talk = tracked.talk
    await tracked.read("Specifying")
    await talk.at_level(Level.ASSESSMENT, customer="carlos")
    await talk.ask("rita", "case link 2 BUG-7")
    moved = reading(["Specifying", "Ready"])
    await tracked.link(
        2, replace(moved, issue=replace(moved.issue, key="OPS-3", project_key="OPS"))
    )
    async with talk.store.transaction() as tx:
        assert "OPS" in (await tx.get_mark(JIRA_PROJECTS) or "").split()


async def owed_about(tracked: Tracked, about: str) -> Delivery:
    async with tracked.talk.store.transaction() as tx:
        return [one for one in await tx.list_deliveries(CaseId(1)) if one.owed.about == about][-1]


async def withhold(tracked: Tracked, about: str) -> None:
    """End the newest delivery of that name as the dispatcher does when its guard objects."""
    withheld = await owed_about(tracked, about)
    async with tracked.talk.store.transaction() as tx:
        await on_withheld(tracked.talk.desk_in(tx), withheld)


async def test_an_alert_whose_specialist_may_not_act_goes_to_the_others_once(
    tracked: Tracked,
) -> None:
    talk = tracked.talk
    await tracked.read("Specifying", "Done", resolution="Fixed", versions=["7.2.0"])
    assert (await owed_about(tracked, "alert Done")).owed.audience is Audience.CONTACT
    await withhold(tracked, "alert Done")
    for _ in range(2):
        await talk.let_pass(timedelta(hours=4))
        await withhold(tracked, "reminder Done")
    alert, *reminders = (await talk.said_to(f"room:{LEVEL2}"))[-3:]
    for part in ("CASE-1", "Sam (sam) no longer has a role", "7.2.0", "`!case contacted 1 <how>`"):
        assert part in alert
    assert all("Still open" in one and "no longer" not in one for one in reminders)
    assert "`!case contacted 1 <how>`" in reminders[-1]


async def test_a_reminder_that_is_held_back_first_brings_the_whole_alert(tracked: Tracked) -> None:
    talk = tracked.talk
    await tracked.read("Specifying", "Done", resolution="Fixed")
    await talk.let_pass(timedelta(hours=4))
    await withhold(tracked, "reminder Done")
    assert "> Hello Carla" in (await talk.said_to(f"room:{LEVEL2}"))[-1]


async def test_what_is_held_back_after_the_contact_is_nobodys_business(tracked: Tracked) -> None:
    talk = tracked.talk
    await tracked.read("Specifying", "Done", resolution="Fixed")
    await talk.ask("sam", "case contacted 1 by phone")
    before = await talk.said_to(f"room:{LEVEL2}")
    await withhold(tracked, "alert Done")
    assert await talk.said_to(f"room:{LEVEL2}") == before


CARLOS = "person:id-carlos"


async def test_the_next_customer_of_a_case_is_told_where_it_stands(tracked: Tracked) -> None:
    talk = tracked.talk
    await tracked.read("Specifying", "Ready")
    await talk.ask("sam", "case customer 1 @carlos")
    await talk.ask("sam", "yes")
    receipt, news = await talk.said_to(CARLOS)
    assert "*Ready*" not in receipt
    assert "Now *Ready*" in news
    await tracked.read("Specifying", "Ready", "In Progress")
    assert named((await talk.said_to(CARLOS))[2:]) == ["In Progress"]
    assert len(await tracked.told()) == 2


async def test_done_is_not_done_until_the_next_customer_knows_either(tracked: Tracked) -> None:
    """Neither is the former to be contacted in the place of the one whose case it is."""
    talk = tracked.talk
    await tracked.read("Specifying", "Done", resolution="Fixed", versions=["7.2.0"])
    await talk.ask("sam", "case contacted 1 by phone")
    await talk.ask("sam", "case customer 1 @carlos")
    await talk.ask("sam", "yes")
    alert = next(text for text in reversed(await talk.said_to(SAM)) if "7.2.0" in text)
    for part in ("belongs to Carlos", "no longer to Carla", "> Hello Carlos", "case contacted 1"):
        assert part in alert
    assert "Done" not in await talk.ask("carlos", "status 1")
    assert "does not know yet" in await talk.ask("sam", "case close 1 over")
    await talk.ask("sam", "case contacted 1 by mail")
    assert "Done" in await talk.ask("carlos", "status 1")
