"""Logging in over DDP."""

from datetime import timedelta
from typing import Any

from sandbox.rocketchat.accounts import Accounts
from sandbox.rocketchat.ddp.errors import MethodError
from sandbox.rocketchat.errors import LoginRefused
from sandbox.rocketchat.model import Document, Token, User
from sandbox.rocketchat.workspace import Workspace

PERSONAL_DAYS = timedelta(days=90)


def log_in(workspace: Workspace, params: list[Any]) -> tuple[User, Token, Document]:
    """Log in by token or by the digest of a password.

    Returns:
        The user, what is kept of the token, and the result for the client.

    Raises:
        MethodError: wrong or missing credentials.
    """
    given = params[0] if params else None
    if not isinstance(given, dict):
        raise MethodError(400, "Unrecognized options for login request")
    code = None
    totp = given.get("totp")
    if isinstance(totp, dict) and isinstance(totp.get("login"), dict):
        given, code = totp["login"], str(totp.get("code"))
    try:
        if isinstance(given.get("resume"), str):
            return _resume(workspace, given["resume"])
        return _by_password(workspace.accounts, given, code)
    except LoginRefused as refused:
        raise _error(refused) from refused


def _resume(workspace: Workspace, secret: str) -> tuple[User, Token, Document]:
    try:
        user, token = workspace.accounts.resume(secret)
    except LoginRefused as refused:
        # Which of the two depends on how the real server is deployed; clients must bear both.
        if workspace.version.since(9):
            reason = "You've been logged out by the server. Please log in again."
            raise MethodError(403, reason) from refused
        raise MethodError(401, "User not found") from refused
    return user, token, _result(user, token, secret, "resume")


def _by_password(
    accounts: Accounts, given: Document, code: str | None
) -> tuple[User, Token, Document]:
    who, password = given.get("user"), given.get("password")
    if not isinstance(who, dict) or not isinstance(password, dict):
        raise MethodError(400, "Unrecognized options for login request")
    name = str(who.get("username") or who.get("email") or "")
    if password.get("algorithm") != "sha-256":
        raise MethodError(400, "Match failed")
    user = accounts.authenticate(name, str(password.get("digest")), code=code)
    secret, token = accounts.open_session(user)
    return user, token, _result(user, token, secret, "password")


def _result(user: User, token: Token, secret: str, kind: str) -> Document:
    # A personal access token never expires; the official client still insists on a date.
    expires = token.expires_at or token.created_at + PERSONAL_DAYS
    return {"id": user.id, "token": secret, "tokenExpires": expires, "type": kind}


def _error(refused: LoginRefused) -> MethodError:
    if refused.code == "Unauthorized":
        return MethodError(401, "User not found")
    return MethodError(refused.code, refused.message, refused.details or None)
