"""Calls wait only for the route that has none left, and never absurdly long."""

import asyncio
from datetime import datetime, timedelta

import pytest

from bot.rocketchat.gate import LONGEST, Gate
from tests.conversation import FixedClock


def headers(remaining: str, reset: datetime | str) -> dict[str, str]:
    value = reset if isinstance(reset, str) else str(round(reset.timestamp() * 1000))
    return {"X-RateLimit-Remaining": remaining, "X-RateLimit-Reset": value}


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    pauses: list[float] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    return pauses


async def test_a_route_with_nothing_left_waits_for_its_reset(slept: list[float]) -> None:
    clock = FixedClock()
    gate = Gate(clock)
    gate.note("chat.sendMessage", headers("0", clock.now() + timedelta(seconds=3)))
    await gate.pass_through("chat.react")
    assert slept == []
    await gate.pass_through("chat.sendMessage")
    assert slept == [3.0]
    await gate.pass_through("chat.sendMessage")
    assert slept == [3.0]


async def test_a_clock_that_is_far_ahead_does_not_stop_us_for_good(slept: list[float]) -> None:
    clock = FixedClock()
    gate = Gate(clock)
    for reset in (clock.now() + timedelta(days=900), "9" * 40, "9" * 6_000):
        gate.note("chat.sendMessage", headers("0", reset))
        await gate.pass_through("chat.sendMessage")
    assert slept == [LONGEST.total_seconds()] * 3


@pytest.mark.parametrize(
    "answer", [{}, headers("1", "99999999999999"), headers("0", ""), headers("0", "soon")]
)
async def test_other_answers_hold_nothing_back(answer: dict[str, str], slept: list[float]) -> None:
    gate = Gate(FixedClock())
    gate.note("chat.sendMessage", answer)
    gate.note("chat.sendMessage", headers("0", FixedClock().now() - timedelta(seconds=9)))
    await gate.pass_through("chat.sendMessage")
    assert slept == []


async def test_a_clock_that_is_put_back_meanwhile_does_not_stop_us_either(
    slept: list[float],
) -> None:
    clock = FixedClock()
    gate = Gate(clock)
    gate.note("chat.sendMessage", headers("0", clock.now() + timedelta(seconds=3)))
    clock.pass_by(timedelta(hours=-2))
    await gate.pass_through("chat.sendMessage")
    assert slept == [LONGEST.total_seconds()]
