"""What somebody chose for themselves."""

from dataclasses import dataclass
from datetime import datetime

from bot.cases.case import Person


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What the bot knows of a person beyond their account."""

    person: Person
    language: str = ""
    """Chosen by them or for them; empty: what the account or the settings say."""
    digest: bool = False
    """Whether they asked for the daily digest."""
    digest_at: datetime | None = None
    """When the next one is due."""
