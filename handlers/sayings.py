"""What a customer's plain words say of a solution: solved, or still broken."""

import re
import unicodedata
from dataclasses import dataclass
from enum import Enum, auto

from bot.cases.case import CaseId

_YES = r"(?:yes|yep|yeah|sim)"
_NO = r"(?:no|nope|não|nao)"
_THANKS = (
    r"(?:thanks|thank\s+you|thx|obrigad[oa]|valeu)(?:\s+(?:so\s+much|very\s+much|a\s+lot|muito))?"
)

_SOLVED = re.compile(
    rf"(?:{_YES}[,.]?\s+)?(?:it\s+is\s+|it's\s+|its\s+|is\s+|está\s+|esta\s+|foi\s+)?"
    r"(?:solved|resolved|fixed|resolvido|resolvida|corrigido|solucionado)"
    rf"(?:\s+(?:now|agora))?(?:[\s,.!]+{_THANKS})?",
    re.IGNORECASE,
)
_BROKEN = re.compile(
    rf"(?:{_NO}[,.]?\s+)?(?:it\s+is\s+|it's\s+|its\s+)?"
    r"(?:still\s+(?:broken|not\s+(?:solved|fixed|working))|not\s+(?:solved|fixed)"
    r"|(?:ainda\s+)?(?:não|nao)\s+(?:está\s+|esta\s+|foi\s+)?(?:resolvido|resolvida|corrigido)"
    r"|ainda\s+(?:não|nao)\s+funciona|continua)(?!\w)",
    re.IGNORECASE,
)
_WORKS = re.compile(
    rf"(?:{_YES}|(?:{_YES}[\s,.!]+)?(?:it\s+|it's\s+|tudo\s+|está\s+|esta\s+|agora\s+|já\s+|ja\s+)*"
    r"(?:does|works?|worked|working|funciona|funcionou|funcionando|deu\s+certo)"
    r"(?:\s+(?:now|again|fine|well|agora|bem|perfeitamente))*)"
    rf"(?:[\s,.!]+{_THANKS})?",
    re.IGNORECASE,
)
_FAILS = re.compile(
    rf"(?:{_NO}[\s,.!]+)?(?:it\s+)?(?:still\s+)?"
    r"(?:(?:does\s+not|doesn't|doesnt|did\s+not|didn't|didnt)\s+work|(?:is\s+not|isn't|isnt)\s+(?:working|solved|fixed)"
    r"|not\s+working|(?:still\s+)?fails|(?:ainda\s+)?(?:não|nao)\s+(?:funciona|funcionou|está\s+funcionando|deu\s+certo))"
    r"(?!\w)",
    re.IGNORECASE,
)
_THANKS_ALONE = re.compile(
    rf"(?:(?:ok|okay|great|perfect|ótimo|otimo|perfeito)[\s,.!]+)?(?:muito\s+|many\s+)?{_THANKS}"
    r"(?:\s+(?:for\s+your\s+help|pela\s+ajuda))?",
    re.IGNORECASE,
)
_EMOJI_NAME = re.compile(r":[a-z0-9_+-]+:")
_NO_ALONE = re.compile(_NO, re.IGNORECASE)
_NAMED_FIRST = re.compile(r"(?:CASE-|#)(\d{1,9})(?!\w)[\s:,.-]+", re.IGNORECASE)
_CASE = re.compile(r"\s*(?:CASE-|#)?(\d{1,9})(?!\w)[\s:,.!]*", re.IGNORECASE)
_EDGES = " \t\r\n.,!:;*_\"'-\N{EN DASH}\N{EM DASH}"
# A phone writes the apostrophe of "doesn't" its own way.
_APOSTROPHES = {ord("\N{RIGHT SINGLE QUOTATION MARK}"): "'"}


class Verdict(Enum):
    """What they say."""

    SOLVED = auto()
    BROKEN = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Saying:
    """Plain words that say it."""

    verdict: Verdict
    text: str = ""
    """What follows, without a number that may name the case."""
    number: CaseId | None = None
    whole: str = ""
    """What follows, with the number."""
    plain: bool = False
    """Whether they may be the answer to anything: "yes", "it works", "no"."""


def find_saying(words: str) -> Saying | None:
    """Return what plain words say of a solution, or None if they say nothing of it.

    "Solved" must be all there is: "solved by restarting" may answer any question.
    """
    typed = unicodedata.normalize("NFC", words).translate(_APOSTROPHES).strip(_EDGES)
    named: CaseId | None = None
    if first := _NAMED_FIRST.match(typed):
        named, typed = CaseId(int(first[1])), typed[first.end() :]
    if found := _SOLVED.match(typed):
        rest = typed[found.end() :].strip(_EDGES)
        number = _CASE.fullmatch(rest)
        if number or not rest:
            named = CaseId(int(number[1])) if number else named
            return Saying(verdict=Verdict.SOLVED, number=named)
    if found := _BROKEN.match(typed):
        return _broken(typed[found.end() :].strip(_EDGES), named)
    return _plain(typed, named)


def is_thanks(words: str) -> bool:
    """Tell whether a message says thanks, and nothing that anybody has to answer."""
    typed = _EMOJI_NAME.sub("", unicodedata.normalize("NFC", words))
    plain = "".join(one for one in typed if not _is_emoji(one))
    return _THANKS_ALONE.fullmatch(plain.strip(_EDGES)) is not None


def _is_emoji(character: str) -> bool:
    """Tell whether a character is one, or a part of one."""
    category = unicodedata.category(character)
    return category[0] in "SM" or category == "Cf"


def _broken(rest: str, named: CaseId | None) -> Saying:
    number = None if named else _CASE.match(rest)
    return Saying(
        verdict=Verdict.BROKEN,
        text=rest[number.end() :] if number else rest,
        number=CaseId(int(number[1])) if number else named,
        whole=rest,
    )


def _plain(typed: str, named: CaseId | None) -> Saying | None:
    """Return what people say who are asked whether it works."""
    if _WORKS.fullmatch(typed):
        return Saying(verdict=Verdict.SOLVED, number=named, plain=True)
    if _NO_ALONE.fullmatch(typed):
        return Saying(verdict=Verdict.BROKEN, number=named, plain=True)
    if _FAILS.match(typed):
        # All of it: "it does not work" says more than that it is broken.
        return Saying(verdict=Verdict.BROKEN, text=typed, number=named, whole=typed, plain=True)
    return None
