"""Words of ours that the code passes to a text, and the places to fill in within a command."""

import gettext
import re

from bot.cases.answers import ANSWERS

PLACEHOLDER = "placeholder"
"""The context of what stands in angle or square brackets within a command."""
ANSWER = "answer"
"""The context of what people type when they are asked something."""
_PLACE = re.compile(r"(?<=[<\[])[a-z][a-z ]*(?=[>\]])")


def word(text: str, translations: gettext.NullTranslations) -> str:
    """Translate what the code calls something.

    Where it ends with a value (`issue BUG-7`), what stands before the value is translated. Text
    that nobody has translated stays as it is.
    """
    parts = text.split(" ")
    for length in range(len(parts), 0, -1):
        known = " ".join(parts[:length])
        # The empty message is the catalogue's own description.
        found = translations.gettext(known) if known else known
        if found != known:
            return " ".join([found, *parts[length:]])
    return text


def command(text: str, translations: gettext.NullTranslations) -> str:
    """Translate the places to fill in; what has to be typed as it is stays."""
    return _PLACE.sub(lambda found: translations.pgettext(PLACEHOLDER, found[0]), text)


def answer(name: str, translations: gettext.NullTranslations) -> str:
    """Return how to type an answer: as it is translated, if that would be understood."""
    translated = translations.pgettext(ANSWER, name)
    return translated if translated in ANSWERS.get(name, ()) else name


def places(text: str) -> list[str]:
    """Return the places to fill in within a command."""
    return _PLACE.findall(text)
