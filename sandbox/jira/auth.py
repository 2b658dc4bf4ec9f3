"""Finds out who calls, with the ways each deployment has of not saying no."""

import base64
import binascii
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from sandbox.jira.errors import ApiError, html, plain
from sandbox.jira.model import Account
from sandbox.jira.site import Site

_JWT = re.compile(r"[\w-]+\.[\w-]+\.[\w-]+")
_UNAUTHENTICATED = "Client must be authenticated to access this resource."
COOKIE = "JSESSIONID"
_FAILED = {"X-Seraph-LoginReason": "AUTHENTICATED_FAILED"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Identity:
    """Who calls (None: nobody in particular), and the headers that go on every answer."""

    account: Account | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    bad_bearer: bool = False


def authenticate(
    site: Site,
    authorization: str | None,
    *,
    session: str | None,
    base_url: str,
    accept: str,
    gateway: bool,
) -> Identity:
    """Return the identity behind an `Authorization` header or a session cookie.

    Raises:
        ApiError: where the deployment refuses outright instead of going on as anonymous.
    """
    scheme, _, credentials = (authorization or "").partition(" ")
    if site.deployment == "datacenter":
        if not scheme and (account := site.sessions.get(session or "")):
            return _named(account)
        return _datacenter(site, scheme.lower(), credentials.strip(), base_url)
    if gateway:
        return _gateway(site, scheme.lower(), credentials.strip())
    return _cloud(site, scheme.lower(), credentials.strip(), accept)


def _basic(credentials: str) -> tuple[str, str]:
    try:
        text = base64.b64decode(credentials, validate=True).decode()
    except (binascii.Error, ValueError):
        return "", ""
    name, _, secret = text.partition(":")
    return name, secret


def _same(known: str | None, given: str) -> bool:
    return known is not None and hmac.compare_digest(known.encode(), given.encode())


def _token_is_alive(site: Site, account: Account) -> bool:
    return account.token_expires_at is None or site.now() < account.token_expires_at


def _cloud(site: Site, scheme: str, credentials: str, accept: str) -> Identity:
    if scheme == "bearer":
        if _JWT.fullmatch(credentials):
            raise plain(401, "Unauthorized")
        raise ApiError(
            403,
            body={"error": "Failed to parse Connect Session Auth Token"},
            content_type="application/json",
        )
    if scheme != "basic":
        return Identity()
    email, token = _basic(credentials)
    account = _by_token(site, email, token)
    if account is None:
        # Not a refusal: the caller goes on as nobody, and sees an empty world.
        if any(a.email.casefold() == email.casefold() and _same(a.password, token)
               for a in site.accounts):  # fmt: skip
            raise cloud_unauthenticated("", accept, message="Basic auth with password is not "
                                        "allowed on this instance", headers=_FAILED)  # fmt: skip
        return Identity(headers=_FAILED if email else {})
    if account.scoped:
        raise ApiError(401, body={"code": 401, "message": "Unauthorized; scope does not match"})
    return Identity(account=account, headers={"X-AAccountId": account.account_id})


def _by_token(site: Site, email: str, token: str) -> Account | None:
    for account in site.accounts:
        if (
            account.active
            and account.email.casefold() == email.casefold()
            and _same(account.api_token, token)
            and _token_is_alive(site, account)
        ):
            return account
    return None


def _gateway(site: Site, scheme: str, credentials: str) -> Identity:
    account = None
    if scheme == "basic":
        account = _by_token(site, *_basic(credentials))
    elif scheme == "bearer":
        account = next((a for a in site.accounts if _same(a.api_token, credentials)), None)
    if account is None:
        raise ApiError(401, body={"code": 401, "message": "Unauthorized"})
    return Identity(account=account, headers={"X-AAccountId": account.account_id})


def _datacenter(site: Site, scheme: str, credentials: str, base_url: str) -> Identity:
    if scheme == "bearer":
        for account in site.accounts:
            if (
                account.active
                and _same(account.personal_token, credentials)
                and _token_is_alive(site, account)
            ):
                return _named(account)
        return Identity(headers={"X-AUSERNAME": "anonymous"}, bad_bearer=True)
    if scheme != "basic":
        return Identity(headers={"X-AUSERNAME": "anonymous"})
    if not site.switches.basic_enabled:
        raise ApiError(
            403, body={"message": "Basic Authentication has been disabled on this instance."}
        )
    return _named(log_in(site, *_basic(credentials), base_url=base_url))


def _named(account: Account) -> Identity:
    return Identity(account=account, headers={"X-AUSERNAME": quote(account.name)})


def _by_name(site: Site, name: str) -> Account | None:
    return next((a for a in site.accounts if a.name.casefold() == name.casefold()), None)


def check_password(site: Site, name: str, password: str) -> Account | None:
    """Return the account a name and password belong to, without counting or refusing."""
    account = _by_name(site, name)
    right = account is not None and account.active and _same(account.password, password)
    return account if right else None


def log_in(site: Site, name: str, password: str, *, base_url: str) -> Account:
    """Return the account behind a name and password on Data Center.

    Raises:
        ApiError: 401 for a wrong password; 403 with a CAPTCHA after too many, also for
            the right one.
    """
    account = _by_name(site, name)
    if account is not None and account.failed_logins >= site.switches.captcha_after:
        raise html(
            403,
            "Forbidden",
            {
                "X-Seraph-LoginReason": "AUTHENTICATION_DENIED",
                "X-Authentication-Denied-Reason": (
                    f"CAPTCHA_CHALLENGE; login-url={base_url}/login.jsp"
                ),
            },
        )
    if account is None or check_password(site, name, password) is None:
        if account is not None:
            account.failed_logins += 1
        raise html(
            401,
            "Unauthorized",
            _FAILED | {"WWW-Authenticate": 'OAuth realm="' + quote(base_url, safe="") + '"'},
        )
    account.failed_logins = 0
    return account


def cloud_unauthenticated(
    base_url: str,
    accept: str,
    *,
    message: str = _UNAUTHENTICATED,
    headers: Mapping[str, str] | None = None,
) -> ApiError:
    """Return Cloud's 401: one plain line, whatever type the caller asked for."""
    wants_json = "application/json" in accept
    realm = {"WWW-Authenticate": f'OAuth realm="{quote(base_url, safe="")}"'} if base_url else {}
    return ApiError(
        401,
        body=message,
        content_type="application/json;charset=UTF-8" if wants_json else "text/html;charset=UTF-8",
        headers={**realm, **(headers or {})},
    )


def datacenter_unauthenticated() -> ApiError:
    """Return Data Center's 401."""
    return ApiError(401, body={"message": _UNAUTHENTICATED, "status-code": 401})
