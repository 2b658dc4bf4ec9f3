"""Logging in again."""

import asyncio
from datetime import timedelta

import pytest

from bot.errors import CredentialsRefused
from bot.login import Login
from bot.rocketchat.records import Session, TokenCredentials

SESSION = Session(user_id="bot", auth_token="t", username="casebot")


class Rest:
    """A server whose REST interface takes the token."""

    async def login(self, _: TokenCredentials) -> Session:
        return SESSION


class Stream:
    """A stream that takes it never; after some tries, the test ends."""

    def __init__(self, tries: int) -> None:
        self.tries = tries

    async def run(self, _: object) -> None:
        self.tries -= 1
        if self.tries < 0:
            raise asyncio.CancelledError
        raise CredentialsRefused("no")


async def test_pauses_grow_though_the_login_itself_succeeds() -> None:
    """Each login may make a token, and the server limits how many."""
    refusals: list[int] = []

    def pause(attempts: int) -> timedelta:
        refusals.append(attempts)
        return timedelta(0)

    credentials = TokenCredentials(user_id="bot", auth_token="t")
    bot = Login(Rest(), credentials, pause=pause)  # type: ignore[arg-type]
    with pytest.raises(asyncio.CancelledError):
        await bot.listen(Stream(4), None)  # type: ignore[arg-type]
    assert refusals == [1, 2, 3, 4]
