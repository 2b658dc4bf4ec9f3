"""Whether the doctor notices that nothing would be heard."""

from datetime import timedelta

from bot.doctor import hears
from bot.rocketchat.records import Session
from tests.integration.bot.rocketchat.stub import Peer, Stub


async def let_in(peer: Peer) -> None:
    await peer.handshake()
    await peer.until_closed()


async def ignore(peer: Peer) -> None:
    """Answer nothing at all."""
    await peer.until_closed()


async def test_a_server_that_lets_the_bot_in_is_heard(stub: Stub, bot: Session) -> None:
    stub.scripts = [let_in]
    assert (await hears(stub.url, bot)).good


async def test_a_proxy_that_passes_no_websockets_on_is_named(stub: Stub, bot: Session) -> None:
    found = await hears(stub.url, bot)
    assert not found.good
    assert "passes websockets on" in found.what
    assert bot.auth_token not in found.what


async def test_a_server_that_says_nothing_is_not_waited_for_without_end(
    stub: Stub, bot: Session
) -> None:
    stub.scripts = [ignore]
    found = await hears(stub.url, bot, within=timedelta(seconds=0.2))
    assert not found.good
    assert "for the server's hello" in found.what
