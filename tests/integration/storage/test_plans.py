"""That a large database is searched by its indexes, and that its tables are the migrations' sum."""

from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Executable
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.cases.case import CaseState, Level, Milestone, UserId
from bot.cases.query import CaseQuery
from storage.postgres_cases import (
    BY_ISSUE,
    BY_ISSUE_KEY,
    BY_THREAD,
    ENTRIES,
    FIND,
    found_of,
    newest_of,
)
from storage.postgres_connect import connector, engine
from storage.postgres_inbox import FORGET
from storage.postgres_outbox import CLAIM, LEDGER, NEXT_DUE
from storage.postgres_people import DIGESTS, FIND_DIALOGUE, FIND_PROFILE, FORGET_DIALOGUES
from storage.postgres_schema import REVISION, metadata
from storage.postgres_traces import NAMING
from storage.postgres_upgrade import configuration
from tests import postgres
from tests.factories import NOW, after
from tests.postgres import Server

CASES = 20_000
# As a database is after years: most is closed and sent. What stands in a body plays no part here,
# only that it has the usual length.
FILL = f"""
INSERT INTO cases
  (id, version, customer, owner, level, state, alert_open, issue_id, issue_key, words, grams, body,
   owners, severity, product, milestone, with_issue, waiting, due_at, updated_at, erased)
SELECT n, 1, 'id-c' || n % 400, 'id-a' || n % 40,
  CASE WHEN n % 20 = 0 THEN 1 + n % 3 ELSE 1 END,
  CASE WHEN n % 20 = 0 THEN 'open' ELSE 'closed' END,
  n % 200 = 0, n::text, 'sup-' || n, words,
  ARRAY(SELECT DISTINCT substr(words, i, 3) FROM generate_series(1, length(words) - 2) AS i),
  convert_to(repeat('x', 900), 'UTF8'),
  ARRAY['id-a' || n % 40, 'id-s' || n % 30], 'severity' || n % 60, 'product' || n % 50,
  CASE WHEN n % 50 = 0 THEN 'Ready' END, n % 30 = 0, n % 100 = 0,
  CASE WHEN n % 20 = 0 THEN '2026-03-02'::timestamptz + n * interval '1 minute' END,
  '2026-03-02'::timestamptz + n * interval '1 second', n % 3 = 0
FROM (
  SELECT n, 'case-' || n || E'\\n' || (ARRAY['export', 'import', 'login', 'printer'])[1 + n % 4]
    || ' ' || (ARRAY['crash', 'slow', 'empty'])[1 + n % 3] || ' number' || n AS words
  FROM generate_series(1, {CASES}) AS n
) AS titled;
INSERT INTO case_threads SELECT 't' || n, n FROM generate_series(1, {CASES}) AS n;
INSERT INTO timeline (case_id, body)
  SELECT n, convert_to(repeat('x', 200), 'UTF8') FROM generate_series(1, {CASES}) AS n;
INSERT INTO inbox SELECT 'm' || n, '2026-03-02'::timestamptz + n * interval '1 second'
  FROM generate_series(1, {CASES}) AS n;
INSERT INTO profiles SELECT 'id-c' || n,
    CASE WHEN n % 50 = 0 THEN '2026-03-02'::timestamptz + n * interval '1 second' END, '{{}}'
  FROM generate_series(1, {CASES}) AS n;
INSERT INTO dialogues SELECT 'd' || n, '2026-03-02'::timestamptz + n * interval '1 second', '{{}}'
  FROM generate_series(1, {CASES}) AS n;
INSERT INTO outbox (key, lane, case_id, state, owed_at, body)
  SELECT 'k' || n, 'person:id-c' || n % 400, n,
    CASE WHEN n % 400 = 0 THEN 'pending' ELSE 'sent' END, now(),
    convert_to(repeat('x', 500), 'UTF8')
  FROM generate_series(1, {CASES}) AS n;
"""  # noqa: S608 - a number of ours


@pytest.fixture(scope="module")
def large() -> str:
    """A database with many cases."""
    server = postgres.server()
    url = server.create_store()
    server.run(url, FILL)
    server.run(url, "VACUUM ANALYZE")
    return url


