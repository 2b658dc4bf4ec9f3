"""Notices what has gone silent, and tells the administrators: once when it begins, once when over.

Open incidents are kept in the store, so that a restart neither forgets nor repeats one.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

import structlog

from bot.cases.effects import Recipient
from bot.clock import Clock
from bot.desk import Desk, Rules, Texts
from bot.incidents import Extent, Incident
from storage.base import Store, Transaction

log = structlog.get_logger(__name__)


Check = Callable[[Transaction, datetime | None], Awaitable[Extent | None]]
"""Returns how bad it is now, or None if nothing is wrong.

It is told since when it has been on, None if it is not: what cannot be told now stays as it was.
"""
Administrators = Callable[[], Awaitable[Sequence[Recipient]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """An incident that began or is over."""

    incident: Incident
    began: datetime
    extent: Extent | None
    """How bad it is; None: it is over."""


class Watchdog:
    """Looks at everything in turn.

    Args:
        checks: how to find out whether each incident is on.
        administrators: who is told; asked only when there is something to tell.

    Attributes:
        open: the incidents that are on now.
    """

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        rules: Rules,
        texts: Texts,
        checks: Mapping[Incident, Check],
        administrators: Administrators,
    ) -> None:
        self._store = store
        self._clock = clock
        self._rules = rules
        self._texts = texts
        self._checks = checks
        self._administrators = administrators
        self.open: frozenset[Incident] = frozenset()

    async def look(self, *, tell: bool = True) -> bool:
        """Look once; True if somebody has to be told something.

        Args:
            tell: whether it is ours to tell; another bot may see other things than we do.
        """
        changes = await self._compare()
        if not changes or not tell:
            return False
        for change in changes:
            log.error(
                "incident_began" if change.extent else "incident_over",
                incident=change.incident.value,
                **(asdict(change.extent) if change.extent else {}),
            )
        recipients = await self._administrators()
        async with self._store.transaction() as tx:
            desk = Desk(tx=tx, now=self._clock.now(), rules=self._rules, texts=self._texts)
            for change in changes:
                known = await tx.get_mark(_mark(change.incident)) or ""
                if bool(change.extent) is bool(known):  # another bot has told it meanwhile
                    continue
                began = change.began.isoformat()
                await tx.set_mark(_mark(change.incident), began if change.extent else "")
                for number, recipient in enumerate(recipients):
                    await _tell(desk, change, recipient, number)
        return True

    async def _compare(self) -> Sequence[Change]:
        changes = []
        now = self._clock.now()
        async with self._store.transaction(durable=False) as tx:
            found = set()
            for incident, check in self._checks.items():
                mark = await tx.get_mark(_mark(incident))
                since = datetime.fromisoformat(mark) if mark else None
                extent = await check(tx, since)
                if extent:
                    found.add(incident)
                if bool(extent) is not bool(since):
                    changes.append(Change(incident=incident, began=since or now, extent=extent))
        self.open = frozenset(found)
        return changes


def _mark(incident: Incident) -> str:
    return f"incident.{incident.value}"


async def _tell(desk: Desk, change: Change, recipient: Recipient, number: int) -> None:
    event = "began" if change.extent else "over"
    await desk.say(
        f"admin/incident_{event}",
        recipient,
        key=f"incident/{change.incident.value}/{change.began.isoformat()}/{event}/{number}",
        incident=change.incident.value,
        extent=change.extent,
        began=change.began,
        lasted=max(1, round((desk.now - change.began) / timedelta(minutes=1))),
    )
