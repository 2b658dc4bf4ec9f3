"""Reads a query: recursive descent, AND before OR, with the server's own complaints."""

from typing import NoReturn

from sandbox.jira.jql.syntax import (
    And,
    Clause,
    Condition,
    Empty,
    Function,
    JqlSyntaxError,
    Not,
    Operand,
    Or,
    Predicate,
    Query,
    Sort,
    Value,
    Values,
)
from sandbox.jira.jql.tokens import RESERVED_WORDS, Token, tokenize, where

_OPERATORS = "'=', '!=', '<', '>', '<=', '>=', '~', '!~', 'IN', 'NOT IN', 'IS' and 'IS NOT'"
_COMPARISONS = frozenset({"=", "!=", "<", ">", "<=", ">=", "~", "!~"})
_PREDICATES = frozenset({"after", "before", "on", "during", "by", "from", "to"})
_LITERALS = frozenset({"empty", "null"})
_MAX_DEPTH = 100


def parse(source: str) -> Query:
    """Return what a query asks.

    Raises:
        JqlSyntaxError: with the sentence and place the server answers.
    """
    return _Parser(source).query()


class _Parser:
    def __init__(self, source: str) -> None:
        self._source = source
        self._tokens = tokenize(source)
        self._at = 0
        self._depth = 0

    @property
    def _next(self) -> Token:
        return self._tokens[self._at]

    def _take(self) -> Token:
        token = self._next
        self._at = min(self._at + 1, len(self._tokens) - 1)
        return token

    def _is_word(self, *words: str, ahead: int = 0) -> bool:
        token = self._tokens[min(self._at + ahead, len(self._tokens) - 1)]
        return token.kind == "word" and token.text.lower() in words

    def _is_symbol(self, *symbols: str, ahead: int = 0) -> bool:
        token = self._tokens[min(self._at + ahead, len(self._tokens) - 1)]
        return token.kind == "symbol" and token.text in symbols

    def _skip(self, *, words: tuple[str, ...] = (), symbols: tuple[str, ...] = ()) -> bool:
        if (words and self._is_word(*words)) or (symbols and self._is_symbol(*symbols)):
            self._take()
            return True
        return False

    def _fail(self, expected: str, more: str = "") -> NoReturn:
        token = self._next
        if token.kind == "end":
            raise JqlSyntaxError(
                f"Error in the JQL Query: Expecting {expected} before the end of the query.{more}"
            )
        raise JqlSyntaxError(
            f"Error in the JQL Query: Expecting {expected} but got '{token.text}'.{more} "
            f"{where(self._source, token.place)}"
        )

    def query(self) -> Query:
        condition = None
        if self._next.kind != "end" and not self._at_order():
            condition = self._or()
        order: tuple[Sort, ...] = ()
        if self._at_order():
            self._take()
            self._take()
            order = self._order()
            if self._next.kind != "end":
                self._fail("either ',' or the end of the query")
        elif self._next.kind != "end":
            self._fail("either 'OR' or 'AND'")
        return Query(condition, order)

    def _at_order(self) -> bool:
        return self._is_word("order") and self._is_word("by", ahead=1)

    def _order(self) -> tuple[Sort, ...]:
        sorts: list[Sort] = []
        while True:
            name = self._field()
            descending: bool | None = None
            if self._is_word("asc", "desc"):
                descending = self._take().text.lower() == "desc"
            sorts.append(Sort(name, descending))
            if not self._skip(symbols=(",",)):
                return tuple(sorts)

    def _or(self) -> Condition:
        parts = [self._and()]
        while self._skip(words=("or",), symbols=("||", "|")):
            parts.append(self._and())
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def _and(self) -> Condition:
        parts = [self._not()]
        while self._skip(words=("and",), symbols=("&&", "&")):
            parts.append(self._not())
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def _not(self) -> Condition:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise JqlSyntaxError("Error in the JQL Query: The query is nested too deeply.")
        try:
            if self._skip(words=("not",), symbols=("!",)):
                return Not(self._not())
            if self._skip(symbols=("(",)):
                inner = self._or()
                if not self._skip(symbols=(")",)):
                    self._fail("')'")
                return inner
            return self._clause()
        finally:
            self._depth -= 1

    def _field(self) -> str:
        token = self._next
        if token.kind not in {"word", "string"}:
            self._fail("a field name")
        if token.kind == "word" and token.text.lower() in RESERVED_WORDS:
            self._refuse_reserved(token)
        return self._take().text

    def _refuse_reserved(self, token: Token) -> NoReturn:
        raise JqlSyntaxError(
            f"Error in the JQL Query: '{token.text}' is a reserved JQL word. You must surround it "
            f"in quotation marks to use it in a query. {where(self._source, token.place)}"
        )

    def _clause(self) -> Clause:
        name = self._field()
        operator = self._operator()
        operand = None if operator == "changed" else self._operand()
        predicates: list[Predicate] = []
        if operator.startswith(("was", "changed")):
            while self._is_word(*_PREDICATES):
                predicates.append(Predicate(self._take().text.lower(), self._operand()))
        return Clause(name, operator, operand, tuple(predicates))

    def _operator(self) -> str:
        if self._next.kind == "symbol" and self._next.text in _COMPARISONS:
            return self._take().text
        if self._is_word("not") and self._is_word("in", ahead=1):
            self._take()
            self._take()
            return "not in"
        if not self._is_word("in", "is", "was", "changed"):
            self._fail("operator", f" The valid operators are {_OPERATORS}.")
        word = self._take().text.lower()
        if word in {"is", "was"} and self._skip(words=("not",)):
            word += " not"
        if word.startswith("was") and self._skip(words=("in",)):
            word += " in"
        return word

    def _operand(self) -> Operand:
        if self._skip(symbols=("(",)):
            items = [self._operand()]
            while self._skip(symbols=(",",)):
                items.append(self._operand())
            if not self._skip(symbols=(")",)):
                self._fail("either ')' or ','")
            return Values(tuple(items))
        token = self._next
        if token.kind not in {"word", "string"}:
            self._fail("either a value, list or function")
        if token.kind == "word" and token.text.lower() in _LITERALS:
            self._take()
            return Empty()
        if token.kind == "word" and token.text.lower() in RESERVED_WORDS:
            self._refuse_reserved(token)
        self._take()
        if self._skip(symbols=("(",)):
            return Function(token.text, self._arguments())
        return Value(token.text, quoted=token.kind == "string")

    def _arguments(self) -> tuple[str, ...]:
        arguments: list[str] = []
        while not self._skip(symbols=(")",)):
            if arguments and not self._skip(symbols=(",",)):
                self._fail("either ')' or ','")
            if self._next.kind not in {"word", "string"}:
                self._fail("an argument or ')'")
            arguments.append(self._take().text)
        return tuple(arguments)
