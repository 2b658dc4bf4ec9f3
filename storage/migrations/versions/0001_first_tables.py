"""The first tables."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.schema import CreateSequence, Sequence

revision = "0001"
down_revision = None

# A step says what the tables were at its time: it must not follow `postgres_schema`.


def upgrade() -> None:
    """Make the tables."""
    _cases()
    _queues()
    _marks()


def _text() -> sa.Text:
    return sa.Text(collation="C")


def _time() -> sa.DateTime:
    return sa.DateTime(timezone=True)


def _cases() -> None:
    op.execute(CreateSequence(Sequence("case_numbers")))
    op.create_table(
        "cases",
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("customer", _text(), nullable=False),
        sa.Column("owner", _text(), nullable=False),
        sa.Column("level", sa.SmallInteger, nullable=False),
        sa.Column("state", _text(), nullable=False),
        sa.Column("alert_open", sa.Boolean, nullable=False),
        sa.Column("issue_id", _text()),
        sa.Column("issue_key", _text()),
        sa.Column("words", _text(), nullable=False),
        sa.Column("grams", ARRAY(_text()), nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
    )
    op.create_index("cases_by_customer", "cases", ["customer", "id"])
    op.create_index("cases_by_owner", "cases", ["owner", "id"])
    op.create_index("cases_by_state", "cases", ["state", "level", "id"])
    op.create_index("cases_by_level", "cases", ["level", "id"])
    op.create_index("cases_by_issue", "cases", ["issue_id", "id"])
    op.create_index("cases_by_issue_key", "cases", ["issue_key", "id"])
    op.create_index("cases_with_alert", "cases", ["id"], postgresql_where=sa.text("alert_open"))
    op.create_index("cases_by_grams", "cases", ["grams"], postgresql_using="gin")
    op.create_table(
        "case_threads",
        sa.Column("message_id", _text(), primary_key=True),
        sa.Column("case_id", sa.BigInteger, primary_key=True, autoincrement=False),
    )
    op.create_index("case_threads_by_case", "case_threads", ["case_id"])
    op.create_table(
        "timeline",
        sa.Column("id", sa.BigInteger, sa.Identity(always=False), primary_key=True),
        sa.Column("case_id", sa.BigInteger, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
    )
    op.create_index("timeline_by_case", "timeline", ["case_id", "id"])


def _queues() -> None:
    op.create_table(
        "inbox",
        sa.Column("message_id", _text(), primary_key=True),
        sa.Column("at", _time(), nullable=False),
    )
    op.create_index("inbox_by_time", "inbox", ["at"])
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger, sa.Identity(always=False), primary_key=True),
        sa.Column("key", _text(), nullable=False),
        sa.Column("lane", _text(), nullable=False),
        sa.Column("case_id", sa.BigInteger),
        sa.Column("state", _text(), nullable=False),
        sa.Column("owed_at", _time(), nullable=False),
        sa.Column("not_before", _time()),
        sa.Column("claimed_by", _text()),
        sa.Column("claimed_in", _text()),
        sa.Column("claimed_until", _time()),
        sa.Column("body", sa.LargeBinary, nullable=False),
    )
    pending = sa.text("state = 'pending'")
    op.create_index("outbox_by_key", "outbox", ["key"], unique=True)
    op.create_index("outbox_by_lane", "outbox", ["lane", "id"], postgresql_where=pending)
    op.create_index("outbox_by_age", "outbox", ["owed_at"], postgresql_where=pending)
    op.create_index("outbox_by_case", "outbox", ["case_id", "id"])
    claimed = sa.text("claimed_in IS NOT NULL")
    op.create_index("outbox_by_holder", "outbox", ["claimed_in"], postgresql_where=claimed)


def _marks() -> None:
    op.create_table(
        "issues",
        sa.Column("id", _text(), primary_key=True),
        sa.Column("body", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "marks",
        sa.Column("name", _text(), primary_key=True),
        sa.Column("value", _text(), nullable=False),
    )
    op.create_table(
        "times",
        sa.Column("name", _text(), primary_key=True),
        sa.Column("at", _time(), nullable=False),
    )
