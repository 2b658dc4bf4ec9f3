"""What came of copying a file is noted, and who may know is told."""

from dataclasses import replace

import pytest

from bot.cases.case import Case, CaseFile, CaseId, FileId, IssueId, Level
from bot.cases.effects import AttachFile, FollowOriginal
from handlers.on_attachment import on_attached, on_attachment_refused
from handlers.on_duplicate import on_original_found
from handlers.on_issue import FoundIssue
from tests.conversation import LEVEL3, Conversation, person
from tests.factories import build_file, build_issue_link

EFFECT = AttachFile(case_id=CaseId(1), file_id=FileId("f1"), issue_id=IssueId("10001"))


async def with_file(talk: Conversation, **fields: object) -> Case:
    case = await talk.at_level(Level.ASSESSMENT)
    file: CaseFile = build_file(1, **fields)
    changed = replace(case, files=(file, build_file(2)), issue=build_issue_link())
    async with talk.store.transaction() as tx:
        await tx.save_case(changed)
    return changed


async def refuse(talk: Conversation) -> None:
    async with talk.store.transaction() as tx:
        await on_attachment_refused(talk.desk_in(tx), EFFECT, "status 404: gone", key="k")


async def test_the_copy_is_noted_and_counts_as_no_change(talk: Conversation) -> None:
    before = await with_file(talk)
    async with talk.store.transaction() as tx:
        await on_attached(talk.desk_in(tx), EFFECT, "a7")
    case = await talk.case()
    assert [file.attachment_id for file in case.files] == ["a7", ""]
    assert case.updated_at == before.updated_at


async def test_a_customer_is_told_nothing_of_jira_and_the_team_why(talk: Conversation) -> None:
    await with_file(talk, by=person("carla"))
    await refuse(talk)
    told = (await talk.said_to("person:id-carla"))[-1]
    assert "app-1.log could not be passed on" in told
    assert "404" not in told
    assert "SUP" not in told
    team = (await talk.said_to(f"room:{LEVEL3}"))[-1]
    assert "app-1.log of Carla (carla) could not be copied to SUP-10001: status 404: gone" in team


async def test_somebody_of_the_team_is_told_themselves(talk: Conversation) -> None:
    await with_file(talk, by=person("ana"), internal=True)
    await refuse(talk)
    assert "status 404: gone" in (await talk.said_to("person:id-ana"))[-1]


async def test_a_customer_who_has_lost_the_case_is_told_nothing(talk: Conversation) -> None:
    await with_file(talk, by=person("carlos"))
    await refuse(talk)
    assert await talk.said_to("person:id-carlos") == []
    assert "app-1.log" in (await talk.said_to(f"room:{LEVEL3}"))[-1]


@pytest.mark.parametrize("file_id", ["f9", "f1"])
async def test_what_is_no_longer_there_is_passed_over(talk: Conversation, file_id: str) -> None:
    async with talk.store.transaction() as tx:
        desk = talk.desk_in(tx)
        gone = replace(EFFECT, file_id=FileId(file_id))
        await on_attached(desk, gone, "a7")
        await on_attachment_refused(desk, gone, "gone", key="k")
    assert await talk.owed() == []


async def test_what_is_not_at_the_duplicate_yet_goes_to_the_original(talk: Conversation) -> None:
    case = await with_file(talk, attachment_id="a1")
    follow = FollowOriginal(
        case_id=case.id,
        issue_id=IssueId("10001"),
        issue_key="SUP-10001",
        original_id=IssueId("7"),
        original_key="SUP-7",
    )
    original = FoundIssue(id=IssueId("7"), key="SUP-7", url="https://x.example", project="SUP")
    async with talk.store.transaction() as tx:
        await on_original_found(talk.desk_in(tx), follow, original, passed=(), key="k")
    wanted = [one.owed.effect for one in await talk.owed()]
    assert [one for one in wanted if isinstance(one, AttachFile)] == [
        AttachFile(case_id=case.id, file_id=FileId("f2"), issue_id=IssueId("7"))
    ]
