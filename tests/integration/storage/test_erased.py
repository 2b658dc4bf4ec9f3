"""What was erased is nowhere any more: in no file, no table, no copy, no export."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.cases.case import CaseId, CaseState, Level, UserId
from bot.cases.dialogue import ChooseCase, Intake
from bot.cases.effects import DeliveryState, ToPerson
from bot.cases.policy import Policy, Privacy
from handlers.on_retention import announce, erase_aged
from storage import open_archive, open_store
from storage.base import DispatcherId, Store
from storage.postgres_schema import TABLES
from storage.records import LINE, Line
from tests.conversation import Conversation, person
from tests.factories import build_dialogue, build_file, build_owed, build_profile
from tests.postgres import Server

TRACES = (b"canary", b"carla")
CARLA = person("carla")
CASE = CaseId(1)


@dataclass(frozen=True)
class Kept:
    """Where something is kept, and everything that is there, byte by byte."""

    url: str
    contents: Callable[[], Iterator[bytes]]

    def traces(self) -> set[bytes]:
        """Return which traces are there."""
        return {trace for one in self.contents() for trace in TRACES if trace in one.lower()}


@pytest.fixture(params=["tinydb", "postgres"])
def kept(request: pytest.FixtureRequest, tmp_path: Path, server: Server) -> Kept:
    """A new, empty store."""
    if request.param == "tinydb":

        def files() -> Iterator[bytes]:
            return (one.read_bytes() for one in sorted(tmp_path.rglob("*")) if one.is_file())

        return Kept(f"tinydb:///{tmp_path / 'cases.json'}", files)
    url = server.create_store()

    def columns() -> Iterator[bytes]:
        for table in TABLES:
            for row in server.rows(url, f'SELECT * FROM "{table.name}"'):  # noqa: S608 - ours
                for value in row.values():
                    yield value if isinstance(value, bytes) else str(value).encode()

    return Kept(url, columns)


async def exported(url: str) -> bytes:
    async with open_archive(url) as archive:
        return b"\n".join([LINE.encode(Line(record=one)) async for one in archive.dump()])


async def write_much(talk: Conversation) -> None:
    """Leave traces wherever there can be any, in a closed case of carla's and around it."""
    await talk.at_level(Level.ASSESSMENT)
    await talk.ask("ana", "case note 1 canary of carla")
    await talk.ask("carla", "case evidence 1 actual canary")
    await talk.ask("sam", "case ask 1 canary?")
    await talk.ask("sam", "yes")
    await talk.ask("carla", "canary, the answer")
    await talk.ask("ana", "case close 1 canary")
    now = talk.clock.now()
    async with talk.store.transaction() as tx:
        case = await tx.find_case(CASE)
        assert case is not None
        file = build_file(name="canary.log", by=CARLA)
        await tx.save_case(replace(case, files=(file,), product="canary", version="canary"))
        await tx.save_profile(build_profile("carla", language="canary"))
        await tx.save_dialogue(build_dialogue("carla", step=Intake(asked="title", title="canary")))
        await tx.save_dialogue(
            build_dialogue(
                "ana", step=ChooseCase(cases=(CASE,), text="canary", message_id=file.message_id)
            )
        )
        for number in range(3):
            await tx.owe(build_owed(f"of/{number}/{CARLA.id}", to="carla", case_id=CASE), at=now)
            await tx.owe(build_owed(f"loose/{number}/{CARLA.id}", to="carla"), at=now)
    # Two end as what stays in the store; the rest still waits.
    for state in (DeliveryState.FAILED, DeliveryState.SKIPPED):
        async with talk.store.transaction() as tx:
            for one in await tx.claim_due(by=DispatcherId("x"), now=now, limit=99):
                ended = replace(one, state=state, finished_at=now, detail="the account carla")
                await tx.finish(ended)


async def reopened(kept: Kept, store: Store) -> Store:
    """Close a store and open it again, so that its last good copy is up to date."""
    await store.__aexit__(None, None, None)
    return await open_store(kept.url).__aenter__()


async def assert_gone(kept: Kept, store: Store) -> None:
    """No trace is left, now, after the store was closed, and in an export."""
    assert kept.traces() == set()
    await store.__aexit__(None, None, None)
    assert kept.traces() == set()
    text = await exported(kept.url)
    assert b"case" in text
    assert not [trace for trace in TRACES if trace in text.lower()]


async def test_of_a_person_who_was_erased_there_is_no_trace(kept: Kept) -> None:
    store = await open_store(kept.url).__aenter__()
    await write_much(Conversation(store))
    store = await reopened(kept, store)
    assert kept.traces() == set(TRACES)
    talk = Conversation(store)
    talk.clock.pass_by(timedelta(hours=1))
    for typed, number in (("case erase @carla", 1), ("yes", 2)):
        await talk.send("root", typed, message_id=f"root{number}")
    assert (await talk.case(1)).erased_at is not None
    await talk.owed()
    await assert_gone(kept, store)


async def test_of_a_case_that_came_of_age_there_is_no_trace(kept: Kept) -> None:
    store = await open_store(kept.url).__aenter__()
    talk = Conversation(store)
    await write_much(talk)
    await talk.owed()
    # What somebody chose is not the case's, and stays until they are erased.
    async with store.transaction() as tx:
        await tx.drop_profile(UserId(CARLA.id))
        await tx.drop_dialogue(build_dialogue("carla").key)
    store = await reopened(kept, store)
    assert kept.traces() == set(TRACES)
    talk = Conversation(store)
    talk.restart(policy=Policy(privacy=Privacy(closed_cases=timedelta(days=30))))
    talk.clock.pass_by(timedelta(days=31))
    async with store.transaction() as tx:
        assert await announce(talk.desk_in(tx), [ToPerson(person=person("root"))])
    talk.clock.pass_by(timedelta(days=1))
    async with store.transaction() as tx:
        assert await erase_aged(talk.desk_in(tx)) == 1
    assert (await talk.case(1)).state is CaseState.CLOSED
    await talk.owed()
    await assert_gone(kept, store)
