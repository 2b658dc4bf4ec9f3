"""Wiki markup, the rich text of Jira Data Center: documents into it, with nothing interpreted."""

import re

from bot.jira.documents import (
    LIMIT,
    Block,
    Document,
    Heading,
    Preformatted,
    fit,
    length,
    split_links,
)

# Jira "Text formatting notation": a backslash takes the meaning of any of these away. A
# backslash itself has no such escape (two of them are a line break): an entity shows one.
_MEANINGFUL = re.compile(
    r"""
    [{}\[\]|*_^~\\]
    | &(?=\#?\w{1,31};)                 # an entity
    | (?<!\w)[-+] | [-+](?!\w)          # deleted, inserted, dashes, rulers; not a word's hyphen
    | !(?!\s)                           # an image, also of an address that follows
    | \?(?=\?) | (?<=\?)\?              # a citation
    | [:;](?=[()PD])                    # an emoticon
    | \((?=(?:[ynix/!?+*-]|on|off|flag|flagoff|\*[rgby])\))
    """,
    re.VERBOSE,
)
_ENTITIES = {"\\": "&#92;", "&": "&amp;"}
_LINE_START = re.compile(r"^(\s*)(#|h[1-6](?=\.)|bq(?=\.))")
_NOFORMAT = re.compile(r"\{(?=noformat)", re.IGNORECASE)

# What Jira would take for an image or for bold, right behind an address.
_IN_URL = {ord("!"): "%21", ord("*"): "%2A"}
# For the note about the cut; Jira takes 767 more than LIMIT.
_NOTE_ROOM = 100


def to_wiki(document: Document) -> str:
    """Render a document; escaped text is longer, so it is cut by its rendered length."""
    limit = LIMIT
    while True:
        text = "\n\n".join(_block(block) for block in fit(document, limit=limit)[0].blocks)
        rendered = length(text)
        if rendered <= LIMIT + _NOTE_ROOM:
            return text
        limit = min(limit * LIMIT // rendered, limit - 1)


def escape(text: str) -> str:
    """Return wiki markup that shows `text` to the letter; addresses stay clickable."""
    return "\n".join(_line(line) for line in text.split("\n"))


def _block(block: Block) -> str:
    match block:
        case Heading(text=text):
            return f"h3. {escape(' '.join(text.split()))}"
        case Preformatted(text=text):
            # A space inside the braces is all it takes for the text not to end its own block.
            return f"{{noformat}}\n{_NOFORMAT.sub('{ ', text)}\n{{noformat}}"
        case _:
            return escape(block.text)


def _line(line: str) -> str:
    pieces = [
        piece.translate(_IN_URL) if is_link else _words(piece)
        for piece, is_link in split_links(line)
    ]
    return _escape_start("".join(pieces))


def _escape_start(line: str) -> str:
    match = _LINE_START.match(line)
    if match is None:
        return line
    space, mark = match.groups()
    rest = line[match.end() :]
    return f"{space}\\#{rest}" if mark == "#" else f"{space}{mark}\\{rest}"


def _words(text: str) -> str:
    return _MEANINGFUL.sub(_escaped, text)


def _escaped(match: re.Match[str]) -> str:
    return _ENTITIES.get(match[0], f"\\{match[0]}")
