"""Whatever JSON a server sends, reading it ends in a record or in `Unreadable`."""

import contextlib
import json
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.jira import parsing
from bot.jira.adf import to_adf, to_text
from bot.jira.documents import Document, Paragraph, Preformatted, length
from bot.jira.histories import history_of
from bot.jira.parsing import Unreadable
from bot.jira.records import Issue
from bot.jira.webhooks import issue_id_of
from bot.jira.wiki import to_wiki

AT = datetime(2026, 1, 1, tzinfo=UTC)
ISSUE = Issue(
    id="1", key="A-1", summary="", status_id="1", status_name="x", resolution=None,
    fix_versions=(), updated_at=AT, created_at=AT, url="", project_key="A", labels=(),
)  # fmt: skip

scalars = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None))
)
names = st.sampled_from(
    ["id", "key", "name", "status", "statuses", "fields", "updated", "created", "labels", "items",
     "field", "fieldId", "from", "to", "toString", "fixVersions", "type", "content", "attrs",
     "text", "webhookEvent", "issue", "comment", "self", "accountId", "released", "releaseDate"]
)  # fmt: skip
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=6),
    max_leaves=25,
)


@given(anything)
@settings(max_examples=300, deadline=None)
def test_any_json_is_survived(value: object) -> None:
    for read in (parsing.account, parsing.moment):
        with contextlib.suppress(Unreadable):
            read(value)
    for read_with_url in (parsing.issue, parsing.created_issue):
        with contextlib.suppress(Unreadable):
            read_with_url(value, base_url="https://x.example")
    parsing.statuses(value)
    parsing.attachments(value)
    parsing.server_info(value, url="https://x.example")
    issue_id_of(value)
    to_text(value).encode("utf-8", "surrogatepass")


@given(st.lists(anything, max_size=6))
@settings(max_examples=200, deadline=None)
def test_any_changelog_is_survived_and_can_be_stored(entries: list[object]) -> None:
    history, problems = history_of(ISSUE, entries)
    assert list(history.changes) == sorted(history.changes, key=lambda change: change.at)
    repr((history, problems)).encode()
    for change in history.changes:
        (change.from_name + change.to_name + change.history_id).encode()


@given(st.lists(st.text(st.characters(codec=None), max_size=200), max_size=4))
@settings(max_examples=200, deadline=None)
def test_any_text_can_be_sent(texts: list[str]) -> None:
    document = Document((*map(Paragraph, texts), *map(Preformatted, texts)))
    wiki = to_wiki(document)
    assert length(wiki) <= 32_767
    (wiki + json.dumps(to_adf(document), ensure_ascii=False)).encode()
