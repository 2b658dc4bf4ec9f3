"""From what somebody typed to a command, in steps that can each say no.

    text ─► prefix (`/`, `!`, mention, or none in a direct message) ─► verb ─► id, flags, free text

Everything here is pure. What is not a command for us is None; what is one but cannot be understood
is a `Refusal`.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from bot.cases.case import CaseId
from bot.cases.refusals import Refusal

# Nobody types these on purpose: copying from a chat brings them along.
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u2060\ufeff\u200e\u200f\xad"))
_BEHIND_A_WORD = ".,:;!"
_LONGEST_TEXT = 10_000
_LARGEST_ID = 10**9

_CASE_REFERENCE = re.compile(r"(?:CASE-|#)(\d{1,12})", re.IGNORECASE)
_BARE_NUMBER = re.compile(r"\d{1,12}")
_ISSUE_KEY = re.compile(r"[A-Z][A-Z0-9_]{1,30}-\d{1,12}", re.IGNORECASE)

# `++` gives nothing back: else a long row of dots is looked through once for each of them.
_SPOKEN = re.compile(r"(?:case|caso)\s+#?(\d{1,9})(?!\w)[\s:,.-]++(?=.*[^\W\d_])", re.IGNORECASE)

# `42,43` and `CASE-42, 43`; the key of an issue stands for all its cases, so it is in no list.
_LIST = re.compile(
    rf"(?:{_CASE_REFERENCE.pattern}|{_BARE_NUMBER.pattern})"
    rf"(?:\s*,\s*(?:{_CASE_REFERENCE.pattern}|{_BARE_NUMBER.pattern}))+(?=\s|$)",
    re.IGNORECASE,
)

# Phones turn `--` into a dash of their own and straight quotes into curly ones.
_FLAG = re.compile(
    r"""(?:^|(?<=\s))(?:--|[\u2013\u2014])(?P<name>[A-Za-z][A-Za-z-]*)
        (?:(?:\s+|=)(?:"(?P<straight>[^"]*)"|[\u201c\u201d\u201e](?P<curly>[^\u201c\u201d]*)[\u201c\u201d]
        |(?P<word>[^\s"\u201c\u201d\u201e-]\S*)))?""",
    re.VERBOSE,
)

_QUOTED = re.compile(
    r"""["\u201c\u201d\u201e\u00ab]([^"\u201c\u201d\u201e\u00ab\u00bb]*)["\u201c\u201d\u00bb]"""
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What was typed: one of our verbs and the rest of the line."""

    verb: str
    rest: str
    """Everything behind the verb, as typed, trimmed."""
    prefix: str
    """What to put before a command in the answer, so that it can be typed the same way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """The words that are commands."""

    top: Collection[str]
    """Those that stand alone: `escalate`, `status`, `help`."""
    under_case: Collection[str]
    """Those that follow `case`."""

    def all(self) -> set[str]:
        """Return every verb."""
        return {*self.top, *self.under_case}


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseReference:
    """The case somebody named."""

    case_id: CaseId | None = None
    issue_key: str = ""


def parse(
    text: str, *, me: str, direct: bool, vocabulary: Vocabulary, at_case: bool = False
) -> Command | None:
    """Return the command in a message, or None if the message is not for us.

    Args:
        text: the message as it was sent.
        me: the bot's user name.
        direct: whether it was sent in a direct message with the bot.
        vocabulary: the words that are commands.
        at_case: whether it was sent in the thread of a case: what follows `case` elsewhere may
            stand alone there.

    Raises:
        Refusal: it is for us, and the verb is unknown.
    """
    typed = text.translate(_INVISIBLE).strip()
    prefix, words, addressed = _strip_prefix(typed, me=me, direct=direct)
    if words is None:
        return None
    first, rest = _split_word(words)
    verb = first.casefold().rstrip(_BEHIND_A_WORD)
    if not verb:
        return Command(verb="help", rest="", prefix=prefix)
    if not rest and is_case_name(verb):
        return Command(verb="show", rest=verb, prefix=prefix)
    if verb == "case":
        return _under_case(rest, prefix, vocabulary)
    names_case = at_case or rest[:5].casefold() == "case-"
    alone = vocabulary.all() if addressed or names_case else vocabulary.top
    if verb in alone:
        return Command(verb=verb, rest=rest, prefix=prefix)
    if addressed or get_close_matches(verb, ["case", *alone], n=1, cutoff=0.85):
        # Only a near miss of our own words is answered unasked: `!deploy` is somebody else's.
        raise _unknown_verb(first, prefix, vocabulary, under_case=False, talk=bool(rest))
    return None


def plain_words(text: str, *, me: str) -> tuple[str, bool]:
    """Return what was typed without a prefix or a mention of us, and whether there was one."""
    typed = text.translate(_INVISIBLE).strip()
    _, words, _ = _strip_prefix(typed, me=me, direct=False)
    return (typed, False) if words is None else (words, True)


def _under_case(words: str, prefix: str, vocabulary: Vocabulary) -> Command:
    """Return the command behind `case`; a case alone is shown, nothing at all is my work."""
    word, rest = _split_word(words)
    verb = word.casefold()
    if verb in vocabulary.all():
        return Command(verb=verb, rest=rest, prefix=prefix)
    if not verb:
        return Command(verb="work", rest="", prefix=prefix)
    if split_reference(word)[0] != CaseReference():
        return Command(verb="show", rest=words, prefix=prefix)
    raise _unknown_verb(word, prefix, vocabulary, under_case=True)


def _strip_prefix(typed: str, *, me: str, direct: bool) -> tuple[str, str | None, bool]:
    """Return the prefix to answer with, the words behind it (None: not for us), whether to us."""
    mention = re.match(rf"@{re.escape(me)}(?![\w.-])[:,]?\s*(.*)", typed, re.DOTALL | re.IGNORECASE)
    if mention:
        inner = mention[1].strip()
        words = inner[1:] if inner[:1] in {"/", "!"} else inner
        return ("" if direct else f"@{me} "), words, True
    if typed[:1] in {"/", "!"} and typed[1:2].isalpha():
        return typed[0], typed[1:], direct
    if direct and typed:
        return "", typed, True
    return "", None, False


def _split_word(text: str) -> tuple[str, str]:
    """Return the first word and the rest, which keeps its own line breaks."""
    parts = text.split(None, 1)
    return (parts[0] if parts else ""), (parts[1].strip() if len(parts) > 1 else "")


def _unknown_verb(
    word: str, prefix: str, vocabulary: Vocabulary, *, under_case: bool, talk: bool = False
) -> Refusal:
    known = sorted(vocabulary.all()) if under_case else ["case", *sorted(vocabulary.all())]
    close = get_close_matches(word.casefold(), known, n=1, cutoff=0.72)
    nearest = close[0] if close else ""
    if not nearest and talk:
        return Refusal("not_a_command", prefix=prefix)
    if nearest and nearest in vocabulary.under_case and nearest not in vocabulary.top:
        nearest = f"case {nearest}"
    return Refusal("unknown_verb", word=word[:40], nearest=nearest, prefix=prefix)


def split_reference(rest: str, *, implied: CaseId | None = None) -> tuple[CaseReference, str]:
    """Return the case named first in `rest`, and what follows it.

    Args:
        rest: everything behind the verb.
        implied: the case of the thread this was typed in. A bare number other than its own is then
            text ("2 users see it"), because a note on the wrong case would be worse than a
            question; `CASE-2` always names case 2.
    """
    word, text = _split_word(rest)
    word = word.rstrip(":,")
    if found := _CASE_REFERENCE.fullmatch(word):
        return CaseReference(case_id=_case_id(found[1])), text
    if _BARE_NUMBER.fullmatch(word) and (implied is None or int(word) == implied or not text):
        return CaseReference(case_id=_case_id(word)), text
    if _ISSUE_KEY.fullmatch(word):
        return CaseReference(issue_key=word.upper()), text
    return CaseReference(case_id=implied), rest.strip()


def named_first(text: str) -> CaseId | None:
    """Return the case that words to the team begin with: `CASE-2: …`, `case 2 …`.

    A bare number may be anything, and so is a number alone.
    """
    if spoken := _SPOKEN.match(text):
        return _case_id(spoken[1])
    reference, rest = split_reference(text)
    return reference.case_id if rest and not text[:1].isdigit() else None


def speaks_of_case(text: str) -> bool:
    """Tell whether words begin with `case 2` and go on."""
    return _SPOKEN.match(text) is not None


def split_references(
    rest: str, *, implied: CaseId | None = None
) -> tuple[Sequence[CaseReference], str]:
    """Return the cases named first in `rest`, with commas between them, and what follows.

    Where only one is named, or none, the same as `split_reference`.
    """
    listed = _LIST.match(rest)
    if listed is None:
        reference, text = split_reference(rest, implied=implied)
        return (() if reference == CaseReference() else (reference,)), text
    words = [word.strip() for word in listed[0].split(",")]
    references = dict.fromkeys(split_reference(word)[0] for word in words)
    return tuple(references), rest[listed.end() :].strip()


def _case_id(digits: str) -> CaseId:
    return CaseId(min(int(digits), _LARGEST_ID))


def named_alone(text: str) -> CaseId | None:
    """Return the case of a text that is nothing but what it is called: `CASE-42`."""
    found = _CASE_REFERENCE.fullmatch(text.strip().rstrip(_BEHIND_A_WORD))
    return _case_id(found[1]) if found else None


def is_case_name(text: str) -> bool:
    """Tell whether a text is nothing but what a case is called."""
    return named_alone(text) is not None


def is_issue_key(text: str) -> bool:
    """Tell whether a word has the form of a Jira key."""
    return _ISSUE_KEY.fullmatch(text) is not None


def usage_for_case(usage: str, rest: str) -> str:
    """Return how to type a command, with the case that was typed instead of `<id>`."""
    word, _ = _split_word(rest)
    reference, _ = split_reference(word)
    if reference == CaseReference():
        return usage
    return usage.replace("<id>", reference.issue_key or str(reference.case_id))


def split_flags(
    text: str, *, known: Collection[str], only_known: bool = False
) -> tuple[str, Mapping[str, str]]:
    """Return the free text and the flags in it.

    A word that looks like a flag and is none of ours stays text ("crashes with --verbose"), unless
    it is a near miss of one.

    Args:
        text: what follows the verb.
        known: the flags of the command.
        only_known: no text either; a dash that a phone or a writer put there still is one.

    Raises:
        Refusal: a flag is misspelt, unknown where only known ones may be, or has no value.
    """
    flags: dict[str, str] = {}
    kept: list[str] = []
    position = 0
    for match in _FLAG.finditer(text):
        name = match["name"].casefold()
        if name not in known:
            if close := get_close_matches(name, known, n=1, cutoff=0.7):
                raise Refusal("unknown_flag", flag=name, nearest=close[0])
            if only_known and match[0].startswith("--"):
                raise Refusal("unknown_flag", flag=name[:40], nearest="")
            continue
        value = next(
            (match[group] for group in ("straight", "curly", "word") if match[group]), ""
        ).strip()
        if not value:
            raise Refusal("flag_without_value", flag=name)
        flags[name] = value
        kept.append(text[position : match.start()])
        position = match.end()
    kept.append(text[position:])
    return "".join(kept).strip(), flags


def unquoted(text: str) -> str:
    """Return text without the pair of quotes around all of it, straight or curly."""
    found = _QUOTED.fullmatch(text.strip())
    return found[1].strip() if found else text


def one_line(text: str, *, what: str, longest: int) -> str:
    """Return text as one line without odd spaces.

    Raises:
        Refusal: there is nothing left, or it is longer than `longest` characters.
    """
    line = " ".join(text.split())
    if not any(character.isprintable() and not character.isspace() for character in line):
        raise Refusal("empty", what=what)
    if len(line) > longest:
        raise Refusal("too_long", what=what, length=len(line), longest=longest)
    return line


def some_text(text: str, *, what: str) -> str:
    """Return text with its line breaks, trimmed.

    Raises:
        Refusal: it is empty, or longer than any message may be.
    """
    trimmed = text.strip()
    if not any(character.isprintable() and not character.isspace() for character in trimmed):
        raise Refusal("empty", what=what)
    if len(trimmed) > _LONGEST_TEXT:
        raise Refusal("too_long", what=what, length=len(trimmed), longest=_LONGEST_TEXT)
    return trimmed


def user_name(value: str) -> str:
    """Return a user name without its `@`."""
    return value.strip().lstrip("@").rstrip(",.;:")
