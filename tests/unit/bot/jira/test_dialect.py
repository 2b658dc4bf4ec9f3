import pytest

from bot.jira.dialect import (
    Cloud,
    DataCenter,
    Request,
    changed_jql,
    dialect_of,
    ids_jql,
    label_jql,
    quoted,
)
from bot.jira.documents import Document, Heading, Paragraph
from bot.jira.parsing import mapping


def create(dialect: Cloud | DataCenter, **other: object) -> Request:
    wanted = {
        "project": "DEF",
        "issue_type": "Bug",
        "summary": "Two\nlines " + "x" * 400,
        "description": Document((Heading("H"), Paragraph("p"))),
        "labels": ("case-1",),
        "issue_property": ("case", {"id": 1}),
        **other,
    }
    return dialect.create_issue(**wanted)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "literal"),
    [
        ("DO", '"DO"'),
        ('a" OR project = "X', r'"a\" OR project = \"X"'),
        ("back\\", '"back\\\\"'),
        ('\\"', r'"\\\""'),
        ("line\nend", r'"line\u000aend"'),
    ],
)
def test_no_value_breaks_out_of_its_quotes(value: str, literal: str) -> None:
    assert quoted(value) == literal


def test_queries() -> None:
    assert changed_jql(["B", "A", "B"], minutes=16) == (
        'project in ("A", "B") AND updated >= -16m ORDER BY updated ASC, key ASC'
    )
    assert label_jql("DEF", "case-1") == ('project = "DEF" AND labels = "case-1" ORDER BY key ASC')
    assert ids_jql(["10", "x) OR (1=1"]) == 'id in (10, "x) OR (1=1") ORDER BY key ASC'


def test_the_deployments_have_their_own_paths() -> None:
    assert dialect_of("cloud").myself().path == "/rest/api/3/myself"
    assert dialect_of("datacenter").myself().path == "/rest/api/2/myself"


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ("DEF-1", "DEF-1"),
        ("../x", "..%2Fx"),
        ("a?b#c", "a%3Fb%23c"),
        ("..", "-"),
        (".", "-"),
        ("", "-"),
    ],
)
def test_no_id_leaves_its_place_in_the_path(given: str, path: str) -> None:
    assert Cloud().issue(given).path == f"/rest/api/3/issue/{path}"


def test_text_is_a_tree_on_cloud_and_markup_on_data_center() -> None:
    cloud = mapping(mapping(create(Cloud()).json)["fields"])
    center = mapping(mapping(create(DataCenter()).json)["fields"])
    assert mapping(cloud["description"])["type"] == "doc"
    assert center["description"] == "h3. H\n\np"


def test_the_marker_is_part_of_the_create() -> None:
    body = mapping(create(Cloud()).json)
    assert body["properties"] == [{"key": "case", "value": {"id": 1}}]
    fields = mapping(body["fields"])
    assert fields["labels"] == ["case-1"]
    assert fields["summary"] == "Two lines " + "x" * 239 + "…"
    assert "properties" not in mapping(create(Cloud(), issue_property=None).json)


def test_a_comment_is_internal_unless_told_otherwise() -> None:
    document = Document((Heading("H"),))
    hidden = Cloud().comment("1", document, internal=True)
    assert mapping(hidden.json)["properties"] == [
        {"key": "sd.public.comment", "value": {"internal": True}}
    ]
    shown = DataCenter().comment("1", document, internal=False)
    assert shown.json == {"body": "h3. H"}


def test_only_what_must_not_happen_twice_is_a_write() -> None:
    cloud = Cloud()
    assert create(cloud).is_write
    assert cloud.comment("1", Document(()), internal=True).is_write
    assert not cloud.search_by_token("x", token=None).is_write
    assert not cloud.bulk_changelogs(["1"], token=None).is_write
    assert not cloud.remote_link("1", global_id="g", url="u", title="t", summary="").is_write


def test_nothing_secret_is_shown() -> None:
    assert "line" not in repr(create(Cloud()))
