"""What cannot be done or did not arrive is said, and to somebody who can act on it."""

from bot.cases.case import Level
from bot.cases.effects import Delivery, DeliveryId, Owed, Say, ToPerson
from handlers.on_undelivered import on_undelivered
from tests.conversation import LEVEL2, SUPPORT, Conversation, person, sent_file


async def test_status_of_something_that_is_no_case_is_a_question(talk: Conversation) -> None:
    await talk.ask("carla", "case open Export fails")
    for words in ("status 1;drop", "status Export"):
        assert "Which case?" in await talk.ask("carla", words)
    assert "CASE-1" in await talk.ask("carla", "status 1")


async def test_a_file_that_belongs_to_no_case_is_spoken_of(talk: Conversation) -> None:
    message = await talk.send("ana", "case list", files=[sent_file("app.log")])
    answer = await talk.answer_to(message)
    assert "The file was not kept" in answer
    assert "`case evidence <id>`" in answer
    message = await talk.send("ana", "", room=SUPPORT, files=[sent_file("app.log")])
    assert await talk.answer_to(message) == ""


async def test_a_done_alert_that_reaches_nobody_tells_the_others_what_to_do(
    talk: Conversation,
) -> None:
    case = await talk.at_level(Level.CONFIRMATION)
    alert = Owed(
        key="k",
        effect=Say(to=ToPerson(person=person("sam")), text="Done"),
        case_id=case.id,
        about="alert Done",
    )
    delivery = Delivery(id=DeliveryId(99), owed=alert, owed_at=talk.clock.now())
    async with talk.store.transaction() as tx:
        await on_undelivered(talk.desk_in(tx), delivery, "the account is deactivated")
    told = (await talk.said_to(f"room:{LEVEL2}"))[-1]
    assert "sam" in told
    assert "Carla" in told
    assert "`!case contacted 1 <how>`" in told


async def test_who_wrote_to_somebody_who_cannot_be_reached_is_told(talk: Conversation) -> None:
    case = await talk.at_level(Level.ANALYSIS)
    await talk.ask("ana", "case ask 1 Which version?")
    await talk.ask("ana", "yes")
    [asked] = [one for one in await talk.owed() if one.owed.about == "question"]
    assert (await talk.case()).question is not None
    async with talk.store.transaction() as tx:
        await on_undelivered(talk.desk_in(tx), asked, "the account is deactivated")
    for lane in ("person:id-ana", f"room:{LEVEL2}"):
        told = (await talk.said_to(lane))[-1]
        assert "could not be delivered: the account is deactivated" in told
        assert case.name in told
    assert (await talk.case()).question is None


async def test_a_question_that_was_asked_since_still_waits(talk: Conversation) -> None:
    await talk.at_level(Level.ANALYSIS)
    for question in ("Which version?", "Since when?"):
        await talk.ask("ana", f"case ask 1 {question}")
        await talk.ask("ana", "yes")
    first, _ = [one for one in await talk.owed() if one.owed.about == "question"]
    async with talk.store.transaction() as tx:
        await on_undelivered(talk.desk_in(tx), first, "the server does not take it")
    waits = (await talk.case()).question
    assert waits is not None
    assert waits.text == "Since when?"
