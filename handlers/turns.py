"""What a message is: a command, an answer to what was asked, words for somebody, or nothing to us.

In a direct message a command needs no prefix, and people's answers begin with the same words
("close the window and it still crashes"), so what is waited for decides.
"""

from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from enum import Enum, auto

from bot.cases.access import Actor
from bot.cases.dialogue import ChooseCase, Confirm, Dialogue
from bot.cases.refusals import Refusal
from handlers.choose_case import is_choice
from handlers.dialogues import is_no, is_yes
from handlers.parsing import (
    Command,
    Vocabulary,
    is_case_name,
    parse,
    plain_words,
    speaks_of_case,
    split_references,
)

# A letter more, less or other in a word of five.
_ALIKE = 0.8

_WITHOUT_TEXT = frozenset({"show", "status", "timeline", "work", "help", "language"})
"""Commands that take no free text."""


class Turn(Enum):
    """What a message is to be taken for."""

    COMMAND = auto()
    MISREAD = auto()
    """It was to be a command, and cannot be understood."""
    ANSWER = auto()
    """To the open dialogue."""
    FILES = auto()
    """Files for a case."""
    WORDS = auto()
    """A customer's plain words to the team."""
    NOTHING = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Everything a message may be."""

    words: str
    """What was typed, without a prefix or a mention of us."""
    explicit: bool = False
    """Typed with a prefix or a mention, or a command behind `case`."""
    command: Command | None = None
    misread: Refusal | None = None

    @property
    def under_case(self) -> bool:
        """Whether it begins with the word behind which commands are typed."""
        return self.words.casefold().startswith("case ")

    @property
    def is_short(self) -> bool:
        """Whether nothing follows the first word but, perhaps, a case."""
        return len(self.words.split(None, 1)) == 1 or self.names_case

    @property
    def names_case(self) -> bool:
        """Whether a case follows the first word."""
        _, *rest = self.words.split(None, 1) or [""]
        return bool(rest) and bool(split_references(rest[0])[0])


def read(
    text: str, *, me: str, direct: bool, vocabulary: Vocabulary, at_case: bool = False
) -> Reading:
    """Return what a message may be; see `handlers.parsing.parse`."""
    words, explicit = plain_words(text, me=me)
    if _is_path(text):
        words, explicit = text.strip(), False
    command, misread = None, None
    try:
        command = parse(text, me=me, direct=direct, vocabulary=vocabulary, at_case=at_case)
    except Refusal as refusal:
        misread = refusal
    explicit = explicit or (command is not None and words.casefold().startswith("case "))
    return Reading(words=words, explicit=explicit, command=command, misread=misread)


def _is_path(text: str) -> bool:
    """Tell whether a message begins with `/` because a path does."""
    first, *_ = text.split(None, 1) or [""]
    return first.startswith("/") and "/" in first[1:]


def decide(
    reading: Reading,
    *,
    actor: Actor,
    direct: bool,
    dialogue: Dialogue | None,
    asked: bool,
    files: bool = False,
) -> Turn:
    """Return what to take a message for.

    Args:
        reading: what it may be.
        actor: who sent it.
        direct: whether only they and the bot read it.
        dialogue: what is waited for there from them, or None.
        asked: whether they are the customer of a case with an unanswered question; one of the team
            may be.
        files: whether anything came with it that may be for a case.
    """
    if files and is_case_name(reading.words):  # the caption says where they belong
        reading = replace(reading, command=None, misread=None)
    confirm = dialogue is not None and isinstance(dialogue.step, Confirm)
    if confirm and (is_yes(reading.words) or is_no(reading.words)):
        return Turn.ANSWER
    certain = reading.command is not None and _is_certain(reading, reading.command, actor)
    # "Case 2: it is back" is for whoever has that case, and asks for nothing to be shown.
    certain = certain and (actor.is_staff or not direct or not speaks_of_case(reading.words))
    if certain and not _chooses(reading, dialogue):
        return Turn.COMMAND
    if dialogue is not None and not confirm:
        return Turn.MISREAD if _is_mistyped(reading) else Turn.ANSWER
    if reading.command is not None:
        for_them = actor.may(reading.command.verb) and not asked
        meant = for_them and not _is_sentence(reading.command)
        meant = meant and not (direct and speaks_of_case(reading.words))
        return Turn.COMMAND if meant or actor.is_staff else Turn.WORDS
    if direct:
        return _of_no_command(reading, actor, confirm=confirm, asked=asked, files=files)
    return _in_channel(reading, files=files)


def _in_channel(reading: Reading, *, files: bool) -> Turn:
    if files and not _is_mistyped(reading):
        return Turn.FILES
    return Turn.NOTHING if reading.misread is None else Turn.MISREAD


def _of_no_command(
    reading: Reading, actor: Actor, *, confirm: bool, asked: bool, files: bool
) -> Turn:
    if actor.is_staff:
        plain = not reading.explicit and not reading.under_case
        if files and not _is_mistyped(reading) and not _misses_verb(reading):
            return Turn.FILES
        if confirm and plain:
            return Turn.ANSWER
        mistyped = reading.is_short and _is_near_miss(reading.misread, actor)
        return Turn.WORDS if asked and plain and not mistyped else Turn.MISREAD
    alone = (reading.is_short or reading.under_case) and not asked
    near = alone and _is_near_miss(reading.misread, actor)
    return Turn.MISREAD if _is_mistyped(reading) or near else Turn.WORDS


def _is_certain(reading: Reading, command: Command, actor: Actor) -> bool:
    """Tell whether a message is a command whatever is waited for."""
    if reading.explicit or reading.names_case:
        return True
    return not command.rest and actor.may(command.verb)


def _chooses(reading: Reading, dialogue: Dialogue | None) -> bool:
    """Tell whether "case 2" says which case, and does not ask to be shown it."""
    waiting = dialogue is not None and isinstance(dialogue.step, ChooseCase)
    return waiting and is_choice(reading.words)


def _is_sentence(command: Command) -> bool:
    """Tell whether a customer says something of a problem that begins like a command.

    "Show button is missing" asks for no case: nothing may follow such a word but a case, or the
    name of a command or a language.
    """
    alone = command.verb in _WITHOUT_TEXT and not any(map(str.isdigit, command.rest))
    return alone and len(command.rest.split()) > 1


def _misses_verb(reading: Reading) -> bool:
    return reading.under_case and reading.misread is not None


def _is_mistyped(reading: Reading) -> bool:
    """Tell whether a prefix says that it was to be a command; a path begins with `/`, too."""
    return reading.explicit and reading.misread is not None and not _is_talk(reading.misread)


def _is_talk(misread: Refusal) -> bool:
    return misread.kind == "not_a_command"


def _is_near_miss(misread: Refusal | None, actor: Actor) -> bool:
    """Tell whether somebody can only have meant a command that is for them."""
    if misread is None or not misread.values.get("nearest"):
        return False
    word = str(misread.values["word"]).casefold()
    verb = str(misread.values["nearest"]).split()[-1]
    if verb != "case" and not actor.may(verb):
        return False
    swapped = sorted(word) == sorted(verb)
    return swapped or SequenceMatcher(None, word, verb).ratio() >= _ALIKE
