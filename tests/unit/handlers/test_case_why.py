"""Why something was not sent, for the team alone."""

from dataclasses import replace

from bot.cases.case import CaseId
from bot.cases.effects import DeliveryState
from tests.conversation import Conversation


async def test_only_what_was_not_sent_is_named_with_its_reason(talk: Conversation) -> None:
    await talk.ask("ana", "case open Export fails --customer @carla")
    async with talk.store.transaction() as tx:
        [receipt] = [
            one for one in await tx.list_deliveries(CaseId(1)) if one.owed.about == "receipt"
        ]
        failed = replace(
            receipt, state=DeliveryState.FAILED, detail="the direct message is blocked"
        )
        await tx.rewrite_finished(CaseId(1), [failed])
    answer = await talk.ask("ana", "case why 1")
    assert "*receipt* to carla: failed · the direct message is blocked" in answer
    assert "CASE-1" not in await talk.ask("carla", "case why 1")


async def test_when_everything_was_sent_that_is_said(talk: Conversation) -> None:
    await talk.ask("ana", "case open Export fails --customer @carla")

    answer = await talk.ask("ana", "case why 1")
    assert "Nothing was held back" in answer
    assert "`case proof 1`" in answer
