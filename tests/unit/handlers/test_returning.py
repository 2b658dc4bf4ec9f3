"""A case that came back: who has it again sees that it did, and why."""

from bot.cases.case import Level
from tests.conversation import LEVEL2, Conversation

REASON = "needs the server log"


async def asked_and_returned(talk: Conversation) -> None:
    """Let the analyst's question still wait when the case comes back."""
    await talk.at_level(Level.ANALYSIS)
    await talk.ask("ana", "case take 1")
    await talk.ask("ana", "case ask 1 Which printer?")
    await talk.ask("ana", "yes")
    await talk.ask("ana", "escalate 1")
    await talk.ask("sam", f"case return 1 {REASON}")


async def test_a_returned_case_is_work_though_it_waits_for_its_customer(
    talk: Conversation,
) -> None:
    await asked_and_returned(talk)
    assert f"returned: {REASON}; when that is done: `escalate 1`" in await talk.ask("ana", "case")


async def test_it_waits_again_once_the_customer_is_asked_because_of_it(
    talk: Conversation,
) -> None:
    await asked_and_returned(talk)
    await talk.ask("ana", "case ask 1 Can you send the server log?")
    await talk.ask("ana", "yes")
    answer = await talk.ask("ana", "case")
    assert "returned" not in answer
    assert "1 waits for others" in answer


async def test_it_is_no_longer_returned_once_it_goes_up_again(talk: Conversation) -> None:
    await asked_and_returned(talk)
    await talk.ask("ana", "escalate 1")
    assert (await talk.case()).returned is None
    assert "Returned by" not in await talk.ask("ana", "case show 1")


async def test_the_reason_is_shown_in_direct_messages_only(talk: Conversation) -> None:
    await talk.at_level(Level.ASSESSMENT)
    await talk.ask("rita", f"case return 1 {REASON}")
    assert f"Returned by Rita (rita): {REASON}" in await talk.ask("sam", "case show 1")
    for typed in ("!case show 1", "!case"):
        answer = await talk.ask("sam", typed, room=LEVEL2)
        assert "eturned" in answer
        assert REASON not in answer
