"""Files: taken in first, then confirmed into a message."""

import base64
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import datetime, timedelta

from sandbox.rocketchat.errors import CodedError
from sandbox.rocketchat.ids import Ids
from sandbox.rocketchat.images import Size, size_of
from sandbox.rocketchat.model import Document, Room, Upload, User
from sandbox.rocketchat.settings import Settings

TEMPORARY = timedelta(hours=24)
PREVIEW_BYTES = 96


class Uploads:
    """All files by identifier."""

    def __init__(self, ids: Ids, now: Callable[[], datetime], settings: Settings) -> None:
        self._ids = ids
        self._now = now
        self._settings = settings
        self._files: dict[str, Upload] = {}

    def take_in(self, room: Room, user: User, *, name: str, kind: str, content: bytes) -> Upload:
        """Keep a file for a day, until it is confirmed.

        Raises:
            CodedError: files are off, or this one is too large or of a refused type.
        """
        settings = self._settings
        if not settings.on("FileUpload_Enabled"):
            raise CodedError("error-file-upload-disabled", "File upload is disabled")
        if room.t == "d" and not settings.on("FileUpload_Enabled_Direct"):
            raise CodedError(
                "error-direct-message-file-upload-not-allowed",
                "File upload is not allowed in direct messages",
            )
        if len(content) > settings.number("FileUpload_MaxFileSize"):
            raise CodedError("error-file-too-large", "File exceeds allowed size")
        if not self._accepts(kind):
            raise CodedError("error-invalid-file-type", "File type is not accepted.")
        now = self._now()
        upload = Upload(
            id=self._ids.new(),
            rid=room.id,
            user=user,
            name=name,
            type=kind,
            content=content,
            uploaded_at=now,
            expires_at=now + TEMPORARY,
        )
        self._files[upload.id] = upload
        return upload

    def _accepts(self, kind: str) -> bool:
        refused = self._settings.text("FileUpload_MediaTypeBlackList").split(",")
        wanted = [
            one for one in self._settings.text("FileUpload_MediaTypeWhiteList").split(",") if one
        ]
        return kind not in refused and (not wanted or kind in wanted)

    def find(self, file_id: str) -> Upload | None:
        """Return a file that is still kept."""
        upload = self._files.get(file_id)
        if upload and upload.expires_at is not None and upload.expires_at <= self._now():
            del self._files[file_id]
            return None
        return upload

    def confirm(self, upload: Upload) -> None:
        """Keep a file for good."""
        upload.expires_at = None

    def add_thumbnail(self, upload: Upload) -> Upload | None:
        """Keep the thumbnail of a picture, in the sandbox the picture itself once more.

        None for a file that cannot be read as a picture.
        """
        if not upload.type.startswith("image/") or size_of(upload.content) is None:
            return None
        thumbnail = replace(
            upload,
            id=self._ids.new(),
            name=f"thumb-{upload.name}",
            thumbnail_of=upload.id,
            expires_at=None,
        )
        self._files[thumbnail.id] = thumbnail
        return thumbnail

    def forget(self, file_id: str) -> None:
        """Forget a file if it is kept."""
        self._files.pop(file_id, None)

    def of_room(self, room: Room) -> list[Upload]:
        """Return the confirmed files of a room, newest first."""
        return [
            upload
            for upload in reversed(self._files.values())
            if upload.rid == room.id and upload.expires_at is None and upload.thumbnail_of is None
        ]


def attachment_for(
    upload: Upload, description: str | None, thumbnail: Upload | None = None
) -> Document:
    """Return the attachment that shows a file in a message."""
    size = len(upload.content)
    attachment: Document = {
        "title": upload.name,
        "type": "file",
        "title_link": upload.path,
        "title_link_download": True,
        "ts": upload.uploaded_at,
    }
    if description is not None:
        attachment["description"] = description
    family = upload.type.split("/", maxsplit=1)[0]
    if family in {"image", "audio", "video"}:
        attachment |= {
            f"{family}_url": upload.path,
            f"{family}_type": upload.type,
            f"{family}_size": size,
        }
        if thumbnail is not None:
            attachment |= _thumbnail(upload, thumbnail)
    else:
        attachment |= {"format": upload.name.rpartition(".")[2].upper(), "size": size}
    return attachment


def _thumbnail(upload: Upload, thumbnail: Upload) -> Document:
    # The address bears the name of the file itself.
    return {
        "image_url": replace(upload, id=thumbnail.id).path,
        "image_dimensions": asdict(size_of(upload.content) or Size(0, 0)),
        "image_preview": base64.b64encode(upload.content[:PREVIEW_BYTES]).decode(),
    }
