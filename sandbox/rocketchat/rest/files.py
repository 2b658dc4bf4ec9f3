"""Sending files into rooms."""

import json

from sandbox.rocketchat.attachments import kind_of
from sandbox.rocketchat.errors import CodedError, Forbidden, PlainError
from sandbox.rocketchat.model import Document, Room, Upload
from sandbox.rocketchat.rest.find import shown
from sandbox.rocketchat.rest.route import Call, Route, post
from sandbox.rocketchat.rest.shapes import shape
from sandbox.rocketchat.uploads import attachment_for
from sandbox.rocketchat.version import Version


def _room(call: Call) -> Room:
    room = call.workspace.rooms.rooms.get(call.path[0])
    if room is None or not call.workspace.access.can_access(room, call.user):
        raise Forbidden
    return room


def media(call: Call) -> Document:
    """`rooms.media/<rid>`: takes a file in, for a day."""
    upload = _take_in(call, _room(call))
    return {"file": {"_id": upload.id, "url": upload.path}}


def _take_in(call: Call, room: Room) -> Upload:
    if not call.files:
        raise CodedError("error-no-file-uploaded", "No file was uploaded")
    if set(call.files) != {"file"}:
        raise CodedError("invalid-field", "The file must be in the field `file`")
    file = call.files["file"]
    return call.workspace.uploads.take_in(
        room, call.user, name=file.name, kind=file.kind, content=file.content
    )


def media_confirm_matching(call: Call) -> Document:
    """`rooms.mediaConfirm` before 8.0: checked by the route itself, in other words."""
    for name, value in call.params.items():
        if name not in _CONFIRM:
            raise PlainError(f"Match error: Unknown key in field {name}")
        if not isinstance(value, bool if _CONFIRM[name] == "boolean" else str):
            raise PlainError(
                f"Match error: Expected {_CONFIRM[name]}, got {kind_of(value)} in field {name}"
            )
    return media_confirm(call)


def media_confirm(call: Call) -> Document:
    """`rooms.mediaConfirm/<rid>/<file>`: posts the message that shows the file."""
    room = _room(call)
    upload = call.workspace.uploads.find(call.path[1])
    if upload is None or upload.rid != room.id or upload.user is not call.user:
        raise CodedError("invalid-file", "Invalid file")
    if upload.expires_at is None:
        raise CodedError("invalid-file", "The file is already in a message")
    return {"message": _post(call, room, upload)}


def upload_at_once(call: Call) -> Document:
    """`rooms.upload/<rid>`: both steps in one; gone since 8.0."""
    room = _room(call)
    return {"message": _post(call, room, _take_in(call, room))}


def _post(call: Call, room: Room, upload: Upload) -> Document:
    workspace, given = call.workspace, call.params
    description = call.text("description")
    workspace.rules.check_length(description or "")
    if call.text("fileName"):
        upload.name = given["fileName"]
    message: Document = {
        "msg": given.get("msg") or "",
        "attachments": [attachment_for(upload, description)],
        "file": _brief(upload),
        "files": [_brief(upload)],
        "groupable": given.get("groupable", False),
    }
    for key in ("tmid", "alias", "avatar", "emoji"):
        if given.get(key):
            message[key] = given[key]
    if given.get("customFields"):
        message["customFields"] = _custom_fields(given["customFields"])
    workspace.rules.check_length(message["msg"])
    workspace.rules.check_room(room, call.user)
    workspace.rules.check_content(message, call.user, room)
    workspace.rules.check_mentions(message, call.user, room)
    workspace.uploads.confirm(upload)
    thumbnail = workspace.uploads.add_thumbnail(upload)
    if thumbnail is not None:
        # A second file, which nobody sent.
        message["files"].append(_brief(thumbnail))
        message["attachments"] = [attachment_for(upload, description, thumbnail)]
    return shown(call, workspace.messages.store(call.user, room, message))


def _custom_fields(given: str) -> object:
    try:
        return json.loads(given)
    except ValueError as error:
        raise PlainError("Invalid JSON in customFields") from error


def _brief(upload: Upload) -> Document:
    return {
        "_id": upload.id,
        "name": upload.name,
        "type": upload.type,
        "size": len(upload.content),
        "format": upload.name.rpartition(".")[2],
    }


def _until_8(version: Version) -> bool:
    return not version.since(8)


def _since_8(version: Version) -> bool:
    return version.since(8)


_CONFIRM = {
    "msg": "string",
    "description": "string",
    "tmid": "string",
    "groupable": "boolean",
    "alias": "string",
    "avatar": "string",
    "emoji": "string",
    "customFields": "string",
}

ROUTES: tuple[Route, ...] = (
    post("rooms.media", media, parts=1, multipart=True),
    post("rooms.upload", upload_at_once, parts=1, multipart=True, open_to=_until_8),
    post("rooms.mediaConfirm", media_confirm_matching, parts=2, open_to=_until_8),
    post(
        "rooms.mediaConfirm",
        media_confirm,
        shape(_CONFIRM, fileName="string", fileContent="object"),
        parts=2,
        open_to=_since_8,
    ),
)
