"""What a server reads of a picture: how large it is."""

from dataclasses import dataclass

PNG = b"\x89PNG\r\n\x1a\n"
GIF = (b"GIF87a", b"GIF89a")
JPEG = b"\xff\xd8"
MARKER = 0xFF
# Frames of a JPEG; the three others of that range are tables.
FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


@dataclass(frozen=True, slots=True)
class Size:
    """Width and height in pixels."""

    width: int
    height: int


def size_of(content: bytes) -> Size | None:
    """Return the size of a PNG, GIF or JPEG; None for what is none."""
    if content.startswith(PNG) and content[12:16] == b"IHDR":
        return _size(content[16:20], content[20:24])
    if content.startswith(GIF):
        return _size(content[7:5:-1], content[9:7:-1])
    return _jpeg(content) if content.startswith(JPEG) else None


def _jpeg(content: bytes) -> Size | None:
    at = len(JPEG)
    while at + 9 <= len(content) and content[at] == MARKER:
        if content[at + 1] in FRAMES:
            return _size(content[at + 7 : at + 9], content[at + 5 : at + 7])
        at += 2 + int.from_bytes(content[at + 2 : at + 4], "big")
    return None


def _size(width: bytes, height: bytes) -> Size | None:
    read = [int.from_bytes(one, "big") for one in (width, height)]
    return Size(*read) if all(read) else None
