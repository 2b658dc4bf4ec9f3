"""Cases that may be the one somebody is about to report."""

import re
from collections.abc import Sequence

from bot.cases.case import Case, CaseId, CaseState
from bot.cases.query import CaseQuery, CaseTitle
from bot.cases.similarity import alike
from handlers.context import Context

RECENT = 500
"""So many of the newest cases are looked through; what is older is hardly reported again."""
AMONG = 30
"""So many of them with a word in common are compared, for each word."""
_WORDS = 2
_STEM = 5
"""Letters by which `export` and `exporting` are the same word."""
_WORD = re.compile(r"[^\W\d_]{3,}")


async def find_similar(
    context: Context, title: str, product: str, *, but: CaseId | None = None
) -> Sequence[Case]:
    """Return open cases like that which the sender may see: customers their own only."""
    me = context.actor
    customer = None if me.is_staff else me.person.id
    above = CaseId(but - RECENT) if but is not None else None
    found: dict[CaseId, CaseTitle] = {}
    for stem in _stems(title):
        query = CaseQuery(state=CaseState.OPEN, customer=customer, words=(stem,), above=above)
        titles = await context.tx.list_titles(query, limit=AMONG)
        found |= {one.id: one for one in titles if one.id != but}
    ids = alike(title, product, found.values())
    if not ids:
        return []
    cases, _ = await context.tx.list_cases(CaseQuery(ids=tuple(ids)), limit=len(ids))
    return sorted(cases, key=lambda case: ids.index(case.id))


def _stems(title: str) -> Sequence[str]:
    """Return the beginnings of the longest words, which say most; of other titles, all of it."""
    words = sorted(set(_WORD.findall(title.casefold())), key=lambda word: (-len(word), word))
    return list(dict.fromkeys(word[:_STEM] for word in words[:_WORDS])) or [title.casefold()]
