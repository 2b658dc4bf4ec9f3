"""When closed cases are forgotten by age."""

from datetime import timedelta

from bot.cases.retention import AHEAD, GRACE, Announced, erasable_before, is_to_be_announced
from tests.factories import NOW

AGE = timedelta(days=100)
ANNOUNCED = Announced.now(NOW, AGE)


def test_nothing_is_erased_that_was_not_announced_a_day_ago() -> None:
    assert erasable_before(None, NOW, AGE) is None
    assert erasable_before(ANNOUNCED, NOW + GRACE - timedelta(seconds=1), AGE) is None
    assert erasable_before(ANNOUNCED, NOW + GRACE, AGE) == NOW + GRACE - AGE


def test_nothing_is_erased_that_was_not_in_the_number_that_was_announced() -> None:
    late = NOW + AHEAD + timedelta(days=7)
    assert erasable_before(ANNOUNCED, late, AGE) == NOW + AHEAD - AGE
    assert erasable_before(ANNOUNCED, NOW + GRACE, timedelta(days=1)) == NOW + AHEAD - AGE


def test_an_announcement_counts_for_a_month() -> None:
    assert is_to_be_announced(None, NOW, AGE)
    assert not is_to_be_announced(ANNOUNCED, NOW + AHEAD, AGE)
    assert is_to_be_announced(ANNOUNCED, NOW + AHEAD + timedelta(seconds=1), AGE)
    assert is_to_be_announced(ANNOUNCED, NOW, AGE - AHEAD - timedelta(seconds=1))
