"""Who plays besides the people of the sandbox, and in which rooms they type."""

from dataclasses import dataclass

from tests.world import BOT, World

CUSTOMERS = ("carla", "carlos", "cleo", "cyril", "cora", "chris")
SPECIALISTS = ("sam", "sue")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A room, and who does what in it.

    Attributes:
        room: its name, or `@` and whose direct message with the bot it is.
        opener: opens cases.
        escalator: raises them; nobody if they stay where they are.
        assessor: confirms them, or nobody.
    """

    room: str
    opener: str
    escalator: str = ""
    assessor: str = ""

    @property
    def direct(self) -> bool:
        """Whether it is a direct message."""
        return self.room.startswith("@")

    @property
    def by_customer(self) -> bool:
        """Whether a customer types here."""
        return self.opener in CUSTOMERS


STAGES = (
    Stage(room="support", opener="ana", escalator="sam", assessor="rita"),
    Stage(room="level2", opener="sue", escalator="sue", assessor="rita"),
    Stage(room="level3", opener="sam", escalator="sam", assessor="rita"),
    Stage(room="@sam", opener="sam", escalator="sam", assessor="sam"),
    Stage(room="@sue", opener="sue", escalator="sue", assessor="sue"),
    Stage(room="@carla", opener="carla"),
    Stage(room="@cleo", opener="cleo"),
)


def room_id(world: World, room: str) -> str:
    """Return the identifier of a room named as in `Stage.room`."""
    workspace = world.chat.workspace
    if room.startswith("@"):
        return workspace.direct_room(room[1:], BOT).id
    return workspace.room(room).id


def add_people(world: World) -> None:
    """Add those whom the sandbox has not."""
    workspace = world.chat.workspace
    for username in CUSTOMERS[2:]:
        workspace.add_user(username, password=f"{username}-password", roles=("user",))
    workspace.add_user("sue", password="sue-password", roles=("user", "support-specialist"))
    for room in ("support", "level2", "level3"):
        workspace.add_member(room, "sue")
