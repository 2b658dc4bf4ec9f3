r"""Text that other people typed, made safe to repeat in Rocket.Chat, and its length there.

What a message can do beyond being read (Rocket.Chat 7.7.1): mention people and rooms
(`MentionsParser.ts`, also inside code fences), format itself, pass a link off as another, and
quote a message of a room that only the bot can read, by a link to it
(`BeforeSaveJumpToMessage.ts`). All of it is broken here with a backslash or a word joiner, which
readers do not see.
"""

import re
import unicodedata

JOINER = "\u2060"
ELLIPSIS = "…"

_ZERO_WIDTH_JOINER = "\u200d"
_LAST_OF_BASIC_PLANE = 0xFFFF

# Line breaks of every kind become spaces; other control characters, invisible ones and those
# that turn the reading direction vanish. The two joiners that emoji, Persian and Indic scripts
# are written with stay.
_DROPPED = [
    *range(0x20),
    *range(0x7F, 0xA0),
    0x00AD,
    0x061C,
    0x180E,
    0x200B,
    *range(0x200E, 0x2010),
    *range(0x2028, 0x202F),
    *range(0x2060, 0x2070),
    0xFEFF,
    *range(0xFFF9, 0xFFFC),
]
_CLEANED: dict[int, str | None] = dict.fromkeys(_DROPPED)
_CLEANED.update(dict.fromkeys((0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x85, 0x2028, 0x2029), " "))

_SURROGATE = re.compile("[\ud800-\udfff]")
_LINE_BREAK = re.compile(r"\r\n|[\n\r\x0b\x0c\x85\u2028\u2029]")
_SPACES = re.compile(" {2,}")

# Alternatives are tried in this order at each place; what none of them knows stays as it is.
_SPECIAL = re.compile(
    r"(?P<url>(?<![^\s(>\"'])https?://[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::\d+)?"
    r"(?:/[\w\-./%~+=&?#,:;!]*)?)"
    r"|(?P<email>(?<![\w.+-])[A-Za-z0-9][\w.+-]*@[A-Za-z0-9-]+\.[A-Za-z0-9][A-Za-z0-9.-]*)"
    r"|(?P<format>[*_~`])"
    r"|(?P<sign>[@#<]|\](?=\()|\|(?=\|)|\\(?=[*_~`#.(\[\\$]))"
)
# The server decodes the query before it looks for `msg`.
_MESSAGE_LINK = re.compile(r"(?<=\?)(?=[^\s?]*(?:m|%6d)(?:s|%73)(?:g|%67))", re.IGNORECASE)
_BLOCK_START = re.compile(r">|[-+] |\d+[.)] ")
_MENTIONABLE = re.compile(r"[\w.-]+")
_GROUPS = frozenset({"all", "here"})


def escape(text: str) -> str:
    """Return `text` as one line that shows as typed and can neither mention, format nor quote.

    Web addresses and e-mail addresses stay usable, except links to messages. The result is at
    most three times as long.
    """
    line = _SPACES.sub(" ", _SURROGATE.sub("\ufffd", text).translate(_CLEANED)).strip()
    escaped = _SPECIAL.sub(_defuse, _MESSAGE_LINK.sub(JOINER, line))
    return JOINER + escaped if _BLOCK_START.match(escaped) else escaped


def quote(text: str) -> str:
    """Return `text`, line by line escaped, as a block quote; blank lines at the ends go."""
    lines = [escape(line) for line in _LINE_BREAK.split(text)]
    while lines and not lines[-1]:
        lines.pop()
    while lines and not lines[0]:
        lines.pop(0)
    return "\n".join(f"> {line}".rstrip() for line in lines)


def mention(username: str) -> str:
    """Return what notifies the user with this username, and nobody else."""
    if _MENTIONABLE.fullmatch(username) and username.casefold() not in _GROUPS:
        return f"@{username}"
    return escape(f"@{username}")


def message_length(text: str) -> int:
    """Return the length as `Message_MaxAllowedSize` counts it: in UTF-16 units."""
    if text.isascii():
        return len(text)
    return len(text) + sum(1 for char in text if ord(char) > _LAST_OF_BASIC_PLANE)


def shorten(text: str, limit: int) -> str:
    """Return `text`, cut to at most `limit` UTF-16 units and ending in … if it is longer.

    What a reader sees as one character is kept whole or left out.
    """
    if message_length(text) <= limit:
        return text
    if limit < 1:
        return ""
    return text[: _cut(text, limit - 1)].rstrip() + ELLIPSIS


def split(text: str, limit: int) -> list[str]:
    """Return `text` in parts of at most `limit` UTF-16 units, cut at a line or word if possible.

    Nothing but white space at the cuts is lost. There is always at least one part.

    Args:
        text: any length.
        limit: at least 2.
    """
    parts: list[str] = []
    rest = text
    while message_length(rest) > limit:
        at = _break(rest, _cut(rest, limit) or max(_fitting(rest, limit), 1))
        parts.append(rest[:at].rstrip())
        rest = rest[at:].lstrip(" \n")
    parts.append(rest)
    return [part for part in parts if part] or [""]


def _defuse(found: re.Match[str]) -> str:
    token = found.group()
    match found.lastgroup:
        case "url":
            return token
        case "email":
            return token.replace("_", r"\_")
        case "format":
            return f"\\{token}"
        case _:
            return token + JOINER


def _break(text: str, end: int) -> int:
    """Return the last line or word end up to `end`, unless it would leave half a part empty."""
    for mark in ("\n", " "):
        at = text.rfind(mark, end // 2, end + 1)
        if at > 0:
            return at
    return end


def _fitting(text: str, limit: int) -> int:
    """Return how many code points fit into `limit` UTF-16 units."""
    units = 0
    for index, char in enumerate(text):
        units += 2 if ord(char) > _LAST_OF_BASIC_PLANE else 1
        if units > limit:
            return index
    return len(text)


def _cut(text: str, limit: int) -> int:
    """Return where to cut so that `limit` UTF-16 units hold and no visible character is torn."""
    at = _fitting(text, limit)
    while at > 0 and _joined(text, at):
        at -= 1
    return at


def _joined(text: str, at: int) -> bool:
    """Tell whether the characters on both sides of `at` belong to one visible character."""
    if at >= len(text):
        return False
    before, after = text[at - 1], text[at]
    if _ZERO_WIDTH_JOINER in {before, after} or before == "\\":
        return True
    if _extends(after):
        return True
    if _is_regional(before) and _is_regional(after):
        # Flags are pairs: a cut is clean only after an even number of them.
        run = 0
        while run < at and _is_regional(text[at - 1 - run]):
            run += 1
        return run % 2 == 1
    return False


def _extends(char: str) -> bool:
    return (
        unicodedata.category(char) in {"Mn", "Me", "Mc"}
        or "\U0001f3fb" <= char <= "\U0001f3ff"
        or "\U000e0020" <= char <= "\U000e007f"
        or char == JOINER
    )


def _is_regional(char: str) -> bool:
    return "\U0001f1e6" <= char <= "\U0001f1ff"
