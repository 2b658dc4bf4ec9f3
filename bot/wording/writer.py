"""Writes the texts people read, in their language."""

from collections.abc import Callable, Mapping
from datetime import UTC, tzinfo

from jinja2 import Environment

from bot.wording import languages
from bot.wording.catalogues import translations
from bot.wording.environment import Escape, build
from bot.wording.sources import SOURCE_LANGUAGE, Sources


class Wording:
    """Writes the texts.

    Args:
        escape: makes one line of foreign text harmless in a chat message.
        quote: the same for several lines, as a quotation.
        split: cuts a text into parts that fit into one message each.
        sources: where the texts are.
        zone: in which times are shown.
    """

    def __init__(
        self,
        *,
        escape: Escape,
        quote: Escape,
        split: Callable[[str], list[str]],
        sources: Sources | None = None,
        zone: tzinfo = UTC,
    ) -> None:
        self.split = split
        self._escape = escape
        self._quote = quote
        self._sources = sources or Sources()
        self._zone = zone
        self._languages = self._sources.languages()
        self._environments: dict[str, Environment] = {}

    def languages(self) -> Mapping[str, str]:
        """Return the languages there are texts in: code to what it calls itself."""
        return languages.names(self._languages)

    def find_language(self, asked: str) -> str | None:
        """Return the code of the language somebody means, as `pt-br` or `English`, or None."""
        return languages.find(asked, self._languages)

    def write(self, name: str, language: str, values: Mapping[str, object]) -> str:
        """Write a text.

        Args:
            name: the template's path, without its ending: `refusals/too_long`.
            language: a language there is no text in falls back to English.
            values: what the template needs; a missing one is an error.
        """
        template = self.environment(language).get_template(f"{name}.j2")
        return template.render(values).strip()

    def environment(self, language: str) -> Environment:
        """Return what writes in a language; its translations are read the first time."""
        if language not in self._languages:
            language = SOURCE_LANGUAGE
        if language not in self._environments:
            self._environments[language] = build(
                folders=self._sources.folders(language),
                translations=translations(self._sources.catalogues(language), language),
                escape=self._escape,
                quote=self._quote,
                zone=self._zone,
            )
        return self._environments[language]
