"""From the chat's messages to ours."""

from bot.assembly import _chat_message
from bot.rocketchat.records import IncomingMessage, MessageFile
from tests.factories import NOW


def test_a_caption_is_read_like_a_message() -> None:
    """Rocket.Chat 7.x keeps it with the file and leaves the message empty."""
    file = MessageFile(id="f1", name="log.txt", type="", size=1, caption="case show 1")
    message = IncomingMessage(
        id="m1",
        room_id="r1",
        room_type="d",
        text="",
        sender_id="carla",
        sender_username="carla",
        sender_name="Carla",
        sent_at=NOW,
        updated_at=NOW,
        files=(file,),
    )
    ours = _chat_message(message, private=True)
    assert (ours.text, len(ours.files), ours.direct) == ("case show 1", 1, True)
