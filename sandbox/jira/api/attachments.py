"""Files on issues: upload, describe, download, delete."""

import mimetypes
from urllib.parse import quote

from aiohttp import BodyPartReader, MultipartReader, web
from aiohttp.http_exceptions import HttpProcessingError

from sandbox.jira import files as journal
from sandbox.jira.call import Call, answer, no_content
from sandbox.jira.endpoint import delete, get, post
from sandbox.jira.errors import ApiError, plain, problem
from sandbox.jira.model import Attachment, Issue

_UNREADABLE = (
    ValueError, AssertionError, HttpProcessingError, web.RequestPayloadError, ConnectionError,
)  # fmt: skip
_MOST_FILES = 60
_MOST_ON_ISSUE = 2000


def settings(call: Call) -> web.Response:
    """Tell whether and how large files may be, in bytes."""
    return answer({"enabled": True, "uploadLimit": call.site.switches.upload_limit})


async def upload(call: Call) -> web.Response:
    """Add files to an issue; sending one again adds it again."""
    # Without the header the request could come from a form on a foreign page.
    if call.request.headers.get("X-Atlassian-Token", "").lower() not in {"no-check", "nocheck"}:
        raise plain(403, "XSRF check failed")
    issue = call.issue()
    call.require(
        "CREATE_ATTACHMENTS",
        issue.project,
        "You do not have permission to create attachments for this issue.",
    )
    if call.request.content_type != "multipart/form-data":
        kind = call.request.content_type
        if call.cloud:
            detail = f"Content-Type '{kind}' is not supported."
            raise problem(415, "Unsupported Media Type", detail, call.request.path)
        raise ApiError(415, body={"message": "HTTP 415 Unsupported Media Type", "status-code": 415})
    files = await _read(call)
    too_large = 413 if call.cloud else 404
    if len(files) > _MOST_FILES or len(issue.attachments) + len(files) > _MOST_ON_ISSUE:
        raise ApiError(too_large, "The number of attachments exceeds the limit.")
    added = journal.attach(call.site, issue, files, by=call.caller)
    return answer([call.presenter.attachment(attachment) for attachment in added])


async def _read(call: Call) -> list[journal.Upload]:
    try:
        reader: MultipartReader = await call.request.multipart()
        files = [file async for part in reader if (file := await _part(call, part)) is not None]
    except _UNREADABLE as error:
        raise ApiError(400, "The multipart body could not be read.") from error
    if not files:
        raise ApiError(400, "No file was sent in a part named 'file'.")
    return files


async def _part(call: Call, part: MultipartReader | BodyPartReader | None) -> journal.Upload | None:
    if not isinstance(part, BodyPartReader) or part.name != "file":
        return None
    disposition = part.headers.get("Content-Disposition", "")
    # A name in the extended form alone is too much for Data Center (pycontribs/jira, number 223).
    if not call.cloud and "filename*=" in disposition and "filename=" not in disposition:
        raise ApiError(500, body={"message": "Internal server error", "status-code": 500})
    content = bytes(await part.read(decode=True))
    limit = call.site.switches.upload_limit
    name = part.filename or "file"
    if len(content) > limit:
        raise ApiError(
            413 if call.cloud else 404,
            f"The file '{name}' exceeds its maximum permitted size of {limit} bytes.",
        )
    guessed = mimetypes.guess_type(name)[0] or "application/octet-stream"
    kind = part.headers.get("Content-Type", "").split(";")[0].strip() or guessed
    return journal.Upload(filename=name, mime_type=kind, content=content)


def _find(call: Call) -> tuple[Issue, Attachment]:
    identifier = call.path["attachment"]
    for issue in call.site.issues.values():
        for attachment in issue.attachments:
            if attachment.id == identifier and call.site.can_see(call.caller, issue):
                return issue, attachment
    raise ApiError(404, f"The attachment with id '{identifier}' does not exist")


def get_attachment(call: Call) -> web.Response:
    """Describe a file."""
    _, attachment = _find(call)
    result = call.presenter.attachment(attachment)
    if call.cloud:
        result["id"] = int(attachment.id)
    return answer(result)


def delete_attachment(call: Call) -> web.Response:
    """Delete a file."""
    issue, attachment = _find(call)
    own = attachment.author is call.caller
    needed = "DELETE_OWN_ATTACHMENTS" if own else "DELETE_ALL_ATTACHMENTS"
    call.require(needed, issue.project, "You do not have permission to delete this attachment.")
    journal.detach(call.site, issue, attachment, by=call.caller)
    return no_content()


def content(call: Call) -> web.Response:
    """Send a file, on Cloud by way of a redirect to where the media are."""
    _, attachment = _find(call)
    if call.query_flag("redirect", default=True):
        # The signature is what the media host trusts; it knows nothing of accounts.
        name = quote(attachment.filename, safe="")
        address = f"{call.base_url}/media/{signature(attachment)}/{attachment.id}/{name}"
        return web.Response(status=303, headers={"Location": address})
    return send(attachment)


def thumbnail(call: Call) -> web.StreamResponse:
    """Send a picture, which is not made smaller here; other files have no thumbnail."""
    _, attachment = _find(call)
    if not attachment.mime_type.startswith("image/"):
        raise ApiError(404, f"The attachment with id '{attachment.id}' has no thumbnail.")
    return content(call) if call.cloud else send(attachment)


def download(call: Call) -> web.Response:
    """Send a file from the address Data Center gives as `content`."""
    return send(_find(call)[1])


def signature(attachment: Attachment) -> str:
    """Return the secret part of a media address."""
    return f"{hash((attachment.id, attachment.filename)) & 0xFFFFFFFFFFFF:012x}"


def media(call: Call) -> web.Response:
    """Send a file to whoever has the signed address."""
    for issue in call.site.issues.values():
        for attachment in issue.attachments:
            if attachment.id == call.path["attachment"]:
                if signature(attachment) == call.path["signature"]:
                    return send(attachment)
                raise plain(403, "Forbidden")
    raise plain(404, "Not Found")


def send(attachment: Attachment) -> web.Response:
    """Return the bytes of a file, never to be shown as a page of this server."""
    name = quote(attachment.filename, safe="")
    return web.Response(
        body=attachment.content,
        headers={
            "Content-Type": attachment.mime_type,
            "Content-Disposition": f"attachment; filename*=UTF-8''{name}",
            "X-Content-Type-Options": "nosniff",
        },
    )


ENDPOINTS = (
    get("/attachment/meta", settings),
    get("/attachment/content/{attachment}", content, only="cloud"),
    get("/attachment/thumbnail/{attachment}", thumbnail, only="cloud"),
    get("/attachment/{attachment}", get_attachment),
    delete("/attachment/{attachment}", delete_attachment),
    post("/issue/{issue}/attachments", upload, reads_body=False),
)
OUTSIDE = (
    get("/media/{signature}/{attachment}/{name}", media, only="cloud"),
    get("/secure/attachment/{attachment}/{name}", content, only="cloud"),
    get("/secure/attachment/{attachment}/{name}", download, only="datacenter"),
    get("/secure/thumbnail/{attachment}/{name}", thumbnail, only="datacenter"),
)
