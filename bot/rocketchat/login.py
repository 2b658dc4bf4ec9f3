"""Logging in over REST, with a clear word about what is wrong when it fails."""

from collections.abc import Mapping
from typing import Any, Final

from bot.errors import CredentialsRefused, Rejected
from bot.rocketchat.api import Api
from bot.rocketchat.documents import clean, user_from
from bot.rocketchat.faults import NotAccepted, Unsupported
from bot.rocketchat.records import Credentials, PasswordCredentials, Session

_BAD_LOGIN: Final = (
    "Rocket.Chat does not accept the bot's username and password: "
    "check ROCKETCHAT_USERNAME and ROCKETCHAT_PASSWORD"
)
_BAD_PAT: Final = (
    "Rocket.Chat does not accept the bot's access token: "
    "make a new one and set ROCKETCHAT_USER_ID and ROCKETCHAT_AUTH_TOKEN"
)
_SECOND_FACTOR: Final = (
    "Rocket.Chat asks for a second factor, which a bot cannot give: use a personal access token "
    "(ROCKETCHAT_USER_ID and ROCKETCHAT_AUTH_TOKEN) instead of the password"
)
# Rocket.Chat 7.7.1 `app/authentication/server/startup/index.js` and `app/2fa/server/code`.
_REASONS: Final[Mapping[str, str]] = {
    "totp-required": _SECOND_FACTOR,
    "totp-invalid": _SECOND_FACTOR,
    "totp-max-attempts": _SECOND_FACTOR,
    "error-user-is-not-activated": "the bot's account is deactivated: activate it in Rocket.Chat",
    "error-app-user-is-not-allowed-to-login": "the bot's account belongs to an app: make an "
    "ordinary user with the role bot for it",
    "error-login-blocked-for-ip": "Rocket.Chat blocks logins from this address after too many "
    "failures: wait, then check ROCKETCHAT_USERNAME and ROCKETCHAT_PASSWORD",
    "error-login-blocked-for-user": "Rocket.Chat blocks the bot's account after too many failed "
    "logins: wait, then check ROCKETCHAT_USERNAME and ROCKETCHAT_PASSWORD",
    "error-user-has-no-roles": "the bot's account has no role: give it the role bot",
    "error-invalid-email": "the bot's account has no verified e-mail address: verify it",
}


async def log_in(api: Api, credentials: Credentials) -> Session:
    """Return a session that the server has confirmed with `me`.

    Raises:
        CredentialsRefused: the message says what is wrong and what to do about it.
        Rejected: there is no Rocket.Chat at this address.
        Retryable: the server cannot be asked now.
    """
    advice = _BAD_LOGIN if isinstance(credentials, PasswordCredentials) else _BAD_PAT
    try:
        if isinstance(credentials, PasswordCredentials):
            user_id, token = await _with_password(api, credentials)
        else:
            user_id, token = credentials.user_id, credentials.auth_token
        candidate = Session(user_id=user_id, auth_token=token, username="")
        me = user_from(await api.me_as(candidate))
    except NotAccepted as error:
        raise CredentialsRefused(_REASONS.get(error.code, advice)) from error
    except Unsupported as error:
        raise Rejected("there is no Rocket.Chat at ROCKETCHAT_URL: check it") from error
    # With anonymous reading `me` may answer without knowing us.
    if me is None or me.id != user_id:
        raise CredentialsRefused(advice)
    return Session(user_id=user_id, auth_token=token, username=me.username)


async def _with_password(api: Api, credentials: PasswordCredentials) -> tuple[str, str]:
    body = {"user": credentials.username, "password": credentials.password}
    answer = await api.anonymous_post("login", body)
    data: Any = answer.get("data")
    given = data if isinstance(data, dict) else {}
    user_id, token = clean(given.get("userId")), clean(given.get("authToken"))
    if not (user_id and token):
        raise CredentialsRefused(_BAD_LOGIN)
    return user_id, token
