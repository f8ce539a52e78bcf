"""What is kept of a learner beside their status: what can be meant by it, and which of it an edit changes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from portal_api.domain.courses.identifiers import INDIVIDUAL, INTERNATIONAL, is_student_identifier
from portal_api.domain.inputs import (
    LONGEST_NAME,
    LONGEST_NOTE,
    LONGEST_REFERENCE,
    email_reasons,
    invalid,
    text_reasons,
)
from portal_api.domain.refusals import ErrorCode, NotFound, PlainError, Reason

MOST_ATTRIBUTES = 50
LONGEST_ATTRIBUTE = 100

EXTERNAL_REF = "externalRef"
MANAGER = "managerId"
ATTRIBUTES = "attributes"
SPECIAL_REQUIREMENTS = "specialRequirements"
STUDENT_IDENTIFIER = "studentIdentifier"
NAMES = ("givenName", "familyName", "email", EXTERNAL_REF)
"""The texts that every learner has, by the names that clients know; none of them can be taken away."""


class Attribute(NamedTuple):
    """A name and a value that groups can test for."""

    name: str
    value: str


class SpecialRequirements(NamedTuple):
    """What has to be heeded with a learner; the text of a private note is for administrators."""

    text: str
    is_private: bool


@dataclass(frozen=True, slots=True)
class Details:
    """Values by the names that clients know: all that a new learner has, or all that an edit gives."""

    given: Mapping[str, Any]

    def __contains__(self, name: str) -> bool:
        return name in self.given

    def __getitem__(self, name: str) -> Any:
        return self.given[name]

    def get(self, name: str) -> Any:
        """A value, or None where none is given."""
        return self.given.get(name)

    def changed_from(self, before: "Details") -> list[str]:
        """The names of what differs from before; attributes have no order."""
        return [
            name for name, value in self.given.items() if _comparable(name, value) != _comparable(name, before[name])
        ]


def _comparable(name: str, value: Any) -> Any:
    return sorted(value) if name == ATTRIBUTES else value


def detail_reasons(details: Details, *place: str) -> Iterator[Reason]:
    """What cannot be meant by the details given at a place in the input."""
    for name in NAMES:
        if name in details:
            yield from _name_reasons(name, details[name], *place)
    yield from student_identifier_reasons(details.get(STUDENT_IDENTIFIER), *place, STUDENT_IDENTIFIER)
    yield from attribute_reasons(details.get(ATTRIBUTES) or (), *place, ATTRIBUTES)
    yield from special_requirements_reasons(details.get(SPECIAL_REQUIREMENTS), *place, SPECIAL_REQUIREMENTS)


def _name_reasons(name: str, value: object, *place: str) -> Iterator[Reason]:
    if value is None:
        yield invalid(f"`{name}` cannot be taken away. Leave it out to keep it.", *place, name)
    elif name == "email":
        yield from email_reasons(value, *place, name)
    else:
        longest = LONGEST_REFERENCE if name == EXTERNAL_REF else LONGEST_NAME
        yield from text_reasons(value, *place, name, longest=longest, least=1)


def student_identifier_reasons(given: str | None, *place: str) -> Iterator[Reason]:
    """What is wrong with the identifier that a learner is reported by; its last character checks the others."""
    if given is not None and not is_student_identifier(given):
        yield invalid(
            f"`{STUDENT_IDENTIFIER}` is a unique student identifier of ten characters, {INDIVIDUAL} or {INTERNATIONAL}. "
            "Check each character.",
            *place,
        )


def attribute_reasons(attributes: Sequence[Attribute], *place: str) -> Iterator[Reason]:
    """What is wrong with a learner's attributes: too many, too long, or one name twice."""
    if len(attributes) > MOST_ATTRIBUTES:
        yield invalid(f"A learner has {MOST_ATTRIBUTES} attributes at the most; {len(attributes)} were given.", *place)
        return
    names: set[str] = set()
    for index, (name, value) in enumerate(attributes):
        yield from text_reasons(name, *place, str(index), "name", longest=LONGEST_ATTRIBUTE, least=1)
        yield from text_reasons(value, *place, str(index), "value", longest=LONGEST_ATTRIBUTE, least=1)
        if name in names:
            yield invalid("An attribute has one value; its name is given twice.", *place, str(index), "name")
        names.add(name)


def special_requirements_reasons(given: SpecialRequirements | None, *place: str) -> Iterator[Reason]:
    """What is wrong with a note of special requirements: null takes it away, an empty text is none."""
    if given is not None:
        yield from text_reasons(given.text, *place, "text", longest=LONGEST_NOTE, least=1)


def reference_taken(*place: str) -> Reason:
    """The refusal of a reference that another record of the organisation has."""
    message = "Another learner of the organisation has this reference. Give another, or edit that learner."
    return PlainError(ErrorCode.EXTERNAL_REF_TAKEN, message, ("input", *place, EXTERNAL_REF))


def manager_not_found(*place: str) -> Reason:
    """The refusal of a manager who does not exist, or whom the caller does not see."""
    message = "There is no such learner to report to, or you may not see them. Check the id."
    return NotFound(ErrorCode.NOT_FOUND, message, ("input", *place, MANAGER))


def reporting_circle(*place: str) -> Reason:
    """The refusal of a manager who reports to the learner (a reading: nobody stands above themselves)."""
    message = "This manager is the learner, or reports to the learner, directly or further down. Choose somebody else."
    return PlainError(ErrorCode.REPORTING_CIRCLE, message, ("input", *place, MANAGER))
