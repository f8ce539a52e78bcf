"""What exports of many records are made of."""

from datetime import timedelta
from typing import Any

from portal_api.domain.series import SeriesEnrolmentStatus
from tests.factories import Organisation, Record

MICROSECOND = timedelta(microseconds=1)


def moves(export: Any) -> list[tuple[str, str, str | None, int]]:
    return [
        (entry["action"].removeprefix("EXPORT_"), entry["actorKind"], entry["reason"], entry["subjectVersion"])
        for entry in sorted(export["history"]["nodes"], key=lambda each: each["subjectVersion"])
    ]


def many(organisation: Organisation, number: int, *, learners_: list[Record] | None = None) -> None:
    """Enrolments that have ended, so that a learner may have many in a series."""
    people = learners_ or [organisation.learner() for _ in range(20)]
    taken = organisation.series()
    for n in range(number):
        organisation.enrolment(people[n % len(people)], taken, SeriesEnrolmentStatus.MASTERED)
