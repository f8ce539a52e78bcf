"""One case for each mutation of the schema: what it changes, what it refuses, what it is given.

Whatever must hold of every mutation is asked of each case here; a new mutation begins with its case, in the file of its
noun. A new noun has a file of its own, and a place in `NOUNS`.
"""

import pytest

from tests.api.cases import (
    approvals,
    automations,
    certification_recording,
    certifications,
    course_enrolments,
    course_offers,
    courses,
    credentials,
    exports,
    groups,
    integration_tokens,
    learner_certifications,
    learner_certifications_learning,
    learners,
    organisations,
    pathway_enrolments,
    pathways,
    resources,
    series,
    series_enrolments,
    status_reasons,
    surveys,
    unit_enrolments,
    users,
)
from tests.api.cases.answers import call_codes, outcomes, row_codes
from tests.api.cases.shapes import WHY, CallCase, MutationCase

__all__ = [
    "CALL_CASES",
    "CASES",
    "WHY",
    "CallCase",
    "MutationCase",
    "call_codes",
    "call_of",
    "case_of",
    "each_call",
    "each_mutation",
    "outcomes",
    "row_codes",
]

NOUNS = (
    organisations,
    users,
    integration_tokens,
    groups,
    learners,
    series,
    series_enrolments,
    pathways,
    pathway_enrolments,
    resources,
    learner_certifications,
    certifications,
    exports,
    learner_certifications_learning,
    certification_recording,
    approvals,
    credentials,
    courses,
    course_offers,
    status_reasons,
    course_enrolments,
    unit_enrolments,
    surveys,
    automations,
)
_ALL = [case for noun in NOUNS for case in noun.MUTATIONS]
CASES = tuple(case for case in _ALL if isinstance(case, MutationCase))
"""The mutations on a list of records."""
CALL_CASES = tuple(case for case in _ALL if isinstance(case, CallCase))
"""The mutations that are given a whole input, and have one row."""
each_call = pytest.mark.parametrize("case", CALL_CASES, ids=lambda case: case.mutation)
"""Runs a test for every mutation that has one row."""
each_mutation = pytest.mark.parametrize("case", CASES, ids=lambda case: case.mutation)
"""Runs a test for every mutation on a list of records."""


def call_of(mutation: str) -> CallCase:
    """The case of one mutation that has one row."""
    return next(case for case in CALL_CASES if case.mutation == mutation)


def case_of(mutation: str) -> MutationCase:
    """The case of one mutation on a list of records."""
    return next(case for case in CASES if case.mutation == mutation)
