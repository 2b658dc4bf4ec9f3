"""Errors as DDP writes them."""

from sandbox.rocketchat.errors import CodedError, Refused
from sandbox.rocketchat.model import Document


class MethodError(Exception):
    """A method or subscription the server refuses.

    Args:
        error: a code, or a number as Meteor has them.
        reason: for people.
        details: further facts.
    """

    def __init__(self, error: str | int, reason: str, details: Document | None = None) -> None:
        super().__init__(f"{reason} [{error}]")
        self.error = error
        self.reason = reason
        self.details = details

    def document(self) -> Document:
        """Return the error object of a frame."""
        document: Document = {
            "isClientSafe": True,
            "error": self.error,
            "reason": self.reason,
            "message": str(self),
            "errorType": "Meteor.Error",
        }
        if self.details is not None:
            document["details"] = self.details
        return document


def from_refusal(refused: Refused) -> MethodError:
    """Return the error a refused action becomes: an exception without a code is hidden."""
    if isinstance(refused, CodedError):
        return MethodError(refused.code, refused.reason, refused.details or None)
    return MethodError(500, "Internal server error")
