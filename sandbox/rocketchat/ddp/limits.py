"""The limiter of methods and subscriptions (Rocket.Chat 7.7.1 `rate.ts`, `rateLimiter.js`)."""

from collections.abc import Iterator
from math import ceil

from sandbox.rocketchat.ddp.errors import MethodError
from sandbox.rocketchat.model import User
from sandbox.rocketchat.windows import Windows
from sandbox.rocketchat.wire import to_ms
from sandbox.rocketchat.workspace import Workspace

# Names that begin so may come four times as often under the rules per method.
STREAM_FACTOR = 4
# Method, calls, milliseconds: per user, whatever the settings say.
OWN_RULES = {"sendMessage": (5, 1_000), "createDirectMessage": (10, 60_000)}
ALWAYS = {"setUserStatus": (1, 1_000), "followMessage": (5, 5_000)}
SECOND = 1000


class DdpLimiter:
    """Counts what comes in, over all connections."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._windows = Windows()

    def check(self, name: str, *, session: str, user: User | None, address: str) -> None:
        """Count one call; refuse it when one of the rules is broken.

        Raises:
            MethodError: `too-many-requests`, with the milliseconds to wait.
        """
        now = to_ms(self._workspace.now())
        for key, limit, span in self._rules(name, session, user, address):
            count = self._windows.hit(key, limit=limit, span=span, now=now)
            if not count.allowed:
                wait = max(count.reset_at - now, 1)
                raise MethodError(
                    "too-many-requests",
                    "Error, too many requests. Please slow down. You must wait "
                    f"{ceil(wait / SECOND)} seconds before trying again.",
                    {"timeToReset": wait},
                )

    def _rules(
        self, name: str, session: str, user: User | None, address: str
    ) -> Iterator[tuple[object, int, int]]:
        factor = STREAM_FACTOR if name.startswith("stream-") else 1
        yield from self._rule("IP", ("ip", address))
        yield from self._rule("Connection", ("connection", session))
        yield from self._rule("Connection_By_Method", ("connection", session, name), factor)
        if user is None:
            return
        yield from self._rule("User", ("user", user.id))
        yield from self._rule("User_By_Method", ("user", user.id, name), factor)
        own = ALWAYS.get(name)
        if own is None and not self._workspace.access.permits(user, "send-many-messages"):
            own = OWN_RULES.get(name)
        if own is not None:
            yield (("own", user.id, name), *own)

    def _rule(self, name: str, key: object, factor: int = 1) -> Iterator[tuple[object, int, int]]:
        settings, prefix = self._workspace.settings, f"DDP_Rate_Limit_{name}_"
        if settings.on(f"{prefix}Enabled"):
            limit = settings.number(f"{prefix}Requests_Allowed") * factor
            yield key, limit, settings.number(f"{prefix}Interval_Time")
