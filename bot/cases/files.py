"""Files that people send for a case: how they are called, and which are taken."""

import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath

from pathvalidate import sanitize_filename

from bot.cases.policy import FileRules
from bot.cases.views import ForCustomers

LONGEST_NAME = 150
"""In bytes of UTF-8."""
_LONGEST_ENDING = 20
_NAMELESS = "file"
# What is no letter, sign or space: control, formatting (which turns the reading direction) and
# surrogate characters, and those that end a line or a paragraph.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


class Objection(StrEnum):
    """Why a file is not taken."""

    ENDING = "ending"
    TOO_LARGE = "too large"
    TOO_MANY = "too many"
    """The case has as many as it may have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Declined(ForCustomers):
    """A file that is not taken, and why."""

    name: str
    why: Objection
    size: int = 0
    """In bytes."""
    most: int = 0
    """How many bytes, or files, there may be."""

    @property
    def ending(self) -> str:
        """Return its ending, with the dot."""
        return ending_of(self.name)


def cleaned_name(name: str) -> str:
    """Return a name that any system can keep and nobody can be misled by; its ending stays."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    seen = (
        one
        for one in unicodedata.normalize("NFC", last)
        if unicodedata.category(one) not in _UNSEEN
    )
    short = _cut(" ".join("".join(seen).split()).strip(". "))
    return sanitize_filename(short, platform="universal").strip(". ") or _NAMELESS


def ending_of(name: str) -> str:
    """Return the ending of a name in small letters, with the dot; empty if it has none."""
    return PurePosixPath(name).suffix.casefold()


def objection_to(name: str, size: int, rules: FileRules) -> Declined | None:
    """Return why a file is not taken whatever its case; None if it may be.

    Args:
        name: cleaned.
        size: in bytes; 0 where the chat server does not say.
        rules: what is taken.
    """
    if ending_of(name) in rules.refused_endings:
        return Declined(name=name, why=Objection.ENDING)
    if size > rules.most_bytes:
        return Declined(name=name, why=Objection.TOO_LARGE, size=size, most=rules.most_bytes)
    return None


def _cut(name: str) -> str:
    ending = PurePosixPath(name).suffix
    if len(ending) > _LONGEST_ENDING:
        ending = ""
    stem = name.removesuffix(ending).encode()
    return stem[: LONGEST_NAME - len(ending.encode())].decode("utf-8", "ignore") + ending
