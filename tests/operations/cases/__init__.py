"""One case for each document of the frontends, in the file of its noun; a new noun has a place in `NOUNS`."""

from graphql import OperationType

from tests.operations.cases import (
    automations,
    certification_recording,
    certifications,
    course_enrolments,
    courses,
    credentials,
    exports,
    groups,
    inactive_enrolments,
    learner_certifications,
    learners,
    organisations,
    pathways,
    resources,
    series,
    series_enrolments,
    users,
)
from tests.operations.cases.shape import Case
from tests.operations.documents import operation_of

NOUNS = (
    organisations,
    users,
    groups,
    learners,
    series,
    series_enrolments,
    pathways,
    learner_certifications,
    resources,
    certifications,
    exports,
    certification_recording,
    credentials,
    courses,
    course_enrolments,
    inactive_enrolments,
    automations,
)
CASES: dict[str, Case] = {name: case for noun in NOUNS for name, case in noun.CASES.items()}
"""By the frontend and the name of the document."""
READING = [name for name in CASES if operation_of(name).operation is OperationType.QUERY]
"""Those that change nothing."""
