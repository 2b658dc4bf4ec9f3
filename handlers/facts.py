"""Severity, product and version of a case, as somebody types them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.cases.case import Case
from bot.cases.choices import chosen
from bot.cases.policy import Policy
from handlers.context import Context
from handlers.parsing import one_line

CHOSEN = ("severity", "product")
"""Facts whose values a team may restrict."""
FACTS = (*CHOSEN, "version")
LONGEST = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What was typed for a fact, and what it was taken for."""

    what: str
    typed: str
    meant: str
    """Empty: for none of what may be chosen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """The facts among some flags."""

    readings: Sequence[Reading] = ()

    @property
    def values(self) -> Mapping[str, str]:
        """Return what is known."""
        return {one.what: one.meant for one in self.readings if one.meant}


def read_facts(context: Context, given: Mapping[str, str]) -> Facts:
    """Return the facts among some flags.

    A near miss of a value is mended and a strange one left out: a report must not fail on it.

    Raises:
        Refusal: one is empty or too long.
    """
    readings = []
    for what in FACTS:
        if what in given:
            typed = one_line(given[what], what=what, longest=LONGEST)
            meant = chosen(typed, known_values(what, context.rules.policy))
            readings.append(Reading(what=what, typed=typed, meant=meant))
    return Facts(readings=readings)


def remarks(context: Context, facts: Facts, case: Case) -> Sequence[str]:
    """Return what has to be said of facts that were mended or left out."""
    found: list[str] = []
    for one in facts.readings:
        if not one.meant:
            names = list(known_values(one.what, context.rules.policy))
            found.append(
                context.write("fact_unknown", case=case, what=one.what, word=one.typed, names=names)
            )
        elif one.meant.casefold() != one.typed.casefold():
            found.append(
                context.write("fact_mended", what=one.what, word=one.typed, name=one.meant)
            )
    return found


def known_values(what: str, policy: Policy) -> Sequence[str]:
    """Return what may be chosen for a fact; empty: anything."""
    return {"severity": policy.severities, "product": policy.products}.get(what, ())
