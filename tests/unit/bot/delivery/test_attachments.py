"""A file is copied to its issue once, and a doubt is settled by looking."""

# ruff: noqa: ARG002, ASYNC240 - doubles need not look at everything, and write a few bytes

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.cases.case import CaseId, FileId, IssueId
from bot.cases.effects import AttachFile, Delivery
from bot.delivery.attachments import SETTLED_AFTER, AttachmentPerformer
from bot.errors import Rejected, Retryable
from bot.jira.records import Attachment
from storage import open_store
from storage.base import Store
from tests.conversation import FixedClock
from tests.factories import build_case, build_delivery, build_file, build_owed

WANTED = build_delivery(
    owed=build_owed(
        effect=AttachFile(case_id=CaseId(1), file_id=FileId("f1"), issue_id=IssueId("10001"))
    )
)


class Jira:
    """An issue with files."""

    def __init__(self) -> None:
        self.files: list[Attachment] = []
        self.limit = 1_000

    async def list_attachments(self, issue_id: str) -> tuple[Attachment, ...]:
        assert issue_id == "10001"
        return tuple(self.files)

    async def largest_attachment(self) -> int:
        return self.limit

    async def attach(self, issue_id: str, filename: str, content: Path, kind: str) -> Attachment:
        assert issue_id == "10001"
        size = content.stat().st_size
        self.files.append(Attachment(id=f"a{len(self.files) + 1}", filename=filename, size=size))
        return self.files[-1]


class Chat:
    """A chat with one file."""

    def __init__(self) -> None:
        self.limits: list[int] = []
        self.fault: Exception | None = None

    async def download_file(self, *, file_id: str, name: str, to: Path, limit: int) -> int:
        self.limits.append(limit)
        if self.fault:
            raise self.fault
        return to.write_bytes(b"content")


@pytest.fixture
def jira() -> Jira:
    return Jira()


@pytest.fixture
def chat() -> Chat:
    return Chat()


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
async def store() -> AsyncIterator[Store]:
    async with open_store("tinydb://") as opened:
        yield opened


@pytest.fixture
async def performer(store: Store, jira: Jira, chat: Chat, clock: FixedClock) -> AttachmentPerformer:
    async with store.transaction() as tx:
        await tx.add_case(build_case(files=(build_file(1), build_file(2))))
    return AttachmentPerformer(
        client=jira,  # type: ignore[arg-type]
        chat=chat,
        store=store,
        clock=clock,
        most_bytes=5_000,
        installation="test",
    )


async def test_a_file_gets_a_name_by_which_it_is_found_again(
    performer: AttachmentPerformer, jira: Jira, chat: Chat
) -> None:
    assert await performer.perform(WANTED) == "a1"
    assert jira.files[0].filename.startswith("CASE-1-")
    assert jira.files[0].filename.endswith("-app-1.log")
    assert chat.limits == [1_000]
    assert await performer.perform(WANTED) == "a1"
    assert len(jira.files) == 1


async def test_another_file_of_the_same_name_is_another(
    performer: AttachmentPerformer, jira: Jira
) -> None:
    jira.files.append(Attachment(id="a1", filename="app-1.log", size=7))
    assert performer.mark(CaseId(1), FileId("f1")) != performer.mark(CaseId(1), FileId("f2"))
    assert await performer.perform(WANTED) == "a2"


async def test_in_doubt_it_is_looked_for_until_it_would_be_there(
    performer: AttachmentPerformer, jira: Jira, clock: FixedClock
) -> None:
    doubtful = replace(WANTED, doubtful=True, doubtful_since=clock.now())
    clock.pass_by(SETTLED_AFTER - timedelta(seconds=1))
    with pytest.raises(Retryable):
        await performer.perform(doubtful)
    assert jira.files == []
    clock.pass_by(timedelta(seconds=1))
    assert await performer.perform(doubtful) == "a1"


async def test_a_file_that_was_erased_meanwhile_is_not_copied(
    performer: AttachmentPerformer, store: Store, jira: Jira
) -> None:
    async with store.transaction() as tx:
        await tx.save_case(build_case(files=()))
    with pytest.raises(Rejected, match="no longer part of CASE-1"):
        await performer.perform(WANTED)
    assert jira.files == []


async def test_a_full_disk_is_waited_for(performer: AttachmentPerformer, chat: Chat) -> None:
    chat.fault = OSError(28, "No space left on device")
    with pytest.raises(Retryable, match="No space left"):
        await performer.perform(WANTED)


async def test_what_the_chat_refuses_is_refused(performer: AttachmentPerformer, chat: Chat) -> None:
    chat.fault = Rejected("the file is gone")
    with pytest.raises(Rejected, match="gone"):
        await performer.perform(WANTED)


def test_it_waits_behind_its_issue() -> None:
    delivery: Delivery = WANTED
    assert delivery.lane == "issue:1"
