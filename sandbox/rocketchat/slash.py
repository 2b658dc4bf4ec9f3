"""The built-in slash commands; only clients run them, the server never reads them in messages."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sandbox.rocketchat.errors import CodedError, Refused
from sandbox.rocketchat.model import Document, Room, User
from sandbox.rocketchat.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Invocation:
    """One use of a command."""

    workspace: Workspace
    user: User
    room: Room
    params: str
    thread: str | None

    def say(self, text: str) -> None:
        """Post as the user."""
        message: Document = {"rid": self.room.id, "msg": text}
        if self.thread:
            message["tmid"] = self.thread
        self.workspace.messages.send(self.user, message)

    def whisper(self, text: str) -> None:
        """Show the user a line nobody else sees."""
        self.workspace.messages.whisper(self.user, self.room.id, text)

    def named_user(self) -> User | None:
        """Return the user the parameters begin with; tell the caller if there is none."""
        name = self.params.split(" ", maxsplit=1)[0].lstrip("@")
        user = self.workspace.accounts.find_by_username(name)
        if user is None:
            self.whisper(f"No user with username {name} was found!")
        return user

    def permits(self, permission: str) -> bool:
        """Tell whether the user has a permission in this room."""
        return self.workspace.access.permits(self.user, permission, self.room)


Run = Callable[[Invocation], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class SlashCommand:
    """A registered command."""

    name: str
    run: Run
    params: str = ""
    description: str = ""
    client_only: bool = False

    def document(self) -> Document:
        """Return the command as `commands.list` shows it."""
        return {
            "command": self.name,
            "params": self.params,
            "description": self.description,
            "clientOnly": self.client_only,
            "providesPreview": False,
        }


def _adding(text: str, *, before: bool = False) -> Run:
    def run(use: Invocation) -> None:
        use.say(f"{text} {use.params}".strip() if before else f"{use.params} {text}".strip())

    return run


def _me(use: Invocation) -> None:
    if use.params.strip():
        use.say(f"_{use.params}_")


def _status(use: Invocation) -> None:
    use.workspace.set_status(use.user.id, use.user.status, use.params)
    use.whisper("Status message changed successfully")


def _msg(use: Invocation) -> None:
    user = use.named_user()
    _, _, text = use.params.partition(" ")
    if user is not None and text:
        room = use.workspace.rooms.create_direct([use.user, user], use.user)
        use.workspace.messages.send(use.user, {"rid": room.id, "msg": text})


def _topic(use: Invocation) -> None:
    if use.permits("edit-room"):
        use.room.topic = use.params
        use.workspace.messages.system("room_changed_topic", use.room, use.user, use.params)
        use.workspace.rooms.touch(use.room)


def _invite(use: Invocation) -> None:
    user = use.named_user()
    if user is not None and use.permits("add-user-to-joined-room"):
        use.workspace.rooms.invite(use.room, user, use.user)


def _kick(use: Invocation) -> None:
    user = use.named_user()
    if user is not None and use.permits("remove-user"):
        use.workspace.rooms.kick(use.room, user, use.user)


def _mute(use: Invocation) -> None:
    _set_muted(use, muted=True)


def _unmute(use: Invocation) -> None:
    _set_muted(use, muted=False)


def _set_muted(use: Invocation, *, muted: bool) -> None:
    user = use.named_user()
    if user is None:
        return
    if not use.permits("mute-user"):
        raise CodedError("error-not-allowed", "Not allowed")
    use.workspace.rooms.mute(use.room, user, use.user, muted=muted)


def _join(use: Invocation) -> None:
    room = use.workspace.rooms.find_by_name(use.params.lstrip("#"))
    if room is None:
        use.whisper(f"There is no channel with the name {use.params}")
    elif room.t == "c":
        use.workspace.rooms.join(room, use.user)


def _leave(use: Invocation) -> None:
    try:
        use.workspace.rooms.leave(use.room, use.user)
    except Refused as refused:
        use.whisper(str(refused))


def _create(use: Invocation) -> None:
    name = use.params.split(" ", maxsplit=1)[0].lstrip("#")
    if name and use.permits("create-c"):
        use.workspace.rooms.create(name, use.user, private=False)


def _archive(use: Invocation) -> None:
    if use.permits("archive-room"):
        use.workspace.rooms.archive(use.room, use.user, archived=True)


def _unarchive(use: Invocation) -> None:
    if use.permits("unarchive-room"):
        use.workspace.rooms.archive(use.room, use.user, archived=False)


def _hide(use: Invocation) -> None:
    if use.user.id not in use.room.members:
        raise CodedError("error-user-not-in-room", "You are not in this room")
    use.workspace.rooms.set_open(use.room, use.user, is_open=False)


def _help(use: Invocation) -> None:
    use.whisper("\n".join(f"/{name}" for name in sorted(COMMANDS)))


def _nothing(_use: Invocation) -> None:
    """Done by the client alone, or not at all in the sandbox."""


_ALL = (
    SlashCommand(name="archive", run=_archive, params="#channel", description="Archive"),
    SlashCommand(name="unarchive", run=_unarchive, params="#channel", description="Unarchive"),
    SlashCommand(name="create", run=_create, params="#channel", description="Create_A_New_Channel"),
    SlashCommand(name="federation", run=_nothing, description="Federation"),
    SlashCommand(
        name="gimme",
        run=_adding("༼ つ ◕_◕ ༽つ", before=True),
        params="your_message_optional",
        description="Slash_Gimme_Description",
    ),
    SlashCommand(name="help", run=_help, description="Show_the_keyboard_shortcut_list"),
    SlashCommand(name="hide", run=_hide, params="#room", description="Hide_room"),
    SlashCommand(name="invite", run=_invite, params="@username", description="Invite_user_to_join"),
    SlashCommand(name="invite-all-from", run=_nothing, params="#room"),
    SlashCommand(name="invite-all-to", run=_nothing, params="#room"),
    SlashCommand(name="join", run=_join, params="#channel", description="Join_the_given_channel"),
    SlashCommand(
        name="kick", run=_kick, params="@username", description="Remove_someone_from_room"
    ),
    SlashCommand(name="leave", run=_leave, description="Leave_the_current_channel"),
    SlashCommand(name="part", run=_leave, description="Leave_the_current_channel"),
    SlashCommand(
        name="lennyface",
        run=_adding("( ͡° ͜ʖ ͡°)"),
        params="your_message_optional",
        description="Slash_LennyFace_Description",
    ),
    SlashCommand(
        name="me",
        run=_me,
        params="your_message",
        description="Displays_action_text",
    ),
    SlashCommand(name="msg", run=_msg, params="@username <message>", description="Direct_message"),
    SlashCommand(name="mute", run=_mute, params="@username", description="Mute_someone_in_room"),
    SlashCommand(name="unmute", run=_unmute, params="@username", description="Unmute_someone"),
    SlashCommand(
        name="open",
        run=_nothing,
        params="room_name",
        description="Opens_a_channel_group_or_direct_message",
        client_only=True,
    ),
    SlashCommand(
        name="shrug",
        run=_adding("¯\\\\_(ツ)_/¯"),
        params="your_message_optional",
        description="Slash_Shrug_Description",
    ),
    SlashCommand(
        name="status",
        run=_status,
        params="your_message",
        description="Slash_Status_Description",
    ),
    SlashCommand(
        name="tableflip",
        run=_adding("(╯°□°）╯︵ ┻━┻"),  # noqa: RUF001 - the text of the command
        params="your_message_optional",
        description="Slash_Tableflip_Description",
    ),
    SlashCommand(
        name="unflip",
        run=_adding("┬─┬ ノ( ゜-゜ノ)"),  # noqa: RUF001 - the text of the command
        params="your_message_optional",
        description="Slash_TableUnflip_Description",
    ),
    SlashCommand(
        name="topic", run=_topic, params="your_topic", description="Slash_Topic_Description"
    ),
)

COMMANDS: Mapping[str, SlashCommand] = {command.name: command for command in _ALL}
