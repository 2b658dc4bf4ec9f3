"""What somebody may choose from, as they type it."""

from collections.abc import Sequence
from difflib import get_close_matches

_NEAR = 0.6


def chosen(typed: str, known: Sequence[str]) -> str:
    """Return which of the known values somebody means; empty if it cannot be told.

    Letter case does not matter; a near miss counts (`crit`, `hihg`). With nothing to choose from,
    anything goes.
    """
    if not known:
        return typed
    by_folded = {value.casefold(): value for value in known}
    near = get_close_matches(typed.casefold(), by_folded, n=1, cutoff=_NEAR)
    return by_folded[near[0]] if near else ""
