"""Opens the texts of an installation, once they are known to be right."""

from datetime import UTC, tzinfo
from pathlib import Path

from jinja2 import Environment

from bot.cases.views import type_for_customers
from bot.rocketchat.text import escape, quote, split
from bot.settings import Settings
from bot.start import CannotStart
from bot.wording import Wording
from bot.wording.catalogues import translations
from bot.wording.check import problems
from bot.wording.contract import Contract
from bot.wording.environment import build
from bot.wording.sources import Sources
from handlers.contract import SPECIAL, VARIABLES, is_for_the_team_only

# Rocket.Chat counts 5,000 unless an administrator changed it; some room for the server's own view.
MESSAGE_LENGTH = 4_900
CONTRACT = Contract(
    variables=VARIABLES,
    special=SPECIAL,
    team_only=is_for_the_team_only,
    instead=type_for_customers,
)
"""What every text is given, and who reads it."""


def open_texts(settings: Settings, *, zone: tzinfo = UTC) -> Wording:
    """Return what writes the texts, with times as they are in a zone.

    Raises:
        CannotStart: a text or translation of the installation's own cannot be used, or there are
            none in the default language; every problem is named.
    """
    wrong = problems_of(settings)
    if wrong:
        raise CannotStart("\n".join(wrong))
    return _wording(settings, zone)


def problems_of(settings: Settings) -> list[str]:
    """Return what is wrong with the texts, a line each."""
    sources = _sources(settings)
    # Ours are checked before they are shipped.
    found = problems(sources, CONTRACT, environment_of) if sources.override else []
    wrong = [f"TEMPLATES_FOLDER {problem}" for problem in found]
    if not wrong and language_of(settings, _wording(settings)) is None:
        known = ", ".join(_wording(settings).languages())
        wrong.append(
            f"DEFAULT_LANGUAGE {settings.default_language}: there are no texts in it, only in"
            f" {known}. Example: DEFAULT_LANGUAGE=en"
        )
    return wrong


def language_of(settings: Settings, texts: Wording) -> str | None:
    """Return the code of the default language; None if there are no texts in it."""
    return texts.find_language(settings.default_language)


def environment_of(sources: Sources, language: str) -> Environment:
    """Return what writes in a language."""
    return build(
        folders=sources.folders(language),
        translations=translations(sources.catalogues(language), language),
        escape=escape,
        quote=quote,
        zone=UTC,
    )


def _sources(settings: Settings) -> Sources:
    folder = settings.templates_folder
    return Sources(override=Path(folder)) if folder else Sources()


def _wording(settings: Settings, zone: tzinfo = UTC) -> Wording:
    return Wording(
        escape=escape,
        quote=quote,
        split=lambda text: split(text, MESSAGE_LENGTH),
        sources=_sources(settings),
        zone=zone,
    )
