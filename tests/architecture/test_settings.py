"""Each setting is documented where people look for it, with the default it really has."""

import re
from pathlib import Path

import pytest
from pydantic import SecretStr
from pydantic_core import PydanticUndefined

from bot.settings import Settings, load

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / ".env.example"
DOCUMENT = ROOT / "docs" / "settings.md"
NAMES = [name.upper() for name in Settings.model_fields]
EACH = pytest.mark.parametrize("name", NAMES)


def documented() -> dict[str, str]:
    """Return the default of each setting as `docs/settings.md` has it."""
    rows = re.findall(
        r"^\| `([A-Z_0-9]+)` \| (.*?) ?\| .+ \|$",
        DOCUMENT.read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    found = dict(rows)
    assert len(found) == len(rows), "one is there twice"
    return found


def default_of(name: str) -> str:
    """Return a default as it would be typed; empty if there is none."""
    default = Settings.model_fields[name.lower()].default
    if default is PydanticUndefined or default is None:
        return ""
    if isinstance(default, SecretStr):
        return default.get_secret_value()
    if isinstance(default, tuple):
        return ",".join(default)
    return str(default).lower() if isinstance(default, bool) else str(default)


def test_every_setting_is_documented_and_nothing_else() -> None:
    assert set(documented()) == set(NAMES)


@EACH
def test_the_documented_default_is_the_real_one(name: str) -> None:
    shown = documented()[name]
    assert shown == (f"`{default_of(name)}`" if default_of(name) else "")


@EACH
def test_every_setting_is_in_the_example_file(name: str) -> None:
    assert re.search(rf"^#?{name}=", EXAMPLE.read_text(encoding="utf-8"), re.MULTILINE)


def test_the_example_file_names_nothing_else() -> None:
    there = re.findall(r"^#?([A-Z_0-9]+)=", EXAMPLE.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(there) == sorted(NAMES)


def test_the_example_file_can_be_loaded_as_it_is() -> None:
    settings = load(EXAMPLE)
    assert settings.rocketchat_url == "https://chat.example.org"
    assert settings.jira_project == "BUG"
    assert settings.support_channels == ("support",)
