"""Where templates and translations are found."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

PACKAGE = Path(__file__).parents[1]
TEMPLATES = PACKAGE / "templates"
LOCALE = PACKAGE / "locale"
SOURCE_LANGUAGE = "en"
"""The language the templates are written in; it needs no catalogue."""
_CATALOGUE = Path("LC_MESSAGES") / "bot.po"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Our own texts, and a folder whose files win over them."""

    templates: Path = TEMPLATES
    locale: Path = LOCALE
    override: Path | None = None
    """Laid out like `templates`, or so below a language, with its own `locale`."""

    def languages(self) -> frozenset[str]:
        """Return the languages there are catalogues for, and that of the templates."""
        found = {
            path.parents[1].name
            for locale in self._locales()
            for path in locale.glob(f"*/{_CATALOGUE.as_posix()}")
        }
        return frozenset({SOURCE_LANGUAGE, *found})

    def folders(self, language: str) -> Sequence[Path]:
        """Return where the templates of a language are; the first that has one wins."""
        if self.override is None:
            return [self.templates]
        return [self.override / language, self.override, self.templates]

    def catalogues(self, language: str) -> Sequence[Path]:
        """Return the catalogues of a language; a later one wins."""
        paths = (locale / language / _CATALOGUE for locale in self._locales())
        return [path for path in paths if path.is_file()]

    def _locales(self) -> Sequence[Path]:
        if self.override is None:
            return [self.locale]
        return [self.locale, self.override / "locale"]
