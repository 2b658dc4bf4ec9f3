"""Makes the files that are sent: from what is kept when they are sent, a page at a time."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

from bot.cases.case import Case, Person
from bot.cases.clocks import is_overdue
from bot.cases.effects import CaseExport, Content
from bot.cases.policy import Policy
from bot.cases.query import CaseQuery
from bot.clock import Clock
from bot.delivery.case_table import csv_head, csv_lines, json_lines
from bot.delivery.person_document import document_of
from bot.holdings import find_holdings
from storage.base import Store

_PAGE = 500


class Exports:
    """Writes exports to files."""

    def __init__(self, store: Store, clock: Clock, policy: Policy | None = None) -> None:
        self._store = store
        self._clock = clock
        self._policy = policy or Policy()

    async def write(self, content: Content, to: Path) -> None:
        """Write a file at `to`.

        Raises:
            StoreUnavailable: it could not be read; the file is not complete.
        """
        if isinstance(content, CaseExport):
            await self._write_cases(content, to)
        else:
            await self._write_person(content.person, to)

    async def _write_cases(self, content: CaseExport, to: Path) -> None:
        lines = csv_lines if content.format == "csv" else json_lines
        with to.open("wb") as file:
            if content.format == "csv":
                file.write(csv_head())
            async for page in self._pages(content.query):
                await asyncio.to_thread(file.writelines, lines(self._meant(content, page)))

    def _meant(self, content: CaseExport, page: list[Case]) -> list[Case]:
        if not content.overdue:
            return page
        now = self._clock.now()
        return [case for case in page if is_overdue(case, self._policy, now)]

    async def _write_person(self, person: Person, to: Path) -> None:
        async with self._store.transaction(durable=False) as tx:
            holdings = await find_holdings(tx, person)
        document = await asyncio.to_thread(document_of, holdings, at=self._clock.now())
        await asyncio.to_thread(to.write_bytes, document)

    async def _pages(self, query: CaseQuery) -> AsyncIterator[list[Case]]:
        """Return the cases asked for, the newest first, each once whatever changes meanwhile."""
        while True:
            async with self._store.transaction(durable=False) as tx:
                page, total = await tx.list_cases(query, limit=_PAGE, count_to=_PAGE + 1)
            if not page:
                return
            yield list(page)
            if len(page) == total:
                return
            query = replace(query, below=page[-1].id)
