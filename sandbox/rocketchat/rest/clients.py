"""What the clients of people ask for when they start, most of which the sandbox has none of."""

from sandbox.rocketchat.errors import CodedError
from sandbox.rocketchat.model import Document
from sandbox.rocketchat.rest.find import can_access, find_user
from sandbox.rocketchat.rest.paging import page
from sandbox.rocketchat.rest.route import Call, Handler, Route, get, post
from sandbox.rocketchat.rest.shapes import shape
from sandbox.rocketchat.wire import parse_json

FOUND = 10


def _nothing(**answer: object) -> Handler:
    return lambda _: dict(answer)


def _empty_page(key: str) -> Handler:
    return lambda call: page(call, key, [])


def find_rooms(call: Call) -> Document:
    """`rooms.autocomplete.channelAndPrivate`: by the beginning of the name."""
    try:
        name = str(parse_json(call.params["selector"]).get("name", "")).lower()
    except (ValueError, AttributeError) as error:
        raise CodedError("error-invalid-params", "Invalid selector") from error
    rooms = [
        room
        for room in call.workspace.rooms.rooms.values()
        if room.t in "cp" and room.label.lower().startswith(name) and can_access(call, room)
    ]
    rooms.sort(key=lambda room: room.label.lower())
    return {
        "items": [
            {"_id": room.id, "name": room.name, "fname": room.label, "t": room.t}
            for room in rooms[:FOUND]
        ]
    }


def teams_of(call: Call) -> Document:
    """`users.listTeams`: of somebody who exists."""
    find_user(call)
    return {"teams": []}


def receipts(_call: Call) -> Document:
    """`chat.getMessageReadReceipts`: only a server with a licence has them."""
    raise CodedError("error-action-not-allowed", "This is an enterprise feature")


def save_notification(call: Call) -> Document:
    """`rooms.saveNotification`: taken; the sandbox rings no bell."""
    room = call.workspace.rooms.rooms.get(call.params["roomId"])
    if room is None or call.user.id not in room.members:
        raise CodedError("error-invalid-subscription", "Invalid subscription")
    return {}


def remove_other_tokens(call: Call) -> Document:
    """`users.removeOtherTokens`: ends the caller's other sessions."""
    call.workspace.accounts.revoke_all(call.user, but=call.token, personal=False)
    return {}


def statistics(call: Call) -> Document:
    """`statistics`: a few numbers, for those who may see them."""
    workspace = call.workspace
    rooms = workspace.rooms.rooms.values()
    return {
        "version": f"{call.version}.0",
        "totalUsers": len(workspace.accounts.users),
        "activeUsers": sum(user.active for user in workspace.accounts.users.values()),
        "totalRooms": len(rooms),
        "totalChannels": sum(room.t == "c" for room in rooms),
        "totalPrivateGroups": sum(room.t == "p" for room in rooms),
        "totalDirect": sum(room.t == "d" for room in rooms),
        "totalMessages": len(workspace.messages.all),
    }


_PAGE = shape(page=True)

ROUTES: tuple[Route, ...] = (
    get("service.configurations", _nothing(configurations=[]), auth=False),
    get("settings.oauth", _nothing(services=[]), auth=False),
    get("pw.getPolicy", _nothing(enabled=False, policy=[])),
    get("custom-user-status.list", _empty_page("statuses"), shape(page=True, name="string")),
    get("custom-sounds.list", _empty_page("sounds"), shape(page=True, name="string")),
    get("emoji-custom.all", _empty_page("emojis"), shape(page=True, name="string")),
    get(
        "emoji-custom.list",
        _nothing(emojis={"update": [], "remove": []}),
        shape(page=True, updatedSince="string"),
    ),
    get("banners", _nothing(banners=[]), shape(platform="string!", bid="string")),
    get("e2e.fetchMyKeys", _nothing()),
    get("teams.list", _empty_page("teams"), _PAGE),
    get("teams.listAll", _empty_page("teams"), _PAGE, permissions=("view-all-teams",)),
    get("users.listTeams", teams_of, shape(userId="string!")),
    get("users.getAvatarSuggestion", _nothing(suggestions={})),
    post("users.removeOtherTokens", remove_other_tokens),
    get(
        "rooms.autocomplete.channelAndPrivate",
        find_rooms,
        shape(selector="string!"),
    ),
    post(
        "rooms.saveNotification",
        save_notification,
        shape(roomId="string!", notifications="object!"),
    ),
    get("chat.getMessageReadReceipts", receipts, shape(messageId="string!")),
    get(
        "statistics",
        statistics,
        shape(refresh="string"),
        permissions=("view-statistics",),
    ),
)
