"""Text on its way to Jira: neutral blocks, cleaned and cut before a dialect renders them."""

import re
from dataclasses import dataclass, replace

# Jira 10 "Advanced settings" `jira.text.field.character.limit` is 32,767; the rest is for the note.
LIMIT = 32_000

# Controls, the invisible marks that turn text around, and what is no character at all.
_UNWANTED = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u061c\u200e\u200f\u202a-\u202e"
    "\u2066-\u2069\ufeff\ufffe\uffff]"
)
_NEWLINES = re.compile("\r\n?|\x85|\u2028|\u2029")
_SURROGATES = re.compile("[\ud800-\udfff]")
_URL = re.compile(r"https?://[^\s<>\"'`|\\^{}\[\]]+", re.IGNORECASE)
_URL_TAIL = ".,;:!?*_~"


@dataclass(frozen=True, slots=True)
class Heading:
    """A section's title, one line."""

    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Plain text; blank lines part paragraphs, line breaks are kept, nothing is markup."""

    text: str


@dataclass(frozen=True, slots=True)
class Preformatted:
    """Plain text shown to the letter, such as a log."""

    text: str


Block = Heading | Paragraph | Preformatted


@dataclass(frozen=True, slots=True)
class Document:
    """Blocks from top to bottom."""

    blocks: tuple[Block, ...]


def clean(text: str) -> str:
    """Return `text` with unified line ends and without characters that a server chokes on."""
    text = _NEWLINES.sub("\n", text)
    return _SURROGATES.sub("\ufffd", _UNWANTED.sub("", text))


def one_line(text: str, *, limit: int) -> str:
    """Return `text` cleaned, on one line, cut to `limit` characters with an ellipsis."""
    line = " ".join(clean(text).split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def length(text: str) -> int:
    """Return how long Jira counts `text`: in UTF-16 units, since it is written in Java."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def fit(document: Document, *, limit: int = LIMIT) -> tuple[Document, int]:
    """Clean a document and cut it to `limit`, with a note at its end when it was longer.

    Returns:
        The document to send, and how many characters were left out.
    """
    kept: list[Block] = []
    room, left_out = limit, 0
    for block in document.blocks:
        text = clean(block.text)
        head = _head(text, room)
        left_out += len(text) - len(head)
        # Later blocks are dropped once one did not fit: a gap in the middle would mislead.
        room = 0 if len(head) < len(text) else room - length(head)
        if head.strip():
            kept.append(replace(block, text=head))
    if left_out:
        kept.append(Paragraph(f"[cut here: {left_out} more characters]"))
    return Document(tuple(kept)), left_out


def is_too_long(document: Document, *, limit: int = LIMIT) -> bool:
    """Tell whether sending would cut the document, so that its full text goes as a file."""
    return fit(document, limit=limit)[1] > 0


def split_links(line: str) -> list[tuple[str, bool]]:
    """Split a line into pieces, each with whether it is an http(s) address."""
    pieces: list[tuple[str, bool]] = []
    end = 0
    for match in _URL.finditer(line):
        url = _trimmed(match[0])
        if not _has_host(url):
            continue
        pieces.append((line[end : match.start()], False))
        pieces.append((url, True))
        end = match.start() + len(url)
    pieces.append((line[end:], False))
    return [(text, is_link) for text, is_link in pieces if text]


def _head(text: str, room: int) -> str:
    if length(text) <= room:
        return text
    head = text[: max(room, 0)]
    while length(head) > room:
        head = head[: -max(1, (length(head) - room) // 2)]
    return head


def _trimmed(url: str) -> str:
    """Leave the sentence's own punctuation outside the link."""
    while url and (url[-1] in _URL_TAIL or (url[-1] == ")" and url.count("(") < url.count(")"))):
        url = url[:-1]
    return url


def _has_host(url: str) -> bool:
    _, _, rest = url.partition("://")
    return bool(rest) and rest[0].isalnum()
