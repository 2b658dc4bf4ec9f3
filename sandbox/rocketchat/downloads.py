"""Downloading files and avatars: outside of `/api`."""

from html import escape
from http.cookies import CookieError, SimpleCookie
from urllib.parse import quote

from aiohttp import web

from sandbox.rocketchat.model import Upload, User
from sandbox.rocketchat.workspace import Workspace


class Downloads:
    """`/file-upload/<id>/<name>` and `/avatar/<name>`."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    async def file(self, request: web.Request) -> web.Response:
        """Send a file to a member of its room; 403 to others, 404 if there is none."""
        upload = self._workspace.uploads.find(request.match_info["id"])
        if upload is None:
            return web.Response(status=404)
        if not self._may_read(upload, self._caller(request)):
            return web.Response(status=403)
        headers = {
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(upload.name, safe='')}",
            "Content-Type": upload.type,
            "Content-Security-Policy": "default-src 'none'",
            "X-Content-Type-Options": "nosniff",
        }
        return web.Response(body=upload.content, headers=headers)

    def _may_read(self, upload: Upload, user: User | None) -> bool:
        settings = self._workspace.settings
        if not settings.on("FileUpload_ProtectFiles"):
            return True
        room = self._workspace.rooms.rooms.get(upload.rid)
        if user is None or room is None:
            return False
        if settings.on("FileUpload_Restrict_to_room_members"):
            return user.id in room.members
        return self._workspace.access.can_access(room, user)

    def _caller(self, request: web.Request) -> User | None:
        cookies = _cookies(request)
        pairs = (
            (request.headers.get("X-User-Id"), request.headers.get("X-Auth-Token")),
            (request.query.get("rc_uid"), request.query.get("rc_token")),
            (cookies.get("rc_uid"), cookies.get("rc_token")),
        )
        for user_id, token in pairs:
            if user_id and token:
                found = self._workspace.accounts.find_caller(user_id, token)
                return found[0] if found else None
        return None

    async def avatar(self, request: web.Request) -> web.Response:
        """Send a picture of the first letter of a name."""
        letter = escape(request.match_info["name"].lstrip("@")[:1].upper())
        picture = (
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 200" width="200" '
            'height="200"><rect width="100%" height="100%" fill="#546e7a"/><text x="50%" '
            'y="50%" dy="0.36em" text-anchor="middle" fill="#fff" font-size="125" '
            f'font-family="sans-serif">{letter}</text></svg>'
        )
        return web.Response(text=picture, content_type="image/svg+xml")


def _cookies(request: web.Request) -> dict[str, str]:
    try:
        jar = SimpleCookie(request.headers.get("Cookie", ""))
    except CookieError:
        return {}
    return {name: morsel.value for name, morsel in jar.items()}
