"""Everybody is written to in the language chosen by them or for them, else in the default."""

from dataclasses import replace

import pytest

from bot.cases.case import IssueId, Level
from bot.cases.transitions import Transition
from handlers.on_transition import on_transitions
from tests.conversation import Conversation
from tests.factories import build_issue_link


async def test_a_customer_chooses_and_is_answered_in_it_from_then_on(talk: Conversation) -> None:
    assert "Agora" in await talk.ask("carla", "case language pt_BR")
    assert "Aberto" in await talk.ask("carla", "case open Export fails")
    assert (await talk.case()).language == "pt_BR"
    assert "Não encontro" in await talk.ask("carla", "status 99")
    assert "Opened" in await talk.ask("carlos", "case open Import fails")


async def test_the_team_names_the_language_when_it_opens_a_case(talk: Conversation) -> None:
    answer = await talk.ask("ana", "case open Export fails --customer @carla --language pt-br")
    assert "Opened for Carla" in answer
    (receipt,) = await talk.said_to("person:id-carla")
    assert "Recebemos" in receipt
    assert (await talk.case()).language == "pt_BR"
    await talk.ask("ana", "case open Again --customer @carla")
    assert (await talk.case(2)).language == "pt_BR", "she keeps it"


async def test_the_team_changes_it_and_what_comes_next_is_in_it(talk: Conversation) -> None:
    await talk.at_level(Level.ASSESSMENT)
    answer = await talk.ask("ana", "case language 1 português")
    assert "I write to Carla" in answer
    await talk.ask("rita", "case confirm 1")
    assert "Confirmado" in (await talk.said_to("person:id-carla"))[-1]
    assert "You own no open case" in await talk.ask("sue", "status"), "theirs stays as it was"


async def test_a_customer_may_not_change_somebody_elses(talk: Conversation) -> None:
    await talk.ask("carla", "case open Export fails")
    assert "I do not find" in await talk.ask("carlos", "case language 1 pt_BR")
    assert (await talk.case()).language == "en"


async def test_a_case_that_changes_hands_speaks_the_new_customers_language(
    talk: Conversation,
) -> None:
    await talk.ask("carlos", "case language pt_BR")
    await talk.ask("ana", "case open Export fails --customer @carla")
    await talk.ask("ana", "case customer 1 @carlos")
    await talk.ask("ana", "yes")
    assert (await talk.case()).language == "pt_BR"
    assert "Recebemos" in (await talk.said_to("person:id-carlos"))[-1]


@pytest.mark.parametrize("typed", ["case language klingon", "case language 1 xx"])
async def test_an_unknown_language_is_refused_with_the_known_ones(
    talk: Conversation, typed: str
) -> None:
    await talk.ask("carla", "case open Export fails")
    answer = await talk.ask("carla", typed)
    assert "`pt_BR` português (Brasil)" in answer
    assert "`en` English" in answer


async def test_whoever_asks_is_told_which_languages_there_are(talk: Conversation) -> None:
    answer = await talk.ask("carla", "case language")
    assert "in English" in answer
    assert "`case language pt_BR` português (Brasil)" in answer


async def test_one_of_the_team_may_choose_for_themselves(talk: Conversation) -> None:
    await talk.ask("sam", "case language pt_BR")
    await talk.at_level(Level.CONFIRMATION)
    await talk.ask("ana", "case assign 1 @sue")
    assert "gave it to you" in (await talk.said_to("person:id-sue"))[-2]
    await talk.ask("sue", "case assign 1 @sam")
    assert "passou" in (await talk.said_to("person:id-sam"))[-2]


async def test_what_a_specialist_may_send_is_in_the_language_of_the_customer(
    talk: Conversation,
) -> None:
    await talk.ask("carla", "case language pt_BR")
    await talk.at_level(Level.ASSESSMENT)
    done = Transition(
        issue_id=IssueId("10001"), history_id="501", status_id="5", status_name="Done",
        at=talk.clock.now(), resolution="Fixed", fix_versions=("7.2", "7.3"),
    )  # fmt: skip
    case = replace(await talk.case(), issue=build_issue_link())
    async with talk.store.transaction() as tx:
        await on_transitions(talk.desk_in(tx), case, [done])
    alert = (await talk.said_to("person:id-sam"))[-1]
    assert "*Done*: solved in 7.2, 7.3. Please tell Carla (carla)." in alert
    assert "> Ol\u00e1, Carla,\n> o problema que voc\u00ea relatou" in alert
    assert "foi resolvido na vers\u00e3o 7.2, 7.3." in alert
    assert "\n\n" not in alert
