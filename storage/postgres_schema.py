"""The tables in PostgreSQL, as of the newest migration.

Values are kept as the codec writes them; beside them stands what they are found by. Texts are
compared byte by byte (`COLLATE "C"`): ids and folded words have no language.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Sequence,
    SmallInteger,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

REVISION = "0002"
"""The migration that this program works with, no older and no newer one."""

OWED = "casebot_owed"
"""The channel on which whoever owes something tells the others."""

MOST = 2**63 - 1
"""The largest number a column holds; a person may type a larger one."""

metadata = MetaData()
_TEXT = Text(collation="C")
_PENDING = text("state = 'pending'")
_OVER = text("state = 'closed' AND NOT erased")

case_numbers = Sequence("case_numbers", metadata=metadata)

cases = Table(
    "cases",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("version", Integer, nullable=False),
    Column("customer", _TEXT, nullable=False),
    Column("owner", _TEXT, nullable=False),
    Column("level", SmallInteger, nullable=False),
    Column("state", _TEXT, nullable=False),
    Column("alert_open", Boolean, nullable=False),
    Column("issue_id", _TEXT),
    Column("issue_key", _TEXT),
    Column("words", _TEXT, nullable=False),
    Column("grams", ARRAY(_TEXT), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("owners", ARRAY(_TEXT), nullable=False),
    Column("severity", _TEXT, nullable=False),
    Column("product", _TEXT, nullable=False),
    Column("milestone", _TEXT),
    Column("with_issue", Boolean, nullable=False),
    Column("waiting", Boolean, nullable=False),
    Column("due_at", DateTime(timezone=True)),
    Column("updated_at", DateTime(timezone=True), nullable=False),
    Column("erased", Boolean, nullable=False),
    Index("cases_by_customer", "customer", "id"),
    Index("cases_by_owner", "owner", "id"),
    Index("cases_by_state", "state", "level", "id"),
    Index("cases_by_level", "level", "id"),
    Index("cases_by_issue", "issue_id", "id"),
    Index("cases_by_issue_key", "issue_key", "id"),
    Index("cases_with_alert", "id", postgresql_where=text("alert_open")),
    Index("cases_by_grams", "grams", postgresql_using="gin"),
    Index("cases_by_owners", "owners", postgresql_using="gin"),
    Index("cases_by_severity", "severity", "id"),
    Index("cases_by_product", "product", "id"),
    Index("cases_by_milestone", "milestone", "id"),
    Index("cases_by_with_issue", "with_issue", "id"),
    Index("cases_waiting", "id", postgresql_where=text("waiting")),
    Index("cases_by_due", "due_at", postgresql_where=text("due_at IS NOT NULL")),
    Index("cases_by_age", "updated_at", postgresql_where=_OVER),
)

case_threads = Table(
    "case_threads",
    metadata,
    Column("message_id", _TEXT, primary_key=True),
    Column("case_id", BigInteger, primary_key=True, autoincrement=False),
    Index("case_threads_by_case", "case_id"),
)

timeline = Table(
    "timeline",
    metadata,
    Column("id", BigInteger, Identity(always=False), primary_key=True),
    Column("case_id", BigInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Index("timeline_by_case", "case_id", "id"),
)

inbox = Table(
    "inbox",
    metadata,
    Column("message_id", _TEXT, primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False),
    Index("inbox_by_time", "at"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", BigInteger, Identity(always=False), primary_key=True),
    Column("key", _TEXT, nullable=False),
    Column("lane", _TEXT, nullable=False),
    Column("case_id", BigInteger),
    Column("state", _TEXT, nullable=False),
    Column("owed_at", DateTime(timezone=True), nullable=False),
    Column("not_before", DateTime(timezone=True)),
    Column("claimed_by", _TEXT),
    Column("claimed_in", _TEXT),
    Column("claimed_until", DateTime(timezone=True)),
    Column("body", LargeBinary, nullable=False),
    Index("outbox_by_key", "key", unique=True),
    Index("outbox_by_lane", "lane", "id", postgresql_where=_PENDING),
    Index("outbox_by_age", "owed_at", postgresql_where=_PENDING),
    Index("outbox_by_case", "case_id", "id"),
    Index("outbox_by_holder", "claimed_in", postgresql_where=text("claimed_in IS NOT NULL")),
)

issues = Table(
    "issues",
    metadata,
    Column("id", _TEXT, primary_key=True),
    Column("body", LargeBinary, nullable=False),
)

marks = Table(
    "marks",
    metadata,
    Column("name", _TEXT, primary_key=True),
    Column("value", _TEXT, nullable=False),
)

times = Table(
    "times",
    metadata,
    Column("name", _TEXT, primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False),
)

profiles = Table(
    "profiles",
    metadata,
    Column("user_id", _TEXT, primary_key=True),
    Column("digest_at", DateTime(timezone=True)),
    Column("body", LargeBinary, nullable=False),
    Index("profiles_by_digest", "digest_at", postgresql_where=text("digest_at IS NOT NULL")),
)

dialogues = Table(
    "dialogues",
    metadata,
    Column("key", _TEXT, primary_key=True),
    Column("until", DateTime(timezone=True), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Index("dialogues_by_time", "until"),
)

TABLES = (
    cases,
    case_threads,
    timeline,
    inbox,
    outbox,
    issues,
    marks,
    times,
    profiles,
    dialogues,
)


def clean(value: str) -> str:
    """Return a text as a column can hold it: no NUL, no half of a surrogate pair."""
    if value.isascii() and "\0" not in value:
        return value
    return value.encode("utf-8", "replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}")
