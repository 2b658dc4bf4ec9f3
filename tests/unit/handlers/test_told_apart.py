"""What is for customers is told to customers, and only in the one way that is fit for them."""

import pytest

from bot.cases.case import Level
from bot.cases.effects import Audience, ToPerson
from tests.conversation import Conversation, person


async def test_a_text_for_customers_cannot_be_said_to_the_team(talk: Conversation) -> None:
    case = await talk.at_level(Level.ANALYSIS)
    async with talk.store.transaction() as tx:
        desk = talk.desk_in(tx)
        with pytest.raises(ValueError, match="told by tell_customer"):
            await desk.say("customer/closed", ToPerson(person=person("ana")), key="k", case=case)


async def test_the_customer_is_told_in_their_language_and_only_they_are(
    talk: Conversation,
) -> None:
    case = await talk.at_level(Level.ANALYSIS)
    await talk.ask("carla", "case language pt_BR")
    async with talk.store.transaction() as tx:
        await talk.desk_in(tx).tell_customer("customer/closed", case, key="k", about="closed")
    [delivery] = [one for one in await talk.owed() if one.owed.key == "k"]
    assert delivery.lane == "person:id-carla"
    assert delivery.owed.audience is Audience.CUSTOMER
    assert "foi encerrado" in (await talk.said_to("person:id-carla"))[-1]


async def test_a_customer_is_answered_from_a_view(talk: Conversation) -> None:
    await talk.ask("ana", "case open Export fails --customer @carla")
    await talk.ask("ana", "case evidence 1 reproduction the intern broke it")
    await talk.ask("ana", "case close 1 they never pay")
    for typed in ("status 1", "case show 1", "case timeline 1", "case evidence 1", "case list all"):
        answer = await talk.ask("carla", typed)
        assert "CASE-1" in answer
        for secret in ("intern", "pay", "ana", "Ana"):
            assert secret not in answer, (typed, answer)
