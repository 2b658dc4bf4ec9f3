"""What an administrator reads when somebody asks what is kept about them."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.cases.case import CaseId, Evidence
from bot.cases.effects import PersonExport
from bot.clock import SystemClock
from bot.delivery.exports import Exports
from storage import open_store
from storage.base import Store
from tests.factories import (
    NOW,
    after,
    build_case,
    build_dialogue,
    build_entry,
    build_file,
    build_owed,
    build_person,
    build_profile,
)

CARL = build_person("carl", name="Carl Größe")


@pytest.fixture
async def store() -> AsyncIterator[Store]:
    """Hold one case of carl's, one of maria's that he wrote in, and one that is not his."""
    said = {"steps": Evidence(text="of carl", by=CARL, at=NOW)}
    others = {"version": Evidence(text="of maria", by=build_person("maria"), at=NOW)}
    async with open_store("tinydb://") as store:
        async with store.transaction() as tx:
            await tx.add_case(
                build_case(1, customer=CARL, title="Größe fehlt", files=(build_file(),))
            )
            await tx.add_case(build_case(2, title="her title", evidence={**said, **others}))
            await tx.add_case(build_case(3, title="nothing of his"))
            await tx.add_timeline(build_entry(1, text="a note of the team", internal=True))
            await tx.add_timeline(build_entry(2, text="what he wrote", by=CARL))
            await tx.add_timeline(build_entry(2, text="what she wrote"))
            await tx.owe(build_owed("a", to="carl", case_id=CaseId(1)), at=NOW)
            await tx.owe(build_owed("b", to="carl", case_id=CaseId(2)), at=NOW)
            await tx.owe(build_owed("c", to="maria", case_id=CaseId(2)), at=NOW)
            await tx.owe(build_owed("d", to="carl"), at=NOW)
            await tx.save_profile(build_profile("carl", language="pt_BR", digest_at=after(9)))
            await tx.save_dialogue(build_dialogue("carl"))
        yield store


async def read(store: Store, path: Path) -> Any:  # noqa: ANN401 - JSON
    await Exports(store, SystemClock()).write(PersonExport(person=CARL), path)
    return json.loads(path.read_text(encoding="utf-8"))  # noqa: ASYNC240 - a small file


async def test_it_holds_all_of_their_own_cases(store: Store, tmp_path: Path) -> None:
    document = await read(store, tmp_path / "export")
    assert document["about"] == {"id": "id-carl", "username": "carl", "name": "Carl Größe"}
    assert document["chosen"]["language"] == "pt_BR"
    [case] = document["cases"]
    assert (case["case"], case["title"]) == ("CASE-1", "Größe fehlt")
    assert case["opened_at"] == "2026-03-02T09:30:00+00:00"
    assert case["files"][0]["name"] == "app-1.log"
    assert [one["text"] for one in case["timeline"]] == ["a note of the team"]
    [message] = case["messages"]
    assert (message["text"], message["state"]) == ("Text of a", "pending")
    assert [one["text"] for one in document["other messages"]] == ["Text of d"]
    [question] = document["open questions"]
    assert question["room_id"] == "direct-carl"


async def test_of_the_cases_of_others_it_holds_what_is_theirs(store: Store, tmp_path: Path) -> None:
    document = await read(store, tmp_path / "export")
    [case] = document["in cases of others"]
    assert case["case"] == "CASE-2"
    assert case["evidence"] == {"steps": "of carl"}
    assert [one["text"] for one in case["timeline"]] == ["what he wrote"]
    assert [one["text"] for one in case["messages"]] == ["Text of b"]
    text = json.dumps(document)
    for hers in ("her title", "of maria", "what she wrote", "Text of c", "nothing of his"):
        assert hers not in text


async def test_it_reads_well(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "export"
    await read(store, path)
    text = path.read_text(encoding="utf-8")
    assert '\n  "about": {\n' in text
    assert "Größe" in text
    assert "null" not in text
    assert '""' not in text
