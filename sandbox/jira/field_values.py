"""Reads single values of fields, whoever they belong to."""

import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sandbox.jira.fields import Field

MAX_SUMMARY = 255
MAX_LABEL = 255
NOT_A_STRING = "Operation value must be a string"
_SPACES = re.compile(r"\s")


class FieldError(Exception):
    """One field's value is refused, with the sentence for it."""


def read_summary(value: object) -> str:
    """Return the one line an issue is called by."""
    if value is None:
        raise FieldError("You must specify a summary of the issue.")
    if not isinstance(value, str):
        raise FieldError(NOT_A_STRING)
    if not value.strip():
        raise FieldError("You must specify a summary of the issue.")
    if "\n" in value or "\r" in value:
        raise FieldError("The summary is invalid because it contains newline characters.")
    if len(value) > MAX_SUMMARY:
        raise FieldError("Summary must be less than 255 characters.")
    return value.strip()


def read_labels(value: object) -> tuple[str, ...]:
    """Return labels, sorted, each once."""
    if value is None:
        return ()
    if not isinstance(value, list):
        raise FieldError("data was not an array")
    for label in value:
        if not isinstance(label, str):
            raise FieldError("string expected at index 0")
        if _SPACES.search(label):
            raise FieldError(f"The label '{label}' contains spaces which is invalid.")
        if len(label) > MAX_LABEL:
            raise FieldError(
                f"The label '{label}' exceeds the maximum length of {MAX_LABEL} characters."
            )
    return tuple(sorted(dict.fromkeys(label for label in value if label)))


def read_day(value: object) -> date | None:
    """Return a calendar day."""
    if value is None:
        return None
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise FieldError(f"Error parsing date string: {value}") from None


def read_string(value: object) -> str:
    """Return a text."""
    if not isinstance(value, str):
        raise FieldError(NOT_A_STRING)
    return value


def read_number(value: object) -> int | float:
    """Return a number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise FieldError("Operation value must be a number")
    return value


def read_written_day(value: object) -> str:
    """Return a calendar day as it was written."""
    read_day(value)
    return str(value)


def read_written_instant(value: object) -> str:
    """Return an instant as it was written; it must name its offset."""
    text = read_string(value)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise FieldError(f"Error parsing time: {value}") from None
    if moment.tzinfo is None:
        raise FieldError(f"Error parsing time: {value}")
    return text


def read_reference(value: object) -> tuple[str, str]:
    """Return how a thing is referred to: by `id` or by `name`."""
    if not isinstance(value, dict):
        raise FieldError("Could not find valid 'id' or 'name' in the value")
    for by in ("id", "name"):
        if value.get(by) is not None:
            return by, str(value[by])
    raise FieldError("Could not find valid 'id' or 'name' in the value")


def read_named(value: object, known: Sequence[Any], kind: str) -> tuple[Any, ...]:
    """Return the things a list refers to by id or name."""
    if value is None:
        return ()
    if not isinstance(value, list):
        raise FieldError("data was not an array")
    found: list[Any] = []
    for item in value:
        by, text = read_reference(item)
        match = next((k for k in known if text == (k.id if by == "id" else k.name)), None)
        if match is None:
            raise FieldError(f"{kind} {by} '{text}' is not valid")
        if match not in found:
            found.append(match)
    return tuple(found)


def read_options(found: Field, value: object) -> tuple[str, ...]:
    """Return the options of a multi-select."""
    if not isinstance(value, list):
        raise FieldError("data was not an array")
    return tuple(read_option(found, item) for item in value)


def read_option(found: Field, value: object) -> str:
    """Return the option of a select."""
    if isinstance(value, dict):
        number = found.id.removeprefix("customfield_")
        for place, option in enumerate(found.allowed):
            if value.get("value") == option or value.get("id") == f"{number}{place}":
                return option
    shown = value.get("value", value.get("id")) if isinstance(value, dict) else None
    raise FieldError(f"Option value '{shown}' is not valid")
