"""From the chat's messages to ours."""

import pytest

from bot.assembly import _chat_message
from bot.rocketchat.records import IncomingMessage
from tests.factories import NOW


@pytest.mark.parametrize(
    ("room_type", "room_id", "direct"),
    [
        ("d", "carlabot", True),
        ("d", "botcarla", True),
        ("d", "wX3pQ9", False),
        ("d", "botcarlaowen", False),
        ("c", "botcarla", False),
    ],
)
def test_a_direct_room_of_more_than_two_is_not_private(
    *, room_type: str, room_id: str, direct: bool
) -> None:
    """Internal notes are shown in direct messages; a customer may be in a larger one."""
    message = IncomingMessage(
        id="m1",
        room_id=room_id,
        room_type=room_type,
        text="case show 1",
        sender_id="carla",
        sender_username="carla",
        sender_name="Carla",
        sent_at=NOW,
        updated_at=NOW,
    )
    assert _chat_message(message, "bot").direct is direct
