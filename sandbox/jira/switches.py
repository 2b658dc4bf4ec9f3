"""Behaviour of the server that a test or a demonstration may turn."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal


@dataclass(kw_only=True, slots=True)
class WebhookSwitches:
    """How webhooks are delivered."""

    retry_delay: timedelta = timedelta(seconds=300)
    """Between two attempts; Cloud waits 5 to 15 minutes."""
    attempts: int | None = None
    """First try included; None means what the deployment does (Cloud 6, Data Center 1)."""
    duplicates: int = 0
    """How many more times every delivery is sent, with the same identifier."""
    shuffle: bool = False
    """Hold deliveries back until `batch` of them wait, then send the newest first."""
    batch: int = 4
    hold: timedelta = timedelta(milliseconds=200)
    """A held-back batch that is not full is sent after this long."""
    timeout: timedelta = timedelta(seconds=20)
    at_once: int = 20
    """Deliveries under way at the same time; read when the server starts."""


@dataclass(kw_only=True, slots=True)
class Switches:
    """What is left open by the vendor, differs between sites, or goes wrong on some."""

    index_lag: timedelta = timedelta(0)
    """How long a search goes on showing the state before a change."""
    search_page_cap: int | None = None
    """Never give more issues per page than this, whatever was asked: short pages."""
    page_token_life: timedelta = timedelta(days=7)
    repeat_page_token: bool = False
    """Answer every page with the token of the first: a fault that makes naive readers loop."""
    token_on_last_page: bool = False
    """Say `isLast` and give a token all the same, as some sites were seen to do."""
    embedded_changelog_cap: int | None = None
    """Entries in `expand=changelog`; None means what the deployment does."""
    shuffle_histories: bool = False
    captcha_after: int = 3
    """Wrong passwords until Data Center asks for a CAPTCHA."""
    basic_enabled: bool = True
    """Data Center only: an administrator may turn Basic authentication off."""
    redirect_to_login: bool = False
    """Answer everything with a redirect to a login page, as a single sign-on in front does."""
    required_field_errors: Literal["errors", "messages"] = "errors"
    forbidden_issue_status: Literal[403, 404] = 404
    """Data Center only: what a hidden issue of a visible project answers."""
    enforce_rate_limits: bool = False
    rate_capacity: int | None = None
    """Tokens in a bucket; None means what the deployment has: 70, on Cloud mostly 100."""
    rate_fill: int | None = None
    """Tokens per second that come back to a bucket; None means 5, on Cloud all of them."""
    links_bump_updated: bool = True
    """Whether an issue counts as updated when it is linked or unlinked."""
    upload_limit: int = 10_485_760
    webhooks: WebhookSwitches = field(default_factory=WebhookSwitches)
