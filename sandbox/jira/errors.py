"""What the server answers when it refuses, in each of the shapes Jira has.

ApiError                  the usual two lists
├── unreadable()          `errorMessages` alone: the body could not be read
├── problem()             RFC 7807, Cloud: unknown path, wrong method, wrong type
└── plain() and html()    what the parts in front of Jira say
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

JSON = "application/json;charset=UTF-8"
PROBLEM = "application/problem+json;charset=UTF-8"


def to_json(value: Any) -> str:  # noqa: ANN401 - any JSON
    """Write JSON as the vendor does: no blanks between, letters as they are."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    # Half a pair of surrogates, which JSON can name and UTF-8 cannot hold, becomes `?`.
    return text.encode(errors="replace").decode()


class ApiError(Exception):
    """A refusal with its status and body."""

    def __init__(
        self,
        status: int,
        *messages: str,
        errors: Mapping[str, str] | None = None,
        body: Any = None,  # noqa: ANN401 - any JSON, or text
        content_type: str = JSON,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(status, messages)
        self.status = status
        self.headers = dict(headers or {})
        self.content_type = content_type
        self.messages: Sequence[str] = messages
        self.errors = dict(errors or {})
        self.body = (
            {"errorMessages": list(messages), "errors": self.errors} if body is None else body
        )

    @property
    def text(self) -> str:
        """The body as it is sent."""
        return self.body if isinstance(self.body, str) else to_json(self.body)


NO_CONTENT = "No content to map to Object due to end of input"
BAD_JSON = "There was an error parsing JSON. Check that your request body is valid."
BAD_PAYLOAD = "Invalid request payload. Refer to the REST API documentation and try again."


def unreadable(message: str) -> ApiError:
    """Return the refusal of a body that could not be read; it has no `errors`."""
    return ApiError(400, body={"errorMessages": [message]})


def problem(
    status: int, title: str, detail: str, path: str, headers: Mapping[str, str] | None = None
) -> ApiError:
    """Return an RFC 7807 refusal, as Cloud's routing answers."""
    body = {
        "type": "about:blank",
        "title": title,
        "status": status,
        "detail": detail,
        "instance": path,
    }
    return ApiError(status, body=body, content_type=PROBLEM, headers=headers)


def plain(status: int, text: str, headers: Mapping[str, str] | None = None) -> ApiError:
    """Return a refusal in plain text."""
    return ApiError(status, body=text, content_type="text/plain;charset=UTF-8", headers=headers)


def html(status: int, title: str, headers: Mapping[str, str] | None = None) -> ApiError:
    """Return an error page for people."""
    page = (
        f"<html><head><title>{title}</title></head>"
        f"<body><h1>{title}</h1><p>({status})</p></body></html>"
    )
    return ApiError(status, body=page, content_type="text/html;charset=UTF-8", headers=headers)
