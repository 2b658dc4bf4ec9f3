"""The texts people read: Jinja2 templates, one per message, one folder per language.

Everything a template inserts is escaped for the chat, unless another template made it, so that
text somebody typed can neither mention a room nor pass for the bot's own words.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

_INVISIBLE = frozenset({"Cc", "Cf", "Cs"})
_CALL = re.compile(r"(?<=[\s>])@|#")
TEMPLATES = Path(__file__).parent / "templates"


class Wording:
    """Writes the texts.

    Args:
        escape: makes one line of foreign text harmless in a chat message.
        quote: the same for several lines, as a quotation.
        split: cuts a text into parts that fit into one message each.
        folder: where the languages are.
    """

    def __init__(
        self,
        *,
        escape: Callable[[str], str],
        quote: Callable[[str], str],
        split: Callable[[str], list[str]],
        folder: Path = TEMPLATES,
    ) -> None:
        def harmless(value: object) -> Markup:
            # Markup marks what a template of ours wrote; it has been through here already.
            return value if isinstance(value, Markup) else Markup(escape(str(value)))  # noqa: S704

        self.split = split
        self._languages = frozenset(path.name for path in folder.iterdir() if path.is_dir())
        self._environment = Environment(
            loader=FileSystemLoader(folder),
            autoescape=True,
            finalize=harmless,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=False,
            auto_reload=False,
        )
        self._environment.filters["quote"] = lambda text: Markup(quote(str(text)))  # noqa: S704
        self._environment.filters["quoted"] = _quoted
        self._environment.filters["code"] = _code
        self._environment.filters["moment"] = _moment

    def languages(self) -> frozenset[str]:
        """Return the languages there are texts in."""
        return self._languages

    def write(self, name: str, language: str, values: Mapping[str, object]) -> str:
        """Write a text.

        Args:
            name: the template's path below the language, without its ending: `refusals/too_long`.
            language: a language there is no text in falls back to English.
            values: what the template needs; a missing one is an error.
        """
        if language not in self._languages:
            language = "en"
        template = self._environment.get_template(f"{language}/{name}.j2")
        return template.render(values).strip()


def _quoted(text: Markup) -> Markup:
    """Show what a template of ours wrote as a quotation."""
    return Markup("\n").join(Markup("> ") + line for line in text.strip().split("\n"))


def _code(text: object) -> Markup:
    """Show text as something to type; a backtick would end it early."""
    plain = " ".join(str(text).replace("`", "'").split())
    # What is invisible or turns the reading direction would reach beyond the backticks.
    plain = "".join(one for one in plain if unicodedata.category(one) not in _INVISIBLE)
    # An @ directly behind the backtick mentions nobody; behind a space or a > it would.
    plain = _CALL.sub("\\g<0>\N{WORD JOINER}", plain)
    return Markup(f"`{plain}`")  # noqa: S704


def _moment(at: datetime) -> str:
    """Show a time to the minute, in UTC."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
