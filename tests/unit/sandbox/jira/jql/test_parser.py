from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.jira.jql.parser import parse
from sandbox.jira.jql.syntax import (
    And,
    Clause,
    Empty,
    Function,
    JqlSyntaxError,
    Not,
    Or,
    Predicate,
    Sort,
    Value,
    Values,
)


def test_and_binds_tighter_than_or() -> None:
    where = parse("a = 1 OR b = 2 AND c = 3").where
    assert isinstance(where, Or)
    assert where.parts[0] == Clause("a", "=", Value("1"))
    assert isinstance(where.parts[1], And)


def test_parentheses_and_not_group() -> None:
    where = parse("NOT (a = 1 OR b = 2) and ! c = 3").where
    assert isinstance(where, And)
    assert isinstance(where.parts[0], Not)
    assert isinstance(where.parts[0].inner, Or)
    assert isinstance(where.parts[1], Not)


@pytest.mark.parametrize(
    ("text", "operator"),
    [
        ("a = 1", "="),
        ("a != 1", "!="),
        ("a ~ x", "~"),
        ("a !~ x", "!~"),
        ("a >= 1", ">="),
        ("a<1", "<"),
        ("a IN (1)", "in"),
        ("a not in (1)", "not in"),
        ("a is EMPTY", "is"),
        ("a IS NOT null", "is not"),
        ("a was x", "was"),
        ("a WAS NOT IN (x)", "was not in"),
        ("a was in (x)", "was in"),
        ("a changed", "changed"),
    ],
)
def test_operators(text: str, operator: str) -> None:
    where = parse(text).where
    assert isinstance(where, Clause)
    assert where.operator == operator


def test_operands() -> None:
    where = parse('a in ("x \\"y\\"", EMPTY, now(), startOfDay("-1d"), -15m)').where
    assert isinstance(where, Clause)
    assert where.operand == Values(
        (
            Value('x "y"', quoted=True),
            Empty(),
            Function("now"),
            Function("startOfDay", ("-1d",)),
            Value("-15m"),
        )
    )


def test_history_predicates() -> None:
    where = parse('status changed FROM "A" to B after -5m by ann').where
    assert isinstance(where, Clause)
    assert where.predicates == (
        Predicate("from", Value("A", quoted=True)),
        Predicate("to", Value("B")),
        Predicate("after", Value("-5m")),
        Predicate("by", Value("ann")),
    )


def test_order() -> None:
    query = parse("project = X ORDER BY updated ASC, key desc, summary")
    assert query.order == (
        Sort("updated", descending=False),
        Sort("key", descending=True),
        Sort("summary"),
    )


def test_an_order_alone_restricts_nothing() -> None:
    query = parse("order by created")
    assert query.where is None
    assert query.order == (Sort("created"),)
    assert parse("  ").where is None


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (
            "project = BUG x = 1",
            "Expecting either 'OR' or 'AND' but got 'x'. (line 1, character 15)",
        ),
        ("project = ", "Expecting either a value, list or function before the end of the query."),
        ("project", "Expecting operator before the end of the query."),
        ("project BUG", "Expecting operator but got 'BUG'."),
        ("project = DO", "'DO' is a reserved JQL word."),
        ("a = b@c", "The character '@' is a reserved JQL character."),
        ('a = "b', "The quoted string 'b' has not been completed. (line 1, character 5)"),
        ('a = "\\q"', "is an illegal JQL escape sequence"),
        ("(a = 1", "Expecting ')' before the end of the query."),
        ("a in (1", "Expecting either ')' or ','"),
        ("a = 1\nand\n  b", "before the end of the query"),
        ("a = 1\nb = 2", "but got 'b'. (line 2, character 1)"),
        ("a = 1 order by", "Expecting a field name before the end of the query."),
        ("a = 1 order by b c", "Expecting either ',' or the end of the query but got 'c'."),
        ("and = 1", "'and' is a reserved JQL word."),
    ],
)
def test_what_is_wrong_is_said_with_its_place(text: str, complaint: str) -> None:
    with pytest.raises(JqlSyntaxError) as caught:
        parse(text)
    assert complaint in str(caught.value)


def test_a_reserved_word_may_be_quoted() -> None:
    assert parse('project = "DO"').where == Clause("project", "=", Value("DO", quoted=True))


def test_custom_field_numbers_have_brackets() -> None:
    assert parse("cf[10042] ~ x").where == Clause("cf[10042]", "~", Value("x"))


def test_deep_nesting_is_refused_instead_of_exhausting_the_stack() -> None:
    with pytest.raises(JqlSyntaxError, match="nested too deeply"):
        parse("(" * 5000 + "a = 1" + ")" * 5000)


@given(st.text(alphabet="abAND ORnotin()=!~<>,\"'\\@ -15mIS", max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(JqlSyntaxError):
        parse(text)
