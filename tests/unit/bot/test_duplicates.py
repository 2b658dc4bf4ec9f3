"""What the customer hears when their case moves to another issue, and what moves it at all."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.cases.case import Case, IssueId, Level, Milestone, Progress
from bot.cases.effects import FollowOriginal
from bot.cases.milestones import advance, classify, is_duplicate, moved, tell
from bot.duplicates import list_moved_cases, original_of
from bot.jira.parsing import issue as parse_issue
from bot.jira.records import InitialStatus, Issue, IssueChanges, LinkedIssue
from bot.reactions import REACTIONS
from bot.tracking import Tracker
from handlers.on_duplicate import on_original_found, on_original_missing
from handlers.on_issue import FoundIssue
from storage import open_store
from tests.conversation import Conversation
from tests.factories import NOW, build_alert, build_issue, build_issue_link

SPECIFYING, READY = Milestone.SPECIFYING, Milestone.READY
IN_PROGRESS, DONE = Milestone.IN_PROGRESS, Milestone.DONE
ORIGINAL = FoundIssue(id=IssueId("2"), key="SUP-2", url="https://jira.example.org/2", project="SUP")
SAM = "person:id-sam"


def told_after_move(
    told: Sequence[Milestone], seen: Sequence[Milestone]
) -> list[tuple[Milestone, str]]:
    """Return what the customer hears of the new issue, having heard `told` of the former one."""
    progress = Progress()
    for milestone in told:
        progress = tell(advance(progress, status="x", meaning=milestone, at=NOW), milestone)
    progress = moved(progress)
    heard: list[tuple[Milestone, str]] = []
    for milestone in seen:
        move = classify(progress, milestone)
        progress = advance(progress, status="x", meaning=milestone, at=NOW)
        if move.value in {"reached", "again", "back", "done", "reopened"}:
            heard.append((milestone, move.value))
            progress = tell(progress, milestone)
    return heard


@pytest.mark.parametrize(
    ("told", "seen", "heard"),
    [
        ([], [SPECIFYING], [(SPECIFYING, "reached")]),
        ([], [READY, IN_PROGRESS], [(READY, "reached"), (IN_PROGRESS, "reached")]),
        ([SPECIFYING, READY], [SPECIFYING, READY], []),
        ([SPECIFYING, READY], [SPECIFYING, READY, IN_PROGRESS], [(IN_PROGRESS, "reached")]),
        ([SPECIFYING, READY], [IN_PROGRESS], [(IN_PROGRESS, "reached")]),
        ([IN_PROGRESS], [SPECIFYING, READY, IN_PROGRESS], []),
        # Once it is level, a step back is news again.
        ([READY], [SPECIFYING, READY, SPECIFYING], [(SPECIFYING, "back")]),
        ([READY], [IN_PROGRESS, READY], [(IN_PROGRESS, "reached"), (READY, "back")]),
        ([READY], [SPECIFYING, DONE], [(DONE, "done")]),
        # Before it is level, a step back is none.
        ([IN_PROGRESS], [READY, SPECIFYING, READY], []),
        # They had been there, and were brought back before the move.
        (
            [SPECIFYING, IN_PROGRESS, READY],
            [SPECIFYING, READY, IN_PROGRESS],
            [(IN_PROGRESS, "again")],
        ),
    ],
)
def test_a_milestone_that_was_told_is_not_told_again(
    told: Sequence[Milestone], seen: Sequence[Milestone], heard: list[tuple[Milestone, str]]
) -> None:
    assert told_after_move(told, seen) == heard


def test_a_resolution_says_whether_it_is_a_duplicate() -> None:
    assert all(map(is_duplicate, ("Duplicate", " duplicate ", "Duplicado")))
    assert not any(map(is_duplicate, ("Fixed", "", None)))


def read_links(*links: object) -> tuple[LinkedIssue, ...]:
    fields = {
        "status": {"id": "1", "name": "Done"},
        "updated": "2026-03-02T09:30:00.000+0000",
        "created": "2026-03-02T09:30:00.000+0000",
        "issuelinks": list(links),
    }
    raw = {"id": "1", "key": "SUP-1", "fields": fields}
    return parse_issue(raw, base_url="https://jira.example.org").duplicates


def link(end: str, name: str = "Duplicate", outward: str = "duplicates") -> dict[str, object]:
    kind = {"id": "10002", "name": name, "inward": "is duplicated by", "outward": outward}
    return {"id": "5", "type": kind, end: {"id": 2, "key": "SUP-2"}}


def test_only_the_outward_end_of_a_duplicate_link_names_the_original() -> None:
    assert read_links(link("outwardIssue")) == (LinkedIssue(id="2", key="SUP-2"),)
    assert read_links(link("outwardIssue", name="Doublon", outward="duplique")) != ()
    assert read_links(link("inwardIssue")) == ()
    assert read_links(link("outwardIssue", name="Blocks", outward="blocks")) == ()
    for odd in (None, 7, {}, {"type": 1, "outwardIssue": []}, {"type": {"name": "Duplicate"}}):
        assert read_links(odd) == ()


def build_reading(
    *originals: str, resolution: str | None = "Duplicate", at: int = 0
) -> IssueChanges:
    issue = Issue(
        id="10001", key="SUP-10001", summary="Export fails", status_id="7", status_name="Done",
        resolution=resolution, fix_versions=(), updated_at=NOW + timedelta(minutes=at),
        created_at=NOW, url="https://jira.example.org/browse/SUP-10001", project_key="SUP",
        labels=(), duplicates=tuple(LinkedIssue(id=one, key=f"SUP-{one}") for one in originals),
    )  # fmt: skip
    return IssueChanges(issue=issue, initial_status=InitialStatus("7", "Done"), changes=())


def test_two_originals_are_none() -> None:
    assert original_of(build_reading("2").issue) == LinkedIssue(id="2", key="SUP-2")
    assert original_of(build_reading("2", "2").issue) is not None
    assert original_of(build_reading("2", "3").issue) is None
    assert original_of(build_reading("10001").issue) is None
    assert original_of(build_reading("2", resolution="Fixed").issue) is None


class Following:
    """A conversation with a case of Carla that follows SUP-10001."""

    def __init__(self, talk: Conversation) -> None:
        self.talk = talk
        self.tracker = Tracker(
            store=talk.store, rules=talk.rules, texts=talk.texts, clock=talk.clock,
            reactions=REACTIONS,
        )  # fmt: skip

    async def begin(self, **changes: object) -> None:
        case = await self.talk.at_level(Level.ASSESSMENT)
        linked = replace(case, issue=build_issue_link(10001), **changes)  # type: ignore[arg-type]
        async with self.talk.store.transaction() as tx:
            await self.talk.desk_in(tx).save(linked)
            await tx.save_issue(build_issue(10001, handled_at=NOW, updated_at=NOW))

    async def owed(self) -> list[FollowOriginal]:
        effects = await self.talk.effects("issue:1")
        return [effect for effect in effects if isinstance(effect, FollowOriginal)]

    async def find(self) -> Case:
        [effect, *_] = await self.owed()
        async with self.talk.store.transaction() as tx:
            await on_original_found(self.talk.desk_in(tx), effect, ORIGINAL, passed=(), key="k")
        return await self.talk.case()


@pytest.fixture
async def talk() -> AsyncIterator[Conversation]:
    async with open_store("tinydb://") as store:
        yield Conversation(store)


@pytest.fixture
def following(talk: Conversation) -> Following:
    return Following(talk)


async def test_the_look_for_the_original_is_owed_once(following: Following) -> None:
    await following.begin()
    for minute in (1, 1, 2):
        await following.tracker.apply(build_reading("2", at=minute))
    [effect] = await following.owed()
    assert (effect.issue_key, effect.original_key) == ("SUP-10001", "SUP-2")
    assert (await following.talk.case()).alert is None


async def test_a_case_that_comes_back_may_leave_again(following: Following) -> None:
    await following.begin()
    await following.tracker.apply(build_reading("2", at=1))
    case = await following.find()
    assert case.issue is not None
    assert (case.issue.key, case.issue.via) == ("SUP-2", ("10001",))
    await following.tracker.apply(build_reading("2", at=2))
    assert len(await following.owed()) == 1

    following.talk.clock.pass_by(timedelta(minutes=1))
    await following.tracker.apply(build_reading(at=3))
    case = await following.talk.case()
    assert case.issue is not None
    assert (case.issue.key, case.issue.via) == ("SUP-10001", ())
    assert "no duplicate of SUP-2 after all" in "\n".join(await following.talk.said_to(SAM))
    await following.tracker.apply(build_reading("2", at=4))
    assert len(await following.owed()) == 2


async def test_an_older_reading_takes_nothing_back(following: Following) -> None:
    await following.begin()
    await following.tracker.apply(build_reading("2", at=5))
    await following.find()
    await following.tracker.apply(build_reading(at=4))
    case = await following.talk.case()
    assert case.issue is not None
    assert case.issue.key == "SUP-2"


async def test_a_case_is_found_again_further_along(talk: Conversation) -> None:
    case = await talk.at_level(Level.ASSESSMENT)
    via = (IssueId("1"), IssueId("2"))
    async with talk.store.transaction() as tx:
        await talk.desk_in(tx).save(replace(case, issue=build_issue_link(3, via=via)))
        await tx.save_issue(build_issue(2, duplicate_of=IssueId("3")))
        await tx.save_issue(build_issue(3, duplicate_of=IssueId("2")))
        for number, found in ((1, 1), (2, 1), (9, 0)):
            tracked = build_issue(number, duplicate_of=IssueId("2" if number == 1 else "3"))
            assert len(await list_moved_cases(tx, tracked)) == found


async def test_where_the_customer_was_contacted_the_case_stays(following: Following) -> None:
    contacted = build_alert(contacted_at=NOW)
    await following.begin(alert=contacted, progress=Progress(told=DONE, milestone=DONE))
    await following.tracker.apply(build_reading("2", at=1))
    assert await following.owed() == []
    told = "\n".join(await following.talk.said_to(SAM))
    assert "contacted already" in told
    assert "`case link 1 SUP-2`" in told


async def test_what_cannot_be_followed_opens_the_alert_once(following: Following) -> None:
    await following.begin()
    await following.tracker.apply(build_reading("2", at=1))
    [effect] = await following.owed()
    for _ in range(2):
        async with following.talk.store.transaction() as tx:
            await on_original_missing(following.talk.desk_in(tx), effect, "no such issue", key="k")
    case = await following.talk.case()
    assert case.alert is not None
    assert (case.alert.is_fix, case.alert.resolution) == (False, "Duplicate")
    told = await following.talk.said_to(SAM)
    assert sum("cannot follow: no such issue" in text for text in told) == 1
    assert sum("not as a fix: Duplicate" in text for text in told) == 1


async def test_a_case_that_was_unlinked_meanwhile_stays_so(following: Following) -> None:
    await following.begin()
    await following.tracker.apply(build_reading("2", at=1))
    await following.talk.ask("sam", "case unlink 1")
    assert (await following.find()).issue is None


async def test_a_case_that_follows_another_issue_meanwhile_stays_there(
    following: Following,
) -> None:
    await following.begin()
    await following.tracker.apply(build_reading("2", at=1))
    case = await following.talk.case()
    async with following.talk.store.transaction() as tx:
        await following.talk.desk_in(tx).save(replace(case, issue=build_issue_link(9)))
    found = await following.find()
    assert found.issue is not None
    assert found.issue.key == "SUP-9"


async def test_unlinking_lets_go_of_the_duplicate_too(following: Following) -> None:
    await following.begin()
    await following.tracker.apply(build_reading("2", at=1))
    await following.find()
    await following.talk.ask("sam", "case unlink 1")
    async with following.talk.store.transaction() as tx:
        assert await tx.list_issues() == []


async def test_a_case_that_is_linked_to_a_duplicate_goes_on_to_the_original(
    following: Following,
) -> None:
    await following.begin()
    case = await following.talk.case()
    async with following.talk.store.transaction() as tx:
        await following.tracker.follow(tx, case, build_reading("2"))
    assert len(await following.owed()) == 1
    assert (await following.talk.case()).alert is None
