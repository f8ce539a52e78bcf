"""Credentials at every status, and documents, some archived, of those who take courses."""

from random import Random

from portal_api.domain.credentials import CancellationReason, CredentialStatus
from portal_api.models import course_enrolments
from tests.factories import DAY, Organisation

_S, _R = CredentialStatus, CancellationReason
TITLES = ("Passport", "Élan vital", "elan vital", "Zebra 100%")


def lay_out_credentials(organisation: Organisation, random: Random) -> None:
    """For two enrolments in three a credential or two; for every second one a document."""
    now = organisation.clock()
    for number, row in enumerate(list(organisation.rows[course_enrolments])):
        enrolment = organisation.record(row["id"])
        if number % 3:
            at = now - 20 * DAY + random.choice([-DAY, DAY])
            if number % 2:
                organisation.credential(
                    enrolment, _S.CANCELLED, random.choice([_R.REVOKED, _R.REQUEST_WITHDRAWN]), requested_at=at
                )
            organisation.credential(enrolment, random.choice([_S.REQUESTED, _S.ISSUED]), requested_at=at)
        if number % 2:
            organisation.document(
                organisation.record(row["learner_id"]),
                title=random.choice(TITLES),
                is_active=random.random() < 0.7,
                course_enrolment_id=random.choice([None, enrolment.id]),
            )
