"""How statements become driver text, on either engine."""

import re
from collections.abc import Callable
from typing import Any

from sqlalchemy.engine.interfaces import Dialect as SqlDialect
from sqlalchemy.sql.elements import ClauseElement

from portal_api.domain.refusals import ErrorCode
from portal_api.planner.errors import RequestError
from portal_api.planner.fragments import Fragment, Sql, quoted

_NAMED = re.compile(r"%\((\w+)\)s")


def fragment_of(clause: ClauseElement, dialect: SqlDialect, encode: Callable[[Any], Any]) -> Fragment:
    """A statement in pieces, by a dialect that names what is bound.

    What it compares with by itself is written into it: an engine can tell by it that a partial index serves, and SQLite
    would plan the statement anew each time to see whether it still does.
    """
    made: Any = clause.compile(dialect=dialect)
    pieces = _NAMED.split(str(made))
    texts, names = [pieces[0].replace("%%", "%")], list[str]()
    for name, text in zip(pieces[1::2], pieces[2::2], strict=True):
        following = text.replace("%%", "%")
        if made.binds[name].required:
            names.append(name)
            texts.append(following)
        else:
            texts[-1] += _constant(encode(made.params[name])) + following
    return Fragment(texts, names)


def _constant(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case str():
            return quoted(value)
        case _:
            raise TypeError(f"no statement has a {type(value).__name__} written into it")


def put_together(sql: Sql, mark: Callable[[str], str]) -> str:
    """The text, each value in it as `mark` writes it."""
    texts: list[str] = []
    for token in sql.tokens:
        if isinstance(token, str):
            texts.append(token)
            continue
        texts.append(token.texts[0])
        for name, text in zip(token.names, token.texts[1:], strict=True):
            texts += (mark(name), text)
    return "".join(texts)


def storable(value: str) -> str:
    """Refuses what PostgreSQL cannot store and SQLite would cut.

    Raises:
        RequestError: `INPUT_INVALID`.
    """
    if "\x00" in value:
        raise RequestError(ErrorCode.INPUT_INVALID, "A text may not hold the null character. Leave it out.")
    return value