QUERIES = {
    "a customer's": CaseQuery(customer=UserId("id-c7"), state=CaseState.OPEN),
    "all of a customer": CaseQuery(customer=UserId("id-c7")),
    "an owner's": CaseQuery(owner=UserId("id-a7"), state=CaseState.OPEN),
    "of a level": CaseQuery(level=Level.ASSESSMENT, state=CaseState.OPEN),
    "open": CaseQuery(state=CaseState.OPEN),
    "waiting for the contact": CaseQuery(alert_open=True, state=CaseState.OPEN),
    "with a word": CaseQuery(words=("number1234",)),
    "with words": CaseQuery(words=("printer", "slow", "19")),
    "by name": CaseQuery(words=("case-777",)),
    "an owner's at any level": CaseQuery(owned_by=UserId("id-s7")),
    "nobody's": CaseQuery(unowned=True),
    "of a severity": CaseQuery(severity="Severity7"),
    "of a product": CaseQuery(product="Product7"),
    "of a milestone": CaseQuery(milestone=Milestone.READY),
    "with an issue": CaseQuery(with_issue=True),
    "that wait for the customer": CaseQuery(waiting=True),
    "that are old": CaseQuery(state=CaseState.CLOSED, erased=False, changed_before=after(-34_000)),
    "that are due": CaseQuery(due_before=after(3600)),
}
STATEMENTS: dict[str, tuple[Executable, dict[str, Any]]] = {
    **{f"newest {name}": (newest_of(query, limit=20), {}) for name, query in QUERIES.items()},
    **{f"list {name}": (found_of(query, limit=20), {}) for name, query in QUERIES.items()},
    "newest of all": (newest_of(CaseQuery(), limit=20), {}),
    "find": (FIND, {"number": 7}),
    "by thread": (BY_THREAD, {"message": "t7"}),
    "by issue": (BY_ISSUE, {"issue": "7"}),
    "by issue key": (BY_ISSUE_KEY, {"issue_key": "sup-7"}),
    "timeline": (ENTRIES, {"number": 7}),
    "ledger": (LEDGER, {"number": 7}),
    "claim": (
        CLAIM,
        {"now": NOW, "until": after(90), "by": "me", "holder": "0" * 16, "most": 16},
    ),
    "next due": (NEXT_DUE, {"now": NOW}),
    "forget": (FORGET, {"before": after(-34_000)}),
    "profile": (FIND_PROFILE, {"user": "id-c7"}),
    "digests": (DIGESTS, {"before": after(-34_000)}),
    "dialogue": (FIND_DIALOGUE, {"dialogue": "d7"}),
    "naming": (NAMING, {"needle": b"x", "first": 1, "last": 200}),
    "forget dialogues": (FORGET_DIALOGUES, {"before": after(-34_000)}),
}


async def plan_of(connection: AsyncConnection, statement: Executable, values: Any) -> str:  # noqa: ANN401
    compiled = statement.compile(  # type: ignore[attr-defined]
        dialect=connection.dialect, compile_kwargs={"render_postcompile": True}
    )
    given = compiled.construct_params(values)
    positions = compiled.positiontup or list(given)
    rows = await connection.exec_driver_sql(
        f"EXPLAIN {compiled.string}", tuple(given[name] for name in positions)
    )
    return "\n".join(row[0] for row in rows)


async def test_no_table_is_read_from_end_to_end(large: str) -> None:
    pool = engine(connector(large))
    plans = {}
    try:
        async with pool.connect() as connection:
            for name, (statement, values) in STATEMENTS.items():
                plans[name] = await plan_of(connection, statement, values)
    finally:
        await pool.dispose()
    scans = {name: plan for name, plan in plans.items() if "Seq Scan" in plan}
    assert not scans, "\n\n".join(f"{name}:\n{plan}" for name, plan in scans.items())
    # What is looked for is found by what it is, not by walking past all the others.
    walks = {name: plan for name, plan in plans.items() if "Backward using cases_pkey" in plan
             and not name.startswith("newest ")}  # fmt: skip
    assert not walks, "\n\n".join(f"{name}:\n{plan}" for name, plan in walks.items())
    # A search that looks for letters uses what was made for it.
    assert "cases_by_grams" in plans["list with a word"]


async def test_the_tables_are_the_sum_of_the_migrations(server: Server) -> None:
    pool = engine(connector(server.create_store()))

    def differences(connection: Connection) -> list[Any]:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, metadata))

    try:
        async with pool.connect() as connection:
            assert await connection.run_sync(differences) == []
    finally:
        await pool.dispose()


def test_the_newest_migration_is_the_one_the_program_works_with() -> None:
    scripts = ScriptDirectory.from_config(configuration())
    assert scripts.get_heads() == [REVISION]
    assert all(
        script.module.__dict__.get("downgrade") is None for script in scripts.walk_revisions()
    )
