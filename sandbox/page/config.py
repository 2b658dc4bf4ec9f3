"""What the page is told: the people, what they might type, and where the board is."""

from collections.abc import Mapping, Sequence

from sandbox.page.suggestions import SUGGESTIONS
from sandbox.people import ANA, BOT, CARLA, CARLOS, RITA, SAM, People, Person

Document = dict[str, object]

# Name of a room, or @ and a username for a direct one.
_FIRST_ROOMS = {
    ANA.username: "support",
    SAM.username: "level2",
    RITA.username: "level3",
    CARLA.username: f"@{BOT.username}",
    CARLOS.username: f"@{BOT.username}",
}


def page_config(
    people: People,
    *,
    board_url: str | None = None,
    suggestions: Mapping[str, Sequence[tuple[str, str]]] = SUGGESTIONS,
    title: str = "Sandbox",
) -> Document:
    """Return what `RocketChatServer.page_config` wants; its shape is in the README beside.

    Args:
        people: as `populate_rocketchat` returns them.
        board_url: of the page that shows the Jira issues; None hides it.
        suggestions: label and text of the lines to try, by username.
        title: of the page.
    """
    return {
        "title": title,
        "bot": BOT.username,
        "board_url": board_url,
        # The latest number of a case in sight completes the suggestions that need one.
        "placeholders": {"case": {"pattern": r"CASE-(\d+)", "default": "1"}},
        "people": [
            _person(people.person(username), room, suggestions.get(username, ()))
            for username, room in _FIRST_ROOMS.items()
        ],
    }


def _person(person: Person, room: str, suggestions: Sequence[tuple[str, str]]) -> Document:
    return {
        "username": person.username,
        "password": person.password,
        "name": person.name,
        "role": person.about,
        "room": room,
        "suggestions": [{"label": label, "text": text} for label, text in suggestions],
    }
