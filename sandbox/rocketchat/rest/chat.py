"""`chat.*`: sending, changing and reading messages."""

from sandbox.rocketchat.errors import CodedError, Failure, PlainError
from sandbox.rocketchat.model import Document
from sandbox.rocketchat.rest.find import find_message, readable_message, shown
from sandbox.rocketchat.rest.route import Call, Limit, Route, get, post
from sandbox.rocketchat.rest.shapes import either, shape
from sandbox.rocketchat.rest.targets import find_targets
from sandbox.rocketchat.wire import to_ms

MESSAGE = shape(
    closed=False,
    _id="string",
    rid="string",
    msg="string",
    tmid="string",
    tshow="boolean",
    alias="string",
    emoji="string",
    avatar="string",
    attachments="array",
    blocks="array",
    customFields="object",
)
# Of an encrypted message the server knows no more than that it is one.
OPEN = frozenset({"ts", "t", "content", "e2eMentions"})
POSTED = {
    "text": "string",
    "alias": "string",
    "emoji": "string",
    "avatar": "string",
    "attachments": "array",
    "customFields": "object",
    "parseUrls": "boolean",
}
PARENTS_LIMIT = Limit(5, 5_000)


def send_message(call: Call) -> Document:
    """`chat.sendMessage`."""
    message = call.params["message"]
    problems = MESSAGE.problems(message)
    if problems:
        raise CodedError("invalid-params", "\n ".join(problems))
    if message.get("t") not in {None, "e2e"}:
        raise PlainError("Cannot send system messages using 'chat.sendMessage'")
    # Never the client's own idea of who wrote it or what became of it.
    given = {
        key: value
        for key, value in message.items()
        if value is not None and (key in MESSAGE.fields or key in OPEN)
    }
    previews = call.params.get("previewUrls")
    sent = call.workspace.messages.send(call.user, given, previews=previews)
    return {"message": shown(call, sent)}


def post_message(call: Call, *, bot: Document | None = None) -> Document:
    """`chat.postMessage`: the first room's message is returned.

    Args:
        call: the request.
        bot: marks what an integration posted.
    """
    first: Document | None = None
    messages, rules = call.workspace.messages, call.workspace.rules
    for room in find_targets(call):
        message = {
            "msg": str(call.params.get("text") or "").strip(),
            **{key: call.params[key] for key in POSTED if key != "text" and key in call.params},
            "groupable": False,
        }
        if bot is not None:
            message["bot"] = bot
        message.setdefault("parseUrls", not message.get("attachments"))
        if "tmid" in call.params:
            message["tmid"] = call.params["tmid"]
        _check_sizes(call, message)
        rules.check_room(room, call.user)
        rules.check_content(message, call.user, room)
        rules.check_mentions(message, call.user, room)
        sent = messages.store(call.user, room, message)
        if first is None:
            first = {"ts": to_ms(sent["ts"]), "channel": room.id, "message": shown(call, sent)}
    if first is None:
        raise PlainError("unknown-error")
    return first


def _check_sizes(call: Call, message: Document) -> None:
    texts = [message["msg"]]
    attachments = message.get("attachments") or ()
    texts += [str(one.get("text") or "") for one in attachments if isinstance(one, dict)]
    for text in texts:
        try:
            call.workspace.rules.check_length(text)
        except CodedError as error:
            # This route throws the code as a plain text.
            raise PlainError(error.code) from error


def update(call: Call) -> Document:
    """`chat.update`."""
    message = _message_in_room(call)
    edited = call.workspace.changes.edit(
        call.user, message, call.params["text"], call.params.get("customFields")
    )
    return {"message": shown(call, edited)}


def delete(call: Call) -> Document:
    """`chat.delete`: by the message, or by a file of it."""
    message = _message_of_file(call) if "fileId" in call.params else _message_in_room(call)
    room = call.workspace.messages.room_of(message)
    actor = call.user
    if call.params.get("asUser") and message["u"]["_id"] != actor.id:
        if not call.permits("force-delete-message", room):
            raise PlainError(
                'Unauthorized. You must have the permission "force-delete-message" '
                "to delete other's message as them."
            )
        actor = call.workspace.accounts.users.get(message["u"]["_id"], actor)
    brief = {key: message[key] for key in ("_id", "rid", "u")}
    call.workspace.changes.delete(actor, message)
    now = str(to_ms(call.workspace.now()))
    return {"_id": message["_id"], "ts": now, "message": brief}


