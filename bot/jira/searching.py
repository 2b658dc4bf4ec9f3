"""Every result of a JQL query, page by page, with nothing skipped and no endless walk."""

from collections.abc import AsyncIterator, Sequence

from bot.errors import Rejected, Retryable
from bot.jira import parsing
from bot.jira.answers import Answer
from bot.jira.connection import Connection
from bot.jira.dialect import LENIENT, Dialect, Request
from bot.jira.parsing import items, mapping

# More than any site has in one query's window; what goes on beyond is a server gone wrong.
_MOST_ISSUES = 200_000
# How far the next page reaches back into the last one, to notice that rows have moved.
_OVERLAP = 20
# Requests in a row that brought nothing.
_MOST_STALE = 20


async def search(
    connection: Connection, jql: str, *, expand: Sequence[str] = ()
) -> dict[str, object]:
    """Return every issue that matches, by id, as the server sent it and in its order.

    An issue met twice is kept as it was seen last. What has no id is under the empty id.

    Args:
        connection: asked as its deployment wants it: by token on Cloud, else by position.
        jql: must restrict the search; its order decides the order of the pages.
        expand: for Data Center only.

    Raises:
        CredentialsRefused: nothing was found because the server does not know us any more.
        Retryable: the server's pages do not add up; nothing was read.
    """
    dialect = await connection.dialect()
    found = await _by_token(connection, dialect, jql) if dialect.deployment == "cloud" else None
    return await _by_position(connection, dialect, jql, expand) if found is None else found


async def _by_token(connection: Connection, dialect: Dialect, jql: str) -> dict[str, object] | None:
    found: dict[str, object] = {}
    seen_tokens: set[str] = set()
    token: str | None = None
    while True:
        request = dialect.search_by_token(jql, token=token)
        answer = await connection.ask_if_present(request)
        if answer is None:
            return None
        page = mapping(connection.data(answer, request))
        fresh = _take(page, into=found)
        token = parsing.token(page.get("nextPageToken"))
        if not found:
            await connection.confirm(answer)
        is_stuck = token in seen_tokens or not fresh
        # Some servers name a token even on a page they call the last.
        if token is None or (is_stuck and page.get("isLast") is True):
            return found
        if is_stuck or len(found) > _MOST_ISSUES:
            raise Retryable("Jira's search goes in circles: a page repeats")
        seen_tokens.add(token)


async def _by_position(
    connection: Connection, dialect: Dialect, jql: str, expand: Sequence[str]
) -> dict[str, object]:
    found: dict[str, object] = {}
    async for page in _pages(connection, dialect, jql, expand, found):
        _take(page, into=found)
        if len(found) > _MOST_ISSUES:
            raise Retryable("Jira's search does not end")
    return found


async def _pages(
    connection: Connection,
    dialect: Dialect,
    jql: str,
    expand: Sequence[str],
    found: dict[str, object],
) -> AsyncIterator[dict[str, object]]:
    """Walk by position; an issue that is updated meanwhile moves to the end and all others up.

    So each page begins within the one before: if its first issue is known and has not moved
    itself, nothing lies between. If not, the walk steps back until it is.
    """
    start, back, stale = 0, 0, 0
    while stale < _MOST_STALE:
        answer, request = await _page_at(connection, dialect, jql, expand, start)
        page = dict(mapping(connection.data(answer, request)))
        rows = _rows(page)
        if back and rows and not _continues(rows[0], found):
            start, back, stale = max(0, start - back), (back * 2 if start > back else 0), stale + 1
            continue
        if not start and not rows:
            await connection.confirm(answer)
        is_fresh = any(parsing.issue_id(row) not in found for row in rows)
        yield page
        total, end = parsing.number(page.get("total")), start + len(rows)
        # Behind a page without news there are only issues updated since: the next poll's.
        if not rows or (total is not None and end >= total) or (start and not is_fresh):
            return
        stale = 0 if is_fresh else stale + 1
        back = min(_OVERLAP, len(rows) // 2)
        start = end - back
    raise Retryable("Jira's search keeps changing while it is read")


async def _page_at(
    connection: Connection, dialect: Dialect, jql: str, expand: Sequence[str], start: int
) -> tuple[Answer, Request]:
    request = dialect.search_by_offset(
        jql, start=start, expand=expand, lenient=connection.searches_leniently
    )
    try:
        return await connection.ask(request), request
    except Rejected as refusal:
        # Some servers close the request to what they do not know; that one they name.
        if not connection.searches_leniently or LENIENT not in str(refusal):
            raise
    connection.searches_leniently = False
    return await _page_at(connection, dialect, jql, expand, start)


def _continues(row: object, found: dict[str, object]) -> bool:
    known = mapping(found.get(parsing.issue_id(row)))
    updated = mapping(known.get("fields")).get("updated")
    return bool(known) and updated == mapping(mapping(row).get("fields")).get("updated")


def _take(page: object, *, into: dict[str, object]) -> int:
    before = len(into)
    for row in _rows(page):
        into[parsing.issue_id(row)] = row
    return len(into) - before


def _rows(page: object) -> list[object]:
    rows = mapping(page).get("issues")
    if not isinstance(rows, list):
        raise Retryable("Jira's search answered without a list of issues")
    return items(rows)
