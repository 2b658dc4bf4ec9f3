"""Searching in words: `summary ~ "disk full"`."""

import re
from collections.abc import Callable
from fnmatch import translate

from sandbox.jira.jql.context import Context, written
from sandbox.jira.jql.plan import Node, nothing
from sandbox.jira.jql.syntax import Clause, Empty, Value
from sandbox.jira.model import Issue

_WORD = re.compile(r"\w+", re.UNICODE)
_QUERY_PART = re.compile(r'([+-]?)(?:"([^"]*)"|(\S+))')

Texts = Callable[[Issue], tuple[str, ...]]


def _rich(issue: Issue) -> tuple[str, ...]:
    return (issue.description.text,) if issue.description else ()


def _comments(issue: Issue) -> tuple[str, ...]:
    return tuple(comment.body.text for comment in issue.comments)


def _environment(issue: Issue) -> tuple[str, ...]:
    return (issue.environment.text,) if issue.environment else ()


TEXTS: dict[str, Texts] = {
    "summary": lambda issue: (issue.summary,),
    "description": _rich,
    "environment": _environment,
    "comment": _comments,
    "text": lambda issue: (
        issue.summary,
        *_rich(issue),
        *_environment(issue),
        *_comments(issue),
        *(value for value in issue.custom.values() if isinstance(value, str)),
    ),
}


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())


def _term(text: str) -> Callable[[list[str]], bool]:
    """Return a test for words in this order; `*` and `?` stand for letters in single ones."""
    folded = text.casefold()
    if "*" in folded or "?" in folded:
        # Never goes back further than one star, however many there are.
        pattern = re.compile(translate(folded.replace("[", "[[]")))
        return lambda words: any(pattern.match(word) for word in words)
    wanted = _words(folded)
    size = len(wanted)
    return lambda words: (
        not size or any(words[at : at + size] == wanted for at in range(len(words) - size + 1))
    )


def matcher(query: str) -> Callable[[tuple[str, ...]], bool]:
    """Return a test that wants all terms of a text query, and none of those after a minus."""
    terms = [(sign, _term(phrase or word)) for sign, phrase, word in _QUERY_PART.findall(query)]

    def test(texts: tuple[str, ...]) -> bool:
        bags = [_words(text) for text in texts]
        return all(any(term(bag) for bag in bags) is (sign != "-") for sign, term in terms)

    return test


def build(context: Context, clause: Clause, texts: Texts) -> Node:
    """Make a clause on a text field ready."""
    operator = clause.operator
    if operator in {"is", "is not"} and isinstance(clause.operand, Empty):
        wanted = operator == "is not"
        return Node(lambda issue: any(texts(issue)) is wanted)
    if operator not in {"~", "!~"}:
        context.problems.append(
            f"The operator '{operator}' is not supported by the '{clause.field}' field."
        )
        return Node(nothing)
    if not isinstance(clause.operand, Value):
        context.problems.append(
            f"The operator '{operator}' does not support the value '{written(clause.operand)}' "
            f"for the field '{clause.field}'."
        )
        return Node(nothing)
    query = clause.operand.text
    if query[:1] in {"*", "?"}:
        context.problems.append(
            f"The text query '{query}' for field '{clause.field}' is not allowed to start with "
            f"'{query[0]}'."
        )
        return Node(nothing)
    test = matcher(query)
    if operator == "~":
        return Node(lambda issue: test(texts(issue)))
    return Node(lambda issue: any(texts(issue)) and not test(texts(issue)))
