"""What is kept of a learner, and who is told of it, in plain Python."""

from collections.abc import Callable, Mapping
from typing import Any

from tests.oracle.engine import COMPARATORS, Asking
from tests.oracle.rows import FAR_FUTURE, Row, wire


def special_requirements(asking: Asking, row: Row) -> dict[str, Any] | None:
    """That there is something to be heeded, everybody may know."""
    text, is_private = row.special_requirements, row.special_requirements_are_private
    is_told = asking.is_administrator or not is_private
    return None if text is None else {"text": text if is_told else None, "isPrivate": is_private}


def attributes(asking: Asking, row: Row) -> list[dict[str, str]]:
    """By name."""
    own = [each for each in asking.rows["LearnerAttribute"] if each.learner_id == row.id]
    return [{"name": each.name, "value": each.value} for each in sorted(own, key=lambda each: each.name)]


def intervals(asking: Asking, row: Row) -> list[Row]:
    """In the order of time; of two that begin together, the one that has ended first."""
    own = [each for each in asking.rows["ActivityInterval"] if each.learner_id == row.id]
    return sorted(own, key=lambda each: (each.active_from, wire(each.active_until) or FAR_FUTURE))


def with_attribute(asking: Asking, given: Mapping[str, str]) -> Callable[[Row], bool]:
    """Only who reads attributes finds anybody by them."""
    return lambda row: asking.is_administrator and dict(given) in attributes(asking, row)


def student_identifier(asking: Asking, row: Row) -> str | None:
    """For administrators, and for themselves."""
    return row.student_identifier if asking.is_administrator or row.id == asking.viewer.learner_id else None


def identified(asking: Asking, given: Mapping[str, Any]) -> Callable[[Row], bool]:
    """Only administrators find anybody by the identifier that they are reported by."""
    asked = {name: value for name, value in given.items() if value is not None}
    return lambda row: (
        asking.is_administrator
        and all(COMPARATORS[name](row.student_identifier, value) for name, value in asked.items())
    )


def to_administrators(read: Callable[[Asking, Row], Any]) -> Callable[[Asking, Row], Any]:
    """A field that others read as null."""
    return lambda asking, row: read(asking, row) if asking.is_administrator else None
