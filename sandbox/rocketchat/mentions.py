"""Who and what a message mentions (Rocket.Chat 7.7.1 `MentionsParser.ts`)."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

LINK_TEXT = re.compile(r"\[[^\]]*\]\([^)]*\)")
EVERYBODY = ("all", "here")
USUAL = "[0-9a-zA-Z-_.]+"


@lru_cache(maxsize=8)
def _pattern(sigil: str, names: str) -> re.Pattern[str]:
    try:
        return re.compile(rf"(?:^|\s|>){sigil}({names})", re.MULTILINE)
    except re.error:
        # A workspace may have set what is no pattern; the server then takes its own.
        return re.compile(rf"(?:^|\s|>){sigil}({USUAL})", re.MULTILINE)


def mentioned(texts: Iterable[str], *, sigil: str, names: str) -> Sequence[str]:
    """Return the names after a sigil, each once, in order.

    Works on the raw text, so a fence of backticks does not protect; the texts
    of links are left out.
    """
    found: dict[str, None] = {}
    for text in texts:
        if sigil in text:
            # A trailing dot belongs to the sentence unless the name pattern wants it.
            found.update(dict.fromkeys(_pattern(sigil, names).findall(LINK_TEXT.sub("", text))))
    return tuple(found)