def _message_of_file(call: Call) -> Document:
    upload = call.workspace.uploads.find(call.params["fileId"])
    for message in call.workspace.messages.all.values():
        if upload and any(one["_id"] == upload.id for one in message.get("files", ())):
            return message
    raise PlainError("The required fileId param does not match any message.")


def _message_in_room(call: Call) -> Document:
    message = call.workspace.messages.find(call.params["msgId"])
    if message is None:
        raise PlainError(f'No message found with the id of "{call.params["msgId"]}".')
    if message["rid"] != call.params["roomId"]:
        raise PlainError("The room id provided does not match where the message is from.")
    return message


def react(call: Call) -> Document:
    """`chat.react`."""
    message = find_message(call, "messageId")
    emoji = call.text("emoji") or call.text("reaction")
    if emoji is None:
        raise CodedError("error-emoji-param-not-provided", 'The required "emoji" param is missing.')
    should = call.params.get("shouldReact")
    call.workspace.changes.react(call.user, message, emoji, should_react=should)
    return {}


def get_message(call: Call) -> Document:
    """`chat.getMessage`: a missing message and a closed room look the same."""
    message = call.workspace.messages.find(call.params["msgId"])
    if message is None or not call.workspace.access.can_access(
        call.workspace.messages.room_of(message), call.user
    ):
        raise Failure
    return {"message": shown(call, message)}


def pin(call: Call) -> Document:
    """`chat.pinMessage`."""
    message = find_message(call, "messageId")
    return {"message": call.workspace.changes.pin(call.user, message, pinned=True) or {}}


def unpin(call: Call) -> Document:
    """`chat.unPinMessage`."""
    call.workspace.changes.pin(call.user, find_message(call, "messageId"), pinned=False)
    return {}


def star(call: Call) -> Document:
    """`chat.starMessage`."""
    call.workspace.changes.star(call.user, find_message(call, "messageId"), starred=True)
    return {}


def unstar(call: Call) -> Document:
    """`chat.unStarMessage`."""
    call.workspace.changes.star(call.user, find_message(call, "messageId"), starred=False)
    return {}


def follow(call: Call) -> Document:
    """`chat.followMessage`."""
    call.workspace.changes.follow(call.user, find_message(call, "mid"), following=True)
    return {}


def unfollow(call: Call) -> Document:
    """`chat.unfollowMessage`."""
    call.workspace.changes.follow(call.user, find_message(call, "mid"), following=False)
    return {}


def report(call: Call) -> Document:
    """`chat.reportMessage`: taken and forgotten."""
    if not call.text("description"):
        raise PlainError("The required description param is missing or not a string.")
    readable_message(call, "messageId")
    return {}


def url_preview(call: Call) -> Document:
    """`chat.getURLPreview`: an empty one, the sandbox fetches nothing."""
    return {"urlPreview": {"url": call.params["url"], "meta": {}, "ignoreParse": False}}


_ONE = shape(messageId="string!")
_THREAD = shape(mid="string!")

ROUTES: tuple[Route, ...] = (
    post(
        "chat.sendMessage",
        send_message,
        shape(message="object!", previewUrls="strings"),
        limit=Limit(5, 1_000),
    ),
    post(
        "chat.postMessage",
        post_message,
        either(
            shape(POSTED, roomId="string|strings!", tmid="string"),
            shape(POSTED, channel="string|strings!"),
        ),
    ),
    post(
        "chat.update",
        update,
        shape(
            roomId="string!",
            msgId="string!",
            text="string!",
            previewUrls="strings",
            customFields="object",
        ),
    ),
    post(
        "chat.delete",
        delete,
        either(
            shape(roomId="string!", msgId="string!", asUser="boolean"),
            shape(fileId="string!", asUser="boolean"),
        ),
    ),
    post(
        "chat.react",
        react,
        either(
            shape(messageId="string!", emoji="string!", shouldReact="boolean"),
            shape(messageId="string!", reaction="string!", shouldReact="boolean"),
        ),
    ),
    get("chat.getMessage", get_message, shape(msgId="string!")),
    post("chat.pinMessage", pin, _ONE),
    post("chat.unPinMessage", unpin, _ONE),
    post("chat.starMessage", star, _ONE),
    post("chat.unStarMessage", unstar, _ONE),
    post("chat.followMessage", follow, _THREAD, limit=PARENTS_LIMIT),
    post("chat.unfollowMessage", unfollow, _THREAD, limit=PARENTS_LIMIT),
    post("chat.reportMessage", report, shape(messageId="string!", description="string!")),
    get("chat.getURLPreview", url_preview, shape(roomId="string!", url="string!")),
)
