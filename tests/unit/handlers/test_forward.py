"""What the customer wrote goes to the issue when somebody says so, each thing once."""

from dataclasses import replace

import pytest

from bot.cases.case import IssueState, Level
from bot.cases.effects import CommentIssue
from tests.conversation import Conversation
from tests.factories import build_issue_link


async def with_issue(talk: Conversation) -> None:
    case = await talk.at_level(Level.ASSESSMENT)
    async with talk.store.transaction() as tx:
        await talk.desk_in(tx).save(replace(case, issue=build_issue_link(7)))
    await talk.ask("rita", "case take 1")


async def say(talk: Conversation, *, question: str, answers: list[str]) -> None:
    if question:
        await talk.ask("rita", f"case ask 1 {question}")
        await talk.ask("rita", "yes")
    for answer in answers:
        await talk.ask("carla", answer)


async def comments(talk: Conversation) -> list[list[tuple[str, str]]]:
    return [
        [(said.question, said.text) for said in effect.said]
        for effect in await talk.effects("issue:1")
        if isinstance(effect, CommentIssue)
    ]


async def test_the_last_answer_with_its_question_is_forwarded_once(talk: Conversation) -> None:
    await with_issue(talk)
    await say(talk, question="Which version?", answers=["7.1"])
    await say(talk, question="Which browser?", answers=["Firefox", "and Chrome"])
    answer = await talk.ask("rita", "case forward 1")
    assert "2 answers go to SUP-7" in answer
    assert "Firefox" not in answer
    last = [("Which browser?", "Firefox"), ("", "and Chrome")]
    assert await comments(talk) == [last]
    assert "is in SUP-7 already" in await talk.ask("rita", "case forward 1")
    await talk.ask("rita", "case forward 1 all")
    assert await comments(talk) == [last, [("Which version?", "7.1")]]
    assert "Everything" in await talk.ask("rita", "case forward 1 all")
    await talk.ask("carla", "one more thing")
    await talk.ask("rita", "case forward 1")
    assert (await comments(talk))[-1] == [("", "one more thing")]


async def test_another_issue_gets_everything_anew(talk: Conversation) -> None:
    await with_issue(talk)
    await say(talk, question="", answers=["hello"])
    await talk.ask("rita", "case forward 1")
    case = await talk.case()
    async with talk.store.transaction() as tx:
        await talk.desk_in(tx).save(replace(case, issue=build_issue_link(8)))
    await talk.ask("rita", "case forward 1")
    assert await comments(talk) == [[("", "hello")], [("", "hello")]]


async def test_there_must_be_something_to_forward_and_an_issue(talk: Conversation) -> None:
    case = await talk.at_level(Level.ASSESSMENT)
    await say(talk, question="", answers=["hello"])
    assert "follows no Jira issue" in await talk.ask("rita", "case forward 1")
    async with talk.store.transaction() as tx:
        requested = build_issue_link(7, state=IssueState.REQUESTED, id=None, key="")
        await talk.desk_in(tx).save(replace(case, issue=requested))
    assert "on its way" in await talk.ask("rita", "case forward 1")
    assert "needs the role" in await talk.ask("carla", "!case forward 1")


async def test_nothing_said_is_nothing_to_forward(talk: Conversation) -> None:
    await with_issue(talk)
    assert "`case ask 1 <question>`" in await talk.ask("rita", "case forward 1")
    await say(talk, question="", answers=["hello"])
    assert "`all` may follow" in await talk.ask("rita", "case forward 1 please")
    assert await comments(talk) == []


@pytest.mark.parametrize("words", ["note", "evidence"])
async def test_notes_never_go_along(talk: Conversation, words: str) -> None:
    await with_issue(talk)
    await say(talk, question="", answers=["hello"])
    await talk.ask("rita", f"case {words} 1 steps a secret")
    await talk.ask("rita", "case forward 1 all")
    assert await comments(talk) == [[("", "hello")]]


async def test_an_item_of_the_checklist_goes_when_it_is_named(talk: Conversation) -> None:
    await with_issue(talk)
    answer = await talk.ask("rita", "case evidence 1 reproduction on 7.2 as well")
    assert "Not in SUP-7 yet; to put it there: `case forward 1 reproduction`" in answer
    assert "1 answer goes to SUP-7" in await talk.ask("rita", "case forward 1 Reproduction")
    assert await comments(talk) == [[("", "reproduction: on 7.2 as well")]]
    assert "already" in await talk.ask("rita", "case forward 1 reproduction")
    assert "purple" in await talk.ask("rita", "case forward 1 purple")
