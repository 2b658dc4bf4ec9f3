"""Looking what is due: every case by itself, and anew under another policy."""

from collections.abc import AsyncIterator, Container
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.cases.access import Actor
from bot.cases.case import CaseId, Person
from bot.cases.policy import Policy
from bot.cases.query import CaseQuery
from bot.desk import Desk, Rules
from bot.errors import Fault
from bot.rocketchat.text import escape, quote
from bot.schedule.clocks import Clocks, Speakers
from bot.wording import Wording
from storage import open_store
from storage.base import Store
from tests.conversation import STATUSES, FixedClock
from tests.factories import build_case, build_profile

MINUTE = timedelta(minutes=1)


class Spoken:
    """Notes what is spoken of; stumbles over some cases."""

    def __init__(self, stumbles_over: Container[int] = ()) -> None:
        self.cases: list[int] = []
        self.people: list[str] = []
        self.unknown: set[str] = set()
        self.woken = 0
        self._bad = stumbles_over

    async def of_case(self, desk: Desk, case_id: CaseId) -> bool:
        self.cases.append(case_id)
        if case_id in self._bad:
            raise LookupError("a defect of ours")
        case = await desk.tx.find_case(case_id)
        assert case is not None
        await desk.tx.save_case(replace(case, due_at=None))
        return True

    async def of_digest(self, _: Desk, actor: Actor) -> bool:
        self.people.append(actor.person.id)
        return False

    async def actor_of(self, person: Person) -> Actor | None:
        if person.username in self.unknown:
            raise Fault("the server does not answer")
        return None

    def wake(self) -> None:
        self.woken += 1


@pytest.fixture
async def store() -> AsyncIterator[Store]:
    async with open_store("tinydb://") as opened:
        yield opened


def clocks(
    store: Store, clock: FixedClock, spoken: Spoken, *, policy: Policy | None = None
) -> Clocks:
    rules = Rules(installation="test", level_rooms={}, statuses=STATUSES, policy=policy or Policy())
    return Clocks(
        store=store,
        clock=clock,
        rules=rules,
        texts=Wording(escape=escape, quote=quote, split=lambda text: [text]),
        speakers=Speakers(of_case=spoken.of_case, of_digest=spoken.of_digest),
        actor_of=spoken.actor_of,
        wake=spoken.wake,
    )


async def settle(store: Store, clock: FixedClock) -> None:
    """Let the stored times be those of the policy without cases."""
    await clocks(store, clock, Spoken()).look()


async def test_many_due_cases_are_all_spoken_of_although_most_fail(store: Store) -> None:
    clock, spoken = FixedClock(), Spoken(stumbles_over=range(101, 251))
    await settle(store, clock)
    async with store.transaction() as tx:
        for number in range(1, 251):
            case = build_case(int(await tx.allocate_case_id()), due_at=clock.now() - MINUTE)
            await tx.add_case(replace(case, title=f"{number}"))
        await tx.add_case(build_case(int(await tx.allocate_case_id()), due_at=clock.now() + MINUTE))
    await clocks(store, clock, spoken).look()
    assert sorted(spoken.cases) == list(range(1, 251))
    assert spoken.woken == 100


async def test_a_digest_waits_until_the_server_tells_the_roles(store: Store) -> None:
    clock, spoken = FixedClock(), Spoken()
    spoken.unknown = {"ana"}
    async with store.transaction() as tx:
        for name in ("ana", "sam"):
            await tx.save_profile(build_profile(name, digest=True, digest_at=clock.now()))
    await clocks(store, clock, spoken).look()
    assert spoken.people == ["id-sam"]
    spoken.unknown = set()
    await clocks(store, clock, spoken).look()
    assert "id-ana" in spoken.people


async def test_digests_that_are_due_are_sent(store: Store) -> None:
    clock, spoken = FixedClock(), Spoken()
    async with store.transaction() as tx:
        await tx.save_profile(build_profile("ana", digest=True, digest_at=clock.now()))
        await tx.save_profile(build_profile("sam", digest=True, digest_at=clock.now() + MINUTE))
    await clocks(store, clock, spoken).look()
    assert spoken.people == ["id-ana"]


async def test_what_was_stored_before_there_were_clocks_gets_its_times(store: Store) -> None:
    clock = FixedClock()
    async with store.transaction() as tx:
        for _ in range(150):
            case = build_case(int(await tx.allocate_case_id()), opened_at=clock.now())
            await tx.add_case(replace(case, updated_at=clock.now() - MINUTE))
    await clocks(store, clock, Spoken()).look()
    async with store.transaction() as tx:
        cases, _ = await tx.list_cases(CaseQuery(), limit=200)
    assert len(cases) == 150
    assert all(case.due_at is not None for case in cases)
    assert {case.updated_at for case in cases} == {clock.now() - MINUTE}


async def test_under_another_policy_the_times_are_worked_out_anew(store: Store) -> None:
    clock = FixedClock()
    async with store.transaction() as tx:
        await tx.add_case(build_case(int(await tx.allocate_case_id()), opened_at=clock.now()))
    due = []
    for policy in (Policy(), Policy(limits=replace(Policy().limits, first_response=2 * MINUTE))):
        await clocks(store, clock, Spoken(), policy=policy).look()
        async with store.transaction() as tx:
            case = await tx.find_case(CaseId(1))
        assert case is not None
        assert case.due_at is not None
        due.append(case.due_at)
    assert due[1] < due[0]
