"""That every step from older tables keeps what is in them and fills what it adds."""

from alembic import command
from sqlalchemy import Connection

from bot.cases.case import Milestone, Owners, Progress, UserId
from bot.cases.query import CaseQuery
from storage import open_store
from storage.codec import CASE
from storage.postgres_connect import connector, engine
from storage.postgres_schema import REVISION
from storage.postgres_upgrade import configuration, upgrade
from tests.factories import build_case, build_issue_link, build_person
from tests.postgres import Server


async def upgrade_to(revision: str, url: str) -> None:
    """Make the tables of an older version."""

    def run(connection: Connection) -> None:
        command.upgrade(configuration(connection), revision)

    pool = engine(connector(url))
    try:
        async with pool.begin() as connection:
            await connection.run_sync(run)
    finally:
        await pool.dispose()


FIRST = build_case(
    7,
    title="Nul \0 in it",
    owners=Owners(analyst=build_person("anna"), assessor=build_person("rita")),
    severity="High\0",
    product="Straße",
    issue=build_issue_link(),
    progress=Progress(milestone=Milestone.READY),
)


async def test_an_upgrade_fills_the_new_columns_of_the_rows_there_are(server: Server) -> None:
    url = server.create_database()
    await upgrade_to("0001", url)
    bodies = {case.id: CASE.encode(case).hex() for case in (FIRST, build_case(8))}
    rows = ", ".join(
        f"({number}, 1, 'c', '', 1, 'open', false, '', '{{}}', '\\x{body}')"
        for number, body in bodies.items()
    )
    server.run(
        url,
        "INSERT INTO cases (id, version, customer, owner, level, state, alert_open, words, grams,"  # noqa: S608 - ours
        f" body) VALUES {rows}",
    )
    assert await upgrade(url) == ("0001", REVISION)
    queries = {
        "anybody's": CaseQuery(),
        "with an owner": CaseQuery(owned_by=UserId("id-rita")),
        "with a severity": CaseQuery(severity="high\0"),
        "with a product": CaseQuery(product="strasse"),
        "with a milestone": CaseQuery(milestone=Milestone.READY),
        "with an issue": CaseQuery(with_issue=True),
        "waiting": CaseQuery(waiting=False),
        "without an issue": CaseQuery(with_issue=False),
    }
    async with open_store(url) as store, store.transaction() as tx:
        found = {name: (await tx.list_cases(one, limit=9))[0] for name, one in queries.items()}
    assert {name: [case.id for case in cases] for name, cases in found.items()} == {
        **{name: [7] for name in queries},
        "anybody's": [8, 7],
        "waiting": [8, 7],
        "without an issue": [8],
    }
