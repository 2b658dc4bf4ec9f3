"""Refusals of the server, and the bodies they become.

Refused                  what a request can be refused with
├── CodedError           a server exception with a code: `reason [code]`, errorType
├── PlainError           an exception without a code: its text alone
├── Failure              400 with whatever body
├── Forbidden            403: no access
├── MissingPermission    403: the route asks for a permission
├── NotFound             404
├── Unauthorized         401: nobody is logged in
├── LoginRefused         401 of the login route
├── TooLarge             413
├── TooMany              429
└── Unavailable          503
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sandbox.rocketchat.model import Document
from sandbox.rocketchat.version import Version

# 9.0 answers 403 `error-forbidden` for these (pull request 43214 of Rocket.Chat).
FORBIDDEN_CODES = frozenset(
    {
        "error-not-allowed",
        "not-allowed",
        "not-authorized",
        "not_authorized",
        "no-permission",
        "error-not-authorized-federation",
        "Not Allowed",
    }
)
MUST_LOG_IN = "You must be logged in to do this."


@dataclass(frozen=True, slots=True)
class Refusal:
    """Status and body of a refused request."""

    status: int
    body: Document


class Refused(Exception):
    """A request the server does not carry out."""

    def refusal(self, version: Version) -> Refusal:
        """Return the answer that release gives over REST."""
        raise NotImplementedError


class CodedError(Refused):
    """A server exception with a code."""

    def __init__(
        self, code: str, reason: str | None = None, details: Mapping[str, object] | None = None
    ) -> None:
        super().__init__(f"{reason} [{code}]" if reason else f"[{code}]")
        self.code = code
        self.reason = reason or code
        self.details = dict(details or {})

    def refusal(self, version: Version) -> Refusal:
        """Return 400 with the code as `errorType`, or the 403 of 9.0."""
        body: Document = {"success": False, "error": str(self), "errorType": self.code}
        if self.details:
            body["details"] = self.details
        if version.forbids_with_403 and self.code in FORBIDDEN_CODES:
            return Refusal(403, {**body, "errorType": "error-forbidden"})
        return Refusal(400, body)


class PlainError(Refused):
    """An exception without a code: 400 with its text and no `errorType`."""

    def refusal(self, version: Version) -> Refusal:
        """Return 400 with the text, or the 403 of 9.0 where the text is such a code."""
        text = str(self)
        if version.forbids_with_403 and text in FORBIDDEN_CODES:
            body = {"success": False, "error": text, "errorType": "error-forbidden"}
            return Refusal(403, body)
        return Refusal(400, {"success": False, "error": text})


class Failure(Refused):
    """400 with a body of the route's own."""

    def __init__(self, **body: object) -> None:
        super().__init__("failure")
        self.body = body

    def refusal(self, version: Version) -> Refusal:
        """Return 400 with the body, or the 403 of 9.0 where its type is such a code."""
        if version.forbids_with_403 and self.body.get("errorType") in FORBIDDEN_CODES:
            body = {**self.body, "success": False, "errorType": "error-forbidden"}
            return Refusal(403, body)
        return Refusal(400, {**self.body, "success": False})


class Forbidden(Refused):
    """403: the caller may not reach the thing."""

    def refusal(self, version: Version) -> Refusal:
        """Return 403; only the word differs between the releases."""
        word = "forbidden" if version.forbids_with_403 else "unauthorized"
        return Refusal(403, {"success": False, "error": word})


class MissingPermission(Refused):
    """403: the route itself asks for a permission the caller lacks."""

    def refusal(self, version: Version) -> Refusal:  # noqa: ARG002 - the same in all releases
        """Return 403 with the text of the permission check."""
        text = "User does not have the permissions required for this action [error-unauthorized]"
        return Refusal(403, {"success": False, "error": text})


class NotFound(Refused):
    """404 with a text."""

    def __init__(self, text: str = "Resource not found") -> None:
        super().__init__(text)

    def refusal(self, version: Version) -> Refusal:  # noqa: ARG002 - the same in all releases
        """Return 404."""
        return Refusal(404, {"success": False, "error": str(self)})


class Unauthorized(Refused):
    """401: no credentials, or wrong ones."""

    def refusal(self, version: Version) -> Refusal:
        """Return 401, short in 9.0."""
        body: Document = {"success": False, "error": MUST_LOG_IN}
        if not version.short_401:
            body |= {"status": "error", "message": MUST_LOG_IN}
        return Refusal(401, body)


class LoginRefused(Refused):
    """401 of the login route.

    Args:
        code: `Unauthorized`, or what stands in the way of right credentials.
        message: the text beside it; the code itself if not given.
        details: of a missing second factor.
    """

    def __init__(
        self,
        code: str = "Unauthorized",
        message: str | None = None,
        details: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.message = message or code
        self.details = dict(details or {})

    def refusal(self, version: Version) -> Refusal:
        """Return 401, short in 9.0."""
        if version.short_401:
            return Refusal(401, {"success": False, "error": "unauthorized"})
        body: Document = {
            "success": False,
            "status": "error",
            "error": self.code,
            "message": self.message,
        }
        if self.details:
            body["details"] = self.details
        return Refusal(401, body)


class TooLarge(Refused):
    """413: more than the server reads of one request."""

    def __init__(self) -> None:
        super().__init__("request entity too large")

    def refusal(self, version: Version) -> Refusal:  # noqa: ARG002 - the same in all releases
        """Return 413."""
        return Refusal(413, {"success": False, "error": str(self)})


class TooMany(Refused):
    """429: the caller's address asked this route too often."""

    def __init__(self, seconds: int) -> None:
        super().__init__(
            "Error, too many requests. Please slow down. You must wait "
            f"{seconds} seconds before trying this endpoint again. [error-too-many-requests]"
        )

    def refusal(self, version: Version) -> Refusal:  # noqa: ARG002 - the same in all releases
        """Return 429 without `errorType`."""
        return Refusal(429, {"success": False, "error": str(self)})


class Unavailable(Refused):
    """503: switched off for now."""

    def __init__(self) -> None:
        super().__init__("Service Unavailable")

    def refusal(self, version: Version) -> Refusal:  # noqa: ARG002 - the same in all releases
        """Return 503."""
        return Refusal(503, {"success": False, "error": str(self)})
