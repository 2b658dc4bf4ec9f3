"""Which case, flags and people a command means."""

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise

from bot.cases.access import needed_for, only_of_own
from bot.cases.case import Case, CaseState
from bot.cases.query import CaseQuery
from bot.cases.refusals import Refusal
from handlers import standing_in
from handlers.context import Context, Handler, Request
from handlers.parsing import (
    CaseReference,
    split_flags,
    split_reference,
    split_references,
    user_name,
)

_MENTION = re.compile(r"@([\w.-]+)")
_NAME = re.compile(r"[\w.-]+")
_MOST_PEOPLE = 3
MOST_CASES = 50
_LOOKING = frozenset({"show", "status", "timeline", "proof", "why", "export"})
"""What is left to do with a case that was erased."""


def named_people(rest: str, handler: Handler) -> list[str]:
    """Return the user names in the words behind a verb, each once, in order."""
    try:
        _, values = split_flags(rest, known=handler.flags)
    except Refusal:  # the handler will say so
        values = {}
    _, text = split_reference(rest)
    return _names(rest, values, handler, text)


def confirmed_people(text: str, flags: Mapping[str, str], handler: Handler) -> list[str]:
    """Return the user names in a command that waited for `yes`."""
    return _names(text, flags, handler, text)


def _names(text: str, flags: Mapping[str, str], handler: Handler, bare: str) -> list[str]:
    """Return the names in a text; in `bare`, what is left of it, they may be without an `@`."""
    words = bare.split()
    named = [word for before, word in pairwise(words) if before.casefold() in handler.person_after]
    names = [*map(user_name, named), *_MENTION.findall(text)]
    first = words[0] if words and handler.person_first else ""
    if _NAME.fullmatch(user_name(first)):
        names.insert(0, user_name(first))
    if customer := flags.get("customer"):
        names.insert(0, user_name(customer))
    return list(dict.fromkeys(names))[:_MOST_PEOPLE]


async def resolve(context: Context, handler: Handler, rest: str) -> Request:
    """Tell case, flags and free text apart.

    Raises:
        Refusal: a flag is misspelt, or the case is missing, unknown or not for them.
    """
    text = rest
    flags: Mapping[str, str] = {}
    if handler.flags:
        text, flags = split_flags(text, known=handler.flags, only_known=handler.only_flags)
    if not handler.case:
        return Request(text=text, flags=flags)
    implied = await case_of_thread(context)
    case, others, text = await _named(context, handler, text, implied)
    if case is None and not handler.case_optional:
        case = await _only_case(context)
    if case is None and not handler.case_optional:
        raise Refusal("which_case")
    request = Request(text=text, flags=flags, found=case, others=others)
    for one in request.cases:
        _may_use(context, handler, one)
    return request


def _may_use(context: Context, handler: Handler, case: Case) -> None:
    if not standing_in.may_on(context, context.actor, handler.verb, case):
        if context.actor.is_staff and only_of_own(handler.verb):
            raise Refusal("only_customer", case=case)
        if context.actor.is_staff:  # who is named for other cases
            raise Refusal("not_allowed", command=handler.verb, needed=needed_for(handler.verb))
        raise Refusal("unknown_case", name=case.name)
    if case.erased_at is not None and handler.verb not in _LOOKING:
        raise Refusal("case_erased", case=case)


def typed_as_words(context: Context, verb: str) -> bool:
    """Tell whether a customer may just have written a sentence that begins like a command."""
    plain = context.message.direct and not context.prefix and not context.actor.is_staff
    return plain and context.message.text.strip().casefold().startswith(f"{verb} ")


async def case_of_thread(context: Context) -> Case | None:
    """Return the case whose thread somebody wrote in, if it is one for them."""
    thread = context.message.thread_id
    case = await context.tx.find_case_by_thread(thread) if thread else None
    return case if case is not None and context.actor.may_reach(case) else None


async def _named(
    context: Context, handler: Handler, text: str, implied: Case | None
) -> tuple[Case | None, tuple[Case, ...], str]:
    """Return the case that was named, what was named besides, and what follows."""
    here = implied.id if implied else None
    if not handler.several:
        reference, text = split_reference(text, implied=here)
        return await find_named(context, reference), (), text
    references, text = split_references(text, implied=here)
    if len(references) > MOST_CASES:
        raise Refusal("too_many_cases", most=MOST_CASES)
    found = {
        case.id: case for reference in references for case in await _find_all(context, reference)
    }
    cases = tuple(found.values())
    return (cases[0] if cases else None), cases[1:], text


async def find_named(context: Context, reference: CaseReference) -> Case | None:
    """Return the case somebody named, None if they named none.

    Raises:
        Refusal: it does not exist, or not for them: the same answer, so that nobody learns which.
    """
    found = await _find_all(context, reference)
    if len(found) > 1:
        raise Refusal("several_cases", name=reference.issue_key, cases=found)
    return found[0] if found else None


async def _find_all(context: Context, reference: CaseReference) -> Sequence[Case]:
    """Return the cases that are meant, more than one for the key of an issue they share."""
    if reference == CaseReference():
        return ()
    name = reference.issue_key or f"CASE-{reference.case_id}"
    cases: Sequence[Case | None] = (
        await context.tx.list_cases_by_issue_key(reference.issue_key)
        if reference.case_id is None
        else [await context.tx.find_case(reference.case_id)]
    )
    found = [case for case in cases if case is not None and context.actor.may_reach(case)]
    if not found:
        raise Refusal("unknown_case", name=name)
    return found


async def _only_case(context: Context) -> Case | None:
    """Return the case a customer must mean, because they have only one."""
    if context.actor.is_staff or not context.message.direct:
        return None
    query = CaseQuery(customer=context.actor.person.id, state=CaseState.OPEN)
    cases, total = await context.tx.list_cases(query, limit=1)
    return cases[0] if total == 1 else None
