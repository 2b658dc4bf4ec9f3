"""The language somebody is written to in."""

from dataclasses import replace

from bot.cases.case import Person
from bot.cases.profile import Profile
from bot.cases.refusals import Refusal
from handlers.context import Context


def known_language(context: Context, asked: str) -> str:
    """Return the code of the language somebody means.

    Raises:
        Refusal: there are no texts in it, with those there are.
    """
    found = context.texts.find_language(asked)
    if found is None:
        raise Refusal("unknown_language", word=asked[:40], languages=context.texts.languages())
    return found


async def keep_language(context: Context, person: Person, language: str) -> None:
    """Write to somebody in a language from now on."""
    profile = await context.tx.find_profile(person.id) or Profile(person=person)
    await context.tx.save_profile(replace(profile, person=person, language=language))
