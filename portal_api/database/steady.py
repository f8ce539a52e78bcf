"""SQL that SQLite plans once, whatever values it is given."""

from typing import Any

from sqlalchemy.dialects.sqlite.base import SQLiteCompiler


class SteadyCompiler(SQLiteCompiler):
    """Hides from SQLite what it would plan by: how many rows are asked for, and what a text is to be like.

    Of both it takes a bare parameter's value into its plan; then it parses and plans a statement anew each time that it is
    given its values, which takes longer than most of them run.
    """

    def limit_clause(self, select: Any, **kw: Any) -> str:
        """The clause, with a sum in place of the number."""
        clause: str = super().limit_clause(select, **kw)  # pyright: ignore[reportUnknownMemberType]  SQLAlchemy leaves it untyped
        return clause.replace("LIMIT ", "LIMIT 0 + ", 1)

    def visit_like_op_binary(self, binary: Any, operator: Any, **kw: Any) -> str:
        """The comparison, with a text put together in place of the pattern."""
        comparison: str = super().visit_like_op_binary(binary, operator, **kw)  # pyright: ignore[reportUnknownMemberType]  SQLAlchemy leaves it untyped
        return comparison.replace(" LIKE ", " LIKE '' || ", 1)
