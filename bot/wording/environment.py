"""The Jinja2 environment of one language.

Everything a template inserts is escaped for the chat, unless another template made it, so that
text somebody typed can neither mention a room nor pass for the bot's own words. That holds for
what is put into a translated sentence, too: Jinja's own gettext would escape it for HTML.
"""

import gettext
from collections.abc import Callable, Sequence
from datetime import tzinfo
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from bot.wording.filters import code, moment_in, quoted
from bot.wording.words import answer, command, word

Escape = Callable[[str], str]


def build(
    *,
    folders: Sequence[Path],
    translations: gettext.NullTranslations,
    escape: Escape,
    quote: Escape,
    zone: tzinfo,
) -> Environment:
    """Return the environment.

    Args:
        folders: where the templates are; the first that has one wins.
        translations: into its language.
        escape: makes one line of foreign text harmless in a chat message.
        quote: the same for several lines, as a quotation.
        zone: in which times are shown.
    """

    def harmless(value: object) -> Markup:
        # Markup marks what a template of ours wrote; it has been through here already.
        return value if isinstance(value, Markup) else Markup(escape(str(value)))  # noqa: S704

    environment = Environment(
        loader=FileSystemLoader(folders),
        extensions=["jinja2.ext.i18n"],
        autoescape=True,
        finalize=harmless,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
        auto_reload=False,
    )
    environment.policies["ext.i18n.trimmed"] = True
    environment.filters["quote"] = lambda text: Markup(quote(str(text)))  # noqa: S704
    environment.filters["quoted"] = quoted
    environment.filters["moment"] = moment_in(zone)
    _install(environment, translations, harmless)
    return environment


def _install(
    environment: Environment,
    translations: gettext.NullTranslations,
    harmless: Callable[[object], Markup],
) -> None:
    """Let templates translate; the values of a sentence come by name and are escaped."""

    def put(sentence: str, values: dict[str, object]) -> Markup:
        return Markup(sentence % {name: harmless(value) for name, value in values.items()})  # noqa: S704

    def one(message: str, /, **values: object) -> Markup:
        return put(translations.gettext(message), values)

    def some(message: str, plural: str, number: int, /, **values: object) -> Markup:
        values.setdefault("num", number)
        return put(translations.ngettext(message, plural, number), values)

    def one_in(context: str, message: str, /, **values: object) -> Markup:
        return put(translations.pgettext(context, message), values)

    def some_in(
        context: str, message: str, plural: str, number: int, /, **values: object
    ) -> Markup:
        values.setdefault("num", number)
        return put(translations.npgettext(context, message, plural, number), values)

    environment.newstyle_gettext = True  # type: ignore[attr-defined]
    environment.globals.update(gettext=one, ngettext=some, pgettext=one_in, npgettext=some_in)
    environment.filters["word"] = lambda text: harmless(word(str(text), translations))
    environment.filters["code"] = lambda text: code(command(str(text), translations))
    environment.filters["answer"] = lambda name: code(answer(str(name), translations))
