"""Whole numbers in what others send."""

_MOST_DIGITS = 18


def whole_number(text: str) -> int | None:
    """Return the number a text of ASCII digits means, or None; absurdly long ones are none."""
    if text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS:
        return int(text)
    return None
