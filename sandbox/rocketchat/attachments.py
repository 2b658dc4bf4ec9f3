"""What an attachment may look like (Rocket.Chat 7.7.1 `validateMessage`)."""

import re

from sandbox.rocketchat.errors import PlainError
from sandbox.rocketchat.model import Document

FULL_URL = re.compile(r"^https?://", re.IGNORECASE)
PARTIAL_URL = re.compile(r"^(/|https?://)", re.IGNORECASE)
TEXTS = (
    "color",
    "text",
    "author_name",
    "title",
    "image_preview",
    "image_type",
    "audio_type",
    "video_type",
    "button_alignment",
    "description",
)
SWITCHES = ("collapsed", "title_link_download")
FULL_URLS = ("message_link", "author_link")
PARTIAL_URLS = ("thumb_url", "author_icon", "title_link", "image_url", "audio_url", "video_url")


def check_attachments(attachments: object) -> None:
    """Refuse attachments the server would not store."""
    if not isinstance(attachments, list):
        raise PlainError("Match error: Expected array, got " + kind_of(attachments))
    for attachment in attachments:
        if not isinstance(attachment, dict):
            raise PlainError("Match error: Expected object, got " + kind_of(attachment))
        _check(attachment)


def _check(attachment: Document) -> None:
    for key in TEXTS:
        _expect(attachment, key, str, "string")
    for key in SWITCHES:
        _expect(attachment, key, bool, "boolean")
    for keys, pattern in ((FULL_URLS, FULL_URL), (PARTIAL_URLS, PARTIAL_URL)):
        for key in keys:
            _expect(attachment, key, str, "string")
            if key in attachment and not pattern.match(attachment[key]):
                raise PlainError("Invalid href value provided")
    _expect(attachment, "actions", list, "array")
    _expect(attachment, "fields", list, "array")
    for field in attachment.get("fields", ()):
        # 0, false and the empty text count as missing.
        if not isinstance(field, dict) or not field.get("title") or not field.get("value"):
            raise PlainError("Invalid attachment field, title and value is required")


def _expect(attachment: Document, key: str, kind: type, name: str) -> None:
    if key in attachment and not isinstance(attachment[key], kind):
        raise PlainError(
            f"Match error: Expected {name}, got {kind_of(attachment[key])} in field {key}"
        )


def kind_of(value: object) -> str:
    """Return what JavaScript calls the type of a value."""
    if value is None:
        return "null"
    kinds = {bool: "boolean", int: "number", float: "number", str: "string", list: "object"}
    return kinds.get(type(value), "object")
