"""The texts people read: Jinja2 templates, one per message, translated by gettext catalogues."""

from bot.wording.sources import LOCALE, TEMPLATES
from bot.wording.writer import Wording

__all__ = ["LOCALE", "TEMPLATES", "Wording"]
