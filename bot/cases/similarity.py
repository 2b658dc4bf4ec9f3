"""Which cases may be the same as one that is being reported."""

import unicodedata
from collections.abc import Iterable, Sequence

from rapidfuzz import fuzz, utils

from bot.cases.case import Case

ALIKE = 76
"""How alike titles are that are worth a look, of 100."""
_MOST = 3


def alike(title: str, product: str, cases: Iterable[Case]) -> Sequence[Case]:
    """Return the few cases whose titles are most like a title, the most alike first.

    Cases of another product are others, whatever their titles; where a product is not known it may
    be the same.
    """
    found = [
        (likeness(title, case.title), case)
        for case in cases
        if not (product and case.product) or product.casefold() == case.product.casefold()
    ]
    near = [(score, case) for score, case in found if score >= ALIKE]
    return [case for _, case in sorted(near, key=lambda one: (-one[0], -one[1].id))][:_MOST]


def likeness(title: str, other: str) -> float:
    """Return how alike two titles are, from 0 to 100: in any order of their words.

    A title that says the same and more is very like, and not the same.
    """
    one, two = _plain(title), _plain(other)
    return (fuzz.token_set_ratio(one, two) + fuzz.token_sort_ratio(one, two)) / 2


def _plain(title: str) -> str:
    letters = unicodedata.normalize("NFKD", title)
    bare = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return utils.default_process(bare)
