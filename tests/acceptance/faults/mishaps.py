"""What goes wrong with the two servers while the bot works, one thing at a time, for a moment."""

import asyncio
import random
from collections.abc import Callable, Coroutine
from datetime import timedelta

from sandbox.jira.faults import Faults as JiraFaults
from sandbox.rocketchat.faults import Faults as ChatFaults
from tests.acceptance.faults.scene import Scene

Mishap = Callable[[Scene, random.Random], Coroutine[object, object, None]]

BAD_GATEWAY = "<html><body><h1>502 Bad Gateway</h1></body></html>"
SEND = "chat.sendMessage"


# Rocket.Chat


async def chat_errors(scene: Scene, rng: random.Random) -> None:
    """Let requests fail in one of the ways a server or a proxy has."""
    faults = scene.world.chat.faults
    path = rng.choice((SEND, SEND, "*", "rooms.get", "rooms.history", "im.create", "me"))
    times = rng.randint(1, 3)
    ways: tuple[Callable[[], None], ...] = (
        lambda: faults.too_many_requests(path, times=times, seconds=1),
        lambda: faults.fail_next(path, times=times, status=429, body={"success": False}),
        lambda: faults.fail_next(path, times=times, status=429, body="Too Many Requests"),
        lambda: faults.fail_next(path, times=times, status=500),
        lambda: faults.fail_next(path, times=times, status=502, body=BAD_GATEWAY),
        lambda: faults.unavailable(path, times=times),
        lambda: faults.drop_before(path, times=times),
        lambda: faults.drop_after(path, times=times),
        lambda: faults.delay(path, seconds=rng.uniform(0.1, 0.8), times=times),
    )
    rng.choice(ways)()


async def chat_websockets_cut(scene: Scene, rng: random.Random) -> None:
    """Cut every websocket, perhaps twice."""
    for _ in range(rng.randint(1, 2)):
        scene.world.chat.faults.close_websockets()
        await asyncio.sleep(rng.uniform(0, 0.3))


async def chat_events_doubled(scene: Scene, rng: random.Random) -> None:
    """Send the next events twice."""
    scene.world.chat.faults.duplicate_events(rng.randint(1, 12))


async def chat_half_open(scene: Scene, rng: random.Random) -> None:
    """Let the websockets be open and dead, until they are cut."""
    faults = scene.world.chat.faults
    faults.half_open_websockets()
    await asyncio.sleep(rng.uniform(0.1, 0.8))
    faults.half_open_websockets(on=False)
    faults.close_websockets()


async def frozen(faults: ChatFaults | JiraFaults, rng: random.Random) -> None:
    """Take everything in and answer nothing for a while; then perhaps cut what has waited."""
    faults.freeze()
    await asyncio.sleep(rng.uniform(0.1, 1.0))
    if rng.random() < 0.5:
        await faults.refuse_connections()
        await faults.accept_connections()
    faults.thaw()


async def away(faults: ChatFaults | JiraFaults, rng: random.Random) -> None:
    """Be away for a while."""
    await faults.refuse_connections()
    await asyncio.sleep(rng.uniform(0.1, 1.2))
    await faults.accept_connections()


async def chat_frozen(scene: Scene, rng: random.Random) -> None:
    """Let the chat server take everything and answer nothing."""
    await frozen(scene.world.chat.faults, rng)


async def chat_away(scene: Scene, rng: random.Random) -> None:
    """Let the chat server be away."""
    await away(scene.world.chat.faults, rng)


# Jira


async def jira_errors(scene: Scene, rng: random.Random) -> None:
    """Let reading requests fail in one of the ways a server or a proxy has."""
    faults = scene.world.jira.faults
    route = rng.choice(("* /search*", "GET *", "*changelog*"))
    times = rng.randint(1, 3)
    ways: tuple[Callable[[], object], ...] = (
        lambda: faults.rate_limit(route, times=times),
        lambda: faults.rate_limit(route, times=times, flavour="datacenter"),
        lambda: faults.fail(route, times=times, status=429),
        lambda: faults.fail(route, times=times, status=500),
        lambda: faults.html(route, times=times, status=502),
        lambda: faults.html(route, times=times, status=503),
        lambda: faults.drop(route, times=times),
        lambda: faults.accept_and_drop(route, times=times),
        lambda: faults.delay(route, rng.uniform(0.1, 0.8), times=times),
    )
    rng.choice(ways)()


async def jira_create_unanswered(scene: Scene, rng: random.Random) -> None:
    """Let the next issues be created without an answer, or be refused for now."""
    if rng.random() < 0.7:
        scene.world.jira.faults.accept_and_drop()
    else:
        scene.world.jira.faults.rate_limit("POST /issue")


async def jira_create_lost(scene: Scene, rng: random.Random) -> None:
    """Let the next create fail, so that nobody knows whether it was carried out."""
    faults = scene.world.jira.faults
    ways: tuple[Callable[[], object], ...] = (
        lambda: faults.drop("POST /issue"),
        lambda: faults.html("POST /issue", status=503),
        lambda: faults.fail("POST /issue", status=500),
    )
    rng.choice(ways)()


async def jira_index_late(scene: Scene, rng: random.Random) -> None:
    """Let searches be behind, from now on."""
    lag = rng.choice((0.0, 0.0, rng.uniform(0.1, 3.0)))
    scene.world.jira.switches.index_lag = timedelta(seconds=lag)


async def jira_frozen(scene: Scene, rng: random.Random) -> None:
    """Let Jira take everything and answer nothing."""
    await frozen(scene.world.jira.faults, rng)


async def jira_away(scene: Scene, rng: random.Random) -> None:
    """Let Jira be away."""
    await away(scene.world.jira.faults, rng)


async def jira_anonymous(scene: Scene, rng: random.Random) -> None:
    """Let Jira know us no more, which on Cloud looks like an empty world."""
    account = scene.world.jira.site.account("casebot")
    assert account is not None
    token, account.api_token = account.api_token, "another-token"
    try:
        await asyncio.sleep(rng.uniform(0.3, 0.8))
    finally:
        account.api_token = token


async def jira_login_page(scene: Scene, rng: random.Random) -> None:
    """Let Jira answer searches with its login page, as a single sign-on in front of it does."""
    faults = scene.world.jira.faults
    faults.redirect_to_login("* /search*", times=None)
    await asyncio.sleep(rng.uniform(0.3, 0.8))
    faults.clear()


ANY_TIME: tuple[Mishap, ...] = (
    chat_errors, chat_errors, chat_errors, chat_websockets_cut, chat_events_doubled,
    chat_half_open, chat_frozen, chat_away,
    jira_errors, jira_errors, jira_index_late, jira_create_unanswered, jira_frozen, jira_away,
)  # fmt: skip
"""What a kill may come on top of."""

ALONE: tuple[Mishap, ...] = (jira_anonymous, jira_login_page)
"""What would keep a bot that starts meanwhile from starting, as it should."""

LONG: tuple[Mishap, ...] = (jira_create_lost,)
"""What takes minutes to settle."""
