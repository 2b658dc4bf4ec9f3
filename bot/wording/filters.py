"""What templates may do with a value besides inserting it."""

import re
import unicodedata
from collections.abc import Callable
from datetime import datetime, tzinfo

from markupsafe import Markup

_INVISIBLE = frozenset({"Cc", "Cf", "Cs"})
_CALL = re.compile(r"(?<=[\s>])@|#")


def quoted(text: Markup) -> Markup:
    """Show what a template of ours wrote as a quotation."""
    return Markup("\n").join(Markup("> ") + line for line in text.strip().split("\n"))


def code(text: object) -> Markup:
    """Show text as something to type; a backtick would end it early."""
    plain = " ".join(str(text).replace("`", "'").split())
    # What is invisible or turns the reading direction would reach beyond the backticks.
    plain = "".join(one for one in plain if unicodedata.category(one) not in _INVISIBLE)
    # An @ directly behind the backtick mentions nobody; behind a space or a > it would.
    plain = _CALL.sub("\\g<0>\N{WORD JOINER}", plain)
    return Markup(f"`{plain}`")  # noqa: S704


def moment_in(zone: tzinfo) -> Callable[[datetime], str]:
    """Return what shows a time to the minute, in a time zone."""

    def moment(at: datetime) -> str:
        return at.astimezone(zone).strftime("%Y-%m-%d %H:%M %Z")

    return moment
