"""`subscriptions.*`: the caller's memberships."""

from datetime import datetime

from sandbox.rocketchat.documents import subscription_document
from sandbox.rocketchat.errors import CodedError
from sandbox.rocketchat.model import Document
from sandbox.rocketchat.rest.route import Call, Route, get, post
from sandbox.rocketchat.rest.shapes import either, shape
from sandbox.rocketchat.wire import parse_iso

SINCE = shape(updatedSince="string", fields="string", query="string")


def read_since(call: Call, code: str) -> datetime | None:
    """Return the moment of `updatedSince`; refuse, with that code, what is no date."""
    text = call.text("updatedSince")
    if text is None:
        return None
    moment = parse_iso(text)
    if moment is None:
        raise CodedError(code, 'The "updatedSince" query parameter must be a valid date')
    return moment


def subscriptions_get(call: Call) -> Document:
    """`subscriptions.get`: the caller's memberships, or those changed since."""
    rooms = call.workspace.rooms
    since = read_since(call, "error-roomId-param-invalid")
    mine = rooms.subscriptions(call.user)
    changed = [one for one in mine if since is None or one.updated_at > since]
    update = [subscription_document(one, rooms.rooms[one.rid]) for one in changed]
    removed = [
        {"_id": one, "_deletedAt": at}
        for at, user_id, one in rooms.removed_subscriptions
        if since is not None and at > since and user_id == call.user.id
    ]
    return {"update": update, "remove": removed}


def subscriptions_get_one(call: Call) -> Document:
    """`subscriptions.getOne`: null for a room the caller is no member of."""
    room = call.workspace.rooms.rooms.get(call.params["roomId"])
    subscription = room.members.get(call.user.id) if room else None
    if room is None or subscription is None:
        return {"subscription": None}
    return {"subscription": subscription_document(subscription, room)}


def subscriptions_read(call: Call) -> Document:
    """`subscriptions.read`: nothing is unread any more."""
    room = call.workspace.rooms.rooms.get(call.params.get("rid") or call.params.get("roomId") or "")
    if room is None:
        raise CodedError("error-invalid-subscription", "Invalid subscription")
    subscription = room.members.get(call.user.id)
    if subscription is not None:
        subscription.alert, subscription.unread = False, 0
        subscription.user_mentions = subscription.group_mentions = 0
        subscription.ls = call.workspace.now()
        if call.params.get("readThreads"):
            subscription.thread_unread.clear()
        call.workspace.rooms.touch_subscription(room, subscription)
        call.workspace.notices.read(room, subscription.ls)
    return {}


def subscriptions_unread(call: Call) -> Document:
    """`subscriptions.unread`."""
    rooms = call.workspace.rooms.rooms
    first = call.params.get("firstUnreadMessage") or {}
    message = call.workspace.messages.find(str(first.get("_id")))
    room = rooms.get(message["rid"] if message else str(call.params.get("roomId")))
    subscription = room.members.get(call.user.id) if room else None
    if room is None or subscription is None:
        raise CodedError("error-action-not-allowed", "Not allowed")
    subscription.alert, subscription.open = True, True
    subscription.unread = max(subscription.unread, 1)
    call.workspace.rooms.touch_subscription(room, subscription)
    return {}


ROUTES: tuple[Route, ...] = (
    get("subscriptions.get", subscriptions_get, SINCE),
    get("subscriptions.getOne", subscriptions_get_one, shape(roomId="string!")),
    post(
        "subscriptions.read",
        subscriptions_read,
        either(
            shape(rid="string!", readThreads="boolean"),
            shape(roomId="string!", readThreads="boolean"),
        ),
    ),
    post(
        "subscriptions.unread",
        subscriptions_unread,
        either(shape(roomId="string!"), shape(firstUnreadMessage="object!")),
    ),
)
