"""Faults: what can go wrong with a server, as far as the rest of the program needs to know.

    Fault
    ├── Retryable            asking again later is safe and may succeed
    │   └── OutcomeUnknown   the server may have done it: look before asking again
    ├── Rejected             asking the same again gives the same answer
    └── CredentialsRefused   the server does not accept who we say we are; never retry in a loop

A "no" for a person is not a fault: see `bot.cases.refusals`.
Messages are written for an administrator and never contain a secret.
"""

from datetime import timedelta


class Fault(Exception):
    """Something outside went wrong; the message says what, in one sentence."""


class Retryable(Fault):
    """Nothing was done, and asking again later is safe.

    Attributes:
        retry_after: how long the server asked us to wait, or None when it did not say.
    """

    def __init__(self, message: str, *, retry_after: timedelta | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class OutcomeUnknown(Retryable):
    """The request was sent and no answer came: it may or may not have been carried out."""


class Rejected(Fault):
    """The server understood and refused; the message is the reason, fit for the ledger."""


class CredentialsRefused(Fault):
    """The server is there and does not accept our credentials."""
