"""How often the database is asked: each time is a way there and back, while others may wait."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Engine, event

from bot.cases.case import CaseId
from bot.cases.dialogue import DialogueKey
from bot.cases.query import CaseQuery
from storage.base import Store
from tests.factories import NOW, build_case, build_owed


@pytest.fixture
def asked() -> Iterator[list[str]]:
    """The statements of all transactions, but for their beginnings and ends."""
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: Any) -> None:  # noqa: ANN401
        statements.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    yield statements
    event.remove(Engine, "before_cursor_execute", note)


def verbs(statements: list[str]) -> list[str]:
    """Return what each statement does to which table."""
    return [" ".join(statement.split()[:3]) for statement in statements]


async def test_saving_a_case_and_owing_asks_once_for_each(one: Store, asked: list[str]) -> None:
    async with one.transaction() as tx:
        await tx.add_case(build_case(1))
    asked.clear()
    async with one.transaction() as tx:
        case = await tx.find_case(CaseId(1))
        assert case is not None
        await tx.save_case(replace(case, severity="high"))
        await tx.owe(build_owed("k", case_id=CaseId(1)), at=NOW)
    # Nothing else before the commit: others are told afterwards, together.
    assert verbs(asked) == [
        "SELECT cases.id, cases.version,",
        "UPDATE cases SET",
        "INSERT INTO outbox",
    ]


async def test_a_page_and_the_total_are_asked_for_together(one: Store, asked: list[str]) -> None:
    async with one.transaction() as tx:
        for number in (1, 2, 3):
            await tx.add_case(build_case(number))
        asked.clear()
        page, total = await tx.list_cases(CaseQuery(), limit=2, offset=1, count_to=4)
    assert ([case.id for case in page], total) == ([2, 1], 3)
    assert len(asked) == 1


async def test_nobody_in_a_dialogue_is_found_out_in_two_questions(
    one: Store, asked: list[str]
) -> None:
    async with one.transaction() as tx:
        assert await tx.find_dialogue(DialogueKey("room//nobody")) is None
    assert len(asked) == 2


async def test_the_same_change_is_put_into_words_once(one: Store, asked: list[str]) -> None:
    async with one.transaction() as tx:
        await tx.add_case(build_case(1))
        await tx.add_case(build_case(2, severity="low", product="reports"))
    asked.clear()
    for number in (1, 2):
        async with one.transaction() as tx:
            case = await tx.find_case(CaseId(number))
            assert case is not None
            await tx.save_case(replace(case, severity="high"))
    assert asked[:2] == asked[2:]
