"""A comment is there once, whatever became of the answer to the request."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.cases.case import CaseId, IssueId
from bot.cases.effects import CommentIssue, Delivery, DeliveryId, Owed, Said
from bot.delivery.comments import CommentPerformer, document_of
from bot.errors import Retryable
from bot.jira.documents import Document, Paragraph, Preformatted
from tests.conversation import FixedClock
from tests.factories import NOW, build_room

EFFECT = CommentIssue(
    case_id=CaseId(7), issue_id=IssueId("10001"), announce=build_room(),
    said=(
        Said(text="7.1", at=NOW, question="Which version?"),
        Said(text="first\nsecond", at=NOW),
    ),
)  # fmt: skip
OWED = Owed(key="case/7/comment/m1", effect=EFFECT, case_id=CaseId(7))
DELIVERY = Delivery(id=DeliveryId(1), owed=OWED, owed_at=NOW)


class Issue:
    """An issue with comments."""

    def __init__(self) -> None:
        self.comments: list[Document] = []

    async def add_comment(self, issue_id: str, document: Document, *, internal: bool) -> str:
        assert (issue_id, internal) == ("10001", True)
        self.comments.append(document)
        return "1"

    async def has_comment(self, issue_id: str, mark: str) -> bool:
        assert issue_id == "10001"
        return any(mark in block.text for one in self.comments for block in one.blocks)


async def test_a_doubt_is_settled_by_looking() -> None:
    jira, clock = Issue(), FixedClock(NOW)
    performer = CommentPerformer(jira=jira, clock=clock, installation="test")
    await performer.perform(DELIVERY)
    doubtful = replace(DELIVERY, doubtful=True, doubtful_since=NOW)
    await performer.perform(doubtful)
    assert len(jira.comments) == 1
    other = replace(DELIVERY, owed=replace(OWED, key="case/7/comment/m2"))
    await performer.perform(other)
    assert len(jira.comments) == 2


async def test_a_request_may_still_be_under_way_when_it_is_looked_for() -> None:
    jira, clock = Issue(), FixedClock(NOW)
    performer = CommentPerformer(jira=jira, clock=clock, installation="test")
    doubtful = replace(DELIVERY, doubtful=True, doubtful_since=NOW)
    with pytest.raises(Retryable):
        await performer.perform(doubtful)
    assert jira.comments == []
    clock.pass_by(timedelta(minutes=2))
    await performer.perform(doubtful)
    assert len(jira.comments) == 1


def test_what_the_customer_wrote_is_plain_text_and_says_nothing_of_who_they_are() -> None:
    assert document_of(EFFECT, "mark").blocks == (
        Paragraph("The customer was asked: Which version?"),
        Paragraph("The customer wrote (2026-03-02 09:30 UTC):"),
        Paragraph("7.1"),
        Paragraph("The customer wrote (2026-03-02 09:30 UTC):"),
        Preformatted("first\nsecond"),
        Paragraph("CASE-7 mark"),
    )


def test_an_item_of_the_checklist_is_nobodys_words() -> None:
    given = Said(text="steps: press Export", at=NOW, evidence=True)
    assert document_of(replace(EFFECT, said=(given,)), "mark").blocks == (
        Paragraph("Added to the case (2026-03-02 09:30 UTC):"),
        Paragraph("steps: press Export"),
        Paragraph("CASE-7 mark"),
    )
