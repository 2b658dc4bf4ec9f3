"""Cases and their timelines in PostgreSQL."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    bindparam,
    delete,
    func,
    insert,
    select,
    text,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import insert as insert_or

from bot.cases.case import Case, CaseId, IssueId, Level, MessageId, TimelineEntry
from bot.cases.query import CaseQuery, CaseTitle
from storage.base import StoreUnavailable
from storage.codec import CASE, TIMELINE_ENTRY
from storage.postgres_schema import MOST, case_numbers, case_threads, cases, clean, timeline
from storage.postgres_work import Work, read_body

_GRAM = 3

_WHOLE = select(cases.c.id, cases.c.version, cases.c.body)
# Not FOR UPDATE: nothing refers to a case's key, so that need not be protected.
FIND = _WHOLE.where(cases.c.id == bindparam("number")).with_for_update(key_share=True)
BY_THREAD = (
    _WHOLE.join(case_threads, case_threads.c.case_id == cases.c.id)
    .where(case_threads.c.message_id == bindparam("message"))
    .order_by(cases.c.id.desc())
    .limit(1)
)
BY_ISSUE = (
    _WHOLE.where(cases.c.issue_id == bindparam("issue"))
    .order_by(cases.c.id)
    .with_for_update(key_share=True)
)
BY_ISSUE_KEY = _WHOLE.where(cases.c.issue_key == bindparam("issue_key")).order_by(cases.c.id)
_ADD = insert_or(cases).on_conflict_do_nothing().returning(cases.c.id)
# The other columns are given with the values: what is always the same is put into words once.
_SAVE = update(cases).where(cases.c.id == bindparam("number")).values(version=cases.c.version + 1)
_SAVE_AS_SEEN = _SAVE.where(cases.c.version == bindparam("seen"))
_ADD_THREAD = insert_or(case_threads).on_conflict_do_nothing()
_DROP_THREADS = delete(case_threads).where(case_threads.c.case_id == bindparam("number"))
_NEXT_NUMBER = select(case_numbers.next_value())
_PASS_NUMBER = text(
    "SELECT setval('case_numbers', :number) FROM case_numbers"
    " WHERE last_value < :number OR NOT is_called"
)
_ADD_ENTRY = insert(timeline).inline()
ENTRIES = (
    select(timeline.c.body).where(timeline.c.case_id == bindparam("number")).order_by(timeline.c.id)
)


class CasePart:
    """The part of a transaction that keeps cases and their timelines.

    A case that was read without a lock, from a list, may be changed by somebody else before it is
    saved: then saving it raises StoreUnavailable instead of taking their change back.
    """

    _work: Work
    _seen: dict[int, tuple[int, tuple[MessageId, ...]]]
    """Version and threads of the cases read so far."""
    _allocated: set[int]

    async def allocate_case_id(self) -> CaseId:
        """See `storage.base.Cases`."""
        [row] = await self._work.read(_NEXT_NUMBER)
        self._allocated.add(row[0])
        return CaseId(row[0])

    async def add_case(self, case: Case) -> None:
        """See `storage.base.Cases`. Raises ValueError if the number is taken."""
        values = {"id": int(case.id), "version": 1, **columns_of(case)}
        self._work.changed = True
        if not await self._work.read(_ADD, values):
            raise ValueError(f"{case.name} exists already")
        if case.id not in self._allocated:
            await self._work.read(_PASS_NUMBER, {"number": int(case.id)})
        await self._add_threads(case)
        self._seen[case.id] = (1, case.threads)

    async def find_case(self, case_id: CaseId) -> Case | None:
        """See `storage.base.Cases`."""
        if not 0 <= case_id <= MOST:
            return None
        return self._one(await self._work.first(FIND, {"number": int(case_id)}))

    async def save_case(self, case: Case) -> None:
        """See `storage.base.Cases`.

        Raises:
            StoreUnavailable: it was read from a list and has changed since.
        """
        version, threads = self._seen.get(case.id, (None, None))
        values = {"number": int(case.id), **columns_of(case)}
        if version is None:
            changed = await self._work.change(_SAVE, values)
        else:
            changed = await self._work.change(_SAVE_AS_SEEN, {"seen": version, **values})
        if not changed and version is None:
            raise KeyError(case.name)
        if not changed:
            raise StoreUnavailable(
                f"{case.name} was changed by somebody else at the same time; nothing was kept."
            )
        if threads != case.threads:
            await self._work.change(_DROP_THREADS, {"number": int(case.id)})
            await self._add_threads(case)
        if version is not None:
            self._seen[case.id] = (version + 1, case.threads)

    async def find_case_by_thread(self, message_id: MessageId) -> Case | None:
        """See `storage.base.Cases`."""
        return self._one(await self._work.first(BY_THREAD, {"message": clean(message_id)}))

    async def list_cases_by_issue(self, issue_id: IssueId) -> Sequence[Case]:
        """See `storage.base.Cases`; locks them as `find_case` does."""
        return self._all(await self._work.read(BY_ISSUE, {"issue": clean(issue_id)}))

    async def list_cases_by_issue_key(self, key: str) -> Sequence[Case]:
        """See `storage.base.Cases`."""
        return self._all(await self._work.read(BY_ISSUE_KEY, {"issue_key": clean(key.casefold())}))

    async def list_cases(
        self, query: CaseQuery, *, limit: int, offset: int = 0, count_to: int | None = None
    ) -> tuple[Sequence[Case], int]:
        """See `storage.base.Cases`."""
        rows = await self._work.read(found_of(query, limit=limit, offset=offset, count_to=count_to))
        total: int = rows[0].total
        if total == count_to:
            # Not all were looked at: those that were need not be the newest.
            rows = await self._work.read(newest_of(query, limit=limit, offset=offset))
        return self._all(row for row in rows if row.id is not None), total

    async def list_titles(self, query: CaseQuery, *, limit: int) -> Sequence[CaseTitle]:
        """See `storage.base.Cases`."""
        rows = await self._work.read(titles_of(query, limit=limit))
        return [
            CaseTitle(CaseId(row.id), row.words.partition("\n")[2], row.product) for row in rows
        ]

    async def add_timeline(self, entry: TimelineEntry) -> None:
        """See `storage.base.Cases`."""
        values = {"case_id": int(entry.case_id), "body": TIMELINE_ENTRY.encode(entry)}
        await self._work.change(_ADD_ENTRY, values)

    async def list_timeline(self, case_id: CaseId) -> Sequence[TimelineEntry]:
        """See `storage.base.Cases`."""
        if not 0 <= case_id <= MOST:
            return ()
        rows = await self._work.read(ENTRIES, {"number": int(case_id)})
        return [
            read_body(TIMELINE_ENTRY, row.body, f"The timeline of CASE-{case_id}") for row in rows
        ]

    async def _add_threads(self, case: Case) -> None:
        if case.threads:
            rows = [{"message_id": clean(one), "case_id": int(case.id)} for one in case.threads]
            await self._work.change(_ADD_THREAD, rows)

    def _one(self, row: Any) -> Case | None:  # noqa: ANN401 - a row of `_WHOLE`, or none
        return None if row is None else self._all([row])[0]

    def _all(self, rows: Iterable[Any]) -> list[Case]:
        found = []
        for row in rows:
            case = read_body(CASE, row.body, f"CASE-{row.id}")
            self._seen[row.id] = (row.version, case.threads)
            found.append(case)
        return found


def columns_of(case: Case) -> dict[str, Any]:
    """Return what is kept of a case, besides its number and version."""
    owner = case.owners.at(case.level)
    issue = case.issue
    # A line end is in no word, so no word is found across the two.
    words = clean(f"{case.name}\n{case.title}".casefold())
    return {
        "customer": clean(case.customer.id),
        "owner": clean(owner.id) if owner else "",
        "level": int(case.level),
        "state": case.state.value,
        "alert_open": case.alert is not None and case.alert.is_open,
        "issue_id": clean(issue.id) if issue and issue.id else None,
        "issue_key": clean(issue.key.casefold()) if issue and issue.key else None,
        "words": words,
        "grams": grams_of(words),
        "body": CASE.encode(case),
        **_facts_of(case),
    }


def _facts_of(case: Case) -> dict[str, Any]:
    owners = map(case.owners.at, Level)
    milestone = case.progress.milestone
    return {
        "owners": [clean(owner.id) for owner in owners if owner is not None],
        "severity": clean(case.severity.casefold()),
        "product": clean(case.product.casefold()),
        "milestone": milestone and milestone.value,
        "with_issue": case.issue is not None,
        "waiting": case.question is not None,
        "due_at": case.due_at,
        "updated_at": case.updated_at,
        "erased": case.erased_at is not None,
    }


def grams_of(words: str) -> list[str]:
    """Return every three letters that follow each other, each once: what an index can find."""
    return sorted({words[at : at + _GRAM] for at in range(len(words) - _GRAM + 1)})


def found_of(
    query: CaseQuery, *, limit: int, offset: int = 0, count_to: int | None = None
) -> Select[Any]:
    """Return the statement that finds everything a query lists, and gives a page of it.

    Its rows have the total besides; a page with nothing on it is one row with that alone.
    """
    # By itself, so that the server does not look for few by walking past all the others.
    everything = select(cases.c.id).where(*_conditions(query)).limit(count_to)
    found = everything.cte("found").prefix_with("MATERIALIZED")
    total = select(func.count().label("total")).select_from(found).subquery()
    page = select(found.c.id).order_by(found.c.id.desc()).limit(limit).offset(offset).subquery()
    on_page = page.join(cases, cases.c.id == page.c.id)
    return (
        select(total.c.total, cases.c.id, cases.c.version, cases.c.body)
        .select_from(total.outerjoin(on_page, true()))
        .order_by(cases.c.id.desc())
    )


def titles_of(query: CaseQuery, *, limit: int) -> Select[Any]:
    """Return the statement that reads what the newest of the cases are about."""
    # By itself, as in `found_of`.
    everything = select(cases.c.id, cases.c.words, cases.c.product).where(*_conditions(query))
    found = everything.cte("found").prefix_with("MATERIALIZED")
    return select(found).order_by(found.c.id.desc()).limit(limit)


def newest_of(query: CaseQuery, *, limit: int, offset: int = 0) -> Select[Any]:
    """Return the statement that gives a page of many: walks from the newest until it is full."""
    # There are many, so what finds few would find too much.
    conditions = _conditions(query, by_index=False)
    newest = _WHOLE.where(*conditions).order_by(cases.c.id.desc())
    return newest.limit(limit).offset(offset)


def _conditions(query: CaseQuery, *, by_index: bool = True) -> Iterable[ColumnElement[bool]]:
    yield from _conditions_of_numbers(query)
    yield from _conditions_of_people(query)
    yield from _conditions_of_progress(query)
    for word in query.words:
        folded = clean(word.casefold())
        # The index finds few, which may have the letters elsewhere; the second condition is exact.
        if by_index and (grams := grams_of(folded)):
            yield cases.c.grams.contains(grams)
        yield func.strpos(cases.c.words, folded) > 0


def _conditions_of_numbers(query: CaseQuery) -> Iterable[ColumnElement[bool]]:
    if query.ids is not None:
        yield cases.c.id.in_(query.ids)
    if query.above is not None:
        yield cases.c.id > query.above
    if query.below is not None:
        yield cases.c.id < query.below


def _conditions_of_people(query: CaseQuery) -> Iterable[ColumnElement[bool]]:
    if query.customer is not None:
        yield cases.c.customer == clean(query.customer)
    if query.owner is not None:
        yield cases.c.owner == clean(query.owner)
    if query.owned_by is not None:
        yield cases.c.owners.contains([clean(query.owned_by)])
    if query.unowned:
        yield cases.c.owner == ""
    if query.waiting is not None:
        yield cases.c.waiting if query.waiting else ~cases.c.waiting
    if query.alert_open is not None:
        yield cases.c.alert_open if query.alert_open else ~cases.c.alert_open


def _conditions_of_progress(query: CaseQuery) -> Iterable[ColumnElement[bool]]:
    if query.level is not None:
        yield cases.c.level == int(query.level)
    if query.state is not None:
        yield cases.c.state == query.state.value
    if query.severity:
        yield cases.c.severity == clean(query.severity.casefold())
    if query.product:
        yield cases.c.product == clean(query.product.casefold())
    if query.milestone is not None:
        yield cases.c.milestone == query.milestone.value
    if query.with_issue is not None:
        yield cases.c.with_issue == query.with_issue
    if query.due_before is not None:
        yield cases.c.due_at <= query.due_before
    yield from _conditions_of_age(query)


def _conditions_of_age(query: CaseQuery) -> Iterable[ColumnElement[bool]]:
    if query.erased is not None:
        yield cases.c.erased if query.erased else ~cases.c.erased
    if query.changed_before is not None:
        yield cases.c.updated_at < query.changed_before
