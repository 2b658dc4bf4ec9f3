"""Whom a command means, also if the chat server does not know them any more."""

from bot.cases.case import Person
from bot.cases.refusals import Refusal
from bot.holdings import find_people
from handlers.context import Context
from handlers.parsing import user_name


async def somebody(context: Context, text: str, *, staff: bool) -> Person:
    """Return the person that is named, with an `@`, by user name or by id.

    Args:
        context: of the command.
        text: what follows the verb.
        staff: whether it may be one of the team.

    Raises:
        Refusal: nobody is named, nobody is known by that name, several are, or one of the team.
    """
    word = next(iter(text.split()), "")
    if not word.startswith("@") or not user_name(word):
        raise Refusal("which_person")
    name = user_name(word)
    actor = context.people.get(name.casefold())
    if actor is not None and actor.is_staff and not staff:
        raise Refusal("erase_staff", name=name)
    kept = await find_people(context.tx, name)
    if actor is not None:
        # Whoever had the name before is somebody else, and may be who is meant.
        kept = [actor.person, *(one for one in kept if one.id != actor.person.id)]
    if not kept:
        raise Refusal("unknown_person", name=name[:60])
    if len(kept) > 1:
        raise Refusal("several_people", name=name[:60], people=kept)
    return kept[0]
