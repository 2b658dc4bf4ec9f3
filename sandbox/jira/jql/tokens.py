"""Cuts the text of a query into tokens, with their places."""

from dataclasses import dataclass
from typing import Literal

from sandbox.jira.jql.syntax import JqlSyntaxError

_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", " ": " ", "\\": "\\", '"': '"', "'": "'"}
_SYMBOLS = ("!=", "!~", ">=", "<=", "&&", "||", "=", "~", ">", "<", "!", "&", "|", "(", ")", ",")
_RESERVED_CHARACTERS = frozenset("{}*/%+$#@?;[]^`")
_WORD_END = frozenset(" \t\r\n\f\"'=!<>~&|(),") | _RESERVED_CHARACTERS

RESERVED_WORDS = frozenset(
    """
    abort access add after alias all alter and any as asc audit avg before begin between
    boolean break by byte catch cf char character check checkpoint collate collation column
    commit connect continue count create current date decimal declare decrement default
    defaults define delete delimiter desc difference distinct divide do double drop else empty
    encoding end equals escape exclusive exec execute exists explain false fetch field file
    first float for from function go goto grant greater group having identified if immediate
    in increment index initial inner inout input insert int integer intersect intersection
    into is isempty isnull join last left less like limit lock long max min minus mode modify
    modulo more multiply next noaudit not notin nowait null number object of on option or
    order outer output power previous prior privileges public raise raw remainder rename
    resource return returns revoke right row rowid rownum rows select session set share size
    sqrt start strict string subtract sum synonym table then to trans transaction trigger true
    uid union unique update user validate values view when whenever where while with
    """.split()  # noqa: SIM905 - one word per line would be longer than the rest of the module
)


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a query; `place` counts characters from 0."""

    kind: Literal["word", "string", "symbol", "end"]
    text: str
    place: int


def where(source: str, place: int) -> str:
    """Return `(line 1, character 15)` for a place in the text."""
    before = source[:place]
    line = before.count("\n") + 1
    return f"(line {line}, character {place - (before.rfind(chr(10)) + 1) + 1})"


def tokenize(source: str) -> list[Token]:
    """Return the tokens of a query, ending with one of kind `end`.

    Raises:
        JqlSyntaxError: an unfinished string, a bad escape or a reserved character.
    """
    tokens: list[Token] = []
    place = 0
    while place < len(source):
        char = source[place]
        if char.isspace():
            place += 1
        elif char in "\"'":
            token, place = _string(source, place)
            tokens.append(token)
        elif symbol := next((s for s in _SYMBOLS if source.startswith(s, place)), None):
            tokens.append(Token("symbol", symbol, place))
            place += len(symbol)
        elif char in _RESERVED_CHARACTERS:
            raise JqlSyntaxError(
                f"Error in the JQL Query: The character '{char}' is a reserved JQL character. You "
                f"must enclose it in a string or use the escape '\\u{ord(char):04x}' instead. "
                f"{where(source, place)}"
            )
        else:
            token, place = _word(source, place)
            tokens.append(token)
    tokens.append(Token("end", "", len(source)))
    return tokens


def _escape(source: str, place: int) -> tuple[str, int]:
    """Read the escape at a backslash; return what it stands for and the place after it."""
    code = source[place + 1 : place + 2]
    if code in _ESCAPES and code:
        return _ESCAPES[code], place + 2
    digits = source[place + 2 : place + 6]
    if code == "u" and len(digits) == 4 and all(d in "0123456789abcdefABCDEF" for d in digits):  # noqa: PLR2004 - four digits
        return chr(int(digits, 16)), place + 6
    raise JqlSyntaxError(
        f"Error in the JQL Query: '\\{code}' is an illegal JQL escape sequence. The valid escape "
        "sequences are \\', \\\", \\t, \\n, \\r, \\\\, '\\ ' and \\uXXXX. "
        f"{where(source, place)}"
    )


def _string(source: str, start: int) -> tuple[Token, int]:
    quote = source[start]
    text: list[str] = []
    place = start + 1
    while place < len(source):
        char = source[place]
        if char == quote:
            return Token("string", "".join(text), start), place + 1
        if char == "\\":
            char, place = _escape(source, place)
        else:
            place += 1
        text.append(char)
    raise JqlSyntaxError(
        f"Error in the JQL Query: The quoted string '{source[start + 1 :]}' has not been "
        f"completed. {where(source, start)}"
    )


def _word(source: str, start: int) -> tuple[Token, int]:
    text: list[str] = []
    place = start
    while place < len(source) and source[place] not in _WORD_END:
        char = source[place]
        if char == "\\":
            char, place = _escape(source, place)
        else:
            place += 1
        text.append(char)
    word = "".join(text)
    # `cf[10042]` and `issue.property[key].path` are the only names with brackets.
    if source[place : place + 1] == "[" and (word.lower() == "cf" or ".property" in word.lower()):
        end = source.find("]", place)
        if end != -1:
            word, place = word + source[place : end + 1], end + 1
            while place < len(source) and source[place] not in _WORD_END:
                word, place = word + source[place], place + 1
    return Token("word", word, start), place
