"""Which cases may be the same as one that is being reported."""

import unicodedata
from collections.abc import Iterable, Sequence

from rapidfuzz import fuzz, utils

from bot.cases.case import CaseId
from bot.cases.query import CaseTitle

ALIKE = 76
"""How alike titles are that are worth a look, of 100."""
_MOST = 3


def alike(title: str, product: str, others: Iterable[CaseTitle]) -> Sequence[CaseId]:
    """Return the few of the others whose titles are most like a title, the most alike first.

    Cases of another product are others, whatever their titles; where a product is not known it may
    be the same.
    """
    product, plain = product.casefold(), _plain(title)
    found = [
        (_likeness(plain, _plain(other.title)), other.id)
        for other in others
        if not (product and other.product) or product == other.product
    ]
    near = [one for one in found if one[0] >= ALIKE]
    return [case_id for _, case_id in sorted(near, reverse=True)][:_MOST]


def likeness(title: str, other: str) -> float:
    """Return how alike two titles are, from 0 to 100: in any order of their words.

    A title that says the same and more is very like, and not the same.
    """
    return _likeness(_plain(title), _plain(other))


def _likeness(one: str, two: str) -> float:
    return (fuzz.token_set_ratio(one, two) + fuzz.token_sort_ratio(one, two)) / 2


def _plain(title: str) -> str:
    title = title.casefold()
    if not title.isascii():
        letters = unicodedata.normalize("NFKD", title)
        title = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return utils.default_process(title)
