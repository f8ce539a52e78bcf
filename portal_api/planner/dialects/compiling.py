"""How statements become driver text, on either engine."""

import re
from collections.abc import Callable
from typing import Any

from sqlalchemy.engine.interfaces import Dialect as SqlDialect
from sqlalchemy.sql.elements import ClauseElement

from portal_api.domain.refusals import ErrorCode
from portal_api.planner.dialects.protocol import Statement
from portal_api.planner.errors import RequestError
from portal_api.planner.fragments import Fragment, Sql

_NAMED = re.compile(r"%\((\w+)\)s")


def compiled(clause: ClauseElement, dialect: SqlDialect, encode: Callable[[Any], Any]) -> Statement:
    """A statement as its driver wants it."""
    made = clause.compile(dialect=dialect)
    names = tuple(made.positiontup or ())  # type: ignore[attr-defined]  # SQLCompiler has it, its base class does not
    return Statement(str(made), names, {name: encode(value) for name, value in (made.params or {}).items()})


def fragment_of(clause: ClauseElement, name: str, dialect: SqlDialect, encode: Callable[[Any], Any]) -> Fragment:
    """A statement to stand in others, by a dialect that names what is bound; its own constants are named by `name`."""
    made: Any = clause.compile(dialect=dialect)
    texts = _NAMED.split(str(made))
    constants = {each: encode(value) for each, value in made.params.items() if not made.binds[each].required}
    names = [f"{name}_{each}" if each in constants else each for each in texts[1::2]]
    return Fragment(
        [text.replace("%%", "%") for text in texts[::2]],
        names,
        {f"{name}_{each}": value for each, value in constants.items()},
    )


def put_together(sql: Sql, mark: Callable[[str], str]) -> tuple[str, dict[str, Any]]:
    """The text, each value in it as `mark` writes it, and its constants."""
    texts: list[str] = []
    constants: dict[str, Any] = {}
    for token in sql.tokens:
        if isinstance(token, str):
            texts.append(token)
            continue
        constants |= token.constants
        texts.append(token.texts[0])
        for name, text in zip(token.names, token.texts[1:], strict=True):
            texts += (mark(name), text)
    return "".join(texts), constants


def storable(value: str) -> str:
    """Refuses what PostgreSQL cannot store and SQLite would cut.

    Raises:
        RequestError: `INPUT_INVALID`.
    """
    if "\x00" in value:
        raise RequestError(ErrorCode.INPUT_INVALID, "A text may not hold the null character. Leave it out.")
    return value
