"""Structured logs: one event per unit of work, on standard error, without secrets."""

import logging
import sys
from collections.abc import Sequence
from typing import Literal

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

_HIDDEN = "[hidden]"


class SecretFilter:
    """Takes known secrets out of whatever is about to be logged."""

    def __init__(self, secrets: Sequence[str]) -> None:
        self._secrets = [secret for secret in secrets if len(secret) >= 4]  # noqa: PLR2004 - shorter ones would hide ordinary words

    def __call__(self, _: WrappedLogger, __: str, event: EventDict) -> EventDict:
        """Replace secrets in every text of the event."""
        for name, value in event.items():
            if isinstance(value, str):
                event[name] = self.clean(value)
        return event

    def clean(self, text: str) -> str:
        """Return the text without the secrets."""
        for secret in self._secrets:
            text = text.replace(secret, _HIDDEN)
        return text


def set_up(*, form: Literal["console", "json"], level: str, secrets: Sequence[str]) -> None:
    """Make every logger of the process write one line per event to standard error."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last: list[Processor]
    if form == "json":
        last = [structlog.processors.dict_tracebacks, SecretFilter(secrets)]
        renderer: Processor = structlog.processors.JSONRenderer()
    else:
        last = [structlog.processors.format_exc_info, SecretFilter(secrets)]
        renderer = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    structlog.configure(
        processors=[*shared, *last, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    # Libraries speak through the standard module; only what worries them is worth a line.
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, force=True)
