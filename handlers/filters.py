"""The words people list cases by: `open level 2 mine`, `@carla`, `high severity page 2`."""

import re
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from bot.cases.case import CaseState, Level, Milestone
from bot.cases.query import CaseQuery
from bot.cases.refusals import Refusal
from handlers.context import ME, Context
from handlers.parsing import user_name

PAGE = 10
COUNTED = 10_000
"""Nobody pages through more: they are shown as so many and more."""
LISTING_FLAGS = ("product", "severity")
"""Filters whose value may have spaces."""
_PAGE = re.compile(r"(?:^|\s)page\s+(\d{1,4})\s*$", re.IGNORECASE)
_LEVEL = re.compile(r"l(?:evel)?-?([123])")
PERSON_AFTER = ("owner", "customer")
"""Words whose value is a user name."""
_NOBODY = frozenset({"nobody", "none"})
# What people type around the filters, and what narrows nothing.
_FILLERS = frozenset({"case", "cases", "with", "and", "at", "in", "the", "page"})

_OVERDUE = "overdue"
"""Stands among the fields, and is none of CaseQuery."""
Fields = Mapping[str, Any]
"""Fields of CaseQuery to set."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What somebody asked to see."""

    query: CaseQuery
    words: str
    """The filters as typed, without the page, to be typed again."""
    overdue: bool = False
    """Whether only those are meant whose time is over, as `case` alone says it."""
    page: int = 1

    @property
    def offset(self) -> int:
        """Return how many cases come before the page."""
        return (self.page - 1) * PAGE


def read_listing(context: Context, text: str, flags: Mapping[str, str]) -> Listing:
    """Read which cases somebody wants to see: open ones, unless they say otherwise.

    Customers only ever get their own, whatever they ask for.

    Raises:
        Refusal: a word is no filter, or a person is not known.
    """
    words, page = split_page(text)
    query = CaseQuery(state=CaseState.OPEN)
    by_words = dict(_by_words(context, words))
    overdue = by_words.pop(_OVERDUE, False)
    for fields in (by_words, _by_flags(context, flags)):
        query = replace(query, **fields)
    if not context.actor.is_staff:
        query = replace(query, customer=context.actor.person.id)
    typed = [words, *(f'--{flag} "{value}"' for flag, value in flags.items())]
    shown = " ".join(filter(None, typed))
    return Listing(query=query, words=shown, overdue=overdue, page=page)


def split_page(text: str) -> tuple[str, int]:
    """Return the words without `page 2` at their end, and the page, from 1."""
    words = " ".join(text.split())
    if found := _PAGE.search(words):
        return words[: found.start()].strip(), max(1, int(found[1]))
    return words, 1


def _by_words(context: Context, text: str) -> Fields:
    plain = _plain_words(context)
    keyed = _keyed_words(context)
    fields: dict[str, Any] = {}
    words = deque(text.split())
    while words:
        typed = words.popleft()
        word = typed.casefold().strip(",;")
        if word == "severity" and "severity" in fields:  # `high severity`
            continue
        if word in keyed and words:
            fields |= keyed[word](words.popleft())
        elif word in plain:
            fields |= plain[word]
        elif context.actor.is_staff and (level := _LEVEL.fullmatch(word)):
            fields |= {"level": Level(int(level[1]))}
        elif context.actor.is_staff and word.startswith("@"):
            fields |= _of_person(context, typed)
        elif word not in _FILLERS:
            raise Refusal("unknown_filter", word=typed[:40])
    return fields


def _by_flags(context: Context, flags: Mapping[str, str]) -> Fields:
    fields: dict[str, Any] = {}
    keyed = _keyed_words(context)
    for flag, value in flags.items():
        if flag not in keyed:
            raise Refusal("unknown_filter", word=f"--{flag}")
        fields |= keyed[flag](value)
    return fields


def _plain_words(context: Context) -> Mapping[str, Fields]:
    for_all: dict[str, Fields] = {
        "open": {"state": CaseState.OPEN},
        "closed": {"state": CaseState.CLOSED},
        "all": {"state": None},
        "waiting": {"waiting": True},
        "mine": {},
    }
    if not context.actor.is_staff:
        return for_all
    me = context.actor.person.id
    return {
        **for_all,
        "mine": {"owned_by": me},
        ME: {"owned_by": me},
        "unowned": {"unowned": True},
        "untaken": {"unowned": True},
        "due": {_OVERDUE: True},
        "overdue": {_OVERDUE: True},
        "confirmed": {"with_issue": True},
        # A customer hears of Done from a person, not from a list.
        "done": {"alert_open": True, "state": None},
        "specifying": {"milestone": Milestone.SPECIFYING},
        "ready": {"milestone": Milestone.READY},
        "progress": {"milestone": Milestone.IN_PROGRESS},
        "in-progress": {"milestone": Milestone.IN_PROGRESS},
        **{severity: {"severity": severity} for severity in context.rules.policy.severities},
    }


def _keyed_words(context: Context) -> Mapping[str, Callable[[str], Fields]]:
    """Return the words that take the next one as their value."""
    if not context.actor.is_staff:
        return {}

    def level(value: str) -> Fields:
        found = _LEVEL.fullmatch(f"l{value.casefold().removeprefix('l')}")
        if found is None:
            raise Refusal("unknown_filter", word=f"level {value[:20]}")
        return {"level": Level(int(found[1]))}

    def owner(value: str) -> Fields:
        name = user_name(value).casefold()
        if name in _NOBODY:
            return {"unowned": True}
        if name == "mine":
            name = ME
        return {"owned_by": context.named(name).person.id}

    def customer(value: str) -> Fields:
        return {"customer": context.named(user_name(value)).person.id}

    return {
        "level": level,
        "owner": owner,
        "customer": customer,
        "product": lambda value: {"product": value.casefold()},
        "severity": lambda value: {"severity": value.casefold()},
    }


def _of_person(context: Context, typed: str) -> Fields:
    """A name alone: whoever works on cases is the owner, everybody else the customer."""
    found = context.named(user_name(typed))
    return {"owned_by" if found.is_staff else "customer": found.person.id}
