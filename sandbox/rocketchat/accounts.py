"""Accounts, passwords, login tokens and personal access tokens."""

import base64
import hashlib
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from sandbox.rocketchat.errors import CodedError, LoginRefused
from sandbox.rocketchat.ids import Ids
from sandbox.rocketchat.model import Token, User

Clock = Callable[[], datetime]
LAST_PART = 6


def hash_token(token: str) -> str:
    """Return what the server keeps of a token."""
    # A header may hold bytes that are no text; they are no token of anybody either.
    raw = token.encode("utf-8", "surrogateescape")
    return base64.b64encode(hashlib.sha256(raw).digest()).decode()


def digest_password(password: str) -> str:
    """Return the form in which a password travels over DDP: sha-256, lower-case hex."""
    return hashlib.sha256(password.encode()).hexdigest()


class Accounts:
    """All users, found by id, name and e-mail, and their tokens."""

    def __init__(self, ids: Ids, now: Clock) -> None:
        self._ids = ids
        self._now = now
        self.users: dict[str, User] = {}
        self._by_username: dict[str, User] = {}
        self._by_email: dict[str, User] = {}
        self._tokens: dict[str, Token] = {}
        self._tokens_of: dict[str, dict[str, Token]] = {}
        self.login_days = 90
        # Told about every token that ends, so that open connections can follow.
        self.on_revoked: Callable[[Token], None] = lambda _: None

    # Users

    def add(self, user: User) -> User:
        """Take in an account; CodedError when name or e-mail is taken."""
        if user.username.lower() in self._by_username:
            raise CodedError("error-field-unavailable", f"{user.username} is already in use :(")
        if user.email and user.email.lower() in self._by_email:
            raise CodedError("error-field-unavailable", f"{user.email} is already in use :(")
        self.users[user.id] = user
        self._index(user)
        return user

    def remove(self, user: User) -> None:
        """Forget an account and its tokens."""
        self.revoke_all(user)
        del self.users[user.id]
        self._unindex(user)

    def rename(self, user: User, *, username: str | None = None, email: str | None = None) -> None:
        """Change name or e-mail; CodedError when it is taken."""
        for value, index in ((username, self._by_username), (email, self._by_email)):
            if value and index.get(value.lower(), user) is not user:
                raise CodedError("error-field-unavailable", f"{value} is already in use :(")
        self._unindex(user)
        user.username = username or user.username
        user.email = email or user.email
        self._index(user)

    def find_by_username(self, username: str) -> User | None:
        """Return the user; names match whatever their case."""
        return self._by_username.get(username.lower())

    def find_by_email(self, email: str) -> User | None:
        """Return the user with that e-mail."""
        return self._by_email.get(email.lower())

    def named(self, usernames: Iterable[str]) -> list[User]:
        """Return those users that exist, in order."""
        found = (self.find_by_username(name) for name in usernames)
        return [user for user in found if user]

    # Log in

    def authenticate(self, login: str, digest: str, *, code: str | None = None) -> User:
        """Check a password and, where the account has one, the second factor.

        Raises:
            LoginRefused: wrong name or password, refused account, or missing factor.
        """
        user = self.find_by_email(login) if "@" in login else None
        user = user or self.find_by_username(login)
        if user is None or user.password_digest is None or user.password_digest != digest:
            raise LoginRefused
        self._check_usable(user)
        if user.two_factor_code is not None and code != user.two_factor_code:
            details = {"method": "email", "codeGenerated": True, "availableMethods": ["email"]}
            if code is None:
                raise LoginRefused("totp-required", "TOTP Required", details)
            raise LoginRefused("totp-invalid", "TOTP Invalid", details)
        return user

    def open_session(self, user: User) -> tuple[str, Token]:
        """Log a user in; return the token and what is kept of it."""
        token = self._ids.token()
        now = self._now()
        kept = self._keep(
            Token(
                hashed=hash_token(token),
                user_id=user.id,
                created_at=now,
                expires_at=now + timedelta(days=self.login_days),
            )
        )
        user.last_login = now
        return token, kept

    def resume(self, token: str) -> tuple[User, Token]:
        """Return who a login or personal access token belongs to.

        Raises:
            LoginRefused: the token is unknown or over, or the account is refused.
        """
        kept = self._tokens.get(hash_token(token))
        if kept is None or (kept.expires_at is not None and kept.expires_at <= self._now()):
            raise LoginRefused
        user = self.users[kept.user_id]
        self._check_usable(user)
        return user, kept

    def find_caller(self, user_id: str, token: str) -> tuple[User, Token] | None:
        """Return who sends these two headers; both must fit."""
        try:
            user, kept = self.resume(token)
        except LoginRefused:
            return None
        return (user, kept) if user.id == user_id else None

    # Tokens

    def revoke(self, token: Token) -> None:
        """End one token."""
        if self._tokens.pop(token.hashed, None) is None:
            return
        self._tokens_of.get(token.user_id, {}).pop(token.hashed, None)
        self.on_revoked(token)

    def revoke_all(self, user: User, *, but: Token | None = None, personal: bool = True) -> None:
        """End the tokens of a user."""
        for token in self.tokens(user):
            if token is not but and (personal or not token.personal):
                self.revoke(token)

    def tokens(self, user: User) -> list[Token]:
        """Return the user's tokens, oldest first."""
        return list(self._tokens_of.get(user.id, {}).values())

    def personal_tokens(self, user: User) -> list[Token]:
        """Return the user's personal access tokens, oldest first."""
        return [token for token in self.tokens(user) if token.personal]

    def find_personal_token(self, user: User, name: str) -> Token | None:
        """Return the user's personal access token of that name."""
        return next((token for token in self.personal_tokens(user) if token.name == name), None)

    def create_personal_token(self, user: User, name: str, *, bypass: bool = False) -> str:
        """Create a personal access token; it is shown this once."""
        token = self._ids.token()
        self._keep(
            Token(
                hashed=hash_token(token),
                user_id=user.id,
                created_at=self._now(),
                name=name,
                last_part=token[-LAST_PART:],
                bypass_two_factor=bypass,
            )
        )
        return token

    def _keep(self, token: Token) -> Token:
        self._tokens[token.hashed] = token
        self._tokens_of.setdefault(token.user_id, {})[token.hashed] = token
        return token

    def _check_usable(self, user: User) -> None:
        if not user.active:
            raise LoginRefused("error-user-is-not-activated", "User is not activated")
        if user.type == "app":
            raise LoginRefused("error-app-user-is-not-allowed-to-login")
        if not user.roles:
            raise LoginRefused("error-user-has-no-roles", "User has no roles")

    def _index(self, user: User) -> None:
        self._by_username[user.username.lower()] = user
        if user.email:
            self._by_email[user.email.lower()] = user

    def _unindex(self, user: User) -> None:
        del self._by_username[user.username.lower()]
        if user.email:
            del self._by_email[user.email.lower()]
