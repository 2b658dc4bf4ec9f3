"""What people chose and were asked; more that cases are found by."""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0002"
down_revision = "0001"

# A step says what the tables were at its time: it must not follow `postgres_schema`.

_BATCH = 500
_LEVELS = ("analyst", "specialist", "assessor")


def upgrade() -> None:
    """Make the tables and columns, and fill the columns from what stands in the rows."""
    _add_columns()
    _fill_columns(op.get_bind())
    _add_indexes()
    _people()


def _text() -> sa.Text:
    return sa.Text(collation="C")


def _time() -> sa.DateTime:
    return sa.DateTime(timezone=True)


def _add_columns() -> None:
    for column in (
        sa.Column("owners", ARRAY(_text()), nullable=False, server_default="{}"),
        sa.Column("severity", _text(), nullable=False, server_default=""),
        sa.Column("product", _text(), nullable=False, server_default=""),
        sa.Column("milestone", _text()),
        sa.Column("with_issue", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("waiting", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("due_at", _time()),
        sa.Column("updated_at", _time(), nullable=False, server_default=sa.func.now()),
        sa.Column("erased", sa.Boolean, nullable=False, server_default=sa.false()),
    ):
        op.add_column("cases", column)


def _fill_columns(connection: sa.Connection) -> None:
    cases = sa.table(
        "cases",
        sa.column("id"),
        sa.column("body"),
        sa.column("owners", ARRAY(_text())),
        *map(sa.column, ("severity", "product", "milestone", "with_issue", "waiting")),
        sa.column("due_at", _time()),
        sa.column("updated_at", _time()),
    )
    fill = sa.update(cases).where(cases.c.id == sa.bindparam("number"))
    for rows in _batches(connection, cases):
        connection.execute(fill, [{"number": row.id, **_columns_of(row.body)} for row in rows])
    for name in (
        "owners", "severity", "product", "with_issue", "waiting", "updated_at", "erased",
    ):  # fmt: skip
        op.alter_column("cases", name, server_default=None)


def _batches(connection: sa.Connection, cases: sa.TableClause) -> Iterator[Sequence[Any]]:
    last = -1
    page = sa.select(cases.c.id, cases.c.body).order_by(cases.c.id).limit(_BATCH)
    while rows := connection.execute(page.where(cases.c.id > last)).all():
        yield rows
        last = rows[-1].id


def _columns_of(body: bytes) -> dict[str, Any]:
    case = json.loads(body)
    owners = case.get("owners", {})
    due_at = case.get("due_at")
    return {
        "owners": [owners[level]["id"] for level in _LEVELS if owners.get(level)],
        "severity": _clean(case.get("severity", "").casefold()),
        "product": _clean(case.get("product", "").casefold()),
        "milestone": case.get("progress", {}).get("milestone"),
        "with_issue": case.get("issue") is not None,
        "waiting": case.get("question") is not None,
        "due_at": datetime.fromisoformat(due_at) if due_at else None,
        "updated_at": datetime.fromisoformat(case["updated_at"]),
    }


def _clean(value: str) -> str:
    return value.replace("\0", "\N{REPLACEMENT CHARACTER}")


def _add_indexes() -> None:
    op.create_index("cases_by_owners", "cases", ["owners"], postgresql_using="gin")
    for name in ("severity", "product", "milestone", "with_issue"):
        op.create_index(f"cases_by_{name}", "cases", [name, "id"])
    op.create_index("cases_waiting", "cases", ["id"], postgresql_where=sa.text("waiting"))
    due = sa.text("due_at IS NOT NULL")
    op.create_index("cases_by_due", "cases", ["due_at"], postgresql_where=due)
    over = sa.text("state = 'closed' AND NOT erased")
    op.create_index("cases_by_age", "cases", ["updated_at"], postgresql_where=over)


def _people() -> None:
    op.create_table(
        "profiles",
        sa.Column("user_id", _text(), primary_key=True),
        sa.Column("digest_at", _time()),
        sa.Column("body", sa.LargeBinary, nullable=False),
    )
    wanted = sa.text("digest_at IS NOT NULL")
    op.create_index("profiles_by_digest", "profiles", ["digest_at"], postgresql_where=wanted)
    op.create_table(
        "dialogues",
        sa.Column("key", _text(), primary_key=True),
        sa.Column("until", _time(), nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
    )
    op.create_index("dialogues_by_time", "dialogues", ["until"])
