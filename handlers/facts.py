"""Severity, product and version of a case, as somebody types them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bot.cases.choices import chosen
from bot.cases.policy import Policy
from handlers.context import Context
from handlers.parsing import one_line

CHOSEN = ("severity", "product")
"""Facts whose values a team may restrict."""
FACTS = (*CHOSEN, "version")
LONGEST = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What was typed, and what has to be said about it."""

    values: Mapping[str, str] = field(default_factory=dict)
    remarks: Sequence[str] = ()


def read_facts(context: Context, given: Mapping[str, str]) -> Facts:
    """Return the facts among some flags.

    A near miss of a value is mended and a strange one left out, each with a remark: a report must
    not fail on it.

    Raises:
        Refusal: one is empty or too long.
    """
    values: dict[str, str] = {}
    remarks: list[str] = []
    for what in FACTS:
        if what not in given:
            continue
        typed = one_line(given[what], what=what, longest=LONGEST)
        known = known_values(what, context.rules.policy)
        meant = chosen(typed, known)
        if meant:
            values[what] = meant
        if not meant:
            remarks.append(context.write("fact_unknown", what=what, word=typed, names=list(known)))
        elif meant.casefold() != typed.casefold():
            remarks.append(context.write("fact_mended", what=what, word=typed, name=meant))
    return Facts(values=values, remarks=remarks)


def known_values(what: str, policy: Policy) -> Sequence[str]:
    """Return what may be chosen for a fact; empty: anything."""
    return {"severity": policy.severities, "product": policy.products}.get(what, ())
