"""Every option there is, checked once at start."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.cases.case import Milestone
from bot.cases.milestones import Meaning, Nothing, StatusMap, fold
from storage import secrets_in

EXAMPLES: Mapping[str, str] = {
    "ROCKETCHAT_URL": "https://chat.example.org",
    "ROCKETCHAT_USER_ID": "rbAXPnMktTFbNpwtJ",
    "ROCKETCHAT_AUTH_TOKEN": "the personal access token of the bot's account",
    "ROCKETCHAT_USERNAME": "casebot",
    "ROCKETCHAT_PASSWORD": "the password of the bot's account",
    "SUPPORT_CHANNELS": "support,support-emea",
    "LEVEL2_CHANNEL": "support-level2",
    "LEVEL3_CHANNEL": "rnd-assessment",
    "JIRA_URL": "https://example.atlassian.net",
    "JIRA_EMAIL": "casebot@example.org",
    "JIRA_API_TOKEN": "the API token of that account",
    "JIRA_TOKEN": "a Data Center personal access token",
    "JIRA_PROJECT": "BUG",
    "JIRA_STATUS_MAP": "Specifying=Specifying;Ready=Ready,To Do;In Progress=In Progress;Done=Done",
    "POLL_INTERVAL_SECONDS": "30",
    "ALERT_REMINDER_MINUTES": "240",
    "OVERTAKEN_AFTER_MINUTES": "60",
    "POLICY_FILE": "policy.toml",
    "STORAGE_URL": "tinydb:///data/cases.json",
    "HTTP_PORT": "8080",
    "DEFAULT_LANGUAGE": "en",
    "TEMPLATES_FOLDER": "texts",
    "LOG_FORMAT": "console",
    "LOG_LEVEL": "INFO",
    "RECEIPT": "true",
    "CONFIRMATION": "true",
}
"""What a value looks like, for whoever has to mend one."""

_NONE = "none"


class SettingsProblem(Exception):
    """The settings cannot be used; one line for each that is missing or wrong, with an example."""


def _names(value: object) -> object:
    if isinstance(value, str):
        return tuple(part.strip().lstrip("#@") for part in value.split(",") if part.strip())
    return value


def _url(value: str) -> str:
    try:
        parts = urlsplit(value.strip())
        known = parts.port is None or parts.port > 0
    except ValueError:
        known = False
    if not known or any(part.isspace() for part in value.strip()):
        raise ValueError("its host or port cannot be right")
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("must be an address that begins with http:// or https://")
    if parts.username or parts.password:
        # It would be shown in links, and to everybody.
        raise ValueError("must not contain a user name or password")
    if parts.query or parts.fragment:
        raise ValueError("must end before any ? or #")
    return value.strip().rstrip("/")


def _channel(value: str) -> str:
    return value.strip().lstrip("#")


Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_names)]
Url = Annotated[str, AfterValidator(_url)]
Channel = Annotated[str, AfterValidator(_channel)]


_SOURCE = SettingsConfigDict(
    env_file=".env",
    env_file_encoding="utf-8",
    extra="ignore",
    env_ignore_empty=True,
    frozen=True,
    hide_input_in_errors=True,
)


# Parts of the settings that are checked as a whole. Each is read by itself as well, so that all
# that is wrong is named at once, not one thing per start. Their checks have different names, or
# one would take the place of the other in `Settings`.


class ChatAccess(BaseSettings):
    """How to log in to Rocket.Chat."""

    model_config = _SOURCE

    rocketchat_user_id: str = ""
    rocketchat_auth_token: SecretStr = SecretStr("")
    rocketchat_username: str = ""
    rocketchat_password: SecretStr = SecretStr("")

    @model_validator(mode="after")
    def _token_or_password(self) -> Self:
        token = self.rocketchat_user_id and self.rocketchat_auth_token.get_secret_value()
        password = self.rocketchat_username and self.rocketchat_password.get_secret_value()
        if not (token or password):
            raise ValueError(
                "ROCKETCHAT_USER_ID and ROCKETCHAT_AUTH_TOKEN are missing (or, instead,"
                " ROCKETCHAT_USERNAME and ROCKETCHAT_PASSWORD)."
                " Example: ROCKETCHAT_USERNAME=casebot"
            )
        return self


class JiraAccess(BaseSettings):
    """How to log in to Jira."""

    model_config = _SOURCE

    jira_email: str = ""
    jira_api_token: SecretStr = SecretStr("")
    jira_token: SecretStr = SecretStr("")

    @model_validator(mode="after")
    def _cloud_or_data_center(self) -> Self:
        cloud = self.jira_email and self.jira_api_token.get_secret_value()
        if not (cloud or self.jira_token.get_secret_value()):
            raise ValueError(
                "JIRA_EMAIL and JIRA_API_TOKEN are missing (Jira Cloud; for Data Center,"
                " JIRA_TOKEN). Example: JIRA_EMAIL=casebot@example.org"
            )
        return self


class JiraStatuses(BaseSettings):
    """What the statuses mean."""

    model_config = _SOURCE

    jira_status_map: str = "Specifying=Specifying;Ready=Ready;In Progress=In Progress;Done=Done"

    @model_validator(mode="after")
    def _readable(self) -> Self:
        try:
            parse_status_map(self.jira_status_map)
        except ValueError as error:
            raise ValueError(
                f"JIRA_STATUS_MAP {error}. Example: JIRA_STATUS_MAP={EXAMPLES['JIRA_STATUS_MAP']}"
            ) from error
        return self


class Settings(ChatAccess, JiraAccess, JiraStatuses):
    """The settings, from the environment and `.env`; names are those of the environment."""

    rocketchat_url: Url
    support_channels: Names = Field(min_length=1)
    level2_channel: Channel = ""
    level3_channel: Channel = ""
    analyst_roles: Names = ("support-analyst",)
    specialist_roles: Names = ("support-specialist",)
    rnd_roles: Names = ("rnd",)
    admin_roles: Names = ("admin",)
    receipt: bool = True
    confirmation: bool = True

    jira_url: Url
    jira_project: str = Field(min_length=1)
    jira_issue_type: str = "Bug"
    jira_webhook_secret: SecretStr = SecretStr("")
    poll_interval_seconds: float = Field(default=30, gt=0, le=86_400)
    alert_reminder_minutes: float | None = Field(default=None, gt=0, le=100_000)
    overtaken_after_minutes: float = Field(default=60, gt=0, le=100_000)

    policy_file: str = ""

    storage_url: str = Field(default="tinydb:///data/cases.json", repr=False)
    http_host: str = "127.0.0.1"
    http_port: int = Field(default=8080, ge=0, le=65_535)
    default_language: str = "en"
    templates_folder: str = ""
    log_format: Literal["console", "json"] = "console"
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @property
    def poll_interval(self) -> timedelta:
        """Return the time between two polls of Jira."""
        return timedelta(seconds=self.poll_interval_seconds)

    @property
    def reminder_interval(self) -> timedelta | None:
        """Return the time between two reminders of a Done alert; None: what the policy says."""
        minutes = self.alert_reminder_minutes
        return None if minutes is None else timedelta(minutes=minutes)

    @property
    def overtaken_after(self) -> timedelta:
        """Return how old a milestone that was overtaken is when it is told with the newest."""
        return timedelta(minutes=self.overtaken_after_minutes)

    @property
    def statuses(self) -> StatusMap:
        """Return what each Jira status means."""
        return parse_status_map(self.jira_status_map)


def secrets_of(settings: Settings) -> list[str]:
    """Return every secret of the settings, to keep them out of the logs."""
    values = (getattr(settings, name) for name in type(settings).model_fields)
    secrets = [value.get_secret_value() for value in values if isinstance(value, SecretStr)]
    return [*secrets, *secrets_in(settings.storage_url)]


def parse_status_map(text: str) -> StatusMap:
    """Read `Milestone=Status,Status;Milestone=…`; the milestone `None` means no milestone.

    Raises:
        ValueError: it cannot be read, with the reason.
    """
    milestones: dict[str, Meaning] = {fold(milestone.value): milestone for milestone in Milestone}
    milestones[_NONE] = Nothing.MEANS_NOTHING
    by_status: dict[str, Meaning] = {}
    as_written: dict[str, str] = {}
    for part in filter(None, (part.strip() for part in text.split(";"))):
        name, equals, statuses = part.partition("=")
        meaning = milestones.get(fold(name))
        if not equals or meaning is None:
            known = ", ".join([*Milestone, "None"])
            raise ValueError(f"has {part!r}, which does not begin with one of {known} and '='")
        for written in filter(None, (status.strip() for status in statuses.split(","))):
            status = fold(written)
            if by_status.setdefault(status, meaning) is not meaning:
                raise ValueError(f"gives {written!r} two meanings")
            as_written[status] = written
    if not by_status:
        raise ValueError("names no status")
    return StatusMap(by_status=by_status, as_written=as_written)


def load(env_file: Path | None = Path(".env"), **overrides: Any) -> Settings:  # noqa: ANN401
    """Read and check the settings.

    Args:
        env_file: read besides the environment, which wins.
        **overrides: settings by field name, for programs that start the bot themselves.

    Raises:
        SettingsProblem: every missing or wrong one is named.
    """
    lines: list[str] = []
    for part in (Settings, ChatAccess, JiraAccess, JiraStatuses):
        try:
            read = part(_env_file=env_file, **overrides)
        except ValidationError as error:
            lines += (_explain(one["loc"], one["type"], one["msg"]) for one in error.errors())
        else:
            if isinstance(read, Settings):
                return read
    raise SettingsProblem("\n".join(dict.fromkeys(lines)))


def _explain(location: tuple[int | str, ...], kind: str, message: str) -> str:
    sentence = message.removeprefix("Value error, ")
    if not location:
        return sentence
    name = str(location[0]).upper()
    example = f" Example: {name}={EXAMPLES[name]}" if name in EXAMPLES else ""
    if kind in {"missing", "too_short", "string_too_short"}:
        return f"{name} is missing.{example}"
    return f"{name} is wrong: {sentence[:1].lower()}{sentence[1:]}.{example}"
