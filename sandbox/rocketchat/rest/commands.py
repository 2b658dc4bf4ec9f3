"""`commands.*`: what clients do when somebody types a slash."""

from sandbox.rocketchat.errors import Forbidden, PlainError
from sandbox.rocketchat.model import Document
from sandbox.rocketchat.rest.paging import page
from sandbox.rocketchat.rest.route import Call, Route, get, post
from sandbox.rocketchat.rest.shapes import shape
from sandbox.rocketchat.slash import COMMANDS, Invocation


def list_commands(call: Call) -> Document:
    """`commands.list`."""
    return page(call, "commands", [command.document() for command in COMMANDS.values()])


def get_command(call: Call) -> Document:
    """`commands.get`."""
    command = COMMANDS.get(call.params["command"].lower())
    if command is None:
        raise PlainError(
            f"There is no command in the system by the name of: {call.params['command']}"
        )
    return {"command": command.document()}


def run(call: Call) -> Document:
    """`commands.run`: as the caller."""
    command = COMMANDS.get(call.params["command"].lower())
    if command is None:
        raise PlainError("The command provided does not exist (or is disabled).")
    workspace = call.workspace
    room = workspace.rooms.rooms.get(call.params["roomId"])
    if room is None or not workspace.access.can_access(room, call.user):
        raise Forbidden
    thread = call.text("tmid")
    if thread is not None:
        parent = workspace.messages.find(thread)
        if parent is None or parent["rid"] != room.id:
            raise PlainError("Invalid thread.")
    command.run(
        Invocation(
            workspace=workspace,
            user=call.user,
            room=room,
            params=call.params.get("params") or "",
            thread=thread,
        )
    )
    return {}


ROUTES: tuple[Route, ...] = (
    get("commands.list", list_commands, shape(page=True)),
    get("commands.get", get_command, shape(command="string!")),
    post(
        "commands.run",
        run,
        shape(
            command="string!",
            roomId="string!",
            params="string",
            tmid="string",
            triggerId="string",
        ),
    ),
)
