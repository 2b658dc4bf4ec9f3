"""Structured logs: one event per unit of work, on standard error, without secrets."""

import logging
import sys
from collections.abc import Mapping, Sequence
from typing import Literal

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

_HIDDEN = "[hidden]"


class SecretFilter:
    """Takes known secrets out of whatever is about to be logged."""

    def __init__(self, secrets: Sequence[str]) -> None:
        self._secrets = [secret for secret in secrets if len(secret) >= 4]  # noqa: PLR2004 - shorter ones would hide ordinary words

    def __call__(self, _: WrappedLogger, __: str, event: EventDict) -> EventDict:
        """Replace secrets in every text of the event, however deep."""
        for name, value in event.items():
            event[name] = self._clean(value)
        return event

    def _clean(self, value: object) -> object:
        if isinstance(value, str):
            for secret in self._secrets:
                value = value.replace(secret, _HIDDEN)
            return value
        if isinstance(value, Mapping):
            return {name: self._clean(one) for name, one in value.items()}
        if isinstance(value, list | tuple):
            return [self._clean(one) for one in value]
        return value


def set_up(*, form: Literal["console", "json"], level: str, secrets: Sequence[str]) -> None:
    """Make every logger of the process write one line per event to standard error."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last: list[Processor]
    if form == "json":
        last = [_tracebacks(), SecretFilter(secrets)]
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
    # Libraries speak through the standard module; only what worries them is worth a line, in the
    # same form and as free of secrets.
    without_record = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    handler = logging.StreamHandler(sys.stderr)
    foreign = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[without_record, *last, renderer],
    )
    handler.setFormatter(foreign)
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)


def _tracebacks() -> Processor:
    """Return what writes exceptions for machines, without local variables: they hold tokens."""
    return structlog.processors.ExceptionRenderer(
        structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
    )
