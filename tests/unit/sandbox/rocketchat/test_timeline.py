from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from sandbox.rocketchat.timeline import Timeline
from sandbox.rocketchat.wire import to_ms

START = datetime(2026, 11, 24, tzinfo=UTC)


def at(milliseconds: int) -> datetime:
    return START + timedelta(milliseconds=milliseconds)


def build(*times: int) -> Timeline:
    timeline = Timeline()
    for number, time in enumerate(times):
        timeline.add({"_id": str(number), "ts": at(time), "_updatedAt": at(time)})
    return timeline


def test_late_comers_take_their_place_by_time_and_ties_that_of_their_arrival() -> None:
    timeline = build(5, 1, 5)
    assert [one["_id"] for one in timeline.oldest_first()] == ["1", "0", "2"]
    assert [one["_id"] for one in timeline.newest_first()] == ["2", "0", "1"]


def test_a_change_moves_a_message_to_the_end_of_the_changes_once() -> None:
    timeline = build(1, 2)
    message = next(timeline.oldest_first())
    for time in (5, 6):
        message["_updatedAt"] = at(time)
        timeline.touch(message)
    start = to_ms(START)
    assert [one["_id"] for one in timeline.changed_after(start)] == ["1", "0"]
    assert [one["_id"] for one in timeline.changed_before(to_ms(at(9)))] == ["0", "1"]


def test_the_removed_are_only_in_the_trash() -> None:
    timeline = build(1, 2)
    timeline.remove("0", at(7))
    assert [one["_id"] for one in timeline.oldest_first()] == ["1"]
    assert [one["_id"] for one in timeline.changed_after(0)] == ["1"]
    assert timeline.deleted_after(to_ms(at(6))) == [{"_id": "0", "_deletedAt": at(7)}]
    assert timeline.deleted_after(to_ms(at(7))) == []
    assert timeline.deleted_before(to_ms(at(8))) == [{"_id": "0", "_deletedAt": at(7)}]
    assert len(timeline) == 1


@given(
    st.lists(st.integers(0, 20), max_size=30),
    st.integers(0, 20),
    st.integers(0, 20),
    st.booleans(),
)
def test_bounds_select_what_a_scan_would(
    times: list[int],
    after: int,
    before: int,
    inclusive: bool,  # noqa: FBT001 - given by hypothesis
) -> None:
    timeline = build(*times)
    low, high = to_ms(at(after)), to_ms(at(before))
    found = [
        one["_id"] for one in timeline.oldest_first(after=low, before=high, inclusive=inclusive)
    ]
    ordered = sorted(range(len(times)), key=lambda number: (times[number], number))
    wanted = [
        str(number)
        for number in ordered
        if (after <= times[number] <= before if inclusive else after < times[number] < before)
    ]
    assert found == wanted
