"""Of many bots one has the duty, and another takes it once it is not renewed."""

from datetime import datetime, timedelta

from bot.schedule.duty import LEASE, Duty
from storage import open_store
from storage.base import DispatcherId, Store
from tests.factories import NOW


class Clock:
    """A clock that is moved."""

    def __init__(self) -> None:
        self.time = NOW

    def now(self) -> datetime:
        return self.time


def duty(store: Store, clock: Clock, by: str) -> Duty:
    return Duty(store=store, clock=clock, by=DispatcherId(by))


async def test_one_has_it_and_keeps_it(one: Store, two: Store) -> None:
    clock = Clock()
    first, second = duty(one, clock, "first"), duty(two, clock, "second")
    assert not first.ours
    for _ in range(10):
        await first.renew()
        await second.renew()
        assert (first.ours, second.ours) == (True, False)
        clock.time += timedelta(seconds=5)


async def test_another_takes_it_when_it_lapses_and_never_both_have_it(
    one: Store, two: Store
) -> None:
    clock = Clock()
    hanging, second = duty(one, clock, "hanging"), duty(two, clock, "second")
    await hanging.renew()
    clock.time += LEASE - timedelta(seconds=1)
    await second.renew()
    # Not sure any more, and not yet anybody else's.
    assert (hanging.ours, second.ours) == (False, False)
    clock.time += timedelta(seconds=1)
    await second.renew()
    assert (hanging.ours, second.ours) == (False, True)
    await hanging.renew()
    assert (hanging.ours, second.ours) == (False, True)


async def test_it_is_handed_over_at_once(one: Store, two: Store) -> None:
    clock = Clock()
    first, second = duty(one, clock, "first"), duty(two, clock, "second")
    await first.renew()
    await second.hand_over()
    await second.renew()
    assert not second.ours
    await first.hand_over()
    assert not first.ours
    await second.renew()
    assert second.ours


async def test_an_only_bot_always_has_it_and_writes_nothing() -> None:
    async with open_store("tinydb://") as store:
        only = duty(store, Clock(), "only")
        assert only.ours
        await only.renew()
        async with store.transaction() as tx:
            assert await tx.get_mark("duty") is None
        await only.hand_over()
        assert only.ours
