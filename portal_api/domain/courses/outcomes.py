"""Outcomes of units: the national codes, and the one that says a unit never began (S2 Outcome Codes)."""

from enum import StrEnum


class Outcome(StrEnum):
    """The outcome of a unit; its value is the code that is reported."""

    NOT_COMMENCED = "00"
    """The article's own, of a unit that never began; it is in no file for the government (a reading)."""
    COMPETENT = "20"
    NOT_COMPETENT = "30"
    WITHDRAWN = "40"
    ORGANISATION_CLOSED = "41"
    PRIOR_LEARNING_GRANTED = "51"
    PRIOR_LEARNING_NOT_GRANTED = "52"
    CREDIT_TRANSFER = "60"
    SUPERSEDED = "61"
    CONTINUING = "70"
    SATISFIED = "81"
    NOT_SATISFIED = "82"
    NOT_STARTED = "85"


FINAL = frozenset(Outcome) - {Outcome.NOT_COMMENCED, Outcome.CONTINUING, Outcome.NOT_STARTED}
"""Those that finalising never touches (a reading)."""
CREDENTIALLED = frozenset({Outcome.COMPETENT, Outcome.PRIOR_LEARNING_GRANTED, Outcome.CREDIT_TRANSFER})
"""Of which a credential needs at least one (a reading)."""
