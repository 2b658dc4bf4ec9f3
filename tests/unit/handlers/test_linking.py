"""A typed Jira key: the customer is told of a defect only when Jira has shown the issue."""

from bot.cases.case import CaseId, IssueId, Level, TimelineKind
from bot.cases.effects import ToRoom
from handlers.on_issue import FoundIssue, on_issue_ready, on_issue_refused
from tests.conversation import LEVEL3, Conversation

CARLA = "person:id-carla"
ROOM = ToRoom(room_id=LEVEL3)


async def confirmations(talk: Conversation) -> int:
    return sum("Confirmed" in text for text in await talk.said_to(CARLA))


async def confirmed(talk: Conversation) -> list[str]:
    return [
        entry.by.username
        for entry in await talk.timeline()
        if entry.kind is TimelineKind.CONFIRMED and entry.by
    ]


async def ready(talk: Conversation) -> None:
    found = FoundIssue(id=IssueId("10001"), key="BUG-7", url="u", project="BUG")
    async with talk.store.transaction() as tx:
        await on_issue_ready(
            talk.desk_in(tx), CaseId(1), found, announce=ROOM, linked=True, key="request"
        )


async def test_a_mistyped_key_tells_the_customer_nothing(talk: Conversation) -> None:
    await talk.at_level(Level.ASSESSMENT)
    await talk.ask("rita", "!case link 1 NOPE-1", room=LEVEL3)
    async with talk.store.transaction() as tx:
        await on_issue_refused(
            talk.desk_in(tx), CaseId(1), "404", announce=ROOM, linked=True, key="request"
        )
    assert await confirmations(talk) == 0
    assert await confirmed(talk) == []


async def test_an_issue_that_jira_shows_confirms_the_case_once(talk: Conversation) -> None:
    await talk.at_level(Level.ASSESSMENT)
    await talk.ask("rita", "!case link 1 BUG-7", room=LEVEL3)
    assert await confirmations(talk) == 0
    await ready(talk)
    await ready(talk)
    assert await confirmations(talk) == 1
    assert await confirmed(talk) == ["rita"]


async def test_a_case_closed_meanwhile_is_not_told_of(talk: Conversation) -> None:
    await talk.at_level(Level.ASSESSMENT)
    await talk.ask("rita", "!case link 1 BUG-7", room=LEVEL3)
    await talk.ask("rita", "case close 1 over")
    await ready(talk)
    assert await confirmations(talk) == 0


async def test_confirming_tells_the_customer_at_once(talk: Conversation) -> None:
    await talk.at_level(Level.ASSESSMENT)
    await talk.ask("rita", "!case confirm 1", room=LEVEL3)
    assert await confirmations(talk) == 1
    assert await confirmed(talk) == ["rita"]
