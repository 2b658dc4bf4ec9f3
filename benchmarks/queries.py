"""What the program asks of a store, from looking up one case to reading every issue."""

import random
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from statistics import median

from benchmarks.pattern import CUSTOMERS, STAFF
from bot.cases.case import CaseId, CaseState, IssueId, Level, MessageId, UserId
from bot.cases.query import CaseQuery
from handlers.filters import COUNTED, PAGE
from storage.base import DispatcherId, Store, Transaction

Ask = Callable[[Transaction, int], Awaitable[object]]
"""Asks once; the number is that of a case."""

_LARGE_PAGE = 500
_CHANGED = 50
_SECONDS = 0.3
_MOST = 50


async def seconds_of(store: Store, size: int) -> Mapping[str, float]:
    """Return the median of what each takes in a transaction of its own, in seconds."""
    return {what: await _time(store, ask, size) for what, ask in _QUESTIONS.items()}


async def _time(store: Store, ask: Ask, size: int) -> float:
    numbers = random.Random(size)
    taken: list[float] = []
    ends = time.perf_counter() + _SECONDS
    while not taken or (time.perf_counter() < ends and len(taken) < _MOST):
        number = numbers.randint(1, size)
        began = time.perf_counter()
        async with store.transaction(durable=False) as tx:
            await ask(tx, number)
        taken.append(time.perf_counter() - began)
    return median(taken)


def _listing(query: Callable[[int], CaseQuery], *, page: int = 0) -> Ask:
    async def ask(tx: Transaction, number: int) -> object:
        return await tx.list_cases(query(number), limit=PAGE, offset=page * PAGE, count_to=COUNTED)

    return ask


def _staff(number: int) -> UserId:
    return UserId(f"staff{number % STAFF}")


async def _look_up(tx: Transaction, number: int) -> object:
    found = await tx.find_case(CaseId(number))
    assert found is not None
    return found


async def _thread(tx: Transaction, number: int) -> object:
    found = await tx.find_case_by_thread(MessageId(f"command0{number}"))
    assert found is not None
    return found


async def _history(tx: Transaction, number: int) -> object:
    return await tx.list_timeline(CaseId(number)), await tx.list_deliveries(CaseId(number))


async def _poll(tx: Transaction, number: int) -> None:
    for step in range(_CHANGED):
        await tx.find_issue(IssueId(str(10_000 + max(1, number - step))))
    assert await tx.list_cases_by_issue(IssueId(str(10_000 + number)))


async def _claim(tx: Transaction, _: int) -> object:
    now = datetime.now(UTC)
    return (
        await tx.claim_due(by=DispatcherId("benchmark"), now=now, limit=16),
        await tx.find_next_due(now=now),
    )


async def _watch(tx: Transaction, _: int) -> object:
    return await tx.count_pending(), await tx.find_oldest_pending()


async def _sweep(tx: Transaction, number: int) -> object:
    return await tx.list_issues(after=IssueId(str(10_000 + number)), limit=_LARGE_PAGE)


async def _export(tx: Transaction, number: int) -> object:
    query = CaseQuery(state=CaseState.CLOSED, below=CaseId(number))
    return await tx.list_cases(query, limit=_LARGE_PAGE, count_to=_LARGE_PAGE + 1)


_QUESTIONS: Mapping[str, Ask] = {
    "a case by its number": _look_up,
    "a case by its thread": _thread,
    "timeline and ledger of a case": _history,
    "a customer's open cases": _listing(
        lambda n: CaseQuery(customer=UserId(f"customer{n % CUSTOMERS}"), state=CaseState.OPEN)
    ),
    "mine, open": _listing(lambda n: CaseQuery(owner=_staff(n), state=CaseState.OPEN)),
    "mine at any level, open": _listing(
        lambda n: CaseQuery(owned_by=_staff(n), state=CaseState.OPEN)
    ),
    "open (5 %)": _listing(lambda _: CaseQuery(state=CaseState.OPEN)),
    "open at level 3": _listing(lambda _: CaseQuery(state=CaseState.OPEN, level=Level.ASSESSMENT)),
    "open, high, of a product": _listing(
        lambda _: CaseQuery(state=CaseState.OPEN, severity="high", product="reports")
    ),
    "open, nobody's (none)": _listing(lambda _: CaseQuery(state=CaseState.OPEN, unowned=True)),
    "waiting for the customer (none)": _listing(lambda _: CaseQuery(waiting=True)),
    "due (none)": _listing(lambda _: CaseQuery(due_before=datetime.now(UTC))),
    "all, first page": _listing(lambda _: CaseQuery()),
    "all, page 100": _listing(lambda _: CaseQuery(), page=99),
    "search: one in all": _listing(lambda n: CaseQuery(words=(f"export {n} ",))),
    "search: a word in 5 %": _listing(lambda _: CaseQuery(words=("printer",))),
    "search: a word in every title": _listing(lambda _: CaseQuery(words=("fails",))),
    "outbox: what is due (nothing)": _claim,
    "watchdog: what is owed": _watch,
    f"poll: {_CHANGED} changed issues": _poll,
    f"sweep: {_LARGE_PAGE} followed issues": _sweep,
    f"export: {_LARGE_PAGE} cases": _export,
}
